/** What the routine of a server leaves in the tables of the index: exactly the rows of the current version. */

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgres } from '../../../../src/edge/store/sql/postgres.ts'
import { migrate } from '../../../../src/edge/store/sql/schema.ts'
import type { Database } from '../../../../src/edge/store/sql/session.ts'
import { sqlStore } from '../../../../src/edge/store/sql/sql-store.ts'
import type { JsonObject } from '../../../../src/fhir/types.ts'
import type { Store } from '../../../../src/ports.ts'
import { startPostgres, type Postgres } from '../sql/postgres.ts'
import { index } from './records.ts'

let postgres: Postgres
let database: Database
let store: Store
beforeAll(async () => {
  postgres = await startPostgres()
  database = await openPostgres(await postgres.database())
  await migrate(database, index)
  store = sqlStore(database, { index, now: () => '2026-01-01T00:00:00Z', maxCacheBytes: 1_000_000 })
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
})

const TABLES = {
  token: ['param', 'part', 'system', 'code'],
  string: ['param', 'part', 'start', 'value', 'exact'],
  reference: ['param', 'part', 'type', 'id', 'version', 'inner'],
  date: ['param', 'part', 'low', 'high'],
  number: ['param', 'part', 'low', 'high', 'system', 'code', 'unit'],
} as const

/** The rows of a resource in each table, sorted. */
async function rowsIn(name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const entries = Object.entries(TABLES).map(async ([table, columns]) => {
    const list = columns.map((column) => `"${column}"`).join(', ')
    const query = { sql: `select ${list} from search_${table} where rid = (select rid from resource where name = $1)`, parameters: [name] } // prettier-ignore
    const rows = await database.snapshot((session) => session.rows<Readonly<Record<string, unknown>>>(query))
    return [table, rows.map((row) => JSON.stringify(columns.map((column) => row[column]))).sort()] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

const word = fc.constantFrom('a', 'b', 'Ä', "o'k", '1.50', 'x y')
const identifier = fc.record({ system: fc.constantFrom('urn:a', 'urn:b'), value: word })
const observation: fc.Arbitrary<JsonObject> = fc.record({
  resourceType: fc.constant('Observation'),
  status: fc.constantFrom('final', 'amended'),
  identifier: fc.array(identifier, { maxLength: 3 }),
  code: fc.record({ text: word, coding: fc.array(fc.record({ system: fc.constant('urn:c'), code: word }), { maxLength: 2 }) }), // prettier-ignore
  subject: fc.record({ reference: fc.constantFrom('Patient/a', 'Patient/b', 'https://elsewhere.example/Patient/c') }),
  effectiveDateTime: fc.constantFrom('2026', '2026-03', '2026-03-01T10:00:00Z'),
  valueQuantity: fc.record({ value: fc.constantFrom(1, 0.1, 1e-7), unit: word, code: word, system: fc.constant('urn:u') }), // prettier-ignore
})
const step = fc.record({ resource: observation, way: fc.constantFrom('put', 'put', 'held', 'deleted') })

function write(
  id: string,
  { resource, way }: { readonly resource: JsonObject; readonly way: string },
): Promise<unknown> {
  return store.transaction(async (writer) => {
    // what asks so cannot be done without holding, and tells nothing of what it indexed
    if (way === 'held') await writer.holdOf?.({ type: 'Observation', id })
    const address = { type: 'Observation', id }
    if (way === 'deleted' && (await writer.read([address]))[0] !== undefined)
      return writer.write({ ...address, method: 'DELETE' })
    return writer.write({ ...address, method: 'PUT', resource: { ...resource, resourceType: 'Observation' } })
  })
}

it('whatever was there, and whoever wrote it, the rows are those of a resource that is new', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), observation, async (steps, resource) => {
      const [changed, fresh] = [`changed-${(count += 1)}`, `fresh-${count}`]
      for (const one of steps) await write(changed, one)
      await write(changed, { resource, way: 'put' })
      await write(fresh, { resource, way: 'held' })
      const [rows, expected] = [await rowsIn(`Observation/${changed}`), await rowsIn(`Observation/${fresh}`)]
      expect(rows).toEqual(expected)
      expect(rows['token']?.length).toBeGreaterThan(2)
    }),
    { numRuns: 60 },
  )
})

it('a resource that a search cannot find by what it says no more is not found, and by what it says now it is', async () => {
  const at = { type: 'Patient', id: 'moved' }
  const written = (family: string): Promise<unknown> =>
    store.transaction((writer) =>
      writer.write({ ...at, method: 'PUT', resource: { resourceType: 'Patient', name: [{ family }] } }),
    )
  const found = async (name: string): Promise<number> => {
    const request = { type: 'Patient', parameters: [['family', name]], handling: 'strict', defaultCount: 9, maxCount: 9 } as const // prettier-ignore
    return (await store.snapshot((reader) => reader.search(request))).matches.length
  }
  await written('Alt')
  await written('Neu')
  expect([await found('alt'), await found('neu')]).toEqual([0, 1])
})
