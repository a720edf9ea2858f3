/** Tokens asked about at the issuer. @see https://www.rfc-editor.org/rfc/rfc7662 */

import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, type JsonObject } from '../../fhir/types.ts'
import { openNetwork, type Network } from '../network/network.ts'

export interface IntrospectionOptions {
  readonly url: string
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly network?: Network
}

/** What the issuer says of a token; undefined where it is not active. @throws FhirError `transient` where it does not say */
export type Introspection = (token: string) => Promise<JsonObject | undefined>

const TIMEOUT_MS = 10_000

export function introspection(options: IntrospectionOptions): Introspection {
  const { url, clientId, clientSecret } = options
  const network =
    options.network ?? openNetwork([new URL(url).hostname], { timeoutMs: TIMEOUT_MS, maxBytes: 1024 * 1024 })
  const own = clientId === undefined ? {} : { authorization: basic(clientId, clientSecret ?? '') }
  const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...own }
  return async (token) => {
    const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await network({ method: 'POST', url, headers, body, signal }).catch((cause: unknown) => {
      throw unknown(cause)
    })
    if (answer.status !== 200) throw unknown(undefined)
    const said = parseJson(Buffer.from(answer.body).toString('utf8'))
    return isObject(said) && said['active'] === true ? said : undefined
  }
}

function unknown(cause: unknown): Error {
  return fail('transient', 'The issuer of tokens does not say whether a token is active', { cause })
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function basic(id: string, secret: string): string {
  const form = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')
  return `Basic ${Buffer.from(`${form(id)}:${form(secret)}`).toString('base64')}`
}
