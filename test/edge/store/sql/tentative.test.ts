/** Transactions that hold nothing while they work: what they remember may be old, what they do is not. */

import { expect, it } from 'vitest'
import { fail } from '../../../../src/fhir/error.ts'
import type { Database } from '../../../../src/edge/store/sql/session.ts'
import { sqlStore } from '../../../../src/edge/store/sql/sql-store.ts'
import type { Store } from '../../../../src/ports.ts'
import { migratedPostgres } from './migrated.ts'
import { probeIndex } from './probe-index.ts'
import { countOf, current, put, write } from './stores.ts'

const postgres = migratedPostgres()

interface Opened {
  readonly database: Database
  readonly store: Store
  /** How many queries each flight that wrote had. */
  readonly flights: number[]
  /** How often a transaction that holds was begun. */
  readonly held: { count: number }
}

async function opened(url: string): Promise<Opened> {
  const database = await postgres.opened(url)
  const flights: number[] = []
  const held = { count: 0 }
  const watched: Database = {
    ...database,
    together: async (queries) => {
      flights.push(queries.length)
      await database.together?.(queries)
    },
    transaction: (work) => {
      held.count += 1
      return database.transaction(work)
    },
  }
  const options = { index: probeIndex, now: () => '2026-01-01T00:00:00Z', maxCacheBytes: 100_000 }
  return { database, store: sqlStore(watched, options), flights, held }
}

/** The same database as two processes have it. */
async function twoProcesses(): Promise<readonly [Opened, Opened]> {
  const url = await postgres.database()
  return [await opened(url), await opened(url)]
}

const key = (id: string): { type: string; id: string } => ({ type: 'Basic', id })

it('a resource that is read and written costs one statement, as long as nobody else writes it', async () => {
  const [{ store, flights, held }, other] = await twoProcesses()
  const count = (by: Store): Promise<unknown> =>
    by.transaction(async (writer) => writer.write(put('a', { count: countOf(await current(writer, 'a')) + 1 })))
  for (let times = 0; times < 3; times += 1) await count(store)
  expect([flights, held.count]).toEqual([[1, 1, 1], 0])
  await count(other.store)
  await count(store)
  expect([flights, held.count]).toEqual([[1, 1, 1, 1, 1], 0])
  expect(countOf(await store.snapshot((reader) => current(reader, 'a')))).toBe(5)
})

it('what was only read is compared too', async () => {
  const [{ store, flights }, other] = await twoProcesses()
  for (const id of ['a', 'b']) await write(store, put(id, { count: 1 }))
  await write(other.store, put('a', { count: 7 }))
  const told: number[] = []
  await store.transaction(async (writer) => {
    const [read] = await writer.read([key('a'), key('b')])
    told.push(countOf(read))
    return writer.write(put('b', { count: countOf(read) }))
  })
  expect(told).toEqual([1, 7])
  expect(flights).toEqual([1, 1, 2, 2])
  expect(countOf(await other.store.snapshot((reader) => current(reader, 'b')))).toBe(7)
})

it('an error or an answer without a change is never of what is remembered alone', async () => {
  const [{ store }, other] = await twoProcesses()
  await write(store, put('a', { count: 1 }))
  await write(other.store, put('a', { count: 2 }))
  const refusing = (count: number): Promise<unknown> =>
    store.transaction(async (writer) => {
      const found = countOf(await current(writer, 'a'))
      if (found !== count) throw fail('conflict', `It is ${found}`)
      return found
    })
  expect(await refusing(2)).toBe(2)
  await write(other.store, put('a', { count: 3 }))
  await expect(refusing(2)).rejects.toThrow('It is 3')
})

it('reads what it wrote, twice over, and a resource that is new', async () => {
  const [{ store }] = await twoProcesses()
  const seen = await store.transaction(async (writer) => {
    await writer.write(put('new', { count: 1 }))
    const first = await current(writer, 'new')
    await writer.write(put('new', { count: countOf(first) + 1 }))
    return [first?.versionId, (await current(writer, 'new'))?.versionId, ...(await writer.versions([key('new')]))]
  })
  expect(seen).toEqual(['1', '2', '2'])
  const versions = await store.snapshot((reader) =>
    Promise.all(['1', '2', '3'].map((id) => reader.vread(key('new'), id))),
  )
  expect(versions.map((version) => version && countOf(version))).toEqual([1, 2, undefined])
  const { matches } = await store.snapshot((reader) =>
    reader.search({ type: 'Basic', parameters: [], handling: 'strict', defaultCount: 9, maxCount: 9 }),
  )
  expect(matches.map(countOf)).toEqual([2])
})

it('of two that read the same two and each write one, the later one reads what the earlier one wrote', async () => {
  const [one, other] = await twoProcesses()
  for (const id of ['a', 'b']) await write(one.store, put(id, { count: 1 }))
  // who is on call may leave as long as another is
  const leave = (store: Store, id: string): Promise<unknown> =>
    store.transaction(async (writer) => {
      const both = await writer.read([key('a'), key('b')])
      if (both.reduce((sum, version) => sum + countOf(version), 0) < 2) return undefined
      return writer.write(put(id, { count: 0 }))
    })
  for (let round = 0; round < 20; round += 1) {
    for (const id of ['a', 'b']) await write(one.store, put(id, { count: 1 }))
    await Promise.all([leave(one.store, 'a'), leave(other.store, 'b')])
    const left = await one.store.snapshot((reader) => reader.read([key('a'), key('b')]))
    expect(left.map(countOf).toSorted()).toEqual([0, 1])
  }
})

it('the lines for the audit are kept with the change, or not at all', async () => {
  const [{ store, flights }] = await twoProcesses()
  await store.transaction(async (writer) => {
    writer.record?.(['{"one":1}'])
    return writer.write(put('a'))
  })
  expect([flights, (await store.audit?.head())?.seq]).toEqual([[2], 1])
  const refused = store.transaction(async (writer) => {
    writer.record?.(['{"two":2}'])
    return writer.write(put('a', {}, { expected: { versionId: '9' } }))
  })
  await expect(refused).rejects.toThrow('expected 9')
  expect((await store.audit?.head())?.seq).toBe(1)
})

it('a deletion, a change of consents and a search are done in a transaction that holds', async () => {
  const [{ store, flights, held }] = await twoProcesses()
  await write(store, put('a', { count: 1 }))
  await write(store, { type: 'Basic', id: 'a', method: 'DELETE' })
  await write(store, put('a', { count: 2 }))
  await write(store, { type: 'Consent', id: 'c', method: 'PUT', resource: { resourceType: 'Consent', count: 0 } })
  expect([flights, held.count]).toEqual([[1], 3])
  expect(countOf(await store.snapshot((reader) => current(reader, 'a')))).toBe(2)
})

it('a change is written once where the connection is lost while it is', async () => {
  const [{ store }, other] = await twoProcesses()
  await write(store, put('a', { count: 0 }))
  const ends = Date.now() + 2_000
  const killing = async (): Promise<void> => {
    while (Date.now() < ends) {
      await other.database
        .snapshot(
          (session) =>
            session.rows({
              sql: 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
              parameters: [],
            }),
          'resource',
        )
        .catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
  }
  let [acknowledged, unsure] = [0, 0]
  const counting = async (): Promise<void> => {
    while (Date.now() < ends)
      await store
        .transaction(async (writer) => writer.write(put('a', { count: countOf(await current(writer, 'a')) + 1 })))
        .then(
          () => (acknowledged += 1),
          () => (unsure += 1),
        )
  }
  await Promise.all([killing(), counting(), counting()])
  const count = countOf(await other.store.snapshot((reader) => current(reader, 'a')))
  expect(acknowledged).toBeGreaterThan(10)
  expect(count).toBeGreaterThanOrEqual(acknowledged)
  expect(count).toBeLessThanOrEqual(acknowledged + unsure)
})
