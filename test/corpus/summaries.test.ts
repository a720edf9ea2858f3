/** Summaries are complete, counted without a look at the table of sections. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Guide } from '../../src/drafting.ts'
import { isError } from '../../src/fhir/issue.ts'
import type { Bundle, Composition, JsonObject, Resource, Section } from '../../src/fhir/types.ts'
import type { Design } from '../../src/pipeline.ts'
import { openDesign } from '../design.ts'
import { guideNamed } from '../guides.ts'
import { RECORD, storing } from '../record.ts'
import { corpusDir } from './corpus.ts'
import { resourcesOf, summaryOf, syntheticRecords, type RecordBundle } from './summaries.ts'

const DAY_MS = 86_400_000
const OWN: RecordBundle = { name: 'our own', bundle: storing(RECORD) as Bundle }
const RECORDS = corpusDir === undefined ? [OWN] : [OWN, ...syntheticRecords()]

let design: Design
let guide: Guide

beforeAll(async () => {
  design = await openDesign()
  guide = guideNamed('ips-2.0.0', design)
})

function codeOf(concept: unknown): string {
  const { coding } = (concept ?? {}) as { coding?: { code?: string }[] }
  return coding?.[0]?.code ?? ''
}

/** What must stand in the narrative, by the words of FHIR and of nobody's table. */
function isNeeded(resource: Resource, date: string): boolean {
  const { resourceType: type, status } = resource
  if (['refuted', 'entered-in-error'].includes(codeOf(resource['verificationStatus']))) return false
  const clinical = codeOf(resource['clinicalStatus'])
  if (type === 'Condition' || type === 'AllergyIntolerance')
    return ['active', 'recurrence', 'relapse', ''].includes(clinical)
  if (type === 'MedicationRequest' || type === 'MedicationStatement') return status === 'active' || status === 'on-hold'
  if (type === 'Device') return resource['patient'] !== undefined
  const [category] = (resource['category'] ?? []) as readonly Resource[]
  if (type !== 'Observation' || category === undefined || codeOf(category) !== 'laboratory') return false
  // two days less than a year, whatever the zone
  return Date.parse(date) - Date.parse(resource['effectiveDateTime'] as string) < 363 * DAY_MS
}

/** How often the texts of the sections tell each entry, by its fullUrl. */
function toldIn(composition: Composition): ReadonlyMap<string, number> {
  const told = new Map<string, number>()
  for (const { text } of composition.section ?? ([] as readonly Section[])) {
    const extensions = (text?.['extension'] ?? []) as { extension?: JsonObject[] }[]
    for (const { extension = [] } of extensions) {
      const data = extension.find(({ url }) => url === 'data')?.['valueUri']
      if (typeof data === 'string') told.set(data, (told.get(data) ?? 0) + 1)
    }
  }
  return told
}

function latestDay(record: RecordBundle): string {
  const days = resourcesOf(record).flatMap(({ effectiveDateTime }) =>
    typeof effectiveDateTime === 'string' ? [effectiveDateTime.slice(0, 10)] : [],
  )
  return `${days.sort().at(-1) ?? '2026-03-15'}T23:00:00Z`
}

describe('a summary', () => {
  it.each(RECORDS)(
    'of $name tells what is active and recent once, and names the rest in its receipt',
    async (record) => {
      const date = latestDay(record)
      const { bundle, receipt, draft, issues } = await summaryOf(record, guide, { design, date })
      const [{ resource: composition } = {}] = bundle.entry ?? []
      const told = toldIn(composition as Composition)
      const rows = new Map((receipt.record ?? []).map((row) => [row.source.split('/_history/')[0] ?? '', row]))
      for (const { fullUrl = '', resource } of record.bundle.entry ?? []) {
        if (resource === undefined || resource.resourceType === 'Composition') continue
        const row = rows.get(fullUrl)
        expect(row, `${fullUrl} in the receipt`).toBeDefined()
        if (!isNeeded(resource, date)) continue
        const urls = [fullUrl, ...usesOf(fullUrl, bundle)]
        const count = urls.reduce((sum, url) => sum + (told.get(url) ?? 0), 0)
        expect(count, `${resource.resourceType} ${fullUrl}: ${row?.reason}`).toBe(1)
      }
      expect(draft.receipt.every(({ reason }) => reason !== '')).toBe(true)
      expect(issues.filter(isError)).toEqual([])
    },
  )
})

/** What of the document tells a device in its place. */
function usesOf(fullUrl: string, { entry = [] }: Bundle): readonly string[] {
  return entry.flatMap(({ resource, fullUrl: own }) => {
    const device = (resource?.['device'] ?? {}) as { reference?: string }
    const isUse = own !== undefined && device.reference !== undefined && fullUrl.endsWith(device.reference)
    return isUse ? [own] : []
  })
}
