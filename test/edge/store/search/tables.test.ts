import { describe, expect, it } from 'vitest'
import { migrate } from '../../../../src/edge/store/sql/schema.ts'
import { openSqliteMemory } from '../../../../src/edge/store/sql/sqlite.ts'
import { index, plansIn } from './records.ts'

/** A table read as a whole, or all of a type or parameter for each row of another, by what queries call the tables. */
const SCANNED = /^SCAN (?:t\d+|[rfsit]|compartment)$|^SEARCH (?:t\d+|[st]) USING .* \((?:type|param)=\?\)$/

/** What each statement of a search does. */
async function plansOf(type: string, query: string): Promise<readonly string[]> {
  const database = openSqliteMemory()
  await migrate(database, index)
  const plans = await plansIn(database, type, query)
  await database.close()
  return plans.flat()
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
