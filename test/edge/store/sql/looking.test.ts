/** What looks know on a server where many write at once: never another state than the one that is seen. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looking, Torn, type Sight } from '../../../../src/edge/store/sql/looking.ts'
import { builder, sql } from '../../../../src/edge/store/sql/query.ts'
import type { Database, Session } from '../../../../src/edge/store/sql/session.ts'
import { sqlStore } from '../../../../src/edge/store/sql/sql-store.ts'
import type { Store } from '../../../../src/ports.ts'
import { migratedPostgres } from './migrated.ts'
import { probeIndex } from './probe-index.ts'
import { countOf, put, write } from './stores.ts'

const postgres = migratedPostgres()

async function emptyDatabase(): Promise<Database> {
  return postgres.opened(await postgres.database())
}

const pg = builder('postgres')
const rowsOf = <T>(session: Pick<Session, 'rows'>, text: string): Promise<readonly T[]> =>
  session.rows<T>(sql.raw(text).compile(pg))

/** Every current version by SQL. */
async function numbersIn(database: Database): Promise<ReadonlyMap<string, number>> {
  const text = 'select name, version from resource'
  const rows = await database.snapshot((session) => rowsOf<{ name: string; version: number }>(session, text))
  return new Map(rows.map(({ name, version }) => [name, version]))
}

/** A transaction that has written and goes on until it is told how to end. */
interface Going {
  readonly name: string
  readonly end: (isKept: boolean) => Promise<void>
}

async function going(database: Database, name: string): Promise<Going> {
  const written = Promise.withResolvers<void>()
  const ending = Promise.withResolvers<boolean>()
  const done = database
    .transaction(async (session) => {
      await rowsOf(
        session,
        `insert into version (name, type, version, last_updated, method)
        select '${name}', 'Basic', coalesce(max(version), 0) + 1, 0, 'PUT' from version where name = '${name}'`,
      )
      await rowsOf(
        session,
        `insert into resource (name, type, id, version, seq, last_updated, deleted)
        select name, type, name, version, seq, 0, 0 from version where name = '${name}' order by version desc limit 1
        on conflict (name) do update set version = excluded.version, seq = excluded.seq`,
      )
      written.resolve()
      if (!(await ending.promise)) throw new Error('rolled back')
    })
    .catch(() => undefined)
  await written.promise
  const end = (isKept: boolean): Promise<void> => {
    ending.resolve(isKept)
    return done
  }
  return { name, end }
}

const sightsOf = (database: Database): (() => Promise<Sight | undefined>) =>
  looking({ rows: (query) => database.snapshot((session) => session.rows(query), 'resource') })

async function sightOf(look: () => Promise<Sight | undefined>): Promise<Sight> {
  const sight = await look()
  if (sight === undefined) throw new TypeError('Nothing is known')
  return sight
}

const NAMES = ['Basic/a', 'Basic/b', 'Basic/c', 'Basic/d']
const nameAt = (place: number): string => NAMES[place % NAMES.length] ?? ''

type Step =
  | { readonly do: 'begin'; readonly at: number }
  | { readonly do: 'end'; readonly at: number; readonly isKept: boolean }
  | { readonly do: 'look' }
  | { readonly do: 'move'; readonly at: number; readonly names: readonly number[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), at: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), at: fc.nat(3), isKept: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), at: fc.nat(9), names: fc.array(fc.nat(3), { maxLength: 2 }) }) }, // prettier-ignore
)

interface Seeing {
  readonly sight: Sight
  /** By SQL, at the moment of its state. */
  truth: ReadonlyMap<string, number>
  readonly told: Map<string, number>
}

/** All that a sight tells is so in its state. */
function mustTell({ sight, truth, told }: Seeing): void {
  for (const name of NAMES) {
    const number = sight.numberOf(name)
    if (number === undefined) continue
    expect(number).toBe(truth.get(name) ?? 0)
    told.set(name, number)
  }
}

describe('whatever transactions begin and end in whatever order', () => {
  it('a sight tells what is current in its state, and moves on only where that is so still', async () => {
    const database = await emptyDatabase()
    let [known, torn] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
        const look = sightsOf(database)
        const under = new Map<string, Going>()
        const seeing: Seeing[] = []
        for (const one of steps) {
          const name = 'at' in one ? nameAt(one.at) : ''
          if (one.do === 'begin' && !under.has(name)) under.set(name, await going(database, name))
          if (one.do === 'end') {
            await under.get(name)?.end(one.isKept)
            under.delete(name)
          }
          if (one.do === 'look') {
            const sight = await sightOf(look)
            seeing.push({ sight, truth: await numbersIn(database), told: new Map() })
          }
          const moved = one.do === 'move' ? seeing[one.at % Math.max(1, seeing.length)] : undefined
          if (one.do === 'move' && moved !== undefined) {
            const truth = await numbersIn(database)
            const isSame = [...moved.told].every(([told, number]) => (truth.get(told) ?? 0) === number)
            const names = one.names.map(nameAt)
            const isMoved = await moved.sight.moveOn(names).then(
              () => true,
              (error: unknown) => {
                expect(error).toBeInstanceOf(Torn)
                return false
              },
            )
            expect(isMoved).toBe(isSame)
            if (isMoved) {
              moved.truth = truth
              for (const each of names) expect(moved.sight.numberOf(each)).toBe(truth.get(each) ?? 0)
              known += names.length
            } else {
              torn += 1
              seeing.splice(seeing.indexOf(moved), 1)
            }
          }
          for (const each of seeing) mustTell(each)
        }
        for (const { end } of under.values()) await end(false)
      }),
      { numRuns: 60 },
    )
    expect(known).toBeGreaterThan(20)
    expect(torn).toBeGreaterThan(0)
  })

  it('one that began first and ends last is seen', async () => {
    const database = await emptyDatabase()
    const look = sightsOf(database)
    const early = await going(database, 'Basic/early')
    await (await going(database, 'Basic/late')).end(true)
    const before = await sightOf(look)
    await before.moveOn(['Basic/early', 'Basic/late'])
    expect([before.numberOf('Basic/early'), before.numberOf('Basic/late')]).toEqual([0, 1])
    await early.end(true)
    const after = await sightOf(look)
    expect([after.numberOf('Basic/early'), after.numberOf('Basic/late')]).toEqual([1, 1])
    expect([before.numberOf('Basic/early'), before.numberOf('Basic/late')]).toEqual([0, 1])
    await expect(before.moveOn([])).rejects.toBeInstanceOf(Torn)
  })
})

it('what was asked of the store itself counts only where its kind did not change meanwhile', async () => {
  const database = await emptyDatabase()
  const look = sightsOf(database)
  const sight = await sightOf(look)
  await (await going(database, 'Basic/other')).end(true)
  await sight.moveOn([], 'provenances')
  sight.learn('provenances', 'Basic/b', [])
  expect((await sightOf(look)).answer('provenances', 'Basic/b')).toEqual([])
  const asking = await sightOf(look)
  await (await going(database, 'Provenance/p')).end(true)
  await expect(asking.moveOn([], 'provenances')).rejects.toBeInstanceOf(Torn)
  expect((await sightOf(look)).answer('provenances', 'Basic/b')).toBeUndefined()
  const careful = await sightOf(look)
  await (await going(database, 'Basic/other')).end(true)
  await expect(careful.moveOn([], 'anything')).rejects.toBeInstanceOf(Torn)
})

it('nothing is known for a while where more was written than a look shows', async () => {
  const database = await emptyDatabase()
  const look = sightsOf(database)
  const sight = await sightOf(look)
  await rowsOf(
    { rows: (query) => database.transaction((session) => session.rows(query)) },
    `insert into version
    (name, type, version, last_updated, method) select 'Basic/m' || n, 'Basic', 1, 0, 'PUT' from generate_series(1, 600) as n`,
  )
  await expect(sight.moveOn([])).rejects.toBeInstanceOf(Torn)
  expect(await look()).toBeUndefined()
})

/** A store over a database as it is where nothing is remembered of what is current. */
function forgetful({ together, ...database }: Database): Store {
  expect(together).toBeTypeOf('function')
  return sqlStore(database, { index: probeIndex, now: () => '2026-01-01T00:00:00Z', maxCacheBytes: 0 })
}

describe('stores of two processes and one that remembers nothing', () => {
  const ACCOUNTS = Array.from({ length: 6 }, (_, place) => ({ type: 'Basic', id: `account-${place}` }))

  async function moveSome(store: Store, random: () => number): Promise<readonly string[]> {
    const [from, to] = [0, 1].map(() => ACCOUNTS[Math.floor(random() * ACCOUNTS.length)] ?? { type: '', id: '' })
    if (from === undefined || to === undefined || from.id === to.id) return []
    return store.transaction(async (writer) => {
      const [one, other] = await writer.read([from, to])
      const amount = Math.floor(random() * 5)
      const written = [
        await writer.write(put(from.id, { count: countOf(one) - amount })),
        await writer.write(put(to.id, { count: countOf(other) + amount })),
      ]
      return written.map(({ id, versionId }) => `${id} ${versionId}`)
    })
  }

  it('agree on states that are whole and never older than what was acknowledged before', async () => {
    const url = await postgres.database()
    const options = { index: probeIndex, now: () => '2026-01-01T00:00:00Z', maxCacheBytes: 1_000_000 }
    const [one, other, plain] = [await postgres.opened(url), await postgres.opened(url), await postgres.opened(url)]
    const stores = [sqlStore(one, options), sqlStore(other, options), forgetful(plain)]
    const [first] = stores
    for (const { id } of ACCOUNTS) await write(first ?? forgetful(plain), put(id, { count: 100 }))
    const acknowledged = new Map(ACCOUNTS.map(({ id }) => [id, 1]))
    const ends = Date.now() + 4_000
    let reads = 0
    const writing = async (store: Store): Promise<void> => {
      while (Date.now() < ends)
        for (const line of await moveSome(store, Math.random)) {
          const [id = '', number] = line.split(' ')
          acknowledged.set(id, Math.max(Number(number), acknowledged.get(id) ?? 0))
        }
    }
    const reading = async (store: Store): Promise<void> => {
      while (Date.now() < ends) {
        const before = new Map(acknowledged)
        await store.snapshot(async (reader) => {
          const half = await reader.read(ACCOUNTS.slice(0, 3))
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 4))
          const all = await reader.read(ACCOUNTS)
          expect(all.slice(0, 3).map((version) => version?.versionId)).toEqual(
            half.map((version) => version?.versionId),
          )
          expect(all.reduce((sum, version) => sum + countOf(version), 0)).toBe(100 * ACCOUNTS.length)
          for (const version of all)
            expect(Number(version?.versionId)).toBeGreaterThanOrEqual(before.get(version?.id ?? '') ?? 0)
          expect(await reader.versions(ACCOUNTS)).toEqual(all.map((version) => version?.versionId))
        })
        reads += 1
      }
    }
    await Promise.all([...stores.map(writing), ...stores.flatMap((store) => [reading(store), reading(store)])])
    expect(reads).toBeGreaterThan(50)
    const states = await Promise.all(stores.map((store) => store.snapshot((reader) => reader.read(ACCOUNTS))))
    const texts = states.map((versions) => versions.map((version) => version?.text))
    expect(texts[0]).toEqual(texts[2])
    expect(texts[1]).toEqual(texts[2])
  })
})
