/** Who somebody is to us by what a login provider says of them. */

import type { JsonObject } from '../../fhir/types.ts'
import type { Caller, Role } from '../../ports.ts'
import type { Identity } from './openid.ts'

export interface CallerRules {
  readonly issuer: string
  readonly client: string
  /** The offices that claims give. */
  readonly rolesOf: (claims: JsonObject) => readonly Role[]
  /** Whether a scope is one over resources. */
  readonly isOverResources: (scope: string) => boolean
  /** Why those who log in read, where the provider does not say it. */
  readonly purpose: string
}

/** What a person may do with resources by their office, where the provider grants no scopes over resources itself. */
const SCOPES_OF_ROLES: Readonly<Record<Role, readonly string[]>> = {
  read: ['user/*.rs'],
  compose: ['user/*.crus'],
  attest: ['user/*.rs', 'user/Composition.cu', 'user/Bundle.c', 'user/Provenance.c'],
  sign: ['user/*.rs', 'user/Bundle.cu', 'user/Provenance.c'],
  administer: ['user/AuditEvent.rs'],
}

/** The caller whom a session is for. */
export function callerFrom({ claims, scope, patient }: Identity, rules: CallerRules): Caller {
  const roles = rules.rolesOf(claims)
  const granted = scope.split(' ').filter((one) => rules.isOverResources(one))
  const { fhirUser, profile } = claims
  // the page of somebody may be anywhere; what says who they are counts even where it is not understood
  const isPage = typeof profile !== 'string' || !/\b[A-Z][A-Za-z]+\/[\w.-]+$/.test(profile)
  const user = fhirUser ?? (isPage ? undefined : profile)
  const name = nameOf(claims)
  return {
    issuer: rules.issuer,
    subject: text(claims['sub']),
    ...(name !== '' && { name }),
    client: rules.client,
    ...(user !== undefined && user !== null && { fhirUser: text(user) }),
    ...(patient !== undefined && { patient }),
    scopes: granted.length > 0 ? granted : [...new Set(roles.flatMap((role) => SCOPES_OF_ROLES[role]))],
    roles,
    purposes: roles.length > 0 ? [rules.purpose] : [],
  }
}

function nameOf(claims: JsonObject): string {
  const parts = [text(claims['given_name']), text(claims['family_name'])].filter((part) => part !== '').join(' ')
  return text(claims['name']) || parts || text(claims['preferred_username'])
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
