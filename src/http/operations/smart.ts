/** How applications get tokens for the service. @see https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */

import type { Json, JsonObject } from '../../fhir/types.ts'
import type { Authority } from '../../ports/login.ts'
import { jsonAnswer, refuse } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import type { Route } from '../route.ts'

/** The members that the issuer's own word is passed on of. */
const PASSED_ON = [
  'issuer', 'jwks_uri', 'authorization_endpoint', 'token_endpoint', 'introspection_endpoint', 'revocation_endpoint',
  'registration_endpoint', 'management_endpoint', 'token_endpoint_auth_methods_supported', 'scopes_supported',
  'response_types_supported', 'grant_types_supported', 'token_endpoint_auth_signing_alg_values_supported',
] as const // prettier-ignore

interface CapabilityRow {
  readonly capability: string
  /** What of the issuer's word it stands or falls with; the service has it by itself where it is absent. */
  readonly member?: string
  readonly values?: readonly string[]
}

/** What the issuer and the service can do together, a row each. @see https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#capabilities */
const CAPABILITIES: readonly CapabilityRow[] = [
  { capability: 'permission-v1' },
  { capability: 'permission-v2' },
  { capability: 'permission-patient' },
  { capability: 'permission-user' },
  { capability: 'launch-ehr', member: 'scopes_supported', values: ['launch'] },
  { capability: 'context-ehr-patient', member: 'scopes_supported', values: ['launch'] },
  { capability: 'launch-standalone', member: 'scopes_supported', values: ['launch/patient'] },
  { capability: 'context-standalone-patient', member: 'scopes_supported', values: ['launch/patient'] },
  { capability: 'sso-openid-connect', member: 'scopes_supported', values: ['openid'] },
  { capability: 'permission-offline', member: 'scopes_supported', values: ['offline_access'] },
  { capability: 'permission-online', member: 'scopes_supported', values: ['online_access'] },
  { capability: 'client-public', member: 'token_endpoint_auth_methods_supported', values: ['none'] },
  {
    capability: 'client-confidential-symmetric',
    member: 'token_endpoint_auth_methods_supported',
    values: ['client_secret_basic', 'client_secret_post'],
  },
  {
    capability: 'client-confidential-asymmetric',
    member: 'token_endpoint_auth_methods_supported',
    values: ['private_key_jwt'],
  },
]

/** What an issuer says of itself, as SMART applications read it. */
function smartConfiguration(authority: Authority): JsonObject {
  const passed = PASSED_ON.flatMap((name): [string, Json][] => {
    const value = authority[name]
    return value === undefined ? [] : [[name, value]]
  })
  const methods = wordsOf(authority['code_challenge_methods_supported']).filter((method) => method !== 'plain')
  return {
    ...Object.fromEntries(passed),
    code_challenge_methods_supported: methods,
    capabilities: CAPABILITIES.filter((row) => isCapable(row, authority)).map(({ capability }) => capability),
  }
}

function isCapable({ member, values = [] }: CapabilityRow, authority: Authority): boolean {
  if (member === undefined) return true
  const words = wordsOf(authority[member])
  return values.some((value) => words.includes(value))
}

function wordsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []
}

/** What the CapabilityStatement says of it. @see https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.security */
export function smartSecurity(authority: Authority): JsonObject {
  const uris = [
    ['authorize', 'authorization_endpoint'],
    ['token', 'token_endpoint'],
    ['introspect', 'introspection_endpoint'],
    ['revoke', 'revocation_endpoint'],
    ['register', 'registration_endpoint'],
    ['manage', 'management_endpoint'],
  ] as const
  const extension = uris.flatMap(([url, member]): JsonObject[] => {
    const valueUri = authority[member]
    return typeof valueUri === 'string' ? [{ url, valueUri }] : []
  })
  const system = 'http://terminology.hl7.org/CodeSystem/restful-security-service'
  return {
    extension: [{ url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris', extension }],
    service: [{ coding: [{ system, code: 'SMART-on-FHIR' }], text: 'OAuth 2.0 as SMART App Launch has it' }],
  }
}

/** Below the base as SMART has it, and at the root, where some look. */
export const smartRoutes: readonly Route[] = ['/fhir', ''].map((base) => ({
  method: 'GET',
  path: `${base}/.well-known/smart-configuration`,
  text: 'how applications get tokens: endpoints of the issuer, and what it and the service can do',
  formats: [FORMATS.data],
  parameters: {},
  later: [],
  isUngated: true,
  need: { isPublic: true },
  answer: async ({ service, pretty }) => {
    if (service.authority === undefined) throw refuse(404, 'not-found', 'This service was started without an issuer of tokens') // prettier-ignore
    return jsonAnswer(smartConfiguration(await service.authority()), pretty)
  },
}))
