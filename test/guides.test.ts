/** The successor of the discharge report is one more file of a deployment, and no code. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { draft, guideFor, type DraftRow, type Guide } from '../src/drafting.ts'
import type { JsonObject, Resource } from '../src/fhir/types.ts'
import { openGuides } from '../src/guides.ts'
import type { Found } from '../src/ports.ts'
import { patient, record, stay } from './collect/draft/heart-failure.ts'
import { openDesign } from './design.ts'
import { PROFILES } from './guides.ts'

const COMPOSITION = 'http://hl7.eu/fhir/discharge-report/StructureDefinition/composition-eu-discharge'
const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-guides-'))
let guides: readonly Guide[]

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The report of today with another name and order, another profile, and a section more. */
function successor(): JsonObject {
  const today = JSON.parse(readFileSync(join(PROFILES, 'guides', 'eu-hdr-1.0.json'), 'utf8')) as JsonObject
  const sections = today['sections'] as readonly JsonObject[]
  const travel = {
    code: { system: 'http://loinc.org', code: '10182-4' },
    title: { en: 'History of travel', de: 'Reiseanamnese' },
    entries: [{ type: 'Observation', where: "code.coding.where(code = '94651-7').exists()" }],
  }
  return {
    ...today,
    name: 'eu-discharge-2.0',
    package: 'hl7.fhir.eu.discharge-report',
    version: '2.0.0-draft',
    composition: COMPOSITION,
    bundle: 'http://hl7.eu/fhir/discharge-report/StructureDefinition/bundle-eu-discharge',
    sections: [travel, ...sections],
  }
}

beforeAll(async () => {
  writeFileSync(join(folder, 'discharge.json'), JSON.stringify(successor()))
  guides = openGuides([PROFILES, folder], await openDesign())
})

function foundOf(resource: Resource): Found {
  return { resource, source: 'test', url: `https://example.org/fhir/${resource.resourceType}/${resource.id ?? ''}` }
}

const travelled: Resource = {
  resourceType: 'Observation',
  id: 'travel',
  status: 'final',
  subject: { reference: `Patient/${patient.id ?? ''}` },
  code: { coding: [{ system: 'http://loinc.org', code: '94651-7' }] },
}

describe('a guide of a deployment', () => {
  it('is asked for by its profile, with or without version, beside those of the project', () => {
    const chosen = guideFor(guides, 'discharge-report', `${COMPOSITION}|2.0.0-draft`)
    expect(chosen.row.name).toBe('eu-discharge-2.0')
    expect(guideFor(guides, 'discharge-report', COMPOSITION)).toBe(chosen)
    expect(() => guideFor(guides, 'summary', COMPOSITION)).toThrow(/expected one of/)
  })

  it('drafts the report of a stay with its own sections, each resource in one or in the receipt', () => {
    const guide = guideFor(guides, 'discharge-report', COMPOSITION)
    const resources = [...record, travelled].map(foundOf)
    const encounter = resources.find(({ resource }) => resource.id === stay.id)
    const made = draft({ patient: foundOf(patient), resources }, guide, {
      date: '2026-03-20T10:00:00Z',
      lang: 'de',
      author: { resourceType: 'Device' },
      emptySections: 'emptyReason',
      encounter,
    })
    expect(made.composition.meta?.profile).toEqual([`${COMPOSITION}|2.0.0-draft`])
    const [first, ...others] = made.composition.section ?? []
    expect(first?.title).toBe('Reiseanamnese')
    expect(first?.entry).toEqual([{ reference: 'https://example.org/fhir/Observation/travel' }])
    expect(others.length).toBeGreaterThan(5)
    const told = new Set(made.receipt.map(({ source }: DraftRow) => source))
    for (const { url } of resources) expect(told).toContain(url)
  })
})
