/** Narrative is generated only where nobody attested (H-3), says all that is shown, and is fit to be checked and signed. */

import { describe, expect, it } from 'vitest'
import type { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Bundle, Collected, Composition, Entry, JsonObject, Resource } from '../../src/fhir/types.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'
import { harmless } from '../../src/render/narrative.ts'
import { narrate } from '../../src/render/narrate.ts'
import { openTemplates } from '../../src/render/templates.ts'
import { design, documentOf, files, nothingBuilt, patient, readable, text } from './reader.ts'

const potassium = parseJson(`{"resourceType":"Observation","id":"k","status":"final","code":{"text":"Potassium"},
  "subject":{"reference":"Patient/p"},"valueQuantity":{"value":5.40,"unit":"mmol/L"}}`) as Resource
const section: readonly JsonObject[] = [{ title: 'Results', entry: [{ reference: 'Observation/k' }] }]

function narrated(composition: JsonObject, ...resources: readonly Resource[]): ReturnType<typeof narrate> {
  return narrate(
    documentOf({ status: 'preliminary', section, ...composition }, potassium, ...resources) as Collected,
    design,
  )
}

function compositionOf({ entry }: Bundle): Composition {
  return entry?.[0]?.resource as Composition
}

function divs(bundle: Bundle): readonly (string | undefined)[] {
  return [compositionOf(bundle).section?.[0]?.text?.div, bundle.entry?.[1]?.resource?.text?.div]
}

describe('where nothing may be generated', () => {
  it.each([
    ['a final Composition', { status: 'final' }],
    ['an amended one', { status: 'amended' }],
    ['one entered in error', { status: 'entered-in-error' }],
    ['one without status', { status: '' }],
    ['a preliminary one that names an attester', { attester: [{ mode: 'legal' }] }],
    [
      'a final one that names an attester',
      { status: 'final', attester: [{ mode: 'personal', party: { display: 'Dr. Erle' } }] },
    ],
  ])('%s stays the very same, and so does its subject', (_, composition) => {
    const bundle = documentOf({ status: 'preliminary', section, ...composition }, potassium) as Collected
    const result = narrate(bundle, design)
    expect(result.bundle).toBe(bundle)
    expect(result.issues).toEqual([])
  })

  it('text that is there stays as it is', () => {
    const texts = { section: [{ ...section[0], text: text('<p>mine</p>') }] }
    const bundle = documentOf({ status: 'preliminary', ...texts }, potassium, {
      ...patient,
      text: text('<p>hers</p>'),
    }) as Collected
    expect(narrate(bundle, design).bundle).toBe(bundle)
  })
})

describe('a preliminary Composition without attester', () => {
  const { bundle, issues } = narrated({})
  const [sectionDiv = '', patientDiv = ''] = divs(bundle)

  it('gets narrative of its sections and its subject, marked as generated', () => {
    expect(compositionOf(bundle).section?.[0]?.text?.status).toBe('generated')
    expect(bundle.entry?.[1]?.resource?.text?.status).toBe('generated')
    expect(readable(sectionDiv)).toContain('Potassium 5.40 mmol/L final')
    expect(readable(patientDiv)).toContain('Clara Ahorn')
    expect(readable(patientDiv)).toContain('Born 12 Mar 1961')
  })

  it('is as narrative must be: one div, well-formed, nothing to take away', () => {
    for (const div of [sectionDiv, patientDiv]) {
      expect(div).toMatch(/^<div xmlns="http:\/\/www\.w3\.org\/1999\/xhtml" lang="en" xml:lang="en">.*<\/div>$/s)
      expect(tokenize(div).faults).toEqual([])
      const { issues: found } = harmless(div, { prefix: 'x', headingLevel: 2, expression: 'x' })
      expect(found.filter(({ severity }) => severity !== 'information')).toEqual([])
    }
  })

  it('tells which resources were changed', () => {
    expect(issues).toMatchObject([
      { severity: 'information', rule: 'narrated', expression: 'Bundle.entry[0].resource' },
      { severity: 'information', rule: 'narrated', expression: 'Bundle.entry[1].resource' },
    ])
  })

  it('leaves the document given as it was, and decimals as they were written', () => {
    const given = documentOf({ status: 'preliminary', section }, potassium) as Collected
    const before = stringify(given)
    const after = narrate(given, design).bundle
    expect(stringify(given)).toBe(before)
    expect(stringify(after)).toContain('"value":5.40')
  })

  it('gives the same text a second time', () => {
    expect(stringify(narrated({}).bundle)).toBe(stringify(bundle))
    expect(narrate(bundle, design).bundle).toBe(bundle)
  })
})

describe('sections', () => {
  it('are narrated at every depth', () => {
    const nested = {
      section: [{ title: 'All', section: [{ title: 'Results', entry: [{ reference: 'Observation/k' }] }] }],
    }
    const outer = compositionOf(narrated(nested).bundle).section?.[0]
    expect(outer?.text).toBeUndefined()
    expect(outer?.section?.[0]?.text?.div).toContain('Potassium')
  })

  it('that are empty say why', () => {
    const emptyReason = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'notasked' }],
    }
    const { bundle } = narrated({ section: [{ title: 'Allergies', emptyReason }] })
    expect(divs(bundle)[0]).toContain('This section is empty: nobody has asked.')
  })

  it('without entries and reason stay as they are', () => {
    expect(compositionOf(narrated({ section: [{ title: 'Nothing' }] }).bundle).section?.[0]?.text).toBeUndefined()
  })

  it('name what is not in the document', () => {
    const { bundle } = narrated({
      section: [{ title: 'S', entry: [{ reference: 'Observation/gone', display: 'Glucose' }] }],
    })
    expect(divs(bundle)[0]).toContain('Not in this document: Glucose · Observation/gone')
  })
})

describe('what was changed is no version of its source any more', () => {
  const meta = { versionId: '3', lastUpdated: '2026-01-01T00:00:00Z', source: 'urn:x' }
  const versioned: Resource = { ...patient, meta }

  it('loses version and time, keeps the rest, and the issue says which version it was', () => {
    const { bundle, issues } = narrated({ meta: { versionId: '7' } }, versioned)
    const resources = bundle.entry?.map(({ resource }) => resource)
    expect(resources?.find((resource) => resource?.resourceType === 'Patient')?.meta).toEqual({ source: 'urn:x' })
    expect(resources?.[0]).not.toHaveProperty('meta')
    expect(issues.map(({ text: told }) => told)).toContain(
      'Narrative was generated in the Patient, which was version 3',
    )
  })

  it('is named by its fullUrl where its version was named', () => {
    const reference = 'https://h.example/fhir/Patient/p/_history/3'
    const observation: Resource = { ...potassium, id: 'v', subject: { reference } }
    const { bundle } = narrated({ subject: { reference: 'Patient/p/_history/3' } }, versioned, observation)
    expect(stringify(bundle)).not.toContain('_history')
    expect(bundle.entry?.find(({ resource }) => resource?.id === 'v')?.resource?.['subject']).toEqual({
      reference: 'https://h.example/fhir/Patient/p',
    })
  })

  it('keeps its version where the document has two of them', () => {
    const other: Entry = {
      fullUrl: 'https://h.example/fhir/Patient/p',
      resource: { ...patient, meta: { versionId: '2' } },
    }
    const base = documentOf(
      { status: 'preliminary', subject: { reference: 'Patient/p/_history/3' }, section },
      versioned,
      potassium,
    )
    const { bundle } = narrate({ ...(base as Collected), entry: [...(base.entry ?? []), other] }, design)
    const found = bundle.entry?.find(({ resource }) => resource?.meta?.versionId === '3')?.resource
    expect(found?.text?.status).toBe('generated')
    expect(compositionOf(bundle).subject).toEqual({ reference: 'Patient/p/_history/3' })
  })
})

describe('a template that fails', () => {
  it('stops the narration with its name and the element, and nothing of it is in the record', () => {
    const own = { 'narrative/section.hbs': '<div>{{#each blocks}}{{phrase this.nothing}}{{/each}}</div>' }
    const failing = { ...design, templates: openTemplates(nothingBuilt, { ...files, ...own }) }
    const bundle = documentOf({ status: 'preliminary', section }, potassium) as Collected
    let issues: readonly unknown[] = []
    try {
      narrate(bundle, failing)
    } catch (error) {
      issues = (error as FhirError).issues
    }
    expect(issues).toMatchObject([
      {
        severity: 'error',
        code: 'exception',
        text: expect.stringContaining('Template narrative/section') as string,
        expression: 'Bundle.entry[0].resource.section[0]',
      },
    ])
  })
})
