import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { claiming, found, issuesOf, profile, url } from './profiling.ts'

const concept = (code: string, system = 'http://example.org/codes'): JsonObject => ({ coding: [{ system, code }] })
const observation = (members: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: concept('a'),
  ...members,
})
const AT = 'Bundle.entry[0].resource'

interface Row {
  readonly name: string
  readonly rows: readonly JsonObject[]
  readonly keeps: readonly JsonObject[]
  readonly breaks: JsonObject
  readonly finds: readonly string[]
}

const rows: readonly Row[] = [
  {
    name: 'an element that must be there',
    rows: [{ id: 'Observation.issued', min: 1, max: '1' }],
    keeps: [observation({ issued: '2026-01-01T00:00:00Z' }), observation({ _issued: { extension: [{ url: 'x' }] } })],
    breaks: observation({}),
    finds: [`profile-min ${AT}`],
  },
  {
    name: 'an element that must not be there',
    rows: [{ id: 'Observation.note', max: '0' }],
    keeps: [observation({})],
    breaks: observation({ note: [{ text: 'x' }] }),
    finds: [`profile-max ${AT}`],
  },
  {
    name: 'an element that may be there so often',
    rows: [{ id: 'Observation.performer', min: 2, max: '3' }],
    keeps: [observation({ performer: [{ display: 'a' }, { display: 'b' }, { display: 'c' }] })],
    breaks: observation({ performer: [{ display: 'a' }] }),
    finds: [`profile-min ${AT}`],
  },
  {
    name: 'a choice that must be there, whatever its type',
    rows: [{ id: 'Observation.effective[x]', min: 1, max: '1', type: [{ code: 'dateTime' }, { code: 'Period' }] }],
    keeps: [observation({ effectiveDateTime: '2026' }), observation({ effectivePeriod: { start: '2026' } })],
    breaks: observation({}),
    finds: [`profile-min ${AT}`],
  },
  {
    name: 'the types of a choice',
    rows: [{ id: 'Observation.value[x]', max: '1', type: [{ code: 'Quantity' }, { code: 'string' }] }],
    keeps: [observation({ valueString: 'x' }), observation({ valueQuantity: { value: 1 } })],
    breaks: observation({ valueBoolean: true }),
    finds: [`profile-type ${AT}.value`],
  },
  {
    name: 'a fixed value',
    rows: [{ id: 'Observation.status', min: 1, max: '1', fixedCode: 'final' }],
    keeps: [observation({})],
    breaks: observation({ status: 'amended' }),
    finds: [`profile-fixed ${AT}.status`],
  },
  {
    name: 'a fixed value, which has nothing besides',
    rows: [{ id: 'Observation.code', min: 1, max: '1', fixedCodeableConcept: { coding: [{ code: 'a' }] } }],
    keeps: [observation({ code: { coding: [{ code: 'a' }] } })],
    breaks: observation({ code: { coding: [{ code: 'a' }], text: 'more' } }),
    finds: [`profile-fixed ${AT}.code`],
  },
  {
    name: 'a fixed decimal, by its value',
    rows: [{ id: 'Observation.value[x]', max: '1', type: [{ code: 'Quantity' }], fixedQuantity: { value: 1.5 } }],
    keeps: [observation({ valueQuantity: { value: JSON.rawJSON('1.50') } })],
    breaks: observation({ valueQuantity: { value: 1.6 } }),
    finds: [`profile-fixed ${AT}.value`],
  },
  {
    name: 'a pattern, beside which there may be more',
    rows: [{ id: 'Observation.code', min: 1, max: '1', patternCodeableConcept: concept('a') }],
    keeps: [
      observation({
        code: { coding: [{ code: 'b' }, { system: 'http://example.org/codes', code: 'a', display: 'A' }], text: 't' },
      }),
    ],
    breaks: observation({
      code: {
        coding: [
          { system: 'http://example.org/codes', code: 'b' },
          { system: 'urn:x', code: 'a' },
        ],
      },
    }),
    finds: [`profile-pattern ${AT}.code`],
  },
  {
    name: 'a length',
    rows: [{ id: 'Observation.value[x]', max: '1', maxLength: 3, type: [{ code: 'string' }] }],
    keeps: [observation({ valueString: 'abc' }), observation({ valueString: '𝒳𝒳𝒳' })],
    breaks: observation({ valueString: 'abcd' }),
    finds: [`profile-max-length ${AT}.value`],
  },
  {
    name: 'a least value',
    rows: [{ id: 'Observation.value[x]', max: '1', minValueInteger: 3, type: [{ code: 'integer' }] }],
    keeps: [observation({ valueInteger: 3 })],
    breaks: observation({ valueInteger: 2 }),
    finds: [`profile-min-value ${AT}.value`],
  },
  {
    name: 'a greatest value, of times by what they mean',
    rows: [{ id: 'Observation.issued', max: '1', maxValueInstant: '2026-01-01T12:00:00Z' }],
    keeps: [observation({ issued: '2026-01-01T13:30:00+02:00' })],
    breaks: observation({ issued: '2026-01-01T12:30:00Z' }),
    finds: [`profile-max-value ${AT}.issued`],
  },
  {
    name: 'elements below others',
    rows: [
      { id: 'Observation.component' },
      { id: 'Observation.component.code', min: 1, max: '1' },
      { id: 'Observation.component.code.text', min: 1, max: '1' },
    ],
    keeps: [observation({ component: [{ code: { text: 'x' } }] }), observation({})],
    breaks: observation({ component: [{ code: { text: 'x' } }, { code: concept('a') }] }),
    finds: [`profile-min ${AT}.component[1].code`],
  },
  {
    name: 'what stands beside a primitive',
    rows: [
      { id: 'Observation.status', max: '1' },
      { id: 'Observation.status.extension', min: 1 },
    ],
    keeps: [observation({ _status: { extension: [{ url: 'x' }] } })],
    breaks: observation({}),
    finds: [`profile-min ${AT}.status`],
  },
  {
    name: 'a constraint',
    rows: [{ id: 'Observation.code', max: '1', constraint: [constraint('own-1', 'text.exists()')] }],
    keeps: [observation({ code: { text: 'x' } })],
    breaks: observation({}),
    finds: [`own-1 ${AT}.code`],
  },
  {
    name: 'a constraint of a choice',
    rows: [
      {
        id: 'Observation.effective[x]',
        max: '1',
        constraint: [constraint('own-2', '$this is dateTime implies $this.toString().length() > 4')],
      },
    ],
    keeps: [observation({ effectiveDateTime: '2026-01' }), observation({ effectivePeriod: {} })],
    breaks: observation({ effectiveDateTime: '2026' }),
    finds: [`own-2 ${AT}.effective`],
  },
  {
    name: 'a constraint that compares primitives, by their values',
    rows: [
      {
        id: 'Observation.method',
        max: '1',
        constraint: [constraint('own-4', "text = (text.extension('http://example.org/x').value as string)")],
      },
    ],
    keeps: [
      observation({ method: { text: 'a', _text: { extension: [{ url: 'http://example.org/x', valueString: 'a' }] } } }),
    ],
    breaks: observation({
      method: { text: 'a', _text: { extension: [{ url: 'http://example.org/x', valueString: 'b' }] } },
    }),
    finds: [`own-4 ${AT}.method`],
  },
]

function constraint(key: string, expression: string): JsonObject {
  return { key, severity: 'error', human: `What ${key} asks.`, expression, source: url('p') }
}

describe('A profile asks for', () => {
  test.each(rows)('$name', ({ rows: own, keeps, breaks, finds }) => {
    const structures = [profile('p', 'Observation', own)]
    for (const kept of keeps) expect(found([claiming('p', kept)], { structures })).toEqual([])
    expect(found([claiming('p', breaks)], { structures })).toEqual(finds)
  })
})

describe('A finding', () => {
  test('says what was found, what is allowed and which profile asks', () => {
    const structures = [profile('p', 'Observation', [{ id: 'Observation.status', fixedCode: 'final' }])]
    expect(issuesOf([claiming('p', observation({ status: 'amended' }))], { structures })).toEqual([
      {
        severity: 'error',
        code: 'value',
        text: 'There is "amended", expected exactly "final", by the profile p',
        expression: `${AT}.status`,
        rule: 'profile-fixed',
        source: url('p'),
        profile: url('p'),
      },
    ])
  })

  test('has the severity, key and words of the constraint that it breaks', () => {
    const own = { ...constraint('own-3', 'issued.exists()'), severity: 'warning' }
    const structures = [profile('p', 'Observation', [], { constraint: [own] })]
    expect(issuesOf([claiming('p', observation({}))], { structures })).toMatchObject([
      { severity: 'warning', rule: 'own-3', text: 'What own-3 asks', expression: AT },
    ])
  })
})

describe('A profile', () => {
  test('that repeats its base asks for nothing', () => {
    const structures = [profile('p', 'Observation', [{ id: 'Observation.status', min: 1, max: '1' }])]
    expect(found([claiming('p', { resourceType: 'Observation' })], { structures })).toEqual([])
  })

  test('follows a reference to an element of its own, and leaves one of the base to the base', () => {
    const rows = (contentReference: string): readonly JsonObject[] => [
      { id: 'Composition.section' },
      { id: 'Composition.section.title', min: 1, max: '1' },
      { id: 'Composition.section.section', contentReference },
    ]
    const nested = { resourceType: 'Composition', section: [{ title: 'a', section: [{ title: 'b', section: [{}] }] }] }
    const own = [profile('p', 'Composition', rows('#Composition.section'))]
    const base = 'http://hl7.org/fhir/StructureDefinition/Composition#Composition.section'
    expect(found([claiming('p', nested)], { structures: own })).toEqual([
      `profile-min ${AT}.section[0].section[0].section[0]`,
    ])
    expect(found([claiming('p', nested)], { structures: [profile('p', 'Composition', rows(base))] })).toEqual([])
  })

  test('of a datatype is kept by the elements that name it', () => {
    const coded = profile('coded', 'CodeableConcept', [{ id: 'CodeableConcept.coding', min: 1 }])
    const row = { id: 'Observation.code', max: '1', type: [{ code: 'CodeableConcept', profile: [url('coded')] }] }
    const structures = [profile('p', 'Observation', [row]), coded]
    expect(found([claiming('p', observation({}))], { structures })).toEqual([])
    expect(found([claiming('p', observation({ code: { text: 'x' } }))], { structures })).toEqual([
      `profile-min ${AT}.code`,
    ])
  })

  test('is kept where one of several profiles on a type is', () => {
    const one = profile('one', 'CodeableConcept', [{ id: 'CodeableConcept.coding', min: 1 }])
    const two = profile('two', 'CodeableConcept', [{ id: 'CodeableConcept.text', min: 1, max: '1' }])
    const type = [{ code: 'CodeableConcept', profile: [url('one'), url('two')] }]
    const structures = [profile('p', 'Observation', [{ id: 'Observation.code', max: '1', type }]), one, two]
    expect(found([claiming('p', observation({ code: { text: 'x' } }))], { structures })).toEqual([])
    expect(found([claiming('p', observation({ code: { id: 'x' } }))], { structures })).toEqual([
      `profile-type ${AT}.code`,
    ])
  })
})
