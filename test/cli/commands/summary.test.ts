/** `summary`: the record from a file or a folder, by id, URL or identifier, and what is refused. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, Composition } from '../../../src/fhir/types.ts'
import { PATIENT, RECORD, storing } from '../../record.ts'
import { newFolder, running, type Ran } from '../running.ts'

const folder = newFolder()
const bundle = join(folder, 'record.json')
const lines = join(folder, 'record.ndjson')
const packed = join(folder, 'record.ndjson.gz')
const carried = join(folder, 'carried.ndjson.gz')

beforeAll(() => {
  const ndjson = RECORD.map((resource) => `${JSON.stringify(resource)}\n`).join('')
  const others = { ...PATIENT, id: 'q' }
  writeFileSync(bundle, JSON.stringify(storing(RECORD)))
  writeFileSync(lines, ndjson)
  writeFileSync(packed, gzipSync(ndjson))
  writeFileSync(carried, gzipSync(`${JSON.stringify(storing(RECORD))}\n${JSON.stringify(storing([others]))}\n`))
})

function compositionIn({ out }: Ran): Composition {
  return (JSON.parse(out) as Bundle).entry?.[0]?.resource as Composition
}

function problemsIn(ran: Ran): number | undefined {
  return compositionIn(ran).section?.[0]?.entry?.length
}

describe('summary', () => {
  it.each([['a Bundle', bundle], ['lines', lines], ['packed lines', packed], ['Bundles a line each', carried]])(
    'is of a record in %s',
    async (_what, source) => {
      const ran = await running(['summary', 'Patient/p', '--source', source])
      expect([ran.exit, problemsIn(ran)]).toEqual([0, 2])
    },
  ) // prettier-ignore

  it('knows the patient by an identifier, and by a URL', async () => {
    const byIdentifier = await running(['summary', 'urn:oid:1.2.3|4711', '--source', bundle])
    const byUrl = await running(['summary', 'https://records.example/fhir/Patient/p', '--source', bundle])
    expect([problemsIn(byIdentifier), problemsIn(byUrl)]).toEqual([2, 2])
  })

  it('writes the document and a receipt of the whole record', async () => {
    const [out, receipt] = [join(folder, 'summary.xml'), join(folder, 'receipt.json')]
    const { exit } = await running(['summary', 'p', '--source', bundle, '--out', out, '--receipt', receipt])
    expect([exit, readFileSync(out, 'utf8').includes('<Bundle')]).toEqual([0, true])
    const { record } = JSON.parse(readFileSync(receipt, 'utf8')) as { record: { source: string; reason: string }[] }
    expect(record.find(({ source }) => source.includes('Condition/c4'))?.reason).toBe('it was refuted')
  })

  it('is by the profile, in the language, and attested by the reviewer that are named', async () => {
    const profile = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips|1.1.0'
    const ran = await running(['summary', 'p', '--source', bundle, '--profile', profile, '--lang', 'de', '--reviewer', 'Practitioner/d']) // prettier-ignore
    expect(compositionIn(ran)).toMatchObject({ meta: { profile: [profile] }, language: 'de', status: 'final' })
    expect(compositionIn(ran).section?.map(({ title }) => title)).toContain('Medikationsübersicht')
  })

  it('is refused without a source, without the patient, and for an unknown profile', async () => {
    expect((await running(['summary', 'p'])).exit).toBe(2)
    const nobody = await running(['summary', 'Patient/nobody', '--source', bundle])
    expect([nobody.exit, nobody.err]).toEqual([1, expect.stringContaining('in no source')])
    const other = await running(['summary', 'p', '--source', bundle, '--profile', 'https://records.example/other'])
    expect([other.exit, other.err]).toEqual([2, expect.stringContaining('Composition-uv-ips|2.0.0')])
  })
})
