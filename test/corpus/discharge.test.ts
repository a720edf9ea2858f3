/**
 * What the record has of a patient's active problems, allergies and medication, and the results of the stay, stands in the
 * words of the discharge report: counted from the record, without the table of sections.
 */

import { describe, expect, it } from 'vitest'
import type { Bundle, Composition, Json, JsonObject, Resource, Section } from '../../src/fhir/types.ts'
import { isError } from '../../src/fhir/issue.ts'
import { openDesign, stillEdge } from '../design.ts'
import { corpusDir } from './corpus.ts'
import { reportsOf } from './stays.ts'

const GONE = new Set(['entered-in-error', 'cancelled'])

function textIn(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function codeIn(concept: Json | undefined): string {
  const [coding] = ((concept as JsonObject | undefined)?.['coding'] ?? []) as readonly JsonObject[]
  return textIn(coding?.['code'])
}

function isActive({ resourceType, clinicalStatus, status }: Resource): boolean {
  if (resourceType === 'Condition' || resourceType === 'AllergyIntolerance') return codeIn(clinicalStatus) === 'active'
  return resourceType === 'MedicationRequest' && status === 'active'
}

function isResultOf({ resourceType, status, encounter }: Resource, stay: Resource): boolean {
  const of = textIn((encounter as JsonObject | undefined)?.['reference'])
  return resourceType === 'Observation' && !GONE.has(textIn(status)) && of.endsWith(stay.id ?? '?')
}

function all(sections: readonly Section[] = []): readonly Section[] {
  return sections.flatMap((section) => [section, ...all(section.section)])
}

function wordsOf(div = ''): string {
  const text = div
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
  return text.replaceAll('&#x27;', "'").replaceAll('&#160;', ' ').replaceAll(/\s+/g, ' ')
}

function nameOf(resource: Resource): string {
  const concept = (resource['code'] ?? resource['medicationCodeableConcept']) as JsonObject | undefined
  return textIn(concept?.['text']).replaceAll(/\s+/g, ' ')
}

describe.skipIf(corpusDir === undefined)('discharge reports of the records of the corpus', () => {
  it('name all that is active and every result of the stay, each as entry of one section', async () => {
    const reports = await reportsOf(await openDesign(), stillEdge())
    expect(reports).toHaveLength(10)
    let counted = 0
    for (const { record, stay, product } of reports) {
      expect(product.issues.filter(isError)).toEqual([])
      const composition = (product.bundle as Bundle).entry?.[0]?.resource as Composition
      const sections = all(composition.section)
      const words = sections.map(({ text }) => wordsOf(text?.div)).join(' ')
      const entries = sections
        .filter(({ code }) => codeIn(code) !== '42346-7')
        .flatMap(({ entry = [] }) => entry.map(({ reference = '' }) => reference))
      const wanted = record.filter((resource) => isActive(resource) || isResultOf(resource, stay))
      for (const resource of wanted) expect(words, `${resource.resourceType}/${resource.id ?? ''}`).toContain(nameOf(resource)) // prettier-ignore
      const isOnce = (id: string): boolean => entries.filter((reference) => reference.endsWith(id)).length === 1
      expect(wanted.filter(isActive).filter(({ id = '?' }) => !isOnce(id))).toEqual([])
      expect(product.receipt.record).toHaveLength(record.length)
      counted += wanted.length
    }
    console.log(`discharge: ${counted} active problems, allergies, medicines and results in ${reports.length} reports`)
    expect(counted).toBeGreaterThan(50)
  })
})
