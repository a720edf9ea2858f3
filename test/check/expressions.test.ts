/** Our own code for published expressions says what FHIRPath says. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressions } from '../../src/check/expressions.ts'
import { corrected } from '../../src/check/published.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { compilePath } from '../../src/fhir/path.ts'
import type { Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import type { Node } from '../../src/fhir/walk.ts'

const definitions = await loadDefinitions()
const { model, invariants } = definitions

const REFERENCE = fc.oneof(
  fc.constantFrom('#a', '#b', '#', '#c', 'Patient/1').map((reference): JsonObject => ({ reference })),
  fc.constant<JsonObject>({ display: 'x' }),
)
const CONTAINED = fc.record(
  {
    resourceType: fc.constantFrom('Patient', 'Observation', 'Questionnaire'),
    id: fc.constantFrom('a', 'b'),
    meta: fc.constantFrom({ versionId: '1' }, { security: [{ code: 'R' }] }, { source: '#b' }, { profile: ['#a'] }),
    subject: REFERENCE,
    url: fc.constantFrom('#', '#a', 'http://x.example'),
    contained: fc.constant([{ resourceType: 'Patient' }]),
    text: fc.constant({ status: 'empty', div: '#' }),
  },
  { requiredKeys: ['resourceType'] },
)
const ENTRY = fc.record(
  {
    fullUrl: fc.constantFrom('urn:a', 'urn:b', 'https://x.example/Patient/1/_history/2'),
    _fullUrl: fc.constant({ id: 'x' }),
    resource: fc.constantFrom<Json>(
      { resourceType: 'Patient' },
      { resourceType: 'Patient', meta: { versionId: '1' } },
      { resourceType: 'Composition' },
      { resourceType: 'MessageHeader' },
    ),
    request: fc.constant({ method: 'GET', url: 'Patient' }),
    response: fc.constant({ status: '200' }),
    search: fc.constantFrom<Json>({ mode: 'match' }, { id: 'i' }),
  },
  { requiredKeys: [] },
)
const SHADOW = fc.constantFrom<Json>({ id: 'i' }, { extension: [{ url: 'x' }] })

function concept(system: string, code: string): JsonObject {
  return { coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }] }
}

/** Values that an expression looks into. */
const MEMBERS: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  'Bundle.entry': fc.array(ENTRY, { minLength: 1, maxLength: 3 }),
  'Bundle.type': fc.constantFrom<Json>(
    'document',
    'history',
    'batch',
    'batch-response',
    'transaction',
    'searchset',
    'message',
  ),
  'Bundle.identifier': fc.record(
    { system: fc.constant('urn:a'), value: fc.constant('1'), _value: SHADOW },
    { requiredKeys: [] },
  ),
  'Condition.clinicalStatus': fc.constantFrom<Json>({ text: 'x' }, concept('condition-clinical', 'resolved')),
  'Condition.verificationStatus': fc.constantFrom<Json>(
    { text: 'x' },
    concept('condition-ver-status', 'entered-in-error'),
  ),
  'Timing.repeat.period': fc.constantFrom<Json>(-1, 0, 1.5),
  'Timing.repeat.duration': fc.constantFrom<Json>(-1, 0, 1.5),
  'ContactPoint.use': fc.constantFrom<Json>('home', 'work'),
  'Bundle.entry.fullUrl': fc.constantFrom<Json>('urn:a', 'https://x.example/Patient/1/_history/2'),
  'Observation.contained': fc.array(CONTAINED, { minLength: 1, maxLength: 2 }),
  'Observation.subject': REFERENCE,
  'Observation.text': fc.constantFrom<Json>({ status: 'generated', div: '<div/>' }, { status: 'empty' }),
  'Reference.reference': fc.constantFrom<Json>('#a', '#', '#c', 'Patient/1'),
  'Period.start': fc.constantFrom<Json>('2020', '2021-03', '2020-01-01', '2020-02-01'),
  'Period.end': fc.constantFrom<Json>('2020-01-01', '2019', '2021-02', '2021-03'),
}
const PRIMITIVES: Readonly<Record<string, readonly Json[]>> = {
  boolean: [true, false],
  decimal: [0, 1, -1.5],
  integer: [0, -1],
  positiveInt: [1, 2],
  unsignedInt: [0, 1],
  date: ['2020', '2020-02-01'],
  dateTime: ['2020', '2020-02-01T10:00:00Z'],
}
/** Members of an element, shaped as its definition says: what is not is for the schemas to tell. */
function members(owner: string, name: string): readonly (readonly [string, fc.Arbitrary<Json>])[] {
  const element = model.types[owner]?.elements[name]
  if (element === undefined) return []
  const isPrimitive = model.types[element.type]?.kind === 'primitive-type'
  const one = isPrimitive
    ? fc.constantFrom(...(PRIMITIVES[element.type] ?? ['x', 'y']))
    : fc.constantFrom<Json>({}, { id: 'i' }, { extension: [{ url: 'x' }] })
  const value =
    MEMBERS[`${owner}.${name}`] ?? (element.list === true ? fc.array(one, { minLength: 1, maxLength: 2 }) : one)
  return isPrimitive && element.list !== true
    ? [
        [name, value],
        [`_${name}`, SHADOW],
      ]
    : [[name, value]]
}

/** Each own expression with the type or element that the definitions publish it for. */
const cases = invariants.flatMap((invariant) => {
  const expression = corrected(invariant)
  return Object.hasOwn(expressions, expression) ? [{ expression, at: representative(invariant.at) }] : []
})

function representative(at: readonly string[]): string {
  const [first = ''] = at
  if (first === 'Element') return 'HumanName'
  return at.includes('Observation') ? 'Observation' : first
}

function objects(expression: string, at: string): fc.Arbitrary<JsonObject> {
  const type = typeAt(at)
  const read = new Set([...(expression.match(/[a-z][A-Za-z]+/g) ?? []), 'id'])
  const names = Object.entries(model.types[type]?.elements ?? {}).flatMap(([name, { choice }]) =>
    read.has(choice ?? name) ? [name] : [],
  )
  const some = names.filter((name) => !/^value/.test(name) || ['value', 'valueString', 'valueQuantity'].includes(name))
  const shape = Object.fromEntries(some.flatMap((name) => members(type, name)))
  const isResource = model.types[type]?.kind === 'resource'
  return fc
    .record(shape, { requiredKeys: [] })
    .map((object) => ({ ...(isResource && { resourceType: type }), ...object }))
}

function typeAt(at: string): string {
  if (model.types[at] !== undefined) return at
  const cut = at.lastIndexOf('.')
  return model.types[at.slice(0, cut)]?.elements[at.slice(cut + 1).replace('[x]', 'Range')]?.type ?? at
}

/** The node of an element as a walk gives it, inside a resource that contains #a. */
function nodeOf(value: JsonObject, type: string): Node {
  const container = (
    typeof value['resourceType'] === 'string'
      ? value
      : { resourceType: 'Basic', contained: [{ resourceType: 'Patient', id: 'a' }] }
  ) as Resource
  return {
    value,
    name: 'x',
    index: undefined,
    type,
    model: undefined,
    isShadow: false,
    parent: undefined,
    resource: container,
    container,
  }
}

describe('own code and FHIRPath agree', () => {
  it('there is a case for every expression', () => {
    expect(cases.map(({ expression }) => expression).sort()).toEqual(expect.arrayContaining(Object.keys(expressions)))
  })

  it.each(cases)('$at: $expression', ({ expression, at }) => {
    const type = typeAt(at)
    const isResource = model.types[type]?.kind === 'resource'
    const path = compilePath(expression, isResource ? undefined : type)
    fc.assert(
      fc.property(objects(expression, at), (value) => {
        const node = nodeOf(value, type)
        const own = expressions[expression]?.(node, model)
        if (own === undefined) return
        const copy = structuredClone(value)
        const { resource, container } = isResource ? { resource: copy, container: copy } : node
        const result = path(copy, { resource, rootResource: container })
        expect({ value, kept: own }).toEqual({ value, kept: result.length === 1 && result[0] === true })
      }),
      { numRuns: 300 },
    )
  })
})
