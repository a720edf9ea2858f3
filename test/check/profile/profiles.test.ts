import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { bundleOf, claiming, definitionsWith, found, issuesOf, profile, published, url } from './profiling.ts'
import { check, compileChecks, pass } from '../../../src/check/check.ts'

const AT = 'Bundle.entry[0].resource'
const active = profile('active', 'Patient', [{ id: 'Patient.active', min: 1, max: '1' }])
const subject = profile('p', 'Observation', [
  { id: 'Observation.subject', max: '1', type: [{ code: 'Reference', targetProfile: [url('active')] }] },
])
const observation = claiming('p', { resourceType: 'Observation', subject: { reference: 'Patient/2' } })
const patient = { resourceType: 'Patient', id: '2', active: true }

describe('A reference of a profile', () => {
  const structures = [active, subject]

  test('names a resource that keeps its target profile', () => {
    expect(found([observation, patient], { structures })).toEqual([])
    expect(found([observation, { resourceType: 'Patient', id: '2' }], { structures })).toEqual([
      `profile-target ${AT}.subject`,
    ])
  })

  test('names no resource of another type', () => {
    const other = claiming('p', { resourceType: 'Observation', subject: { reference: 'Group/2' } })
    expect(found([other, { resourceType: 'Group', id: '2' }], { structures })).toEqual([`profile-target ${AT}.subject`])
  })

  test('may name what is not in the document', () => {
    expect(found([observation], { structures })).toEqual([])
  })

  test('may name a contained resource that keeps it', () => {
    const holding = (contained: JsonObject): JsonObject =>
      claiming('p', { resourceType: 'Observation', subject: { reference: '#c' }, contained: [contained] })
    expect(found([holding({ ...patient, id: 'c' })], { structures })).toEqual([])
    expect(found([holding({ resourceType: 'Patient', id: 'c' })], { structures })).toEqual([
      `profile-target ${AT}.subject`,
    ])
  })

  test('names no resource that is in error by itself', () => {
    const issue = {
      severity: 'error',
      code: 'structure',
      text: 'x',
      expression: 'Bundle.entry[1].resource.name[0]',
    } as const
    expect(found([observation, patient], { structures, issues: [issue] })).toEqual([`profile-target ${AT}.subject`])
  })

  test('is judged once where resources name each other', () => {
    const link = { id: 'Patient.link' }
    const other = { id: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [url('linked')] }] }
    const linked = profile('linked', 'Patient', [link, other])
    const one = claiming('linked', { resourceType: 'Patient', link: [{ other: { reference: 'Patient/2' } }] })
    const two = { resourceType: 'Patient', id: '2', link: [{ other: { reference: 'Patient/one' } }] }
    expect(found([one, two], { structures: [linked] })).toEqual([])
  })

  test('lies where its aggregation says', () => {
    const type = [{ code: 'Reference', aggregation: ['contained'] }]
    const contained = profile('p', 'Observation', [{ id: 'Observation.subject', max: '1', type }])
    expect(found([observation, patient], { structures: [contained] })).toEqual([`profile-aggregation ${AT}.subject`])
  })
})

describe('Profiles that apply', () => {
  test('are those that resources name, contained ones too', () => {
    const contained = { ...claiming('active', { resourceType: 'Patient' }), id: 'c' }
    expect(found([{ resourceType: 'Observation', id: '1', contained: [contained] }], { structures: [active] })).toEqual(
      [`profile-min ${AT}.contained[0]`],
    )
  })

  test('are those that are asked for, of the Bundle', () => {
    const structures = [profile('b', 'Bundle', [{ id: 'Bundle.timestamp', min: 1, max: '1' }])]
    expect(found([patient], { structures, asked: [url('b')] })).toEqual(['profile-min Bundle'])
  })

  test('are those that are asked for, of its Composition', () => {
    const structures = [profile('c', 'Composition', [{ id: 'Composition.custodian', min: 1, max: '1' }])]
    const composition = { resourceType: 'Composition', id: '1' }
    expect(found([composition, patient], { structures, asked: [url('c')], type: 'document' })).toEqual([
      `profile-min ${AT}`,
    ])
  })

  test('are of the type of the resource', () => {
    expect(found([claiming('active', { resourceType: 'Group' })], { structures: [active] })).toEqual([
      `profile-type ${AT}`,
    ])
  })

  test('and are not at hand are told, as errors where they were asked for', () => {
    const named = claiming('http://example.org/unknown', { resourceType: 'Patient' })
    expect(issuesOf([named], { structures: [], asked: ['http://example.org/asked'], type: 'document' })).toMatchObject([
      { severity: 'warning', rule: 'profile-unknown', expression: `${AT}.meta.profile[0]` },
      { severity: 'error', rule: 'profile-unknown', expression: 'Bundle' },
    ])
  })

  test('name a version, which is the one that applies', () => {
    const ips = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Patient-uv-ips'
    const named = claiming([`${ips}|2.0.0`, `${ips}|0.0.1`], { resourceType: 'Patient', name: [{}] })
    const rules = issuesOf([named], { structures: [] }).map(({ rule, expression }) => `${rule} ${expression}`)
    expect(rules).toContain(`profile-unknown ${AT}.meta.profile[1]`)
    expect(rules).toContain(`ips-pat-1 ${AT}.name[0]`)
    expect(rules).not.toContain(`profile-unknown ${AT}.meta.profile[0]`)
  })

  test('are that of a vital sign, whose code alone asks for it', () => {
    const weight = {
      resourceType: 'Observation',
      id: '1',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    }
    const issues = issuesOf([weight], { structures: [] })
    expect(issues.map(({ text }) => text)).toContainEqual(expect.stringMatching(/^The element subject is missing/))
    expect(issues).toContainEqual(expect.objectContaining({ rule: 'vs-2', expression: AT }))
  })
})

describe('A Bundle profile', () => {
  const entry = (slice: string, row: JsonObject = {}): JsonObject => ({ id: `Bundle.entry:${slice}`, ...row })
  const resource = (slice: string, code: string, canonical: string): JsonObject => ({
    id: `Bundle.entry:${slice}.resource`,
    min: 1,
    max: '1',
    type: [{ code, profile: [canonical] }],
  })
  const sliced = (types: readonly string[]): JsonObject => ({
    id: 'Bundle.entry',
    slicing: { discriminator: types.map((type) => ({ type, path: 'resource' })), rules: 'open' },
  })

  test('tells entries apart by the type of their resource, which keeps its profile', () => {
    const rows = [
      sliced(['type']),
      entry('patient', { min: 1, max: '1' }),
      resource('patient', 'Patient', url('active')),
    ]
    const structures = [profile('b', 'Bundle', rows), active]
    const of = { structures, asked: [url('b')] }
    expect(found([patient], of)).toEqual([])
    expect(found([{ resourceType: 'Patient', id: '2' }], of)).toEqual([`profile-min ${AT}`])
    expect(found([patient, { ...patient, id: '3' }], of)).toEqual(['profile-max Bundle'])
  })

  test('tells entries apart by the profile that their resource keeps', () => {
    const rows = [
      sliced(['type', 'profile']),
      entry('patient', { min: 1, max: '1' }),
      resource('patient', 'Patient', url('active')),
    ]
    const of = { structures: [profile('b', 'Bundle', rows), active], asked: [url('b')] }
    expect(found([patient, { resourceType: 'Patient', id: '3' }], of)).toEqual([])
    expect(found([{ resourceType: 'Patient', id: '3' }], of)).toEqual(['profile-min Bundle'])
  })
})

describe('An extension', () => {
  const rows = [
    { id: 'Extension.url', min: 1, max: '1', fixedUri: url('ext') },
    { id: 'Extension.value[x]', min: 1, max: '1', type: [{ code: 'code' }] },
  ]
  const structures = [profile('ext', 'Extension', rows)]

  test('that is known keeps its definition wherever it stands', () => {
    const having = (value: JsonObject): JsonObject => ({
      resourceType: 'Patient',
      id: '1',
      name: [{ family: 'x', _family: { extension: [{ url: url('ext'), ...value }] } }],
    })
    expect(found([having({ valueCode: 'x' })], { structures })).toEqual([])
    expect(found([having({ valueString: 'x' })], { structures })).toEqual([
      `profile-type ${AT}.name[0].family.extension[0].value`,
    ])
    expect(found([having({})], { structures })).toEqual([`profile-min ${AT}.name[0].family.extension[0]`])
  })

  test('is a slice by its URL', () => {
    const slicing = { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' }
    const type = [{ code: 'Extension', profile: [url('ext')] }]
    const own = profile('p', 'Patient', [
      { id: 'Patient.extension', slicing },
      { id: 'Patient.extension:ext', min: 1, max: '1', type },
    ])
    const having = (...extension: readonly JsonObject[]): JsonObject =>
      claiming('p', { resourceType: 'Patient', extension })
    const kept = { url: url('ext'), valueCode: 'x' }
    expect(found([having(kept)], { structures: [...structures, own] })).toEqual([])
    expect(found([having({ url: 'urn:other', valueCode: 'x' })], { structures: [...structures, own] })).toEqual([
      `profile-min ${AT}`,
    ])
    expect(found([having(kept, kept)], { structures: [...structures, own] })).toEqual([`profile-max ${AT}`])
  })
})

describe('check', () => {
  const checks = compileChecks(definitionsWith([active]))
  const bundle = bundleOf([claiming('active', { resourceType: 'Patient' })])

  test('tells what profiles find, and stops for none of it unless any error stops', () => {
    const issues = check(bundle, checks).filter(({ profile: by }) => by !== undefined)
    expect(issues).toMatchObject([{ rule: 'profile-min', expression: AT, profile: url('active') }])
    expect(pass(bundle, issues, 'document')).toBe(bundle)
    expect(() => pass(bundle, issues, 'any')).toThrow('active')
  })

  test('asks the profiles that it is given', () => {
    const asked = check(bundle, checks, { profiles: ['urn:none'] })
    expect(asked.map(({ text }) => text)).toContain(
      'The profile urn:none is not at hand, expected one of the packages in use',
    )
  })

  test('leaves out a rule that is off', () => {
    expect(check(bundle, checks, { policy: { 'profile-min': 'off' } }).map(({ rule }) => rule)).not.toContain(
      'profile-min',
    )
  })
})

describe('The packages in use', () => {
  test('have a checker for every profile', () => {
    const { profiles } = compileChecks(published)
    const names = ['Bundle', 'Composition', 'Patient', 'Condition', 'Observation-results-laboratory-pathology']
    const canonicals = names.map((name) => `http://hl7.org/fhir/uv/ips/StructureDefinition/${name}-uv-ips`)
    expect(canonicals.map((canonical) => profiles.compiler.profile(canonical)?.structure.url)).toEqual(canonicals)
  })
})
