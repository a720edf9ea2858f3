/** What consents keep from being found is known without reading them all each time. */

import { beforeAll, describe, expect, it } from 'vitest'
import { rightsOf } from '../../src/access/rights.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import type { Guard, Policy, Whole } from '../../src/guard/guard.ts'
import { judging } from '../../src/guard/judging.ts'
import { designOf } from '../../src/main/design.ts'
import type { Caller, SearchRequest, Version } from '../../src/ports.ts'
import { readSettings } from '../../src/settings.ts'

const COUNT = 20_000
const base = 'https://records.example/fhir'
let policy: Policy

beforeAll(async () => {
  const { collect } = await designOf(readSettings({}))
  policy = {
    compartment: collect.compartment,
    base,
    consentDefault: 'permit',
    withheld: 'refuse',
    now: () => '2026-03-01T10:00:00Z',
  }
})

function consent(patient: string, type: 'permit' | 'deny', provision: JsonObject = {}): Version {
  const resource: Resource = frozen({
    resourceType: 'Consent',
    id: patient,
    status: 'active',
    patient: { reference: `Patient/${patient}` },
    provision: { type, ...provision },
  })
  return {
    type: 'Consent',
    id: patient,
    versionId: '1',
    lastUpdated: policy.now(),
    method: 'PUT',
    text: '{}',
    resource,
  }
}

function isOf(resource: Resource | undefined, patient: string): boolean {
  return JSON.stringify(resource?.['subject'] ?? '').includes(`"Patient/${patient}"`)
}

function observed(id: string, patient: string, code: string): Version {
  const subject = { reference: `Patient/${patient}` }
  const resource: Resource = frozen({ resourceType: 'Observation', id, subject, code: { coding: [{ code }] } })
  return { ...consent(id, 'permit'), type: 'Observation', id, resource }
}

/** A store with consents, that counts how many it gives and how often it is searched. */
class Fake implements Whole {
  readonly held = new Map<string, Version>()
  /** What is the patients' own, beside their consents. */
  readonly records: Version[] = []
  given = 0
  searches = 0
  state = 1

  put(...versions: readonly Version[]): void {
    for (const version of versions) this.held.set(version.id, version)
    this.state += 1
  }
  consentState = (): Promise<string> => Promise.resolve(`fake ${this.state}`)
  read: Whole['read'] = (keys) => Promise.resolve(keys.map(() => undefined))
  vread: Whole['vread'] = () => Promise.resolve(undefined)
  history: Whole['history'] = () => Promise.resolve({ versions: [] })
  identified: Whole['identified'] = (all) => Promise.resolve(all.map(() => []))
  consents: NonNullable<Whole['consents']> = (patients) => {
    const found = patients.flatMap((name) => this.held.get(name.slice('Patient/'.length)) ?? [])
    this.given += found.length
    return Promise.resolve(found)
  }
  search: Whole['search'] = ({ type, concerning = [], page = '0', maxCount }: SearchRequest) => {
    const own = this.records.filter(({ resource }) => concerning.some((name) => isOf(resource, name)))
    const all = type === 'Consent' ? [...this.held.values()] : own
    this.searches += 1
    const end = Number(page) + maxCount
    const matches = all.slice(Number(page), end)
    this.given += matches.length
    const next = end < all.length ? { next: String(end) } : {}
    return Promise.resolve({ matches, included: [], used: [], issues: [], pages: next, shape: {} })
  }
}

let count = 0

/** Whoever may ask for anybody; each is somebody else. */
function guard(over: Partial<Policy> = {}, scopes: readonly string[] = ['system/*.rs']): Guard {
  count += 1
  const caller: Caller = { issuer: 'x', subject: `s${count}`, scopes, roles: [], purposes: [] }
  return { ...policy, ...over, rights: rightsOf(caller, base), letters: 'rs', inUse: {} }
}

async function bars(
  reader: Fake,
  own: Guard,
): Promise<{ readonly patients: readonly string[]; readonly given: number }> {
  reader.given = 0
  const { barred } = await judging(own, reader).access()
  return { patients: barred.patients.filter((name) => !name.startsWith(base)), given: reader.given }
}

function filled(): Fake {
  const reader = new Fake()
  reader.put(...Array.from({ length: COUNT }, (_, at) => consent(`p${at}`, at % 1_000 === 7 ? 'deny' : 'permit')))
  return reader
}

describe('a search by whoever may ask for anybody', () => {
  it(`reads ${COUNT} consents once, and none of them again while none changes`, async () => {
    const [reader, own] = [filled(), guard()]
    const first = await bars(reader, own)
    expect([first.patients.length, first.given]).toEqual([COUNT / 1_000, COUNT])
    expect(await bars(reader, own)).toEqual({ patients: first.patients, given: 0 })
  })

  it('is bound by a consent that came since, or is gone, at once', async () => {
    const [reader, own] = [filled(), guard()]
    await bars(reader, own)
    reader.put(consent('new', 'deny'), consent('p7', 'permit'))
    const { patients } = await bars(reader, own)
    expect([patients.includes('new'), patients.includes('p7')]).toEqual([true, false])
  })

  it('looks each time at those consents alone that come and go by themselves', async () => {
    const reader = filled()
    reader.put(consent('soon', 'deny', { period: { start: '2026-03-01T11:00:00Z' } }))
    let now = policy.now()
    const own = guard({ now: () => now })
    const before = await bars(reader, own)
    expect(before.patients).not.toContain('soon')
    now = '2026-03-01T12:00:00Z'
    const { patients, given } = await bars(reader, own)
    expect([patients.includes('soon'), given]).toEqual([true, 1])
  })

  it('names those who permit, where nobody else may be found', async () => {
    const [reader, own] = [filled(), guard({ consentDefault: 'deny' })]
    for (const given of [COUNT, 0]) {
      const found = await bars(reader, own)
      expect([found.patients.length, found.patients.includes('p7'), found.given]).toEqual([
        COUNT - COUNT / 1_000,
        false,
        given,
      ])
    }
  })

  it('finds what is denied in part by one search for all patients, of each by their own consent alone', async () => {
    const [reader, own] = [new Fake(), guard()]
    for (const at of Array.from({ length: 60 }, (_, place) => place)) {
      const code = at % 2 === 0 ? 'hiv' : 'psy'
      reader.put(consent(`p${at}`, 'permit', { provision: [{ type: 'deny', code: [{ coding: [{ code }] }] }] }))
      reader.records.push(observed(`h${at}`, `p${at}`, 'hiv'), observed(`m${at}`, `p${at}`, 'psy'), observed(`o${at}`, `p${at}`, 'bp')) // prettier-ignore
    }
    await judging(own, reader).access()
    reader.searches = 0
    const { names, barred } = await judging(own, reader).access()
    expect(reader.searches).toBe(1)
    expect(barred.patients).toEqual([])
    const expected = Array.from({ length: 60 }, (_, at) => `Observation/${at % 2 === 0 ? 'h' : 'm'}${at}`)
    expect([...names].sort()).toEqual(expected.sort())
  })

  it('of another caller, or of nobody who may ask for all, is not what was found for the first', async () => {
    const reader = filled()
    await bars(reader, guard())
    expect((await bars(reader, guard())).given).toBe(COUNT)
    const ofOne = guard({}, ['patient/*.rs'])
    expect(
      (await bars(reader, { ...ofOne, rights: rightsOf({ ...ofOne.rights.caller, patient: 'p7' }, base) })).given,
    ).toBe(1)
  })
})
