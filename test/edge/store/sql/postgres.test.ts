/** Connections to PostgreSQL that die, idle or at work: nothing crashes, nothing is half-done, and others take their place. */

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../../../src/edge/store/sql/postgres.ts'
import type { Database, Session } from '../../../../src/edge/store/sql/session.ts'
import { bodyOf, requests } from '../../../http/rest/requests.ts'
import { restService } from '../../../http/rest/rest-service.ts'
import { startPostgres, type Postgres } from './postgres.ts'

let server: Postgres
let url = ''
let other: Database
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
  other = await openPostgres(await server.database())
})
afterAll(async () => {
  await other.close()
  await server.stop()
})

const said = (sql: string, parameters: readonly string[] = []): ReturnType<Session['rows']> =>
  other.alone({ sql, parameters })

/** Ends every connection to the database, and waits until none is left. */
async function cutOff(address = url): Promise<number> {
  const name = new URL(address).pathname.slice(1)
  const ended = await said('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
  const left = async (): Promise<number> =>
    (await said('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [name])).length
  while ((await left()) > 0) await pause(5)
  return ended.length
}

const numbers = async (database: Database): Promise<readonly unknown[]> =>
  (await database.alone<{ n: number }>({ sql: 'SELECT n FROM kept ORDER BY n', parameters: [] })).map(({ n }) => n)
const insert = (session: Session, n: number): Promise<unknown> =>
  session.rows({ sql: 'INSERT INTO kept VALUES ($1::int)', parameters: [String(n)] })

describe('a connection that dies', () => {
  let database: Database
  beforeAll(async () => {
    database = await openPostgres(url)
    await database.alone({ sql: 'CREATE TABLE kept (n int PRIMARY KEY)', parameters: [] })
    await database.alone({ sql: 'CREATE TABLE schema_version (n int)', parameters: [] })
  })
  afterAll(() => database.close())

  it('idle is replaced when the next is needed', async () => {
    const many = Array.from({ length: 5 }, () => database.snapshot((session) => session.rows({ sql: 'SELECT pg_sleep(0.05)', parameters: [] }))) // prettier-ignore
    await Promise.all(many)
    expect(await cutOff()).toBeGreaterThan(1)
    await Promise.all(many.map(() => database.snapshot(() => numbers(database))))
    expect(await database.isReady()).toBe(true)
  })

  it('while work that began has not asked anything yet is told to that work, and to nobody else', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown): void => void unheard.push(reason)
    process.on('unhandledRejection', hear)
    for (let round = 0; round < 10; round += 1) {
      const cut = said('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [new URL(url).pathname.slice(1)]) // prettier-ignore
      const idle = Array.from({ length: 10 }, () => database.snapshot(() => pause(20)))
      await Promise.allSettled([cut, ...idle])
    }
    process.off('unhandledRejection', hear)
    expect(unheard).toEqual([])
  })

  it('in a transaction is replaced and all of the work done once more, so that it stands once', async () => {
    let runs = 0
    await database.transaction(async (session) => {
      runs += 1
      await insert(session, 1)
      if (runs === 1) await cutOff()
      await insert(session, 2)
    })
    expect([runs, await numbers(database)]).toEqual([2, [1, 2]])
  })

  it('in a reading is replaced, and the reading begins anew', async () => {
    let runs = 0
    const read = await database.snapshot(async (session) => {
      runs += 1
      await session.rows({ sql: 'SELECT 1', parameters: [] })
      if (runs === 1) await cutOff()
      return session.rows<{ n: number }>({ sql: 'SELECT count(*) AS n FROM kept', parameters: [] })
    })
    expect([runs, read]).toEqual([2, [{ n: 2 }]])
  })

  it('each time is told as what may be tried again, and leaves nothing', async () => {
    const work = async (session: Session): Promise<void> => {
      await insert(session, 3)
      await cutOff()
      await insert(session, 4)
    }
    await expect(database.transaction(work)).rejects.toMatchObject({ status: 503, issues: [{ code: 'transient' }] })
    expect(await numbers(database)).toEqual([1, 2])
  })

  it('at the end of a transaction is told as unsure, and nothing is done twice', async () => {
    await database.alone({ sql: `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END'`, parameters: [] }) // prettier-ignore
    await database.alone({ sql: 'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON kept DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()', parameters: [] }) // prettier-ignore
    let runs = 0
    const writing = database.transaction(async (session) => {
      runs += 1
      await insert(session, 5)
    })
    const ended = expect(writing).rejects.toMatchObject({ status: 502, issues: [{ code: 'no-store' }] })
    const sleeping = (): ReturnType<typeof said> => said(`SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'`) // prettier-ignore
    while ((await sleeping()).length === 0) await pause(5)
    await cutOff()
    await ended
    await database.alone({ sql: 'DROP TRIGGER late ON kept', parameters: [] })
    expect([runs, await numbers(database)]).toEqual([1, [1, 2]])
  })

  it('a fault of ours is not tried again', async () => {
    let runs = 0
    const faulty = database.transaction(async (session) => {
      runs += 1
      await session.rows({ sql: 'SELECT nothing FROM nowhere', parameters: [] })
    })
    await expect(faulty).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
    expect(runs).toBe(1)
  })
})

it('a service whose connections are cut off again and again loses nothing that it acknowledged', async () => {
  const address = await server.database()
  const base = await restService(address)
  const { send } = requests(() => base)
  const kept = new Map<string, string>()
  const statuses = new Set<number>()
  let isOver = false
  const write = async (client: number): Promise<void> => {
    for (let count = 0; !isOver; count += 1) {
      const id = `c${client}-${count % 4}`
      const answer = await send('PUT', `Basic/${id}`, { resourceType: 'Basic', id, code: { text: String(count) } })
      const text = await answer.text()
      statuses.add(answer.status)
      if (answer.ok) kept.set(id, String(count))
      else {
        expect(text).toContain('OperationOutcome')
        // what was refused may stand or not
        kept.delete(id)
      }
    }
  }
  const writers = Array.from({ length: 8 }, (_, client) => write(client))
  for (let cut = 0; cut < 8; cut += 1) {
    await pause(80)
    await cutOffOnce(address)
  }
  isOver = true
  await Promise.all(writers)
  for (const [id, text] of kept) expect((await bodyOf(send('GET', `Basic/${id}`))).code).toEqual({ text })
  expect(kept.size).toBeGreaterThan(8)
  expect([...statuses].filter((status) => ![200, 201, 502, 503].includes(status))).toEqual([])
  expect((await fetch(base.replace(/fhir$/, 'readyz'))).status).toBe(200)
})

async function cutOffOnce(address: string): Promise<void> {
  await said('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [new URL(address).pathname.slice(1)]) // prettier-ignore
}
