/** Who may go on: work one after the other, or many readers and one writer. */

/** A function that does one work after the other, in the order of its calls. */
export function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    // Whoever asked for the work is told that it failed; the next one is not kept from its own.
    last = result.catch(() => undefined)
    return result
  }
}

export interface ReadersAndWriters {
  readonly reading: <T>(work: () => Promise<T>) => Promise<T>
  readonly writing: <T>(work: () => Promise<T>) => Promise<T>
}

/** Work that reads goes on together, work that writes alone; who waits longest is next. */
export function readersAndWriters(): ReadersAndWriters {
  const oneByOne = turns()
  const readers = new Set<Promise<unknown>>()
  const reading = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      void oneByOne(() => {
        const result = work()
        // Only that it has ended counts here; how, its caller is told below.
        const done = result.catch(() => undefined).finally(() => readers.delete(done))
        readers.add(done)
        result.then(resolve, reject)
        return Promise.resolve()
      })
    })
  const writing = <T>(work: () => Promise<T>): Promise<T> =>
    oneByOne(async () => {
      await Promise.all(readers)
      return work()
    })
  return { reading, writing }
}

/** What all give, once all have ended: nothing is under way when one of them fails. @throws what the first that fails throws */
export async function allEnded<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
