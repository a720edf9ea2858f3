/** HL7's validator finds summaries clean: those of synthetic patients, and those of real records as far as the records are. */

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
  readonly issues: readonly { readonly severity: string; readonly messageId?: string; readonly offline?: boolean; readonly policy?: boolean }[] // prettier-ignore
}

/** Kinds of error that come of what another error makes: a slice, a reference or a profile that does not match. */
const FOLLOWING =
  /^(Reference_REF_CantMatchChoice|Validation_VAL_Profile_(Minimum|NoMatch).*|VALIDATION_VAL_PROFILE_MINIMUM.*)$/

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
      const summary = await summaryOf(record, guide, { design, date: DATE }).catch(() => undefined)
      if (summary !== undefined) writeFileSync(join(own, `${record.name}.json`), stringify(summary.bundle))
    }
    return ask<Verdict>('hl7', ['--ig', `hl7.fhir.uv.ips#${version}`, '--profile', BUNDLE, own])
  }

  it.each(['2.0.0', '1.1.0'] as const)('are clean by IPS %s where the patient is synthetic', async (version) => {
    const verdicts = await judged(syntheticRecords(), version)
    expect(verdicts).toHaveLength(40)
    expect(verdicts.filter(({ clean }) => !clean).map(({ file }) => file)).toEqual([])
  })

  it('have no kind of error that the record did not bring along', async () => {
    const records = summaryRecords()
    const before = join(folder, 'records')
    mkdirSync(before)
    for (const { name, bundle } of records) writeFileSync(join(before, `${name}.json`), stringify(bundle))
    const kinds = kindsByFile(ask<Verdict>('hl7', [before]))
    const verdicts = await judged(records, '2.0.0')
    expect(verdicts.length).toBeGreaterThan(90)
    const added = [...kindsByFile(verdicts)].flatMap(([file, own]) => {
      const brought = kinds.get(file) ?? new Set()
      const isFaulty = brought.size > 0
      return [...own].filter((kind) => !brought.has(kind) && !(isFaulty && FOLLOWING.test(kind))).map((kind) => `${file} ${kind}`) // prettier-ignore
    })
    expect(added).toEqual([])
  })
})

function kindsByFile(verdicts: readonly Verdict[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    verdicts.map(({ file, issues }) => {
      const errors = issues.filter(
        ({ severity, offline, policy }) => /error|fatal/.test(severity) && !offline && !policy,
      )
      return [file.split('/').at(-1) ?? '', new Set(errors.map(({ messageId = '' }) => messageId))]
    }),
  )
}
