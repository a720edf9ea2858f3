/** How much is worked on at once, how much may wait for its turn, and for how long. */

import { fail } from '../fhir/error.ts'
import { refuse, RETRY_AFTER, type Refusal } from './answer.ts'

export interface Gate {
  /**
   * The result of the work, given in time; its signal is aborted when time is over or the client is gone.
   * @throws Refusal 503 where too many wait already or the turn did not come, FhirError `timeout`
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, client: AbortSignal): Promise<T>
}

export interface GateLimits {
  readonly concurrency: number
  readonly timeoutMs: number
  /** How many may wait for their turn (0). */
  readonly waiting?: number
  /** How long each waits (5,000). */
  readonly waitMs?: number
  /** Told of every change. */
  readonly onChange?: (crowd: Crowd) => void
  readonly onRefusal?: () => void
}

export interface Crowd {
  readonly inside: number
  readonly waiting: number
}

/** A gate that lets in as many as the limit says, the others in their order, and turns away those beyond that at once. */
export function gate({ concurrency, timeoutMs, ...limits }: GateLimits): Gate {
  const { waiting: places = 0, waitMs = 5_000, onChange, onRefusal } = limits
  const line = new Set<() => void>()
  let inside = 0
  const tell = (): void => onChange?.({ inside, waiting: line.size })
  const full = (): Refusal => {
    onRefusal?.()
    return refuse(503, 'transient', 'The service is at work on as much as it takes on at once', RETRY_AFTER)
  }
  const leave = (): void => {
    const [next] = line
    // the place goes to the next one without ever being free
    if (next === undefined) inside -= 1
    else next()
    tell()
  }
  const enter = async (client: AbortSignal): Promise<void> => {
    if (inside >= concurrency && line.size >= places) throw full()
    if (inside >= concurrency) await turn(line, { client, waitMs, full, tell })
    else inside += 1
    tell()
  }
  return {
    async run(work, client) {
      await enter(client)
      const stop = new AbortController()
      client.addEventListener('abort', () => stop.abort(), { once: true })
      // work that is late keeps its place until it truly ends
      const result = work(stop.signal).finally(leave)
      return withinTime(result, stop, timeoutMs)
    },
  }
}

interface Waiting {
  readonly client: AbortSignal
  readonly waitMs: number
  readonly full: () => Refusal
  readonly tell: () => void
}

/** The moment that a place is given; whoever waited too long, or is gone, leaves the line at once. */
function turn(line: Set<() => void>, { client, waitMs, full, tell }: Waiting): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const take = (): void => {
    line.delete(take)
    resolve()
  }
  const giveUp = (reason: unknown): void => {
    if (!line.delete(take)) return
    tell()
    reject(reason)
  }
  const late = setTimeout(() => giveUp(full()), waitMs)
  const gone = (): void => giveUp(client.reason)
  client.addEventListener('abort', gone, { once: true })
  line.add(take)
  tell()
  return promise.finally(() => {
    clearTimeout(late)
    client.removeEventListener('abort', gone)
  })
}

async function withinTime<T>(result: Promise<T>, stop: AbortController, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = fail('timeout', `The request took longer than the ${timeoutMs / 1000} s that are allowed`)
    // work that only heeds the signal ends with its reason
    stop.abort(reason)
    // after a turn of the loop, so that work which heeds the signal can say what it was waiting for
    setImmediate(() => reject(reason))
  }, timeoutMs)
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
