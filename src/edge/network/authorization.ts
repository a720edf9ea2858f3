/** How a server is told who asks: a bearer token that was given, or one that is asked for with a signed assertion. */

import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Network } from './network.ts'

/** The credentials of requests; they are in no message. */
export interface Authorization {
  /** The value of the Authorization header. */
  readonly header: (signal: AbortSignal) => Promise<string>
  /** Another one, after the one given was refused. */
  readonly renewed?: (refused: string, signal: AbortSignal) => Promise<string>
}

const TOKEN = /^[\x21-\x7e]{1,16384}$/

/** The token as it was given. @throws FhirError `value` where it is no token */
export function bearer(token: string): Authorization {
  if (!TOKEN.test(token)) throw fail('value', 'The bearer token holds characters that no token has')
  return { header: () => Promise.resolve(`Bearer ${token}`) }
}

/** A client that is registered with the server by its public key. @see https://hl7.org/fhir/smart-app-launch/STU2.1/backend-services.html */
export interface BackendClient {
  /** The FHIR base that the tokens are for. */
  readonly base: string
  /** Else from the server's `.well-known/smart-configuration`. */
  readonly tokenUrl?: string
  readonly scope: string
  /** A signed assertion of who the client is, for the token endpoint given. */
  readonly assertion: (audience: string) => Promise<string>
}

interface Token {
  readonly header: string
  /** By the clock of `performance.now()`. */
  readonly endsMs: number
}

const PATIENCE_MS = 30_000
/** Of a token that does not say how long it lives. */
const SHORT_LIFE_S = 60

/** Tokens of the client-credentials grant: one is used until shortly before it ends, and many who wait share one request. */
export function backendServices(client: BackendClient, network: Network): Authorization {
  let token: Token | undefined
  let asking: Promise<Token> | undefined
  const header = async (): Promise<string> => {
    if (token !== undefined && token.endsMs > performance.now()) return token.header
    asking ??= askedFor(client, network).finally(() => (asking = undefined))
    token = await asking
    return token.header
  }
  const renewed = (refused: string): Promise<string> => {
    if (token?.header === refused) token = undefined
    return header()
  }
  return { header, renewed }
}

async function askedFor(client: BackendClient, network: Network): Promise<Token> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const url = client.tokenUrl ?? (await discovered(client.base, network, signal))
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: client.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await client.assertion(url),
  })
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
  const { status, body } = await network({ method: 'POST', url, headers, body: form.toString(), signal })
  if (status !== 200) throw fail('no-store', `The token endpoint answered ${status}, expected 200`)
  return tokenIn(objectIn(body, 'The token endpoint'))
}

async function discovered(base: string, network: Network, signal: AbortSignal): Promise<string> {
  const url = `${base}/.well-known/smart-configuration`
  const { status, body } = await network({ method: 'GET', url, headers: { accept: 'application/json' }, signal })
  if (status !== 200) throw fail('no-store', `The smart-configuration was answered with ${status}, expected 200`)
  const endpoint = objectIn(body, 'The smart-configuration')['token_endpoint']
  const isDowngraded = base.startsWith('https:') && typeof endpoint === 'string' && !/^https:/i.test(endpoint)
  if (typeof endpoint !== 'string' || isDowngraded)
    throw fail('no-store', 'The smart-configuration names no sound token_endpoint')
  return endpoint
}

/** Nothing of the body gets into the error: it may hold a token. */
function objectIn(bytes: Uint8Array, what: string): JsonObject {
  let value: Json
  try {
    value = parseJson(bytes)
  } catch {
    throw fail('no-store', `${what} did not answer with sound JSON`)
  }
  if (!isObject(value)) throw fail('no-store', `${what} did not answer with a JSON object`)
  return value
}

function tokenIn({ access_token: token, token_type: type, expires_in: seconds }: JsonObject): Token {
  if (typeof token !== 'string' || !TOKEN.test(token) || typeof type !== 'string' || !/^bearer$/i.test(type))
    throw fail('no-store', 'The token endpoint gave no bearer token')
  const lifeMs = 1000 * (typeof seconds === 'number' && seconds > 0 ? seconds : SHORT_LIFE_S)
  const marginMs = Math.min(PATIENCE_MS, lifeMs / 10)
  return { header: `Bearer ${token}`, endsMs: performance.now() + lifeMs - marginMs }
}
