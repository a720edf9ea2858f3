/** What is noted of lists that come again is what is noted of their versions one by one. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { namesIn, newUnit, notedReader, noteVersion, type Noting, type Unit } from '../../src/audit/notes.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { StoreReader, Version } from '../../src/ports.ts'

const patientsOf: Noting['patientsOf'] = ({ id = '' }) => [`Patient/${Number(id) % 3}`]
const noting = { patientsOf, isSearchSeen: false }

function version(id: number, versionId: string): Version {
  const named = { type: 'Basic', id: String(id), versionId, lastUpdated: '2026-01-01T00:00:00Z' }
  // every seventh is deleted by its second version
  if (id % 7 === 0 && versionId === '2') return { ...named, method: 'DELETE' }
  return { ...named, method: 'PUT', text: '{}', resource: frozen({ resourceType: 'Basic', id: String(id) }) }
}

const VERSIONS: readonly Version[] = ['1', '2'].flatMap((number) =>
  Array.from({ length: 15 }, (_, id) => version(id, number)),
)

/** Lists that share versions and beginnings, some with gaps. */
const list = fc.oneof(
  fc.constantFrom(VERSIONS.slice(0, 12), VERSIONS.slice(1, 12), VERSIONS.slice(0, 14), VERSIONS.slice(15, 27)),
  fc.array(fc.constantFrom(undefined, ...VERSIONS), { maxLength: 12 }),
)

async function notedAsLists(lists: readonly (readonly (Version | undefined)[])[]): Promise<Unit> {
  const unit = newUnit()
  let next = 0
  const inner = { read: () => Promise.resolve(lists[next++] ?? []) } as unknown as StoreReader
  const reader = notedReader(inner, unit, noting)
  for (const _ of lists) await reader.read([])
  return unit
}

function notedOneByOne(lists: readonly (readonly (Version | undefined)[])[]): Unit {
  const unit = newUnit()
  for (const one of lists.flat()) if (one !== undefined) noteVersion(unit, one, noting)
  return unit
}

it('is the same in the same order, each name once, whatever was read before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(list, { maxLength: 5 }), async (lists) => {
      const [unit, expected] = [await notedAsLists(lists), notedOneByOne(lists)]
      expect(namesIn(unit)).toEqual([...expected.what])
      expect([...unit.patients]).toEqual([...expected.patients])
    }),
    { numRuns: 500 },
  )
})

it('is told of the very same list again', async () => {
  const all = VERSIONS.slice(15, 20).concat(VERSIONS.slice(1, 7))
  for (const again of [1, 2]) {
    const unit = await notedAsLists([all, all])
    expect(namesIn(unit), `time ${again}`).toEqual([...notedOneByOne([all]).what])
  }
})
