/** HL7's validator finds summaries clean: those of synthetic patients, and those of real records, all but the few that lack what nobody may invent. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from '../../src/fhir/json.ts'
import { corpusDir } from '../corpus/corpus.ts'
import { summaryOf, summaryRecords, syntheticRecords, type RecordBundle } from '../corpus/summaries.ts'
import { openDesign } from '../design.ts'
import { guideNamed } from '../guides.ts'
import { ask, judgesDir } from './judge.ts'

const BUNDLE = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips'
const DATE = '2026-03-15T10:00:00Z'

interface Verdict {
  readonly file: string
  readonly clean: boolean
}

/**
 * Records that no summary can be made of without a lie or a fault: the clinical status of an allergy or a problem is not
 * recorded, and the guide, of allergies FHIR itself, takes nothing but one of its codes.
 */
const UNRECORDED = {
  '2.0.0': ['AR_Repository_Example_01'],
  '1.1.0': [
    'AR_Repository_Example_01',
    'matchbox_4-1-minimal-ips',
    'matchbox_4-2-minimal-ips-nomedication',
    'matchbox_4-3-minimal-ips-nobirthdate',
    'EPS_2.0.0+20260318__Bundle-4d428997-35e1-431f-83fb-76ff083b605c',
    'EPS_2.0.0+20260318__Bundle-cc778f65-4086-4438-b804-9c3cab9d9414',
  ],
} as const

describe.skipIf(judgesDir === undefined || corpusDir === undefined)('summaries before the validator of HL7', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-judges-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  async function judged(records: readonly RecordBundle[], version: '2.0.0' | '1.1.0'): Promise<readonly Verdict[]> {
    const design = await openDesign()
    const guide = guideNamed(`ips-${version}`, design)
    const own = join(folder, `${records[0]?.name}-${version}`)
    mkdirSync(own)
    for (const record of records) {
      const { bundle } = await summaryOf(record, guide, { design, date: DATE })
      writeFileSync(join(own, `${record.name}.json`), stringify(bundle))
    }
    return ask<Verdict>('hl7', ['--ig', `hl7.fhir.uv.ips#${version}`, '--profile', BUNDLE, own])
  }

  it.each(['2.0.0', '1.1.0'] as const)('are clean by IPS %s where the patient is synthetic', async (version) => {
    const verdicts = await judged(syntheticRecords(), version)
    expect(verdicts).toHaveLength(40)
    expect(verdicts.filter(({ clean }) => !clean).map(({ file }) => file)).toEqual([])
  })

  it.each(['2.0.0', '1.1.0'] as const)(
    'are clean by IPS %s where the record is what a summary was',
    async (version) => {
      const verdicts = await judged(summaryRecords(), version)
      expect(verdicts).toHaveLength(111)
      const unclean = verdicts.filter(({ clean }) => !clean).map(({ file }) => file)
      const known: readonly string[] = UNRECORDED[version]
      expect(unclean.filter((file) => !known.some((name) => file.includes(name)))).toEqual([])
      expect(unclean).toHaveLength(known.length)
    },
  )
})
