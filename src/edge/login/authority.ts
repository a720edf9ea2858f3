/** What an issuer of tokens says of itself. @see https://www.rfc-editor.org/rfc/rfc8414 */

import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, type Json } from '../../fhir/types.ts'
import type { Authority } from '../../ports/login.ts'
import { openNetwork, type Network } from '../network/network.ts'

export interface AuthorityOptions {
  readonly issuer: string
  readonly network?: Network
  /** By a clock that never goes back; in milliseconds. */
  readonly clock?: () => number
}

const TIMEOUT_MS = 5_000
const MAX_BYTES = 1024 * 1024
/** After so long it is asked again. */
const OLD_MS = 10 * 60_000

/** The metadata of an issuer, asked for when they are first needed. The function throws FhirError `transient` where they cannot be had. */
export function authorityOf(options: AuthorityOptions): () => Promise<Authority> {
  const { issuer, clock = () => performance.now() } = options
  const network =
    options.network ?? openNetwork([new URL(issuer).hostname], { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
  let known: { readonly authority: Promise<Authority>; readonly atMs: number } | undefined
  return () => {
    if (known === undefined || clock() - known.atMs > OLD_MS) {
      const authority = asked(issuer, network)
      known = { authority, atMs: clock() }
      authority.catch(() => (known = undefined))
    }
    return known.authority
  }
}

async function asked(issuer: string, network: Network): Promise<Authority> {
  const bare = issuer.replace(/\/$/, '')
  const { origin, pathname } = new URL(bare)
  const path = pathname === '/' ? '' : pathname
  const places = [`${bare}/.well-known/openid-configuration`, `${origin}/.well-known/oauth-authorization-server${path}`]
  for (const url of places) {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await network({ method: 'GET', url, headers: { accept: 'application/json' }, signal }).catch(
      () => undefined,
    )
    const said = answer?.status === 200 ? read(answer.body) : undefined
    if (isObject(said) && said['issuer'] === issuer) return said
  }
  throw fail('transient', 'The issuer of tokens does not say now how tokens are had')
}

function read(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
