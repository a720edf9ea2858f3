/** What an issuer of tokens says of itself at the addresses that it is known by. @see https://www.rfc-editor.org/rfc/rfc8414#section-3 */

import { parseJson } from '../fhir/json.ts'
import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import type { Network } from './network/network.ts'

export interface Asking {
  readonly network: Network
  readonly timeoutMs: number
}

/** The metadata of an issuer; undefined where none of its addresses has them, or only those of another. */
export async function issuerMetadata(issuer: string, { network, timeoutMs }: Asking): Promise<JsonObject | undefined> {
  const bare = issuer.replace(/\/$/, '')
  const { origin, pathname } = new URL(bare)
  const path = pathname === '/' ? '' : pathname
  const places = [`${bare}/.well-known/openid-configuration`, `${origin}/.well-known/oauth-authorization-server${path}`]
  for (const url of places) {
    const signal = AbortSignal.timeout(timeoutMs)
    const asked = network({ method: 'GET', url, headers: { accept: 'application/json' }, signal })
    // the next address may answer
    const answer = await asked.catch(() => undefined)
    const said = answer?.status === 200 ? read(answer.body) : undefined
    if (isObject(said) && said['issuer'] === issuer) return said
  }
  return undefined
}

function read(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(bytes)
  } catch {
    return undefined
  }
}
