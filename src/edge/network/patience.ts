/** When a request that failed for the moment is sent again: later each time, by chance a little, and as the server asks. */

import { setTimeout as pause } from 'node:timers/promises'
import type { Received } from './send.ts'

export interface Patience {
  /** The most attempts at one request, the first among them (4). */
  readonly attempts?: number
  /** The longest first pause; each further one is twice as long (250). */
  readonly pauseMs?: number
  /** The longest pause; a server that asks for a longer one is not waited for (20,000). */
  readonly maxPauseMs?: number
}

const defaults = { attempts: 4, pauseMs: 250, maxPauseMs: 20_000 } as const

/** Answers of a server that is busy for the moment. */
const BUSY: ReadonlySet<number> = new Set([429, 503])
/** Connections that broke off: the request was not answered, whole or at all. */
const BROKEN: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'Z_BUF_ERROR'])

/** The answer of the last attempt: repeated while the server is busy or breaks off, within the time of the signal. */
export async function patiently(
  attempt: () => Promise<Received>,
  signal: AbortSignal,
  patience: Patience = {},
): Promise<Received> {
  const { attempts, maxPauseMs } = { ...defaults, ...patience }
  for (let count = 1; ; count += 1) {
    const outcome = await attempt().catch((error: unknown) => ({ error }))
    const isLast = count >= attempts
    if ('error' in outcome) {
      if (isLast || !isBroken(outcome.error)) throw outcome.error
    } else if (isLast || !BUSY.has(outcome.status)) return outcome
    const asked = 'error' in outcome ? undefined : retryAfterMs(outcome.headers['retry-after'], Date.now())
    if (asked !== undefined && asked > maxPauseMs && !('error' in outcome)) return outcome
    await pause(asked ?? jitteredMs(count, patience), undefined, { signal })
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && BROKEN.has(String(error.code))
}

/** Half of the pause is sure, half is chance: many who wait do not come back at one moment. */
function jitteredMs(count: number, patience: Patience): number {
  const { pauseMs, maxPauseMs } = { ...defaults, ...patience }
  const longest = Math.min(maxPauseMs, pauseMs * 2 ** (count - 1))
  return longest / 2 + (longest / 2) * Math.random()
}

/** What a server asks to wait, by seconds or by a date; undefined where it does not say. @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,10}$/.test(header)) return Number(header) * 1000
  const date = /[A-Za-z]/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
