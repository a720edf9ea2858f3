/** A limit on the memory of a browser's processes: one that passes it is ended before the machine suffers. Linux alone. */

import { readFile } from 'node:fs/promises'

/** A process of a browser, as the DevTools protocol tells it: `renderer`, `utility`, `browser` … */
export interface BrowserProcess {
  readonly type: string
  readonly id: number
}

export interface MemoryWatch {
  readonly processes: () => Promise<readonly BrowserProcess[]>
  readonly maxBytes: number
  /** Called before a process is ended. */
  readonly onOver: () => void
}

const EVERY_MS = 200
const PAGE_BYTES = 4_096

/** Watches until it is stopped. The browser's own process is left alone: it holds no document for long. */
export function watchMemory({ processes, maxBytes, onOver }: MemoryWatch): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    // A browser that does not tell now is asked again, or has ended.
    const found = await processes().catch(() => [])
    for (const { id } of found.filter(({ type }) => type !== 'browser')) {
      if (isStopped || (await residentBytes(id)) <= maxBytes) continue
      onOver()
      kill(id)
    }
    if (!isStopped) timer = setTimeout(() => void look(), EVERY_MS).unref()
  }
  if (process.platform === 'linux') void look()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html */
async function residentBytes(pid: number): Promise<number> {
  // One that has ended holds nothing.
  const [, resident = '0'] = (await readFile(`/proc/${pid}/statm`, 'latin1').catch(() => '')).split(' ')
  return Number(resident) * PAGE_BYTES
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
