/** What must not outlive this process: browsers and the folders they write in. */

import { rmSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/** A process and its private folder. */
export interface Belonging {
  readonly folder: string
  /** Ends the process and its children at once; does nothing where they are gone. */
  kill(): void
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const belongings = new Set<Belonging>()

/** Before the number of a process: a host that shares its temporary folder with others knows its own. */
const PREFIX = `fhirdoc-chromium-${hostname().replace(/[^\w-]/g, '')}.`

/** A new folder for a browser of this process; those of processes that were killed are taken away first. */
export async function temporaryFolder(): Promise<string> {
  const names = await readdir(tmpdir())
  const left = names.filter((name) => name.startsWith(PREFIX) && !isRunning(parseInt(name.slice(PREFIX.length), 10)))
  // Another user's stay.
  for (const name of left) await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined)
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}.`))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Ends the belonging with this process, however that ends, but for a SIGKILL. */
export function keep(belonging: Belonging): void {
  if (belongings.size === 0) {
    process.on('exit', endAll)
    for (const signal of SIGNALS) process.on(signal, endBySignal)
  }
  belongings.add(belonging)
}

/** Ends the belonging now; nothing of it is left once this resolves. `gone` resolves when its process has ended. */
export async function end(belonging: Belonging, gone: Promise<void>): Promise<void> {
  belonging.kill()
  await gone
  // Children of a killed browser may write for a moment longer.
  await rm(belonging.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  forget(belonging)
}

function forget(belonging: Belonging): void {
  belongings.delete(belonging)
  if (belongings.size > 0) return
  process.off('exit', endAll)
  for (const signal of SIGNALS) process.off(signal, endBySignal)
}

function endAll(): void {
  for (const belonging of belongings) {
    belonging.kill()
    rmSync(belonging.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
  }
}

/** Where nobody else listens the signal does what it would have done without us; else whoever listens decides. */
function endBySignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  endAll()
  process.off(signal, endBySignal)
  process.kill(process.pid, signal)
}
