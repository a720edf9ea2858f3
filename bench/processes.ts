/** A service and its database as processes: started, measured from outside by /proc, and stopped. */

import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A service that listens. */
export interface Served {
  readonly url: string
  readonly pid: number
  /** From the start of the process to the first 200 of `metadata`. */
  readonly startMs: number
  readonly stop: () => Promise<void>
}

const COMMAND = fileURLToPath(new URL('../bin/fhirdoc.js', import.meta.url))

/** `fhirdoc serve` with the settings given, on a free port, once `metadata` is answered. */
export async function serve(settings: Readonly<Record<string, string>>): Promise<Served> {
  const port = await freePort()
  const env = { ...process.env, FHIRDOC_PORT: String(port), FHIRDOC_LOG_LEVEL: 'error', ...settings }
  const startMs = performance.now()
  const child = spawn(process.execPath, [COMMAND, 'serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const url = `http://127.0.0.1:${port}`
  await answered(`${url}/fhir/metadata`, child)
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  return { url, pid: child.pid ?? 0, startMs: performance.now() - startMs, stop }
}

/** Kept at the first success. @throws Error where the process ends before */
async function answered(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The service ended with ${child.exitCode}`)
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok === true) return
    await pause(5)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

/** The clock ticks of Linux in a second. */
const TICKS = 100

/** Milliseconds of CPU that processes and all that they started have taken so far. */
export function cpuMs(pids: readonly number[]): number {
  const ticks = pids.flatMap(familyOf).map((pid) => {
    const [user = 0, system = 0, ofUser = 0, ofSystem = 0] = statOf(pid).slice(11, 15).map(Number)
    return user + system + ofUser + ofSystem
  })
  return (ticks.reduce((sum, one) => sum + one, 0) / TICKS) * 1000
}

/** Begins to measure: milliseconds of CPU that the threads of processes, and of all that they started, take from now on. */
export function cpuClock(pids: readonly number[]): () => number {
  const before = nanosecondsOf(pids)
  return () => {
    let sum = 0
    for (const [thread, ns] of nanosecondsOf(pids)) sum += ns - (before.get(thread) ?? 0)
    return sum / 1e6
  }
}

/** By thread; finer than the ticks, and a thread that ends is not missed in what the others took. */
function nanosecondsOf(pids: readonly number[]): ReadonlyMap<string, number> {
  const threads = pids.flatMap(familyOf).flatMap((pid) => threadsOf(pid).map((thread) => `${pid}/task/${thread}`))
  return new Map(threads.map((thread) => [thread, Number(fileAt(`${thread}/schedstat`).split(' ')[0])]))
}

/** None where the process has just ended. */
function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The megabytes in memory of each process of a family. */
export function residentMB(pid: number): readonly number[] {
  return familyOf(pid).map((one) => Number(/VmRSS:\s+(\d+)/.exec(fileOf(one, 'status'))?.[1] ?? 0) / 1024)
}

/** The same, of pages that several processes share only their part. */
export function proportionalMB(pid: number): readonly number[] {
  return familyOf(pid).map((one) => Number(/^Pss:\s+(\d+)/m.exec(fileOf(one, 'smaps_rollup'))?.[1] ?? 0) / 1024)
}

/** A process with all below it. */
function familyOf(root: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))[1])]),
  )
  const family = [root]
  for (const one of family) for (const [pid, parent] of parents) if (parent === one) family.push(pid)
  return family
}

/** What follows the name of a process, which may hold anything: its state, its parent, and so on. */
function statOf(pid: number): readonly string[] {
  return fileOf(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
}

/** Empty where the process has just ended. */
function fileOf(pid: number, name: string): string {
  return fileAt(`${pid}/${name}`)
}

function fileAt(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
