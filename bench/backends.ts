/** The databases that the service is measured on, each new and in the temporary folder. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../test/edge/store/sql/postgres.ts'
import type { Backend } from './service.ts'

/** The results of work on a new database of each kind. */
export async function onEach<T>(work: (backend: Backend) => Promise<T>): Promise<readonly T[]> {
  return [await onSqlite(work), await onPostgres(work)]
}

/** The result of work on a new database in a file. */
export async function onSqlite<T>(work: (backend: Backend) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-bench-'))
  try {
    const url = (name: string): string => `sqlite:${join(folder, name)}`
    return await work({ name: 'sqlite', url: url('bench.db'), beside: url('beside.db'), pids: [] })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function onPostgres<T>(work: (backend: Backend) => Promise<T>): Promise<T> {
  const postgres = await startPostgres()
  try {
    const [url, beside] = [await postgres.database(), await postgres.database()]
    return await work({ name: 'postgres', url, beside, pids: [serverOf(postgres.folder)] })
  } finally {
    await postgres.stop()
  }
}

/** The process of a server, which writes its number into its folder. */
function serverOf(folder: string): number {
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}
