/** The keys of an issuer: from a file or a URL, read again when they are old, or when a token names one that is not among them. */

import { fail } from '../../fhir/error.ts'
import { readWhole } from '../files.ts'
import { issuerMetadata } from '../issuer.ts'
import { tokenKeysIn, type TokenKeys } from '../jose.ts'
import { openNetwork, type Network } from '../network/network.ts'

export interface IssuerKeys {
  /** The keys as they are known. @throws FhirError `transient` where they cannot be had */
  readonly current: () => Promise<TokenKeys>
  /** The keys read again because a token names another; undefined where that was done a moment ago. */
  readonly renewed: () => Promise<TokenKeys | undefined>
}

export interface KeysOptions {
  readonly issuer: string
  /** A URL or a file; found out from the issuer where it is absent. */
  readonly jwks?: string | undefined
  /** By a clock that never goes back; in milliseconds. */
  readonly clock?: () => number
  readonly network?: (hosts: readonly string[]) => Network
}

/** After so long keys are read again: one that was taken away is not trusted for longer. */
const OLD_MS = 10 * 60_000
/** How often a token with an unknown key may have them read again. */
const PAUSE_MS = 30_000
const TIMEOUT_MS = 10_000
const MAX_BYTES = 1024 * 1024

/** The keys of the issuer; read when they are first needed. */
export function issuerKeys(options: KeysOptions): IssuerKeys {
  const { clock = () => performance.now() } = options
  const read = reader(options)
  let known: { readonly keys: TokenKeys; readonly atMs: number } | undefined
  let reading: Promise<TokenKeys> | undefined
  let triedMs = Number.NEGATIVE_INFINITY
  const readNow = (): Promise<TokenKeys> => {
    triedMs = clock()
    reading ??= read()
      .then((text) => {
        const keys = tokenKeysIn(text)
        known = { keys, atMs: clock() }
        return keys
      })
      .finally(() => (reading = undefined))
    return reading
  }
  const mayTry = (): boolean => reading !== undefined || clock() - triedMs >= PAUSE_MS
  return {
    current: async () => {
      if (known !== undefined && clock() - known.atMs < OLD_MS) return known.keys
      if (!mayTry() && known === undefined) throw unreachable()
      const fresh = mayTry() ? await readNow().catch((cause: unknown) => kept(cause)) : known?.keys
      if (fresh === undefined) throw unreachable()
      return fresh
    },
    renewed: async () => (mayTry() ? readNow().catch(() => undefined) : undefined),
  }

  /** Keys that are old are better than none while the issuer does not answer, for a while. */
  function kept(cause: unknown): TokenKeys {
    if (known !== undefined && clock() - known.atMs < 6 * OLD_MS) return known.keys
    throw unreachable(cause)
  }
}

function unreachable(cause?: unknown): Error {
  return fail('transient', 'The keys of the issuer of tokens cannot be had now', { cause })
}

function reader({ issuer, jwks, network = networkOf }: KeysOptions): () => Promise<string> {
  if (jwks !== undefined && !/^https?:\/\//.test(jwks)) return async () => textOf(await readWhole(jwks))
  const { hostname } = new URL(jwks ?? issuer)
  const send = network([hostname])
  return async () => fetched(jwks ?? (await discovered(issuer, send)), send)
}

function networkOf(hosts: readonly string[]): Network {
  return openNetwork(hosts, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES })
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

async function fetched(url: string, network: Network): Promise<string> {
  const headers = { accept: 'application/json' }
  const { status, body } = await network({ method: 'GET', url, headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (status !== 200) throw fail('no-store', `The issuer of tokens answered ${status}, expected 200`)
  return textOf(body)
}

/** Where the issuer says that its keys are: on its own host, for no other is ever asked. */
async function discovered(issuer: string, network: Network): Promise<string> {
  const { jwks_uri: url } = (await issuerMetadata(issuer, { network, timeoutMs: TIMEOUT_MS })) ?? {}
  if (typeof url === 'string') return url
  throw fail('no-store', 'The issuer of tokens does not say where its keys are')
}
