import { describe, expect, test } from 'vitest'
import type { Structure } from '../../../src/fhir/library.ts'
import type { JsonObject, Resource } from '../../../src/fhir/types.ts'
import { claiming, found, issuesOf, profile, url } from './profiling.ts'

const AT = 'Bundle.entry[0].resource'
const SYSTEM = 'http://example.org/codes'
const concept = (code: string): JsonObject => ({ coding: [{ system: SYSTEM, code }] })
const category = (...codes: readonly string[]): JsonObject => ({
  resourceType: 'Observation',
  category: codes.map(concept),
})
const by = (type: string, path: string): JsonObject => ({ type, path })

function sliced(discriminator: readonly JsonObject[], rules: JsonObject = {}): JsonObject {
  return { id: 'Observation.category', slicing: { discriminator, rules: 'open', ...rules } }
}

const two = (rules: JsonObject = {}): readonly Structure[] => [
  profile('p', 'Observation', [
    sliced([by('pattern', '$this')], rules),
    { id: 'Observation.category:a', min: 1, max: '1', patternCodeableConcept: concept('a') },
    { id: 'Observation.category:b', max: '2', patternCodeableConcept: concept('b') },
  ]),
]

describe('A slice', () => {
  test('is counted', () => {
    expect(found([claiming('p', category('a', 'b', 'b', 'c'))], { structures: two() })).toEqual([])
    expect(found([claiming('p', category('b'))], { structures: two() })).toEqual([`profile-min ${AT}`])
    expect(found([claiming('p', category('a', 'a'))], { structures: two() })).toEqual([`profile-max ${AT}`])
  })

  test('is named where it is missing', () => {
    expect(issuesOf([claiming('p', category())], { structures: two() })).toMatchObject([
      { text: 'There is no category of the slice a, expected at least 1, by the profile p' },
    ])
  })

  test('that must not be there is told where it is', () => {
    const structures = [
      profile('p', 'Observation', [
        sliced([by('value', 'coding.code')]),
        { id: 'Observation.category:a', max: '0' },
        { id: 'Observation.category:a.coding' },
        { id: 'Observation.category:a.coding.code', min: 1, max: '1', fixedCode: 'a' },
      ]),
    ]
    expect(found([claiming('p', category('b', 'a'))], { structures })).toEqual([`profile-max ${AT}.category[1]`])
  })

  test('asks of its elements what it says of them', () => {
    const structures = [
      profile('p', 'Observation', [
        sliced([by('pattern', '$this')]),
        { id: 'Observation.category:a', patternCodeableConcept: concept('a') },
        { id: 'Observation.category:a.text', min: 1, max: '1' },
      ]),
    ]
    expect(found([claiming('p', category('b', 'a'))], { structures })).toEqual([`profile-min ${AT}.category[1]`])
  })

  test('of which nothing tells what is of it asks for nothing', () => {
    const structures = [
      profile('p', 'Observation', [
        sliced([by('value', 'coding.code')], { rules: 'closed' }),
        { id: 'Observation.category:a', min: 1 },
      ]),
    ]
    expect(found([claiming('p', category('b'))], { structures })).toEqual([])
  })
})

describe('The rules of a slicing', () => {
  test('closed allow nothing besides', () => {
    const structures = two({ rules: 'closed' })
    expect(found([claiming('p', category('b', 'a'))], { structures })).toEqual([])
    expect(found([claiming('p', category('a', 'c'))], { structures })).toEqual([`profile-closed ${AT}.category[1]`])
  })

  test('open at the end allow others after the slices alone', () => {
    const structures = two({ rules: 'openAtEnd' })
    expect(found([claiming('p', category('b', 'a', 'c'))], { structures })).toEqual([])
    expect(found([claiming('p', category('c', 'a'))], { structures })).toEqual([`profile-order ${AT}.category[1]`])
  })

  test('ordered keep the order of the slices', () => {
    const structures = two({ ordered: true })
    expect(found([claiming('p', category('a', 'c', 'b'))], { structures })).toEqual([])
    expect(found([claiming('p', category('b', 'a'))], { structures })).toEqual([`profile-order ${AT}.category[1]`])
  })

  test('ask the default slice of all that are of no other', () => {
    const structures = [
      profile('p', 'Observation', [
        sliced([by('pattern', '$this')], { rules: 'closed' }),
        { id: 'Observation.category:a', patternCodeableConcept: concept('a') },
        { id: 'Observation.category:@default' },
        { id: 'Observation.category:@default.text', min: 1, max: '1' },
      ]),
    ]
    const named = { ...concept('c'), text: 'c' }
    expect(
      found([claiming('p', { resourceType: 'Observation', category: [concept('a'), named] })], { structures }),
    ).toEqual([])
    expect(found([claiming('p', category('a', 'c'))], { structures })).toEqual([`profile-min ${AT}.category[1]`])
  })

  test('go on in the slices of a slice', () => {
    const structures = [
      profile('p', 'Observation', [
        sliced([by('pattern', '$this')]),
        {
          id: 'Observation.category:a',
          patternCodeableConcept: concept('a'),
          slicing: { discriminator: [by('exists', 'text')], rules: 'open' },
        },
        { id: 'Observation.category:a/told', min: 1, max: '1' },
        { id: 'Observation.category:a/told.text', min: 1, max: '1' },
        { id: 'Observation.category:a/untold' },
        { id: 'Observation.category:a/untold.text', max: '0' },
      ]),
    ]
    const told = { ...concept('a'), text: 'a' }
    expect(
      found([claiming('p', { resourceType: 'Observation', category: [concept('a'), told] })], { structures }),
    ).toEqual([])
    expect(found([claiming('p', category('a'))], { structures })).toEqual([`profile-min ${AT}`])
  })
})

const valueSet = {
  resourceType: 'ValueSet',
  url: 'http://example.org/fhir/ValueSet/ab',
  compose: { include: [{ system: SYSTEM, concept: [{ code: 'a' }, { code: 'b' }] }] },
} as unknown as Resource

interface Told {
  readonly name: string
  readonly discriminator: readonly JsonObject[]
  /** The rows of the slice, `x` for the list and its slice. */
  readonly rows: readonly JsonObject[]
  readonly of: readonly JsonObject[]
  readonly not: readonly JsonObject[]
}

const x = (rest: string, row: JsonObject = {}): JsonObject => ({ id: `Observation.component:s${rest}`, ...row })

const told: readonly Told[] = [
  {
    name: 'a fixed value on a nested path',
    discriminator: [by('value', 'code.coding.code')],
    rows: [x('.code'), x('.code.coding'), x('.code.coding.code', { min: 1, max: '1', fixedCode: 'a' })],
    of: [{ code: concept('a') }],
    not: [{ code: concept('b') }, { code: { text: 'a' } }],
  },
  {
    name: 'a fixed value of one of the slices on the way',
    discriminator: [by('value', 'interpretation.text')],
    rows: [
      x('.interpretation', { min: 1, slicing: { discriminator: [by('value', 'text')], rules: 'open' } }),
      x('.interpretation:high', { min: 1 }),
      x('.interpretation:high.text', { min: 1, max: '1', fixedString: 'high' }),
    ],
    of: [{ interpretation: [{ text: 'low' }, { text: 'high' }] }],
    not: [{ interpretation: [{ text: 'low' }] }],
  },
  {
    name: 'a pattern above the end of the path',
    discriminator: [by('value', 'code.coding.code')],
    rows: [x('.code', { patternCodeableConcept: concept('a') })],
    of: [{ code: concept('a') }],
    not: [{ code: concept('b') }],
  },
  {
    name: 'a required binding',
    discriminator: [by('value', 'code')],
    rows: [x('.code', { binding: { strength: 'required', valueSet: 'http://example.org/fhir/ValueSet/ab' } })],
    of: [{ code: concept('b') }],
    not: [{ code: concept('c') }],
  },
  {
    name: 'that something is there',
    discriminator: [by('exists', 'interpretation')],
    rows: [x('.interpretation', { min: 1 })],
    of: [{ interpretation: [concept('a')] }],
    not: [{}],
  },
  {
    name: 'that something is not there',
    discriminator: [by('exists', 'interpretation')],
    rows: [x('.interpretation', { max: '0' })],
    of: [{}],
    not: [{ interpretation: [concept('a')] }],
  },
  {
    name: 'the type of a choice',
    discriminator: [by('type', 'value')],
    rows: [x('.value[x]', { max: '1', type: [{ code: 'Quantity' }] })],
    of: [{ valueQuantity: { value: 1 } }],
    not: [{ valueString: 'x' }, {}],
  },
  {
    name: 'a choice as one of its types',
    discriminator: [by('value', 'value.ofType(Quantity).unit')],
    rows: [
      x('.value[x]', { max: '1', type: [{ code: 'Quantity' }] }),
      x('.value[x].unit', { min: 1, max: '1', fixedString: 'mg' }),
    ],
    of: [{ valueQuantity: { unit: 'mg' } }],
    not: [{ valueQuantity: { unit: 'g' } }, { valueString: 'mg' }],
  },
  {
    name: 'an extension',
    discriminator: [by('value', "extension('http://example.org/kind').value")],
    rows: [
      x('.extension', { slicing: { discriminator: [by('value', 'url')], rules: 'open' } }),
      x('.extension:kind'),
      x('.extension:kind.url', { min: 1, max: '1', fixedUri: 'http://example.org/kind' }),
      x('.extension:kind.value[x]', { min: 1, max: '1', fixedCode: 'k' }),
    ],
    of: [
      {
        extension: [
          { url: 'http://example.org/other', valueCode: 'k' },
          { url: 'http://example.org/kind', valueCode: 'k' },
        ],
      },
    ],
    not: [{ extension: [{ url: 'http://example.org/kind', valueCode: 'l' }] }],
  },
  {
    name: 'two things at once',
    discriminator: [by('value', 'code'), by('exists', 'interpretation')],
    rows: [x('.code', { patternCodeableConcept: concept('a') }), x('.interpretation', { min: 1 })],
    of: [{ code: concept('a'), interpretation: [concept('h')] }],
    not: [{ code: concept('a') }, { code: concept('b'), interpretation: [concept('h')] }],
  },
  {
    name: 'the profile of a part',
    discriminator: [by('profile', 'code')],
    rows: [x('.code', { type: [{ code: 'CodeableConcept', profile: [url('texted')] }] })],
    of: [{ code: { text: 'x' } }],
    not: [{ code: concept('a') }],
  },
  {
    name: 'the place',
    discriminator: [by('position', '$this')],
    rows: [],
    of: [{}],
    not: [],
  },
]

const texted = profile('texted', 'CodeableConcept', [{ id: 'CodeableConcept.text', min: 1, max: '1' }])

describe('Slices are told apart by', () => {
  test.each(told)('$name', ({ discriminator, rows, of, not }) => {
    const list = { id: 'Observation.component', slicing: { discriminator, rules: 'open' } }
    const structures = [profile('p', 'Observation', [list, x('', { min: 1 }), ...rows]), texted]
    const having = (...component: readonly JsonObject[]): JsonObject =>
      claiming('p', { resourceType: 'Observation', component })
    for (const one of of) expect(found([having(one)], { structures, valueSets: [valueSet] })).toEqual([])
    for (const one of not)
      expect(found([having(one)], { structures, valueSets: [valueSet] })).toEqual([`profile-min ${AT}`])
    expect(found([having()], { structures, valueSets: [valueSet] })).toEqual([`profile-min ${AT}`])
  })

  test('the type of a choice, where only the name of the slice says it', () => {
    const row = { path: 'Observation.value[x]', max: '1', type: [{ code: 'Quantity' }] }
    const structures = [
      profile('p', 'Observation', [
        { id: 'Observation.value[x]', max: '1' },
        { id: 'Observation.value[x]:valueQuantity', ...row },
        { id: 'Observation.value[x]:valueQuantity.unit', path: 'Observation.value[x].unit', min: 1, max: '1' },
      ]),
    ]
    expect(found([claiming('p', { resourceType: 'Observation', valueString: 'x' })], { structures })).toEqual([])
    expect(
      found([claiming('p', { resourceType: 'Observation', valueQuantity: { value: 1 } })], { structures }),
    ).toEqual([`profile-min ${AT}.value`])
  })

  test('the resource that a reference names', () => {
    const structures = [
      profile('p', 'Composition', [
        { id: 'Composition.author', slicing: { discriminator: [by('type', 'resolve()')], rules: 'open' } },
        {
          id: 'Composition.author:person',
          min: 1,
          type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Practitioner'] }],
        },
      ]),
    ]
    const composition = claiming('p', { resourceType: 'Composition', author: [{ reference: 'Practitioner/2' }] })
    const other = claiming('p', { resourceType: 'Composition', author: [{ reference: 'Organization/2' }] })
    expect(found([composition, { resourceType: 'Practitioner', id: '2' }], { structures })).toEqual([])
    expect(found([other, { resourceType: 'Organization', id: '2' }], { structures })).toEqual([`profile-min ${AT}`])
  })

  test('the profile of the resource that a reference names', () => {
    const active = profile('active', 'Practitioner', [{ id: 'Practitioner.active', min: 1, max: '1' }])
    const structures = [
      profile('p', 'Composition', [
        { id: 'Composition.author', slicing: { discriminator: [by('profile', 'resolve()')], rules: 'open' } },
        { id: 'Composition.author:person', min: 1, type: [{ code: 'Reference', targetProfile: [url('active')] }] },
      ]),
      active,
    ]
    const composition = claiming('p', { resourceType: 'Composition', author: [{ reference: 'Practitioner/2' }] })
    expect(found([composition, { resourceType: 'Practitioner', id: '2', active: true }], { structures })).toEqual([])
    expect(found([composition, { resourceType: 'Practitioner', id: '2' }], { structures })).toEqual([
      `profile-min ${AT}`,
    ])
  })
})
