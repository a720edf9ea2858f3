/** The table of rows names elements that there are, each once, and loses none. */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { DOSAGE_PARTS } from '../../src/render/format-dosage.ts'
import { page } from '../../src/render/page.ts'
import { ROWS } from '../../src/render/rows.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { design, documentOf, readable } from './reader.ts'

const r5 = await loadDefinitions({ fhirVersion: '5.0.0' })
const rows = Object.entries(ROWS).map(([type, row]) => ({ type, row }))

describe('a row', () => {
  it.each(rows)('of $type names elements that the definitions know', ({ type, row }) => {
    const elements = { ...r5.model.types[type]?.elements, ...design.model.types[type]?.elements }
    const known = new Set(Object.entries(elements).flatMap(([name, { choice }]) => [name, choice]))
    const named = row.columns.flatMap(({ elements: names, ofEach }) => (ofEach === true ? [] : names))
    const partType = design.model.types[type]?.elements[row.each ?? '']?.type ?? ''
    const parts = new Set(
      Object.entries(design.model.types[partType]?.elements ?? {}).flatMap(([name, { choice }]) => [name, choice]),
    )
    const namedOfParts = row.columns.flatMap(({ elements: names, ofEach }) => (ofEach === true ? names : []))
    const said = new Set(['rest', ...Object.keys(DOSAGE_PARTS)])
    expect(namedOfParts.filter((name) => !parts.has(name) && !said.has(name))).toEqual([])
    expect(namedOfParts.length > 0).toBe(row.each !== undefined)
    expect(namedOfParts.includes('rest')).toBe(row.each !== undefined)
    // one list of status elements serves all types
    const shared = new Set([
      'clinicalStatus',
      'verificationStatus',
      'status',
      'statusReason',
      'reasonCode',
      'reasonReference',
      'reason',
    ])
    expect(named.filter((name) => !known.has(name) && !shared.has(name))).toEqual([])
    expect(new Set(named).size).toBe(named.length)
  })

  it.each(rows)('of $type shows every element of type string, code or date that a resource has', ({ type }) => {
    const plain = { string: 'words', code: 'codeword', markdown: 'marked', dateTime: '2026-02-03', date: '2026-02-03' }
    const elements = Object.entries(design.model.types[type]?.elements ?? {})
    const shown = elements.flatMap(([name, { type: own, list, choice }]) =>
      own in plain && choice === undefined && !['id', 'implicitRules', 'language'].includes(name) && !list
        ? [[name, own as keyof typeof plain] as const]
        : [],
    )
    for (const [name, own] of shown) {
      const resource: Resource = { resourceType: type, id: 'x', [name]: plain[own] }
      const told = readable(
        page(documentOf({ section: [{ title: 'S', entry: [{ reference: `${type}/x` }] }] }, resource), design).xhtml,
      )
      expect(told, name).toContain(own.startsWith('date') ? '3 Feb 2026' : plain[own])
    }
  })
})

describe('a label that is read from the right', () => {
  it('keeps the value behind it in its own order', () => {
    const limit = { numerator: { value: 10, unit: 'mg' }, denominator: { value: 2, unit: 'd' } }
    const request: Resource = {
      resourceType: 'MedicationRequest',
      id: 'x',
      status: 'active',
      intent: 'order',
      medicationCodeableConcept: { text: 'Aspirin' },
      dosageInstruction: [{ maxDosePerPeriod: limit }],
      dispenseRequest: { quantity: { value: 30, unit: 'tab' } },
    }
    const { xhtml } = page(
      documentOf({ section: [{ title: 'S', entry: [{ reference: 'MedicationRequest/x' }] }] }, request),
      { ...design, lang: 'ar' },
    )
    expect(xhtml).toContain('<span dir="ltr">10\u00a0mg / 2\u00a0d</span>')
    expect(xhtml).toContain('<span dir="ltr">30\u00a0tab</span>')
  })
})

describe('a question below an answer', () => {
  const below = { linkId: '1.1', text: 'When stopped?', answer: [{ valueString: 'in spring' }] }
  const told = (answer: readonly JsonObject[]): string =>
    readable(
      page(
        documentOf(
          { section: [{ title: 'S', entry: [{ reference: 'QuestionnaireResponse/x' }] }] },
          {
            resourceType: 'QuestionnaireResponse',
            id: 'x',
            status: 'completed',
            item: [{ linkId: '1', text: 'Smoker?', answer }],
          },
        ),
        design,
      ).xhtml,
    )

  it('is a question like any other', () => {
    expect(told([{ valueBoolean: false, item: [below] }])).toContain('Smoker? no When stopped? in spring')
  })

  it('stands below its own answer where there are several', () => {
    expect(told([{ valueString: 'pipe' }, { valueString: 'cigars', item: [below] }])).toContain(
      'Smoker? pipe cigars cigars When stopped? in spring',
    )
  })
})

describe('an age at which something was is not a time since then', () => {
  const age = { value: 5, unit: 'years', system: 'http://unitsofmeasure.org', code: 'a' }
  const ages = { low: { value: 3, unit: 'years' }, high: { value: 5, unit: 'years' } }
  const told = (resource: JsonObject & { readonly resourceType: string }): string =>
    readable(
      page(
        documentOf(
          { section: [{ title: 'S', entry: [{ reference: `${resource.resourceType}/x` }] }] },
          { ...resource, id: 'x' },
        ),
        design,
      ).xhtml,
    )

  it.each([
    ['AllergyIntolerance', { onsetAge: age }, 'Age: 5 years'],
    ['AllergyIntolerance', { onsetRange: ages }, 'Age: 3 – 5 years'],
    ['Condition', { onsetAge: age }, 'Age: 5 years'],
    ['Condition', { abatementAge: age }, 'Abatement: Age: 5 years'],
    ['Procedure', { performedAge: age }, 'Age: 5 years'],
    ['FamilyMemberHistory', { condition: [{ code: { text: 'MI' }, onsetAge: age }] }, 'Age: 5 years'],
  ])('of %s, %j', (resourceType, elements, words) => {
    expect(told({ resourceType, ...elements }).replaceAll('\u00a0', ' ')).toContain(words)
  })
})
