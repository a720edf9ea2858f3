/** A bounded queue: so many at work, so many waiting, the next one is turned away. */

import { fail } from '../../fhir/error.ts'

export interface Turnstile {
  /**
   * Resolves when the turn has come, with the function that ends it.
   * @throws FhirError `throttled` where too many wait already, `transient` once closed; the signal's reason where it aborts
   */
  enter(signal?: AbortSignal): Promise<() => void>
  /** Turns away all that wait and all that come. */
  close(): void
}

interface Waiting {
  readonly admit: () => void
  readonly refuse: (reason: Error) => void
}

/** A turnstile with places for those at work and places for those who wait. */
export function turnstile(places: number, waitingPlaces: number): Turnstile {
  const line = new Set<Waiting>()
  let free = places
  let closed = false

  const leave = (): void => {
    const [next] = line
    if (next === undefined) free++
    else next.admit()
  }

  return {
    async enter(signal) {
      signal?.throwIfAborted()
      if (closed) throw closing()
      if (free > 0) free--
      else if (line.size >= waitingPlaces)
        throw fail('throttled', `${line.size} pages wait to be printed, expected a later attempt`)
      else await turn(line, signal)
      return once(leave)
    },
    close() {
      closed = true
      for (const { refuse } of line) refuse(closing())
    },
  }
}

function closing(): Error {
  return fail('transient', 'The printer is closing, expected a later attempt')
}

/** Resolves when the one before leaves its place to this one. Whoever is admitted or refused leaves the line at once. */
async function turn(line: Set<Waiting>, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const waiting: Waiting = {
    admit: () => {
      line.delete(waiting)
      resolve()
    },
    refuse: (reason) => {
      line.delete(waiting)
      reject(reason)
    },
  }
  const abort = (): void => waiting.refuse(signal?.reason as Error)
  line.add(waiting)
  signal?.addEventListener('abort', abort, { once: true })
  return promise.finally(() => signal?.removeEventListener('abort', abort))
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}
