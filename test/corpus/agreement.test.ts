/** Our verdict agrees with the one that HL7's validator gave of the same documents, and every disagreement has a reason. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check, compileChecks, type Checks } from '../../src/check/check.ts'
import { loadDefinitions, type FhirVersion } from '../../src/edge/packages.ts'
import { FhirError } from '../../src/fhir/error.ts'
import type { Issue } from '../../src/fhir/issue.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import { agreement, verdicts, type Agreement, type Difference } from './agreement.ts'
import { corpusDir, counts } from './corpus.ts'

const judgesDir = process.env['JUDGES_DIR']
if (judgesDir === undefined) console.log('The agreement is not measured: JUDGES_DIR names no folder')

const all = corpusDir === undefined ? [] : verdicts(judgesDir)

/** What we find and the judge does not look for, or says of another place. */
const REASONS: Readonly<Record<string, string>> = {
  'same-subject': 'a resource about another patient is an error here, as mixed patients are the gravest hazard',
  'attachment-left': 'a document holds the Binary that its attachments name, documents.html#content',
  'system-known':
    'the judge does not look at a coding where it has found the language of the document, or its list, to be wrong',
  'profile-required-binding':
    'the profile binds the value of each component to units as required, https://hl7.org/fhir/R4/bp.html; the judge does not look where the language is wrong',
  'system-absolute': 'Coding.system is an absolute URI, https://hl7.org/fhir/R4/datatypes.html#Coding',
  'composition-reference':
    'what the Composition refers to is in the document, https://hl7.org/fhir/R4/documents.html#content',
  'required-coding': 'the binding of the element is required, https://hl7.org/fhir/R4/terminologies.html#required',
  'link-fragment': 'a link with a fragment names an element by its id, https://hl7.org/fhir/R4/narrative.html#id',
}

/** What the judge finds and we do not, by its message. */
const MISSED: Readonly<Record<string, string>> = {
  Type_Specific_Checks_DT_OID_Valid: 'urn:oid:2.999 is an OID by https://hl7.org/fhir/R4/datatypes.html#oid',
  'Element must have some content': 'the judge names the place in the XML; we name the element',
  'AllergyIntolerance#ait-1': 'a status that is a text and no object is told as that',
  DUPLICATE_ID: 'of two elements with one id we name the second in the text, the judge the second in the definition',
  BUNDLE_BUNDLE_ENTRY_FOUND_MULTIPLE: 'meta.source is no reference of the document',
  Validation_VAL_Profile_Minimum_SLICE:
    'a profile without version is the latest at hand, IPS 2.0.0; the judge had IPS 1.1.0 alone',
}

function issuesOf(file: string, checks: Checks): readonly Issue[] {
  const bytes = readFileSync(join(corpusDir ?? '', file))
  try {
    const resource = file.endsWith('.xml') ? parseXml(bytes, checks.definitions.model) : parseJson(bytes)
    return isBundle(resource) ? check(resource, checks) : []
  } catch (error) {
    if (error instanceof FhirError) return error.issues.map((issue) => ({ ...issue, expression: 'Bundle' }))
    throw error
  }
}

/** The rules of documents themselves: none of these may be missed. */
const OF_DOCUMENTS = /^(?:.*#)?(?:bdl|cmp|ref|dom|txt)-\d+/

function told(name: string, found: Agreement): string {
  const { documents, same, both, missed, added, different } = found
  const ratio = (part: number, rest: number): string => `${((100 * part) / Math.max(1, part + rest)).toFixed(1)} %`
  return [
    `${name}: the same verdict on ${same} of ${documents} documents (${ratio(same, documents - same)})`,
    `  of its errors we find ${ratio(both, missed.length)} (${both} of ${both + missed.length}), of ours it has ${ratio(both, added.length)}`,
    `  missed\n${counts(missed.map((one) => withReason(byRule(one), missedReason(one))))}`,
    `  added\n${counts(added.map((one) => withReason(byRule(one), REASONS[one.rule])))}`,
    ...different.map(
      ({ file, clean }) =>
        `  ${clean ? 'only we find errors in' : 'only the judge finds errors in'} ${file}: ${reasonsOf(file, found).join('; ')}`,
    ),
  ].join('\n')
}

function withReason(rule: string, reason: string | undefined): string {
  return reason === undefined ? rule : `${rule}: ${reason}`
}

function missedReason({ rule, text }: Difference): string | undefined {
  return Object.entries(MISSED).find(([key]) => rule.endsWith(key) || text.startsWith(key))?.[1]
}

function byRule({ rule, text }: Difference): string {
  return rule === '' ? text.replaceAll(/'[^']*'/g, '…').slice(0, 80) : rule.replace(/^.*#/, '')
}

function reasonsOf(file: string, { missed, added }: Agreement): readonly string[] {
  const own = [...missed, ...added].filter((one) => one.file === file)
  return [...new Set(own.map((one) => `${byRule(one)} at ${one.expression}`))].slice(0, 3)
}

const EU = ['hl7.fhir.eu.base-2026-04-17', 'hl7.fhir.eu.extensions.r4-2026-03-03']
const IPS = 'http://hl7.org/fhir/uv/ips/'

/** Packages beside those of the build, by the guide that the judge had: folders of the corpus. */
const GUIDES: Readonly<Record<string, readonly string[]>> = {
  'hl7.fhir.uv.ips#2.0.0': [],
  'hl7.fhir.uv.ips#1.1.0': ['hl7.fhir.uv.ips-1.1.0'],
  'hl7.fhir.eu.eps#1.0.0': ['hl7.fhir.eu.eps-2026-02-20', ...EU],
  'hl7.fhir.eu.hdr#0.1.0-ballot': ['hl7.fhir.eu.hdr-2026-06-26', 'hl7.fhir.eu.laboratory-2026-05-12', ...EU],
  'hl7.fhir.eu.laboratory#2.0.0': ['hl7.fhir.eu.laboratory-2026-05-12', ...EU],
}

interface Least {
  readonly same: number
  readonly recall: number
  readonly precision: number
}

const MOST = { same: 0.98, recall: 0.95, precision: 0.95 } as const

const runs: readonly (readonly [FhirVersion, string | null, Least])[] = [
  ['4.0.1', null, MOST],
  ['5.0.0', null, MOST],
  ['4.0.1', 'hl7.fhir.uv.ips#2.0.0', MOST],
  // two documents of IPS 2.0.0 that name no version: see MISSED
  ['4.0.1', 'hl7.fhir.uv.ips#1.1.0', { ...MOST, same: 0.89 }],
  ['4.0.1', 'hl7.fhir.eu.eps#1.0.0', MOST],
  ['4.0.1', 'hl7.fhir.eu.hdr#0.1.0-ballot', MOST],
  ['4.0.1', 'hl7.fhir.eu.laboratory#2.0.0', MOST],
]

describe.skipIf(all.length === 0)('the verdicts of HL7 on the documents of the corpus', () => {
  it.each(runs)('are ours, for FHIR %s and the guide %s', async (fhirVersion, ig, least) => {
    const profiles = (GUIDES[ig ?? ''] ?? []).map((name) => join(corpusDir ?? '', 'definitions', name))
    const checks = compileChecks(await loadDefinitions({ fhirVersion, profiles }))
    const recorded = all.filter((verdict) => verdict.ig === ig && verdict.fhir === fhirVersion)
    const found = agreement(recorded, ({ file }) => {
      // a judge without a guide does not know the profiles of one
      return issuesOf(file, checks).filter(({ profile = '' }) => ig !== null || !profile.startsWith(IPS))
    })
    console.log(told(`FHIR ${fhirVersion}${ig === null ? '' : ` with ${ig}`}`, found))
    const { documents, same, both, missed, added } = found
    expect(documents).toBeGreaterThan(0)
    expect(same / documents).toBeGreaterThanOrEqual(least.same)
    expect(both / (both + missed.length)).toBeGreaterThanOrEqual(least.recall)
    expect(both / (both + added.length)).toBeGreaterThanOrEqual(least.precision)
    expect(missed.filter(({ rule }) => OF_DOCUMENTS.test(rule))).toEqual([])
  })
})
