/** A function that computes for long, called in threads of its own, so that this one goes on answering. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { fail, FhirError } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'

export interface ThreadOptions {
  /** The address of a module, and the name of the function that it exports. */
  readonly module: string
  readonly name: string
  /** What becomes of a PDF in it, for the words of errors; made where nothing is said. */
  readonly work?: 'made' | 'read'
  /** How many threads there are at most; each is started when it is first needed. */
  readonly count?: number
  /** For one call, its wait for a thread left out. */
  readonly timeoutMs: number
  /** The memory that a thread may use; one that wants more ends. */
  readonly maxMegabytes: number
}

export interface Threads<Args extends readonly unknown[], Result> {
  /**
   * What the function gives, its arguments and result copied.
   * @throws whatever it throws as FhirError, `timeout`, `too-costly` where it wants more memory; the signal's reason
   */
  run(args: Args, signal?: AbortSignal): Promise<Result>
  /** Starts a thread that is sure to be needed soon. */
  warm(): void
  /** Ends all threads, whatever they are doing. */
  close(): Promise<void>
}

export interface ThreadData {
  readonly module: string
  readonly name: string
}

/** What a thread sends back. */
export type Outcome =
  { readonly result: unknown } | { readonly issues: readonly [Issue, ...Issue[]] } | { readonly error: string }

interface Job {
  readonly args: readonly unknown[]
  readonly signal: AbortSignal | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** The threads for a function; the process may end while they wait. */
export function threads<Args extends readonly unknown[], Result>(options: ThreadOptions): Threads<Args, Result> {
  const { count = Math.max(2, availableParallelism()) } = options
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const waiting: Job[] = []

  const start = (): Worker => {
    const worker = startWorker(options)
    all.add(worker)
    worker.once('exit', () => {
      all.delete(worker)
      const at = idle.indexOf(worker)
      if (at >= 0) idle.splice(at, 1)
      next()
    })
    return worker
  }

  const next = (): void => {
    while (waiting.length > 0 && (idle.length > 0 || all.size < count)) {
      const [job] = waiting.splice(0, 1) as [Job]
      if (job.signal?.aborted === true) job.reject(job.signal.reason)
      else serve(idle.pop() ?? start(), job)
    }
  }

  const serve = (worker: Worker, job: Job): void => {
    void call(worker, job, options).then((isWell) => {
      if (!isWell || !all.has(worker)) return
      worker.unref()
      idle.push(worker)
      next()
    })
  }

  return {
    run: (args, signal) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ args, signal, resolve: resolve as Job['resolve'], reject })
        next()
      }),
    warm: () => {
      if (all.size === 0) idle.push(start())
    },
    close: async () => {
      await Promise.all(Array.from(all, (worker) => worker.terminate()))
    },
  }
}

/** The inside, as it is written or as it is compiled: whichever this file is. */
const INSIDE = import.meta.url.replace(/threads(\.[jt]s)$/, 'thread$1')

function startWorker({ module, name, maxMegabytes }: ThreadOptions): Worker {
  const data: ThreadData = { module, name }
  const worker = new Worker(new URL(INSIDE), {
    workerData: data,
    env: {},
    execArgv: [],
    // what is made of a file lives as long as the call: room for it spares most of the collecting
    resourceLimits: { maxOldGenerationSizeMb: maxMegabytes, maxYoungGenerationSizeMb: 96 },
  })
  worker.unref()
  // a thread that ends while nothing is asked of it is replaced when something is
  worker.on('error', () => undefined)
  return worker
}

/** Settles the job; whether the thread can serve again. */
function call(worker: Worker, { args, signal, resolve, reject }: Job, options: ThreadOptions): Promise<boolean> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const over = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
  return new Promise((settled) => {
    const end = (isWell: boolean, settle: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      over.removeEventListener('abort', onAbort)
      if (!isWell) void worker.terminate()
      settle()
      settled(isWell)
    }
    const onMessage = (outcome: Outcome): void => end(true, () => conclude(outcome, resolve, reject))
    const onError = (error: unknown): void => end(false, () => reject(endOf(error, options)))
    const onExit = (): void =>
      end(false, () => reject(fail('transient', 'The work was given up, expected a later attempt')))
    const onAbort = (): void => end(false, () => reject(deadline.aborted ? late(options) : signal?.reason))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    over.addEventListener('abort', onAbort, { once: true })
    worker.ref()
    worker.postMessage(args)
  })
}

function conclude(outcome: Outcome, resolve: Job['resolve'], reject: Job['reject']): void {
  if ('result' in outcome) resolve(outcome.result)
  else if ('issues' in outcome) reject(new FhirError(outcome.issues))
  else reject(new Error(outcome.error))
}

function late({ timeoutMs, work = 'made' }: ThreadOptions): FhirError {
  return fail('timeout', `The PDF was not ${work} within ${timeoutMs / 1000} seconds`)
}

function endOf(error: unknown, { maxMegabytes, work = 'made' }: ThreadOptions): unknown {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? fail('too-costly', `The PDF needs more than ${maxMegabytes} MB to be ${work}, expected less`)
    : error
}
