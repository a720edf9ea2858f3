/** The door to openid-client: a relying party of one provider, by the code flow with PKCE. @see https://openid.net/specs/openid-connect-core-1_0-errata2.html */

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  customFetch,
  discovery,
  fetchUserInfo,
  None,
  type Configuration,
  type CustomFetch,
} from 'openid-client'
import { fail, FhirError } from '../../fhir/error.ts'
import type { JsonObject } from '../../fhir/types.ts'
import type { Network } from '../network/network.ts'

export interface ProviderOptions {
  readonly issuer: string
  readonly clientId: string
  /** A client without one says only its name. */
  readonly clientSecret?: string | undefined
  readonly scope: string
  /** Through which all is asked. */
  readonly network: Network
  readonly timeoutMs: number
}

/** What binds an answer of the provider to what was asked of it. */
export interface Binding {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
}

/** Who logged in, as the provider says. */
export interface Identity {
  /** Those of the id token, and what the provider tells besides. */
  readonly claims: JsonObject
  /** As the provider granted it. */
  readonly scope: string
  /** The patient who was chosen at the provider. */
  readonly patient?: string
  readonly idToken: string
}

export interface Provider {
  readonly issuer: string
  /** @throws FhirError `no-store`, `timeout` where the provider is not to be reached */
  authorization(binding: Binding): Promise<string>
  /** @throws FhirError `login` where the answer is not what was asked for, or a refusal */
  identity(url: string, binding: Binding): Promise<Identity>
  /** Where the provider ends its own session, where it can. */
  ending(idToken: string, home: string): Promise<string | undefined>
}

/** A provider by its issuer; it is asked what it can when it is first needed. */
export function openProvider(options: ProviderOptions): Provider {
  const { issuer, scope } = options
  let known: Promise<Configuration> | undefined
  const configuration = (): Promise<Configuration> => {
    known ??= discovered(options).catch((error: unknown) => {
      known = undefined
      throw unreached(error)
    })
    return known
  }
  return {
    issuer,
    async authorization({ state, nonce, codeVerifier, redirectUri }) {
      const challenge = {
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }
      const asked = { redirect_uri: redirectUri, scope, state, nonce, ...challenge }
      return buildAuthorizationUrl(await configuration(), asked).href
    },
    identity: async (url, binding) => identityOf(await configuration(), url, binding),
    async ending(idToken, home) {
      const config = await configuration()
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined
      return buildEndSessionUrl(config, { post_logout_redirect_uri: home, id_token_hint: idToken }).href
    },
  }
}

function discovered({ issuer, clientId, clientSecret, network, timeoutMs }: ProviderOptions): Promise<Configuration> {
  const authentication = clientSecret === undefined ? None() : ClientSecretBasic(clientSecret)
  const isPlain = issuer.startsWith('http:')
  return discovery(new URL(issuer), clientId, {}, authentication, {
    [customFetch]: fetchBy(network),
    timeout: timeoutMs / 1000,
    // settings let it be plain on loopback alone
    ...(isPlain && { execute: [allowInsecureRequests] }),
  })
}

async function identityOf(config: Configuration, url: string, binding: Binding): Promise<Identity> {
  const { state, nonce, codeVerifier } = binding
  const tokens = await authorizationCodeGrant(config, new URL(url), {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  }).catch((cause: unknown) => {
    throw refused(cause)
  })
  const claims = tokens.claims()
  if (claims === undefined || tokens.id_token === undefined) throw refused(undefined)
  const patient = tokens['patient']
  return {
    claims: { ...(await furtherClaims(config, tokens.access_token, claims.sub)), ...(claims as unknown as JsonObject) },
    scope: tokens.scope ?? '',
    ...(typeof patient === 'string' && { patient }),
    idToken: tokens.id_token,
  }
}

/** What the provider tells of the person beside the id token; a provider that tells nothing is none the worse. */
async function furtherClaims(config: Configuration, accessToken: string, subject: string): Promise<JsonObject> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return {}
  return fetchUserInfo(config, accessToken, subject).catch((cause: unknown) => {
    throw refused(cause)
  })
}

/** What a provider says in a refusal may be anything, so it is for the log alone. */
function refused(cause: unknown): FhirError {
  if (cause instanceof FhirError) return cause
  return fail('login', 'The login was not completed, expected it to be begun anew', { cause })
}

function unreached(cause: unknown): FhirError {
  const below = cause instanceof Error ? cause.cause : undefined
  if (below instanceof FhirError) return below
  return cause instanceof FhirError ? cause : fail('no-store', 'The login provider gave no usable answer', { cause })
}

function fetchBy(network: Network): CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const sent = body === undefined || body === null ? {} : { body: String(body as string | URLSearchParams) }
    const received = await network({
      url,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...sent,
      signal: signal ?? AbortSignal.timeout(30_000),
    })
    const given = Object.entries(received.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || name === 'content-encoding' ? [] : [[name, String(value)]],
    )
    return new Response(Buffer.from(received.body), { status: received.status, headers: given })
  }
}
