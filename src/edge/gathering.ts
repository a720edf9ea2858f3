/** How the metrics of several processes become one page: the one that was asked writes to the primary, which asks all of them. */

import cluster, { type Worker } from 'node:cluster'

interface Letter {
  readonly type: 'fhirdoc:metrics'
  readonly id: number
  readonly page?: string
}

function isLetter(message: unknown): message is Letter {
  return message !== null && typeof message === 'object' && 'type' in message && message.type === 'fhirdoc:metrics'
}

let letters = 0

/** In a worker, which has its own metrics only: those of all. @throws Error where the primary process gives no answer */
export function pageOfAll(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const id = (letters += 1)
  const late = setTimeout(() => reject(new Error('The primary process did not gather the metrics in time')), 6_000)
  const listen = (message: unknown): void => {
    if (isLetter(message) && message.id === id) resolve(message.page ?? '')
  }
  process.on('message', listen)
  process.send?.({ type: 'fhirdoc:metrics', id } satisfies Letter)
  return promise.finally(() => {
    clearTimeout(late)
    process.off('message', listen)
  })
}

/** In the primary process: answers the worker that was asked. What gathers is opened with the first question. */
export function gatherMetrics(open: () => Promise<() => Promise<string>>): void {
  let opened: ReturnType<typeof open> | undefined
  const page = async (): Promise<string> => (await (opened ??= open()))()
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isLetter(message)) return
    const answer = (text: string): void => {
      if (worker.isConnected()) worker.send({ ...message, page: text })
    }
    page().then(answer, () => answer(''))
  })
}
