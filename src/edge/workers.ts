/**
 * Several processes that serve at one address. The first starts alone, so that what is wrong with the settings is said
 * once; a worker that dies is replaced while the others go on; all stop together.
 */

import cluster, { type Worker } from 'node:cluster'
import { availableParallelism } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

export interface Crew {
  /** How many processes serve. */
  readonly count: number
  /** Kept when the service is to stop. */
  readonly stopped: Promise<void>
  /** How long a worker may take to finish what it accepted. */
  readonly timeoutMs: number
  /** Hears of each worker that ended without being told to. */
  readonly onDeath: (death: Death) => void
}

/** How a worker ended, and when another takes its place. */
export interface Death {
  readonly pid: number | undefined
  readonly code: number | null
  readonly signal: string | null
  readonly restartMs: number
}

/** Whether this process is one of several that serve. */
export function isWorker(): boolean {
  return cluster.isWorker
}

/** As many processes as there are cores. */
export function coreCount(): number {
  return availableParallelism()
}

const STOP = 'fhirdoc:stop'

/** In a worker: kept when the primary process says that the service stops. */
export function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === STOP) resolve()
    })
  })
}

/** In a worker: lets go of the primary process, which alone would keep this one alive. */
export function leave(): void {
  cluster.worker?.disconnect()
}

/** What requests leave behind is swept up early: else each worker would take half as much memory again, for no speed. */
export const HEAP: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=40']

/** Memory beside the heap goes back to the system as soon as it is free. @see https://sourceware.org/glibc/manual/latest/html_node/Malloc-Tunable-Parameters.html */
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TRIM_THRESHOLD_: '65536' } as const

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** A worker that lived so long was well: its end is no reason to hesitate with the next. */
const WELL_MS = 30_000

/**
 * Serves by workers until the service is stopped and all of them have ended. The exit code: that of the first worker where
 * it does not come to listen, else 0.
 */
export async function serveByWorkers(crew: Crew): Promise<number> {
  cluster.setupPrimary({ execArgv: [...process.execArgv, ...HEAP] })
  const first = cluster.fork(MALLOC)
  const failure = await listeningOf(first, crew)
  if (failure !== undefined) return failure
  const isStopped = { now: false }
  const places = [watched(first, crew, isStopped)]
  while (places.length < crew.count) places.push(watched(cluster.fork(MALLOC), crew, isStopped))
  await crew.stopped
  isStopped.now = true
  for (const worker of workers()) stop(worker, crew.timeoutMs)
  await Promise.all(places)
  return 0
}

function workers(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}

/** Nothing once the worker listens, or was told to stop before; its exit code where it ends instead. */
async function listeningOf(worker: Worker, { stopped, timeoutMs }: Crew): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  worker.once('listening', () => resolve(undefined))
  worker.once('exit', (code) => resolve(code ?? 1))
  void stopped.then(() => stop(worker, timeoutMs))
  return promise
}

/** Kept when the place of a worker stays empty: the service has stopped. */
async function watched(
  first: Worker,
  { onDeath, timeoutMs }: Crew,
  isStopped: { readonly now: boolean },
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS
  for (let worker = first; ; worker = cluster.fork(MALLOC)) {
    const startMs = performance.now()
    if (isStopped.now) stop(worker, timeoutMs)
    const { code, signal } = await endOf(worker)
    if (isStopped.now) return
    if (performance.now() - startMs > WELL_MS) pauseMs = FIRST_PAUSE_MS
    onDeath({ pid: worker.process.pid, code, signal, restartMs: pauseMs })
    await pause(pauseMs)
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    if (isStopped.now) return
  }
}

interface End {
  readonly code: number | null
  readonly signal: string | null
}

function endOf(worker: Worker): Promise<End> {
  if (worker.isDead()) return Promise.resolve({ code: worker.process.exitCode, signal: worker.process.signalCode })
  return new Promise((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal }))
  })
}

/** More than a worker itself waits for what it accepted. */
const GRACE_MS = 5_000

/** Tells a worker to stop, and ends it where it does not come to its end. */
function stop(worker: Worker, timeoutMs: number): void {
  if (worker.isDead()) return
  if (worker.isConnected()) worker.send(STOP, () => undefined)
  const late = setTimeout(() => worker.process.kill('SIGKILL'), timeoutMs + GRACE_MS)
  worker.once('exit', () => clearTimeout(late))
}
