import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../../src/edge/store/open-store.ts'
import { searchIndex } from '../../../../src/edge/store/search/search-index.ts'
import type { SearchModel } from '../../../../src/edge/store/search/definitions.ts'
import { find, index, RECORDS, search, writeAll } from './records.ts'

const folder = mkdtempSync(join(tmpdir(), 'reindexing-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As if family names had not been known. */
function withoutFamily({ definitions, ...rest }: SearchModel): SearchModel {
  const { family: _family, ...patient } = definitions.types['Patient'] ?? {}
  return {
    ...rest,
    definitions: { ...definitions, digest: 'other', types: { ...definitions.types, Patient: patient } },
  }
}

describe('a store that was indexed by other definitions', () => {
  it('is indexed again when it is opened, all of it', async () => {
    const url = `sqlite:${join(folder, 'store.db')}`
    const many = Array.from({ length: 1200 }, (_one, place) => ({ resourceType: 'Patient', id: `p${place}`, name: [{ family: 'Viele' }] })) // prettier-ignore
    const older = await openStore(url, {
      index: searchIndex(withoutFamily(search), { now: () => '2026-03-01T00:00:00Z' }),
    })
    await writeAll(older, [...RECORDS, ...many])
    await expect(find(older, 'Patient?family=viele')).rejects.toThrow('not supported')
    await older.close()
    const newer = await openStore(url, { index })
    expect((await find(newer, 'Patient?family=viele')).result.total).toBe(1200)
    expect((await find(newer, 'Patient?name=anna')).found).toEqual(['Patient/anna'])
    expect((await find(newer, 'Bundle?composition.patient.identifier=in-document')).found).toEqual(['Bundle/document'])
    await newer.close()
  })

  it('is left as it is where the definitions are the same', async () => {
    const url = `sqlite:${join(folder, 'same.db')}`
    const first = await openStore(url, { index })
    await writeAll(first, RECORDS)
    await first.close()
    let writes = 0
    const counted = { ...index, write: () => Promise.resolve(void (writes += 1)) }
    const again = await openStore(url, { index: counted })
    expect((await find(again, 'Patient?name=anna')).found).toEqual(['Patient/anna'])
    expect(writes).toBe(0)
    await again.close()
  })
})
