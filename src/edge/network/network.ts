/** The network as a deployment allows it: named hosts, bounded in time, size and number, and patient with busy servers. */

import type { LookupFunction } from 'node:net'
import { fail, FhirError } from '../../fhir/error.ts'
import { hostOf } from './address.ts'
import { patiently, type Patience } from './patience.ts'
import { sender, type Received, type Sent } from './send.ts'

export interface NetworkOptions extends Patience {
  /** For one request with its answer (30,000). */
  readonly timeoutMs?: number
  /** Of one answer, unpacked (64 MiB). */
  readonly maxBytes?: number
  /** How many requests run at once (6). */
  readonly concurrency?: number
  /** In place of the machine's own resolution of names. */
  readonly lookup?: LookupFunction
  /** Told of every answer, by its status, and of every attempt that got none. */
  readonly onAnswer?: (status: number | 'none') => void
}

export interface Errand extends Pick<Sent, 'method' | 'headers' | 'body' | 'signal'> {
  readonly url: string
}

/** Sends a request to a host that was named. @throws FhirError `timeout`, `too-long`, `no-store` */
export type Network = (errand: Errand) => Promise<Received>

const MEBIBYTE = 1024 * 1024
const defaults = { timeoutMs: 30_000, maxBytes: 64 * MEBIBYTE, concurrency: 6 } as const

/** The network of the hosts given, in lower case and without port. */
export function openNetwork(hosts: readonly string[], options: NetworkOptions = {}): Network {
  const { timeoutMs, maxBytes, concurrency } = { ...defaults, ...options }
  const named = new Set(hosts.map((host) => host.toLowerCase().replace(/^\[|\]$/g, '')))
  const send = sender(named, options.lookup)
  const inTurn = turns(concurrency)
  const once = async (sent: Omit<Sent, 'signal' | 'maxBytes'>, whole: AbortSignal): Promise<Received> => {
    const signal = AbortSignal.any([whole, AbortSignal.timeout(timeoutMs)])
    const received = await send({ ...sent, maxBytes, signal }).catch((error: unknown) => {
      options.onAnswer?.('none')
      // a connection that we end looks like one that broke off
      throw signal.aborted ? signal.reason : error
    })
    options.onAnswer?.(received.status)
    return received
  }
  return async ({ url, signal, ...errand }) => {
    const target = URL.parse(url)
    if (target === null || !/^https?:$/.test(target.protocol) || !named.has(hostOf(target))) throw unnamed()
    try {
      return await inTurn(() => patiently(() => once({ ...errand, url: target }, signal), signal, options))
    } catch (cause) {
      throw explained(cause)
    }
  }
}

/** The error for a host that the deployment did not name. */
export function unnamed(): FhirError {
  return fail('no-store', 'The address is on a host that the settings do not name, which is never asked')
}

function explained(cause: unknown): FhirError {
  if (cause instanceof FhirError) return cause
  const isLate = cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError')
  if (isLate) return fail('timeout', 'The answer did not come in time', { cause })
  return fail('no-store', 'There was no whole answer', { cause })
}

/** Lets as many work at once as the limit says; the others wait their turn. */
function turns(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = limit
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
