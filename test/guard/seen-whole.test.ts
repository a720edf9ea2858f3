/** What was seen whole is seen again without being looked at, and never a moment longer than it may be. */

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { rightsOf, type Rights } from '../../src/access/rights.ts'
import { openStore } from '../../src/edge/store/open-store.ts'
import { openSearch } from '../../src/edge/store/search/open-search.ts'
import { parseJson } from '../../src/fhir/json.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { consentsOf } from '../../src/guard/consents.ts'
import type { Guard, Whole } from '../../src/guard/guard.ts'
import { guardedStore } from '../../src/guard/store.ts'
import { designOf } from '../../src/main/design.ts'
import type { Caller, Key, Store, StoreReader, Version } from '../../src/ports.ts'
import { readSettings } from '../../src/settings.ts'

const base = 'https://records.example/fhir'
const { collect } = await designOf(readSettings({}))
const store = await openStore('sqlite::memory:', await openSearch({ ...collect, base }, { now: () => new Date().toISOString() })) // prettier-ignore
afterAll(() => store.close())

const CALLER: Caller = { issuer: 'https://id.example', subject: 'd', fhirUser: 'Practitioner/d', scopes: ['user/*.rs'], roles: ['read'], purposes: ['TREAT'] } // prettier-ignore
const CALLERS: readonly Caller[] = [
  CALLER,
  { ...CALLER, purposes: ['PATRQT'], scopes: ['patient/*.rs'], patient: 'a' },
  { ...CALLER, purposes: ['HRESCH'] },
  { ...CALLER, subject: 'e', fhirUser: 'Practitioner/e' },
  { ...CALLER, scopes: ['patient/Observation.rs'], patient: 'a' },
  { ...CALLER, emergency: { reason: 'unconscious' } },
  { ...CALLER, roles: ['administer'] },
]

function guardFor(rights: Rights): Guard {
  const now = (): string => new Date().toISOString()
  return { rights, letters: 'rs', compartment: collect.compartment, base, consentDefault: 'permit', withheld: 'section', now, inUse: {} } // prettier-ignore
}

const rights = CALLERS.map((caller) => rightsOf(caller, base))
/** The same callers, of whom nothing is known. */
const strangers = (): readonly Rights[] => CALLERS.map((caller) => rightsOf(caller, base))

/** The store, which gives another object each time, so that nothing can be remembered by it. */
function forgetting(inner: Store): Store {
  const copied = <V extends Version | undefined>(version: V): V =>
    version?.text === undefined ? version : { ...version, resource: parseJson(version.text) as Resource }
  const reading = (reader: StoreReader): StoreReader => ({
    ...reader,
    read: async (keys) => (await reader.read(keys)).map(copied),
    vread: async (key, versionId) => copied(await reader.vread(key, versionId)),
    ...(reader.consents !== undefined && {
      consents: async (patients, people) => ((await reader.consents?.(patients, people)) ?? []).map(copied),
    }),
  })
  return { ...inner, snapshot: (work, extent) => inner.snapshot((reader) => work(reading(reader)), extent) }
}

const LIST: readonly Key[] = [
  { type: 'Patient', id: 'a' },
  ...Array.from({ length: 9 }, (_, at) => ({ type: 'Observation', id: `o${at}` })),
]

/** The names of those that a caller sees, in their places. */
async function seenBy(own: Rights, from: Store): Promise<readonly (string | undefined)[]> {
  const versions = await guardedStore(from, guardFor(own)).snapshot((reader) => reader.read(LIST))
  return versions.map((version) => version && `${version.type}/${version.id}/${version.versionId}`)
}

function put(resource: Resource): Promise<unknown> {
  const { resourceType: type, id = '' } = resource
  return store.transaction((writer) => writer.write({ type, id, method: 'PUT', resource }))
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

function observation(at: number, patient: string, label?: string): Resource {
  const security = label === undefined ? {} : { meta: { security: [{ system: CONFIDENTIALITY, code: label }] } }
  return { resourceType: 'Observation', id: `o${at}`, status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${patient}` }, ...security } // prettier-ignore
}

function consent(patient: string, members: JsonObject): Resource {
  return { resourceType: 'Consent', id: `c${patient}`, status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, patient: { reference: `Patient/${patient}` }, ...members } // prettier-ignore
}

const actor = (reference: string): JsonObject => ({ actor: [{ reference: { reference } }] })

/** What a consent may come to say. */
const PROVISIONS: readonly JsonObject[] = [
  { provision: { type: 'permit' } },
  { provision: { type: 'deny' } },
  { provision: { type: 'permit', provision: [{ type: 'deny', class: [{ code: 'Observation' }] }] } },
  { provision: { type: 'permit', provision: [{ type: 'deny', data: [{ meaning: 'instance', reference: { reference: 'Observation/o3' } }] }] } },
  { provision: { type: 'permit', provision: [{ type: 'deny', ...actor('Practitioner/e') }] } },
  { provision: { type: 'permit', provision: [{ type: 'deny', ...actor('CareTeam/t') }] } },
  { provision: { type: 'deny', period: { end: '2020-01-01' } } },
  { status: 'inactive', provision: { type: 'deny' } },
] // prettier-ignore

const step = fc.oneof(
  fc.record({ at: fc.nat(8), patient: fc.constantFrom('a', 'a', 'a', 'b'), label: fc.constantFrom(undefined, undefined, 'N', 'R', 'V') }).map(({ at, patient, label }) => () => put(observation(at, patient, label))),
  fc.record({ patient: fc.constantFrom('a', 'b'), members: fc.constantFrom(...PROVISIONS) }).map(({ patient, members }) => () => put(consent(patient, members))),
  fc.constantFrom('Practitioner/d', 'Practitioner/e').map((reference) => () => put({ resourceType: 'CareTeam', id: 't', participant: [{ member: { reference } }] })),
  fc.constantFrom('a', 'b').map((patient) => () => store.transaction((writer) => writer.write({ type: 'Consent', id: `c${patient}`, method: 'DELETE' }))),
  fc.nat(8).map((at) => () => store.transaction((writer) => writer.write({ type: 'Observation', id: `o${at}`, method: 'DELETE' }))),
) // prettier-ignore

/** A record of which everything may be seen. */
async function whole(): Promise<void> {
  for (const id of ['a', 'b']) await put({ resourceType: 'Patient', id })
  for (const id of ['d', 'e']) await put({ resourceType: 'Practitioner', id })
  for (let at = 0; at < 9; at += 1) await put(observation(at, 'a'))
  for (const patient of ['a', 'b']) await put(consent(patient, { provision: { type: 'permit' } }))
}

describe('what was seen whole', () => {
  it('is the very same list for as long as nothing changes, and another caller is asked anew', async () => {
    await whole()
    const read = (own: Rights): Promise<readonly unknown[]> =>
      guardedStore(store, guardFor(own)).snapshot((reader) => reader.read(LIST))
    const [clinician, ofOnePatient] = rights as [Rights, Rights]
    const first = await read(clinician)
    expect(await read(clinician)).toBe(first)
    expect(await read(ofOnePatient)).toBe(first)
    await put(consent('a', { provision: { type: 'deny' } }))
    expect((await read(clinician)).filter((one) => one !== undefined)).toEqual([])
  })

  it('is looked at again where a team that a consent names has another member, though the consent is the same', async () => {
    await whole()
    const team = (member: string): Promise<unknown> =>
      put({ resourceType: 'CareTeam', id: 't', participant: [{ member: { reference: member } }] })
    const ofTeam = { provision: [{ type: 'deny', ...actor('CareTeam/t') }] }
    await team('Practitioner/e')
    await put(consent('a', { provision: { type: 'permit', ...ofTeam } }))
    const [clinician] = rights as [Rights]
    for (const _ of [1, 2]) expect(await seenBy(clinician, store)).not.toContain(undefined)
    await team('Practitioner/d')
    expect((await seenBy(clinician, store)).filter((one) => one !== undefined)).toEqual([])
    await team('Practitioner/e')
    expect(await seenBy(clinician, store)).not.toContain(undefined)
  })

  it('is looked at again where the time of a consent begins, though nothing was written', async () => {
    await whole()
    await put(consent('a', { provision: { type: 'permit', provision: [{ type: 'deny', period: { start: '2030-01-01' } }] } })) // prettier-ignore
    const [clinician] = rights as [Rights]
    const seenAt = async (now: string): Promise<number> => {
      const guarded = guardedStore(store, { ...guardFor(clinician), now: () => now })
      return (await guarded.snapshot((reader) => reader.read(LIST))).filter((one) => one !== undefined).length
    }
    for (const _ of [1, 2]) expect(await seenAt('2029-12-31T00:00:00Z')).toBe(LIST.length)
    expect(await seenAt('2030-01-02T00:00:00Z')).toBe(0)
  })

  it('is seen by each as by one of whom nothing is remembered, whatever is written between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await whole()
        for (const write of [() => Promise.resolve(), ...steps]) {
          await write()
          for (const [at, stranger] of strangers().entries()) {
            const own = rights[at] ?? stranger
            const expected = await seenBy(stranger, forgetting(store))
            expect([await seenBy(own, store), await seenBy(own, store)]).toEqual([expected, expected])
          }
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('the consents of a patient', () => {
  it('are waited for by whoever judges while they are on their way', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Version[]>()
    const nothing = (): Promise<never> => Promise.reject(new TypeError('Nobody asks for that'))
    const reader: Whole = {
      read: (keys) => Promise.resolve(keys.map(() => undefined)),
      vread: nothing,
      search: nothing,
      history: nothing,
      identified: nothing,
      consents: () => promise,
    }
    const [clinician] = rights as [Rights]
    const consents = consentsOf(guardFor(clinician), reader)
    const first = consents.load(['a'])
    const judged = consents.load(['a']).then(() => consents.permitsAll(['a']))
    const resource = consent('a', { provision: { type: 'deny' } })
    resolve([{ type: 'Consent', id: 'ca', versionId: '1', lastUpdated: '2026-01-01T00:00:00Z', method: 'PUT', text: '{}', resource }]) // prettier-ignore
    await first
    expect(await judged).toBe(false)
  })

  it('that could not be had are not taken for none', async () => {
    const reader = { consents: () => Promise.reject(new Error('lost')) } as unknown as Whole
    const [clinician] = rights as [Rights]
    const consents = consentsOf(guardFor(clinician), reader)
    await expect(consents.load(['a'])).rejects.toThrow('lost')
    await expect(consents.load(['a'])).rejects.toThrow('lost')
  })
})
