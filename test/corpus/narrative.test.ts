/** Every narrative of the real documents becomes harmless with all its text, and is judged as HL7's validator judged it. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { narrativesIn, type ReadNarrative } from '../../src/check/narrative-read.ts'
import { documentFindings } from '../../src/check/document-findings.ts'
import { narrativeRules } from '../../src/check/narrative.ts'
import { subjectOf } from '../../src/check/subject.ts'
import type { Definitions } from '../../src/fhir/definitions.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { textOf } from '../../src/fhir/xhtml.ts'
import { harmless } from '../../src/render/narrative.ts'
import { judgesDir } from '../judges/judge.ts'
import { harmOf } from '../render/harm.ts'
import { innocentText, pageText, visible } from '../render/innocent.ts'
import { corpusDir, counts, documents } from './corpus.ts'

function narrativesOf({ entry = [] }: Bundle): readonly ReadNarrative[] {
  return entry.flatMap(({ resource }, index) =>
    resource === undefined ? [] : narrativesIn(resource, `Bundle.entry[${index}].resource`),
  )
}

describe.skipIf(corpusDir === undefined)('the narratives of the corpus', () => {
  const all = documents()

  it('become harmless, well-formed XHTML with all their text, to the letter where nothing was taken away', () => {
    const outcomes: string[] = []
    const wrong: string[] = []
    for (const { path, bundle } of all) {
      for (const { div, expression } of narrativesOf(bundle)) {
        const { xhtml, issues } = harmless(div, { expression, prefix: 'n', headingLevel: 2 })
        const isWhole = issues.every(({ severity }) => severity === 'information')
        outcomes.push(isWhole ? 'whole' : [...new Set(issues.map(({ rule }) => rule))].join(' '))
        const isThere = isWhole
          ? textOf(xhtml).trim() === textOf(div).trim()
          : visible(pageText(xhtml)) === visible(innocentText(div))
        wrong.push(
          ...harmOf(xhtml).map((harm) => `${path} ${expression}: ${harm}`),
          ...(isThere ? [] : [`${path} ${expression}: lost text`]),
        )
      }
    }
    console.log(`narratives: ${outcomes.length} in ${all.length} documents\n${counts(outcomes)}`)
    expect(outcomes.length).toBeGreaterThan(3000)
    expect(wrong).toEqual([])
  })

  const verdicts = join(judgesDir ?? '', 'verdicts/documents.json.gz')
  it.skipIf(judgesDir === undefined || !existsSync(verdicts))(
    'have the faults that HL7’s validator found, and no other errors',
    () => {
      const theirs = faultsFound(JSON.parse(gunzipSync(readFileSync(verdicts)).toString()) as readonly Verdict[])
      const missed: string[] = []
      const added: string[] = []
      const agreed: string[] = []
      for (const { path, bundle } of all) {
        const expected = theirs.get(path) ?? new Set()
        const found = new Set(errorsOf(bundle))
        for (const fault of expected) (found.has(fault) ? agreed : missed).push(`${path} ${fault}`)
        for (const fault of found) if (!expected.has(fault)) added.push(`${path} ${fault}`)
      }
      console.log(
        `narrative faults: ${agreed.length} as HL7 has them, ${missed.length} missed, ${added.length} of ours alone`,
      )
      expect(agreed.length).toBeGreaterThan(200)
      expect({ missed, added }).toEqual({ missed: [], added: [] })
    },
  )
})

interface Verdict {
  readonly file: string
  readonly ig: string | null
  readonly issues: readonly {
    readonly severity: string
    readonly expression: string
    readonly messageId?: string
    readonly text: string
  }[]
}

/** Errors in narrative, as place and kind, of what HL7's validator found. */
const KINDS: readonly (readonly [kind: string, form: RegExp])[] = [
  ['form', /^Error parsing XHTML|^Invalid entity in the XHTML/],
  ['name', /Narrative#txt-1|XHTML_Element_Illegal|XHTML_Attribute_Illegal/],
  ['root', /XHTML_NS_InValid|XHTML_Name_Invalid/],
  ['empty', /Narrative#txt-2/],
  ['place', /XHTML_ILLEGAL_CHILDREN|XHTML_OUT_OF_PLACE|XHTML_BLOCK_IN_PARA|XHTML_NO_CHILDREN/],
]

const OURS: ReadonlyMap<string, string> = new Map([
  ['narrative-well-formed', 'form'],
  ['txt-1', 'name'],
  ['narrative-root', 'root'],
  ['txt-2', 'empty'],
  ['narrative-structure', 'place'],
])

function faultsFound(verdicts: readonly Verdict[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { file, ig, issues } of verdicts) {
    if (ig !== null) continue
    const faults = issues.flatMap(({ severity, expression, messageId, text }) => {
      const kind = KINDS.find(([, form]) => form.test(messageId ?? text))?.[0]
      const place = expression.replace(/\/\*.*?\*\//g, '').replace(/\.div$/, '')
      return severity === 'error' && kind !== undefined ? [`${place} ${kind}`] : []
    })
    found.set(file, new Set(faults.filter((fault) => isTold(fault, faults))))
  }
  return found
}

/** Of what cannot be read, that alone counts: the validator goes on to call it empty and wrongly named. */
function isTold(fault: string, faults: readonly string[]): boolean {
  return fault.endsWith(' form') || !faults.includes(fault.replace(/\w+$/, 'form'))
}

function errorsOf(bundle: Bundle): readonly string[] {
  const subject = subjectOf(bundle, {} as Definitions)
  const found = documentFindings(subject, narrativeRules).flatMap(({ rule, findings }) => {
    const kind = OURS.get(rule.id)
    return kind === undefined ? [] : findings.map(({ expression }) => `${expression.replace(/\.div$/, '')} ${kind}`)
  })
  return found.filter((fault) => isTold(fault, found))
}
