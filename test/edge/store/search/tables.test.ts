import { describe, expect, it } from 'vitest'
import { migrate } from '../../../../src/edge/store/sql/schema.ts'
import { compiled, type Session } from '../../../../src/edge/store/sql/session.ts'
import { openSqliteMemory } from '../../../../src/edge/store/sql/sqlite.ts'
import { index } from './records.ts'

/** A table read as a whole, or all of a type or parameter for each row of another, by what queries call the tables. */
const SCANNED = /^SCAN (?:t\d+|[rfsit]|compartment)$|^SEARCH (?:t\d+|[st]) USING .* \((?:type|param)=\?\)$/

/** The plan of every statement of a search. */
async function plansOf(type: string, query: string): Promise<readonly string[]> {
  const database = openSqliteMemory()
  await migrate(database, index)
  const plans: string[] = []
  await database.snapshot(async (session) => {
    const explained: Session = {
      ...session,
      rows: async (asked) => {
        const { sql, parameters } = compiled(asked)
        const plan = await session.rows<{ detail: string }>({ sql: `explain query plan ${sql}`, parameters })
        plans.push(...plan.map(({ detail }) => detail))
        return session.rows(asked)
      },
    }
    const reader = { read: () => Promise.resolve([]) }
    const parameters = [...new URLSearchParams(query)]
    const request = { type, parameters, handling: 'strict', defaultCount: 10, maxCount: 10 } as const
    await index.search(request, { session: explained, reader })
  })
  await database.close()
  return plans
}

describe('the indexes of the tables', () => {
  it.each([
    ['Observation', ''],
    ['Observation', 'patient=1'],
    ['Observation', 'patient=1&_sort=-date'],
    ['Observation', 'code=http://loinc.org|1-1&date=ge2026'],
    ['Observation', 'date=2026-01'],
    ['Observation', 'code-value-quantity=1-1$gt5'],
    ['Observation', 'patient.identifier=urn:x|1'],
    ['Observation', '_sort=-_lastUpdated'],
    ['Patient', 'identifier=urn:x|1'],
    ['Patient', 'name=anna&gender=female'],
    ['Patient', '_has:Observation:patient:code=1-1'],
    ['Patient', '_has:Observation:patient:status:not=final&name=a'],
    ['Observation', 'patient.gender:not=male&code=1-1'],
    ['Bundle', 'identifier=urn:x|1'],
    ['Bundle', 'composition.patient.identifier=urn:x|1'],
  ])('serve %s?%s, no table is read as a whole', async (type, query) => {
    const plans = await plansOf(type, query)
    expect(plans.length).toBeGreaterThan(0)
    expect(plans.filter((plan) => SCANNED.test(plan))).toEqual([])
  })

  it('are those of the search, not those of the store alone', async () => {
    expect((await plansOf('Observation', 'patient=1')).join('\n')).toMatch(
      /SEARCH .* USING (?:COVERING )?INDEX search_/,
    )
  })
})
