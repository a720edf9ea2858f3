/** Work that is waited for only until something else happens. */

/**
 * What the work gives, unless the signal aborts before: then the signal's reason is thrown. Unlike `Promise.race` it
 * leaves nothing with a signal that outlives it: a race with a promise that stays open keeps its result for as long.
 */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = (): void => reject(signal.reason as Error)
  work.then(resolve, reject)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
