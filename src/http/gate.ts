/** How much is worked on at once, and for how long. */

import { fail } from '../fhir/error.ts'
import { refuse, RETRY_AFTER } from './answer.ts'

export interface Gate {
  /**
   * The result of the work, given in time; its signal is aborted when time is over or the client is gone.
   * @throws Refusal 503 where the gate is full, FhirError `timeout`
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, client: AbortSignal): Promise<T>
}

export interface GateLimits {
  readonly concurrency: number
  readonly timeoutMs: number
}

/** A gate that lets in as many as the limit says and turns the others away at once. */
export function gate({ concurrency, timeoutMs }: GateLimits): Gate {
  let inside = 0
  return {
    async run(work, client) {
      if (inside >= concurrency) {
        throw refuse(503, 'transient', 'The service is at work on as much as it takes on at once', RETRY_AFTER)
      }
      inside += 1
      const stop = new AbortController()
      client.addEventListener('abort', () => stop.abort(), { once: true })
      // work that is late keeps its place until it truly ends
      const result = work(stop.signal).finally(() => (inside -= 1))
      return withinTime(result, stop, timeoutMs)
    },
  }
}

async function withinTime<T>(result: Promise<T>, stop: AbortController, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const text = `The request took longer than the ${timeoutMs / 1000} s that are allowed`
  const timer = setTimeout(() => {
    stop.abort()
    // after a turn of the loop, so that work which heeds the signal can say what it was waiting for
    setImmediate(() => reject(fail('timeout', text)))
  }, timeoutMs)
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
