/** A printer over browsers that may fail: turns, time limits, one second attempt. */

import { fail, FhirError } from '../../fhir/error.ts'
import type { Printer, PrintOptions } from '../../ports.ts'
import { fleet, type Browser, type Fleet, type Lease } from './fleet.ts'
import { turnstile } from './turnstile.ts'
import { unless } from './unless.ts'

export interface PoolLimits {
  /** How many are printed at once, each on a warm page of its own. */
  readonly pages: number
  /** How many may wait for their turn; one more is refused. */
  readonly waiting: number
  /** For one print, from the moment its turn has come. */
  readonly timeoutMs: number
  /** After so many the browser is replaced by a new one. */
  readonly printsPerBrowser: number
}

/**
 * A printer that starts a browser when it is first needed. A print whose browser ends or breaks is made once more, on a
 * new browser.
 */
export function pool(start: () => Promise<Browser>, limits: PoolLimits): Printer {
  const turns = turnstile(limits.pages, limits.waiting)
  const browsers = fleet(start, limits.printsPerBrowser)
  return {
    async print(xhtml, { signal, onClipped } = {}) {
      const leave = await turns.enter(signal)
      const deadline = AbortSignal.timeout(limits.timeoutMs)
      const over = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
      try {
        return await attempts(browsers, { xhtml, onClipped }, over)
      } catch (error) {
        if (deadline.aborted && error === deadline.reason)
          throw fail('timeout', `The page was not printed within ${limits.timeoutMs / 1000} seconds`, { cause: error })
        throw error
      } finally {
        leave()
      }
    },
    async close() {
      turns.close()
      await browsers.close()
    },
  }
}

interface Asked {
  readonly xhtml: string
  readonly onClipped: PrintOptions['onClipped']
}

/** A first attempt, and a second where the browser was at fault. */
async function attempts(browsers: Fleet, asked: Asked, over: AbortSignal): Promise<Uint8Array> {
  try {
    return await attempt(browsers, asked, over)
  } catch (first) {
    if (isAnswer(first, over)) throw first
    return attempt(browsers, asked, over).catch((cause: unknown) => {
      if (isAnswer(cause, over)) throw cause
      throw fail('transient', 'The browser ended twice while it printed the page, expected a later attempt', { cause })
    })
  }
}

/** Whether an error says something about the page or the caller, rather than the browser. */
function isAnswer(error: unknown, over: AbortSignal): boolean {
  return error instanceof FhirError || (over.aborted && error === over.reason)
}

async function attempt(browsers: Fleet, { xhtml, onClipped }: Asked, over: AbortSignal): Promise<Uint8Array> {
  const lease = await leaseUnless(over, browsers)
  try {
    const pdf = await unless(over, unless(lease.lost, lease.page.print(xhtml, onClipped)))
    lease.giveBack()
    return pdf
  } catch (error) {
    const isWell = error instanceof FhirError && lease.page.crashed?.aborted !== true
    // Closing takes a while, and nobody needs to wait for it. What a page did that could not be looked at is not known.
    if (over.aborted || (isWell && error.cause !== undefined)) void lease.abandon()
    else if (isWell) lease.giveBack()
    else lease.giveUp()
    throw error
  }
}

/** A lease; where time is over before it comes, it is given back when it does. */
async function leaseUnless(over: AbortSignal, browsers: Fleet): Promise<Lease> {
  over.throwIfAborted()
  const leased = browsers.lease()
  try {
    return await unless(over, leased)
  } catch (error) {
    if (over.aborted)
      leased.then(
        (late) => late.giveBack(),
        () => undefined,
      )
    throw error
  }
}
