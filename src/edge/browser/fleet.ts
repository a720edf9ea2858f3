/** Browsers one after the other: the one in use, and those that finish their last prints. */

import { fail } from '../../fhir/error.ts'
import { unless } from './unless.ts'
import type { WarmPage } from './warm-page.ts'

/** A running browser. */
export interface Browser {
  /** Resolves when its process has ended, for whatever reason. */
  readonly gone: Promise<void>
  newPage(): Promise<WarmPage>
  /** Ends the process; nothing of it is left once this resolves. */
  close(): Promise<void>
}

/** A page for one print. Exactly one of its three functions is called in the end. */
export interface Lease {
  readonly page: WarmPage
  /** Aborts when the browser ends. */
  readonly lost: AbortSignal
  /** The page is well and serves again. */
  giveBack(): void
  /** The page is busy with what nobody waits for: it is closed, and its browser where even that fails. */
  abandon(): Promise<void>
  /** The page or its browser broke: the browser takes no further prints. */
  giveUp(): void
}

export interface Fleet {
  /** @throws whatever keeps a browser from starting */
  lease(): Promise<Lease>
  /** Ends every browser, whatever it is doing. */
  close(): Promise<void>
}

interface Ship {
  readonly browser: Browser
  readonly idle: WarmPage[]
  readonly lost: AbortSignal
  busy: number
  prints: number
  retired: boolean
}

/** How long a tab may take to close before its browser counts as ill. */
const CLOSE_TAB_MS = 2_000

/** A fleet of browsers that are started when they are first needed, each for so many prints. */
export function fleet(start: () => Promise<Browser>, printsPerBrowser: number): Fleet {
  const afloat = new Set<Promise<Ship>>()
  let current: Promise<Ship> | undefined
  let closed = false

  const launch = (): Promise<Ship> => {
    const launched = start().then((browser) => ship(browser, () => void retire(launched)))
    afloat.add(launched)
    // Whoever asked for it is told why it did not start; the next to ask gets another.
    launched.catch(() => forget(launched))
    return launched
  }

  const forget = (launched: Promise<Ship>): void => {
    afloat.delete(launched)
    if (current === launched) current = undefined
  }

  /** Takes no further prints, and ends when those at work are done. */
  const retire = async (launched: Promise<Ship>): Promise<void> => {
    if (current === launched) current = undefined
    const old = await launched
    old.retired = true
    if (old.busy > 0) return
    // What cannot be ended now is ended with this process.
    await old.browser.close().catch(() => undefined)
    forget(launched)
  }

  const release = (launched: Promise<Ship>, { ill }: { readonly ill: boolean }, old: Ship): void => {
    old.busy--
    const worn = old.prints >= printsPerBrowser
    if (ill || worn || old.retired) void retire(launched)
    // Whoever printed so much will print again: the next browser is ready by then.
    if (worn && !ill && !closed) current ??= launch()
  }

  return {
    async lease() {
      if (closed) throw fail('transient', 'The printer is closing, expected a later attempt')
      const launched = (current ??= launch())
      const taken = await launched
      taken.busy++
      try {
        const page = taken.idle.pop() ?? (await unless(taken.lost, taken.browser.newPage()))
        return leaseOf(page, taken, (condition) => release(launched, condition, taken))
      } catch (error) {
        release(launched, { ill: true }, taken)
        throw error
      }
    },
    async close() {
      closed = true
      const ending = Array.from(afloat, async (launched) => (await launched).browser.close())
      current = undefined
      await Promise.allSettled(ending)
    },
  }
}

function ship(browser: Browser, onGone: () => void): Ship {
  const ending = new AbortController()
  void browser.gone.then(() => {
    ending.abort(new Error('The browser ended'))
    onGone()
  })
  return { browser, idle: [], lost: ending.signal, busy: 0, prints: 0, retired: false }
}

function leaseOf(page: WarmPage, taken: Ship, release: (condition: { readonly ill: boolean }) => void): Lease {
  return {
    page,
    lost: taken.lost,
    giveBack() {
      taken.idle.push(page)
      taken.prints++
      release({ ill: false })
    },
    async abandon() {
      const closed = await Promise.race([page.close().then(() => true), after(CLOSE_TAB_MS).then(() => false)]).catch(
        () => false,
      )
      release({ ill: !closed })
    },
    giveUp() {
      release({ ill: true })
    },
  }
}

function after(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref())
}
