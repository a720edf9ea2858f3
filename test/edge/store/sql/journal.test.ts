/** What snapshots know of the ones before them: never another version than the one that is current. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { journal, type Journal, type View } from '../../../../src/edge/store/sql/journal.ts'
import { sql, builder } from '../../../../src/edge/store/sql/query.ts'
import { migrate } from '../../../../src/edge/store/sql/schema.ts'
import type { Database, Session } from '../../../../src/edge/store/sql/session.ts'
import { openSqliteFile } from '../../../../src/edge/store/sql/sqlite.ts'
import { sqlStore } from '../../../../src/edge/store/sql/sql-store.ts'
import type { Store } from '../../../../src/ports.ts'
import { probeIndex } from './probe-index.ts'
import { put, write } from './stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'journal-'))
const open: Database[] = []
afterAll(async () => {
  for (const database of open) await database.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Opened {
  readonly database: Database
  readonly store: Store
}

let files = 0

/** The same file twice, as two processes have it. */
async function twoProcesses(): Promise<readonly [Opened, Opened]> {
  const path = join(folder, `${(files += 1)}.db`)
  const one = openSqliteFile(path)
  await migrate(one, probeIndex)
  const other = openSqliteFile(path)
  open.push(one, other)
  return [opened(one), opened(other)]
}

function opened(database: Database): Opened {
  const options = { index: probeIndex, now: () => '2026-01-01T00:00:00Z', maxCacheBytes: 100_000 }
  return { database, store: sqlStore(database, options) }
}

/** Every current version by SQL, learnt where anything is known of the state. */
async function learnAll(session: Session, view: View | undefined): Promise<ReadonlyMap<string, number>> {
  const query = sql<{ name: string; version: number }>`select name, version from resource`.compile(builder('sqlite'))
  const rows = await session.rows<{ name: string; version: number }>(query)
  view?.learn(rows)
  return new Map(rows.map(({ name, version }) => [name, version]))
}

function looked(database: Database, of: Journal): Promise<boolean> {
  return database.snapshot(async (session) => {
    const view = await of.view(session)
    const current = await learnAll(session, undefined)
    for (const [name, version] of current) expect([undefined, version]).toContain(view?.numberOf(name))
    await learnAll(session, view)
    for (const [name, version] of current) if (view !== undefined) expect(view.numberOf(name)).toBe(version)
    return view !== undefined
  })
}

it('whatever two processes write, what is known is what is current', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ who: fc.nat(1), id: fc.nat(3), isDeletion: fc.boolean(), looks: fc.nat(2) })),
      async (acts) => {
        const [one, other] = await twoProcesses()
        const known = journal()
        await write(one.store, put('first'))
        for (const { who, id, isDeletion, looks } of acts) {
          const { store } = who === 0 ? one : other
          const change = isDeletion ? { type: 'Basic', id: `b${id}`, method: 'DELETE' as const } : put(`b${id}`)
          await write(store, change).catch(() => undefined)
          for (let look = 0; look < looks; look += 1) expect(await looked(one.database, known)).toBe(true)
        }
      },
    ),
    { numRuns: 25 },
  )
})

it('an older snapshot knows nothing once another has seen a later state', async () => {
  const [{ database, store }] = await twoProcesses()
  const known = journal()
  await write(store, put('b'))
  await database.snapshot(async (session) => {
    const view = await known.view(session)
    view?.learn([{ name: 'Basic/b', version: 1 }])
    view?.learnProvenances('Basic/b', [])
    expect([view?.numberOf('Basic/b'), view?.provenances('Basic/b')]).toEqual([1, []])
    await write(store, put('b'))
    const seen = await database.snapshot(async (later) => (await known.view(later))?.numberOf('Basic/b'))
    expect([seen, view?.numberOf('Basic/b'), view?.provenances('Basic/b')]).toEqual([2, undefined, undefined])
    view?.learn([{ name: 'Basic/b', version: 1 }])
    expect(await database.snapshot(async (later) => (await known.view(later))?.numberOf('Basic/b'))).toBe(2)
  })
})

it('a Provenance that is written ends what is known of Provenances, another resource does not', async () => {
  const [{ database, store }] = await twoProcesses()
  const known = journal()
  await write(store, put('b'))
  const asked = (): Promise<unknown> =>
    database.snapshot(async (session) => (await known.view(session))?.provenances('Basic/b'))
  await database.snapshot(async (session) => (await known.view(session))?.learnProvenances('Basic/b', []))
  await write(store, put('c'))
  expect(await asked()).toEqual([])
  const provenance = { resourceType: 'Provenance' }
  await write(store, { type: 'Provenance', id: 'p', method: 'PUT', resource: provenance })
  expect(await asked()).toBeUndefined()
})

it.each(['Consent', 'PractitionerRole'])('a %s that is written ends what is known of consents', async (type) => {
  const [{ database, store }] = await twoProcesses()
  const known = journal()
  await write(store, put('b'))
  const asked = (): Promise<unknown> =>
    database.snapshot(async (session) => (await known.view(session))?.consents('Patient/p'))
  await database.snapshot(async (session) => (await known.view(session))?.learnConsents('Patient/p', []))
  await write(store, put('c'))
  expect(await asked()).toEqual([])
  await write(store, { type, id: 'one', method: 'PUT', resource: { resourceType: type } })
  expect(await asked()).toBeUndefined()
})

it('nothing is known where the last versions are gone and their numbers were given again', async () => {
  const [{ database, store }] = await twoProcesses()
  const known = journal()
  await write(store, put('a'))
  await write(store, put('b'))
  await database.snapshot(async (session) => (await known.view(session))?.learn([{ name: 'Basic/a', version: 1 }]))
  await database.transaction(async (session) => {
    for (const rows of [`probe where id = 'b'`, `resource where id = 'b'`, `version where name = 'Basic/b'`])
      await session.rows(sql.raw(`delete from ${rows}`).compile(builder('sqlite')))
  })
  await write(store, put('a'))
  await write(store, put('c'))
  const seen = (): Promise<unknown> =>
    database.snapshot(async (session) => (await known.view(session))?.numberOf('Basic/a'))
  expect(await seen()).toBeUndefined()
  expect(await looked(database, known)).toBe(true)
})
