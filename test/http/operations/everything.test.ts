/** The record of a patient: what is in it, what is not, and its pages. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, Resource } from '../../../src/fhir/types.ts'
import { observation, patient, practitioner, put } from '../../storing.ts'
import { documentService, type DocumentService } from './document-service.ts'
import { issueText } from '../serving.ts'

const subject = { reference: 'Patient/p' }
const own: readonly Resource[] = [
  observation('old', { effectiveDateTime: '2020-05-01', performer: [{ reference: 'Practitioner/d' }], focus: [{ reference: 'Patient/q' }], hasMember: [{ reference: 'Observation/theirs' }] }),
  observation('new', { effectiveDateTime: '2026-02-01T10:00:00Z' }),
  { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject, period: { start: '2025-12-30', end: '2026-01-02' } },
  { resourceType: 'MedicationRequest', id: 'm', status: 'active', intent: 'order', subject, medicationReference: { reference: 'Medication/pill' } },
] // prettier-ignore
const others: readonly Resource[] = [
  { resourceType: 'Medication', id: 'pill', manufacturer: { reference: 'Organization/maker' } },
  { resourceType: 'Organization', id: 'maker', name: 'Maker' },
  { resourceType: 'Organization', id: 'stranger', name: 'Nobody refers to it' },
  { resourceType: 'Patient', id: 'q', name: [{ family: 'Other' }] },
  observation('theirs', { subject: { reference: 'Patient/q' } }),
]

let service: DocumentService
beforeAll(async () => {
  service = await documentService()
  await put(service.store, patient, practitioner, ...own, ...others)
})

async function everything(query = ''): Promise<Bundle> {
  const answer = await fetch(query.startsWith('http') ? query : `${service.base}/Patient/p/$everything${query}`)
  const bundle = (await answer.json()) as Bundle
  expect([answer.status, bundle.type], JSON.stringify(bundle).slice(0, 400)).toEqual([200, 'searchset'])
  return bundle
}
const names = ({ entry = [] }: Bundle): readonly string[] =>
  entry.map(({ resource, search }) => `${JSON.stringify(search?.['mode']).slice(1, -1)} ${resource?.resourceType ?? ''}/${resource?.id ?? ''}`).toSorted() // prettier-ignore

describe('$everything', () => {
  const matches = ['match Encounter/e', 'match MedicationRequest/m', 'match Observation/new', 'match Observation/old', 'match Patient/p'] // prettier-ignore
  const included = ['include Medication/pill', 'include Organization/maker', 'include Practitioner/d']

  it('is the compartment and what it refers to, and nothing of another patient (H-1)', async () => {
    const bundle = await everything()
    expect(names(bundle)).toEqual([...included, ...matches].toSorted())
    expect(bundle['total']).toBe(5)
  })
  it('by POST is the same', async () => {
    const answer = await fetch(`${service.base}/Patient/p/$everything`, { method: 'POST' })
    expect(names((await answer.json()) as Bundle)).toEqual(names(await everything()))
  })
  it('is narrowed by _type', async () => {
    expect(names(await everything('?_type=Observation,Practitioner'))).toEqual(['include Practitioner/d', 'match Observation/new', 'match Observation/old']) // prettier-ignore
  })
  it.each([
    ['?start=2026-01-01', ['Encounter/e', 'MedicationRequest/m', 'Observation/new']],
    ['?end=2025-12-31', ['Encounter/e', 'MedicationRequest/m', 'Observation/old']],
    ['?start=2026-01-05&end=2026-01-06', ['MedicationRequest/m']],
    ['?start=2020-05-01&end=2020-05-01', ['MedicationRequest/m', 'Observation/old']],
    ['?start=2020-05-02&end=2025-12-29', ['MedicationRequest/m']],
    ['?start=2020-01-01&end=2020-04-30', ['MedicationRequest/m']],
  ])('by %s keeps care of those days, and what has no date', async (query, kept) => {
    const found = names(await everything(query)).filter(
      (name) => name.startsWith('match') && !name.endsWith('Patient/p'),
    )
    expect(found).toEqual(kept.map((name) => `match ${name}`))
  })
  it('by _since keeps what was written since', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const since = new Date().toISOString()
    await put(service.store, observation('new', { effectiveDateTime: '2026-02-01T10:00:00Z', status: 'amended' }))
    expect(names(await everything(`?_since=${since}`))).toEqual(['match Observation/new'])
  })
  it('comes in pages by _count, each resource once, none lost by a write meanwhile', async () => {
    const found: string[] = []
    let next: string | undefined = `${service.base}/Patient/p/$everything?_count=3`
    for (let pages = 0; next !== undefined; pages += 1) {
      const bundle = await everything(next)
      expect(bundle.entry?.length).toBeLessThanOrEqual(3)
      found.push(...names(bundle))
      if (pages === 0) await put(service.store, observation('aaa'))
      next = bundle.link?.find(({ relation }) => relation === 'next')?.url
    }
    expect(new Set(found).size).toBe(found.length)
    expect(found).toEqual(expect.arrayContaining([...included, ...matches]))
  })
  it.each([
    ['nobody/$everything', 404, 'There is no Patient/nobody'],
    ['p/$everything?_type=Nonsense', 400, 'Nonsense'],
    ['p/$everything?start=yesterday', 400, 'expected a date'],
    ['p/$everything?_count=0', 400, 'expected a whole number'],
  ])('of %s is %i', async (path, status, text) => {
    const answer = await fetch(`${service.base}/Patient/${path}`)
    expect([answer.status, await issueText(answer)]).toEqual([status, expect.stringContaining(text)])
  })
})
