/** What an issuer of tokens says of itself. @see https://www.rfc-editor.org/rfc/rfc8414 */

import { fail } from '../../fhir/error.ts'
import type { Authority } from '../../ports/login.ts'
import { issuerMetadata } from '../issuer.ts'
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
  const said = await issuerMetadata(issuer, { network, timeoutMs: TIMEOUT_MS })
  if (said === undefined) throw fail('transient', 'The issuer of tokens does not say now how tokens are had')
  return said
}
