/** Every modifier element of every type is printed, and a modifier that nobody knows silences its resource (H-9). */

import { describe, expect, it } from 'vitest'
import type { Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import { isUnusual, modifierNames, unknownModifiers } from '../../src/render/modifiers.ts'
import { page } from '../../src/render/page.ts'
import { narrate } from '../../src/render/narrate.ts'
import { labelOf } from '../../src/render/wording.ts'
import { design, documentOf, readable, show, wording } from './reader.ts'
import type { Collected } from '../../src/fhir/types.ts'

const { model } = design
const resourceTypes = Object.keys(model.types).filter((type) => model.types[type]?.kind === 'resource')

/** By type, a value of a modifier element that no other part of the page says, and how it is told. */
const SAMPLES: Readonly<Record<string, readonly [value: Json, told: string]>> = {
  boolean: [true, 'yes'],
  code: ['odd-modifier', 'odd-modifier'],
  CodeableConcept: [{ text: 'odd modifier' }, 'odd modifier'],
  dateTime: ['2026-02-03', '3 Feb 2026'],
  Ratio: [{ numerator: { value: 7, unit: 'odd' }, denominator: { value: 9, unit: 'odd' } }, '7 odd / 9 odd'],
  'Patient.link': [{ other: { display: 'odd person' }, type: 'odd-modifier' }, 'odd person (odd-modifier)'],
  'Questionnaire.item.enableWhen': [
    { question: 'odd-modifier', operator: '=', answerString: 'odd' },
    'Question odd-modifier Operator = Answer odd',
  ],
}

interface Case {
  readonly type: string
  readonly path: string
  readonly told: string
  /** The label of the element, which must stand beside a yes. */
  readonly label: string
  readonly resource: Resource
}

/** Each modifier element of a resource type and its parts, in a resource that has nothing else. */
function casesOf(
  type: string,
  owner = type,
  wrap: (part: JsonObject) => JsonObject = (part) => part,
  depth = 0,
): readonly Case[] {
  return Object.entries(model.types[owner]?.elements ?? {}).flatMap(([name, element]): readonly Case[] => {
    if (name === 'modifierExtension' || name === 'implicitRules') return []
    const whole = (value: Json): JsonObject => wrap({ [name]: element.list ? [value] : value })
    const isPart = model.types[element.type]?.kind === 'backbone' && element.type !== owner && depth < 4
    const below = isPart ? casesOf(type, element.type, whole, depth + 1) : []
    if (element.modifier !== true) return below
    const sample = SAMPLES[element.type]
    if (sample === undefined) throw new TypeError(`No sample of ${element.type}`)
    const [value, told] = sample
    const label = labelOf(owner, name, wording)
    return [
      { type, path: `${owner}.${name}`, told, label, resource: { resourceType: type, id: 'x', ...whole(value) } },
      ...below,
    ]
  })
}

const cases = resourceTypes
  .filter((type) => type !== 'Composition' && type !== 'Patient')
  .flatMap((type) => casesOf(type))

describe('the modifiers that the definitions name', () => {
  it('are well over a hundred, and some are in parts of resources', () => {
    expect(cases.length).toBeGreaterThan(120)
    expect(cases.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'MedicationRequest.doNotPerform',
        'CarePlan.activity.detail.doNotPerform',
        'List.entry.deleted',
      ]),
    )
  })

  it.each(cases)('$path is printed', ({ type, told, label, resource }) => {
    const bundle = documentOf({ section: [{ title: 'S', entry: [{ reference: `${type}/x` }] }] }, resource)
    const printed = readable(page(bundle, design).xhtml)
    expect(printed).toContain(told)
    if (told === 'yes') expect(printed).toContain(label)
  })

  it.each(casesOf('Patient'))('$path is printed in the head of the page', ({ told, label, resource }) => {
    const printed = readable(page(documentOf({}, { ...resource, id: 'p' }), design).xhtml)
    expect(printed).toContain(`${label} ${told}`)
  })

  it('of datatypes are printed with their values', () => {
    const datatypes = Object.keys(model.types).filter((type) => model.types[type]?.kind === 'complex-type')
    const names = datatypes.flatMap((type) => modifierNames(type, model).map((name) => [type, name] as const))
    expect(names.length).toBeGreaterThan(7)
    for (const [type, name] of names)
      expect(show({ [name]: 'odd-modifier', value: 1 }, type), type).toContain('odd-modifier')
  })
})

describe('isUnusual', () => {
  it.each([
    ['status', 'final', false],
    ['status', 'entered-in-error', true],
    ['status', 'anything', true],
    ['active', true, false],
    ['active', false, true],
    ['doNotPerform', true, true],
    ['doNotPerform', false, false],
    ['verificationStatus', { coding: [{ code: 'confirmed' }] }, false],
    ['verificationStatus', { coding: [{ code: 'refuted' }] }, true],
    ['verificationStatus', { text: 'refuted' }, true],
    ['status', undefined, false],
  ])('%s %j: %s', (name, value, unusual) => {
    expect(isUnusual(name, value as Json | undefined)).toBe(unusual)
  })
})

const negation = 'https://other.example/negated'

const places: readonly (readonly [string, JsonObject])[] = [
  ['in the resource', { modifierExtension: [{ url: negation, valueBoolean: true }] }],
  ['in a part of it', { performer: [{ actor: { display: 'x' }, modifierExtension: [{ url: negation }] }] }],
  [
    'in a contained resource',
    { contained: [{ resourceType: 'Device', id: 'd', modifierExtension: [{ url: negation }] }] },
  ],
  ['as implicit rules', { implicitRules: negation }],
]

describe('a modifier that is not known', () => {
  it.each(places)('%s is found', (_, part) => {
    expect(unknownModifiers({ resourceType: 'Procedure', ...part }, 'P').map(({ url }) => url)).toEqual([negation])
  })

  it.each(places)('%s leaves nothing said of the resource but that, and is an issue', (_, part) => {
    const procedure: Resource = {
      resourceType: 'Procedure',
      id: 'x',
      status: 'completed',
      code: { text: 'Coronary stent' },
      ...part,
    }
    const section = [{ title: 'S', entry: [{ reference: 'Procedure/x' }] }]
    const { xhtml, issues } = page(documentOf({ section }, procedure), design)
    expect(readable(xhtml)).not.toContain('Coronary stent')
    expect(readable(xhtml)).toContain(
      `Procedure is not shown: it bears a modifier that is not known here (${negation})`,
    )
    expect(issues).toMatchObject([{ rule: 'not-narrated', severity: 'warning' }])
    expect(issues[0]?.expression).toMatch(/^Bundle\.entry\[2\]\.resource\./)
    const narrated = narrate(documentOf({ status: 'preliminary', section }, procedure) as Collected, design)
    expect(JSON.stringify(narrated.bundle.entry?.[0])).toContain('is not shown: it bears a modifier')
    expect(JSON.stringify(narrated.bundle.entry?.[0])).not.toContain('Coronary stent')
    expect(narrated.issues.map(({ rule }) => rule)).toContain('not-narrated')
  })

  it('in the Composition or the subject is a banner, and nothing is generated', () => {
    const part = { modifierExtension: [{ url: negation }] }
    expect(readable(page(documentOf(part), design).xhtml)).toContain(
      `This document bears a modifier that is not known here (${negation})`,
    )
    const patient: Resource = { resourceType: 'Patient', id: 'p', maritalStatus: { text: 'widowed' }, ...part }
    const told = readable(page(documentOf({}, patient), design).xhtml)
    expect(told).toContain('The record of the subject bears a modifier')
    expect(told).not.toContain('widowed')
    const bundle = documentOf({
      status: 'preliminary',
      section: [{ title: 'S', entry: [{ reference: 'Patient/p' }] }],
      ...part,
    }) as Collected
    expect(narrate(bundle, design).bundle).toBe(bundle)
  })

  it('is told where another resource names the one that bears it', () => {
    const medication: Resource = {
      resourceType: 'Medication',
      id: 'm',
      code: { text: 'Bisoprolol' },
      implicitRules: negation,
    }
    const request: Resource = {
      resourceType: 'MedicationRequest',
      id: 'r',
      status: 'active',
      intent: 'order',
      medicationReference: { reference: 'Medication/m' },
    }
    const told = readable(
      page(
        documentOf({ section: [{ title: 'S', entry: [{ reference: 'MedicationRequest/r' }] }] }, request, medication),
        design,
      ).xhtml,
    )
    expect(told).toContain(`bears a modifier that is not known here: ${negation}`)
  })
})
