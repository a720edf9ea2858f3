/** What a stay has to do with the resources of a record: what is of it, of another encounter, of its time alone. */

import { describe, expect, it } from 'vitest'
import { indexRecord } from '../../../src/collect/draft/record-index.ts'
import { stayOf, type Stay } from '../../../src/collect/draft/stay.ts'
import type { Found } from '../../../src/ports.ts'
import type { Scope } from '../../../src/collect/draft/guide.ts'
import { patient, record } from './heart-failure.ts'

const foundOf = (resource: Found['resource']): Found => ({
  resource,
  source: 'test',
  url: `https://example.org/fhir/${resource.resourceType}/${resource.id ?? ''}`,
})
const resources = record.map(foundOf)
const index = indexRecord({ patient: foundOf(patient), resources })
const byId = (id: string): Found => index.all.find(({ resource }) => resource.id === id) as Found
const stay: Stay = stayOf(foundOf(byId('stay').resource), index)
const having = (scope: Scope): readonly string[] =>
  index.all.filter((found) => stay.has(found, scope)).map(({ resource }) => resource.id ?? '')

describe('stayOf', () => {
  it('takes what names the encounter or one that is part of it, and what has a day in its time and names none', () => {
    const own = having('stay')
    for (const id of ['echo', 'creatinine-1', 'troponin', 'plan', 'bloods']) expect(own).toContain(id)
    for (const id of ['glucose-elsewhere', 'bnp-old', 'implantation', 'stay', 'ward', 'flu'])
      expect(own).not.toContain(id)
  })

  it('tells diagnoses of the stay from those of the admission, the principal one first', () => {
    expect(having('diagnosis').filter((id) => byId(id).resource.resourceType === 'Condition')).toEqual(
      expect.arrayContaining(['heart-failure', 'fibrillation']),
    )
    expect(having('admission')).toEqual(['dyspnoea'])
    expect(stay.rankOf(byId('heart-failure'))).toBeLessThan(stay.rankOf(byId('fibrillation')))
    expect(stay.rankOf(byId('fibrillation'))).toBeLessThan(stay.rankOf(byId('kidney')))
  })

  it('says of what is not in it how it stands to it', () => {
    expect(stay.relation(byId('glucose-elsewhere')).text).toBe('it is of another encounter')
    expect(stay.relation(byId('bnp-old')).text).toBe('it is from before the stay')
    expect(stay.relation(byId('amoxicillin-old')).text).toBe(
      'it has ended, and no date says whether before the stay or in it',
    )
  })

  it('takes no year or month for a day of the stay', () => {
    const vague = foundOf({ resourceType: 'Observation', id: 'vague', effectiveDateTime: '2026-03' })
    const wide = indexRecord({ patient: foundOf(patient), resources: [...resources, vague] })
    expect(stayOf(byId('stay'), wide).has(vague, 'stay')).toBe(false)
  })
})

describe('the medication of a stay', () => {
  it('was taken when it began where it was prescribed before and had not ended', () => {
    expect(having('medication-at-admission')).toEqual([
      'furosemide-home', 'ramipril-home', 'bisoprolol-home', 'metformin-home', 'levothyroxine-home', 'warfarin-home',
    ]) // prettier-ignore
  })

  it('is to go on by a discharge prescription, an answer to what was taken, or where nothing took its place', () => {
    expect(having('medication-at-discharge')).toEqual([
      'furosemide-new', 'ramipril-stopped', 'bisoprolol-new', 'metformin-paused', 'levothyroxine-home', 'spironolactone-new', 'warfarin-home', 'warfarin-new',
    ]) // prettier-ignore
  })

  it('is of the stay alone where it was ordered for it', () => {
    expect(having('medication-in-stay').filter((id) => byId(id).resource.resourceType === 'MedicationRequest')).toContain('furosemide-iv') // prettier-ignore
    expect(having('medication-at-discharge')).not.toContain('furosemide-iv')
  })
})

/** A treatment of the record changed, and in which lists it then is. */
function listsOf(more: Readonly<Record<string, unknown>>): readonly string[] {
  const own = foundOf({ resourceType: 'MedicationStatement', id: 'own', status: 'active', medicationCodeableConcept: { text: 'Zopiclone' }, subject: { reference: 'Patient/greta' }, ...more }) // prettier-ignore
  const wide = indexRecord({ patient: foundOf(patient), resources: [...resources, own] })
  const scopes: readonly Scope[] = [
    'medication-at-admission',
    'medication-at-discharge',
    'medication-in-stay',
    'medication-since',
  ]
  return scopes
    .filter((scope) => stayOf(byId('stay'), wide).has(own, scope))
    .map((scope) => scope.slice('medication-'.length))
}

describe('a statement', () => {
  const context = { reference: 'Encounter/stay' }
  it.each([
    ['made on admission', { context, dateAsserted: '2026-03-03' }, ['at-admission', 'at-discharge']],
    ['made on the last day', { context, dateAsserted: '2026-03-10' }, ['at-discharge']],
    ['begun in the stay', { context, effectivePeriod: { start: '2026-03-05' } }, ['at-discharge']],
    [
      'begun and ended in the stay',
      { context, effectivePeriod: { start: '2026-03-05', end: '2026-03-06' } },
      ['in-stay'],
    ],
    ['ended before the stay', { effectivePeriod: { start: '2020-01-01', end: '2026-01-01' } }, []],
    ['ended in the stay', { effectivePeriod: { start: '2020-01-01', end: '2026-03-05' } }, ['at-admission']],
    [
      'stopped in the stay',
      { status: 'stopped', effectivePeriod: { start: '2020-01-01', end: '2026-03-05' } },
      ['at-admission'],
    ],
    ['begun after the stay', { effectivePeriod: { start: '2026-04-01' } }, ['since']],
    ['without any date', {}, ['at-admission', 'at-discharge']],
    ['not taken', { status: 'not-taken' }, []],
  ])('%s is in %j', (_, more, lists) => {
    expect(listsOf(more)).toEqual(lists)
  })
})
