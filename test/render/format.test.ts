/** Any value of any type is shown, none is left out, none fails. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/fhir/types.ts'
import { humanised, shown } from '../../src/render/wording.ts'
import { design, show, wording } from './reader.ts'

const { model } = design
const types = Object.keys(model.types)

describe('show', () => {
  it('never fails for any JSON of any type', () => {
    const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(value, fc.constantFrom(...types, 'NoSuchType', 'constructor'), (json, type) => {
        expect(show(json, type)).toBeTypeOf('string')
      }),
      { numRuns: 1_000 },
    )
  })

  it('never fails for objects that have elements of their type with anything in them', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    const object = fc.constantFrom(...types).chain((type) => {
      const names = Object.keys(model.types[type]?.elements ?? {})
      const members =
        names.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 })
      return members.map((json) => ({ type, json }))
    })
    fc.assert(
      fc.property(object, ({ type, json }) => {
        expect(show(json, type)).toBeTypeOf('string')
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    [true, 'boolean', 'yes'],
    [false, 'boolean', 'no'],
    ['entered-in-error', 'code', 'entered in error'],
    ['unheard-of', 'code', 'unheard-of'],
    ['10:00:00', 'time', '10:00'],
    [{ reference: 'Patient/1' }, undefined, 'Patient/1'],
    [{ coding: [{ display: 'A' }] }, 'string', 'A'],
    [{ start: '2026' }, undefined, 'since 2026'],
    [['a', 'b', 'a'], 'string', 'a, b'],
  ])('%j as %s is %s', (value, type, printed) => {
    expect(wording.show(value as Json, type)).toBe(printed)
  })

  it('parts repetitions that have commas of their own by semicolons', () => {
    const reasons = { reasonCode: [{ text: 'Diabetes, type 2' }, { text: 'Kidney disease, stage 3' }] }
    expect(shown(reasons, 'Procedure', 'reasonCode', wording)).toBe('Diabetes, type 2; Kidney disease, stage 3')
    const events = { event: ['2026-03-01T08:00:00+01:00', '2026-03-05'] }
    expect(shown(events, 'Timing', 'event', wording).replaceAll('\u00a0', ' ')).toBe(
      '1 Mar 2026, 08:00 +01:00; 5 Mar 2026',
    )
  })

  it('shows where a part of a part ends', () => {
    const provision = {
      type: 'deny',
      provision: [{ type: 'permit', purpose: [{ code: 'TREAT' }] }],
      class: [{ code: 'X' }],
    }
    expect(show(provision, 'Consent.provision')).toBe('Type: deny; Provision: (Type: permit; Purpose: TREAT); Class: X')
  })

  it('shows where a part of several lines ends, and each of several parts', () => {
    const plan = (...notes: readonly string[]): JsonObject => ({
      activity: notes.map((text) => ({ reference: { display: 'Walk' }, progress: [{ text }] })),
    })
    expect(show(plan('slow,\nbut steady'), 'CarePlan')).toBe('Activity: (Walk; Progress: slow,\nbut steady)')
    expect(show(plan('slow', 'quick'), 'CarePlan')).toBe('Activity: (Walk; Progress: slow) (Walk; Progress: quick)')
  })

  it('says before all else of a part what turns it', () => {
    const deleted = { deleted: true, flag: { text: 'stopped' }, item: { display: 'Aspirin' }, date: '2026' }
    expect(show(deleted, 'List.entry')).toBe('Aspirin (stopped) [Deleted: yes]; Date: 2026')
    const detail = { kind: 'Task', code: { text: 'Walk' }, doNotPerform: true, status: 'in-progress' }
    expect(show(detail, 'CarePlan.activity.detail')).toBe('Walk [Do not perform: yes]; Kind: Task; Status: in progress')
  })

  it('tells of each ingredient whether it acts', () => {
    const ingredient = (text: string, isActive: boolean): JsonObject => ({ itemCodeableConcept: { text }, isActive })
    const medication = { ingredient: [ingredient('codeine', true), ingredient('lactose', false)] }
    expect(shown(medication, 'Medication', 'ingredient', wording)).toBe(
      'codeine (Is active: yes)\nlactose (Is active: no)',
    )
  })

  it('says in which unit the time between samples is', () => {
    const sampled = { origin: { value: 0, unit: 'mV' }, period: 10, dimensions: 1, data: '1 2' }
    expect(show(sampled, 'SampledData').replaceAll('\u00a0', ' ')).toBe(
      'Period: 10 ms; Origin: 0 mV; Dimensions: 1; Data: 1 2',
    )
  })

  it('leaves capitals that are short for something as they are', () => {
    expect(humanised('carrierHRF')).toBe('Carrier HRF')
    expect(humanised('clinicalStatus')).toBe('Clinical status')
  })

  it('makes seen what would reorder or hide a text', () => {
    expect(show('5\u202e0\u200b mg\u0007', 'string')).toBe('5[U+202E]0[U+200B] mg[U+0007]')
  })

  it('sets parts of another direction apart', () => {
    expect(show({ given: ['ليلى'], period: { start: '2026' } }, 'HumanName')).toBe(
      '\u2068ليلى\u2069 (Period: since 2026)',
    )
  })
})

/** What a datatype leaves to machines, or says by another of its elements: the text of a concept stands for its codings. */
const QUIET = new Set([
  'CodeableConcept.coding', 'Coding.system', 'Coding.version', 'Coding.code', 'Coding.userSelected', 'Quantity.system', 'Identifier.system', 'Identifier.use',
  'HumanName.family', 'HumanName.given', 'HumanName.prefix', 'HumanName.suffix', 'Address.line', 'Address.city', 'Address.district',
  'Address.state', 'Address.postalCode', 'Address.country', 'ContactPoint.rank', 'Attachment.hash', 'Attachment.url', 'Extension.url', 'Narrative.div',
  'Reference.reference', 'Reference.type', 'Reference.identifier',
]) // prettier-ignore
const STRINGS = new Set(['string', 'markdown', 'code', 'uri', 'url', 'canonical', 'id', 'oid', 'uuid'])

let count = 0

/** One value of a type whose every string is a word of its own, with the words. */
function sample(type: string, words: string[], depth = 0): Json | undefined {
  if (STRINGS.has(type)) {
    words.push(`w${(count += 1)}w`)
    return words.at(-1)
  }
  const elements = model.types[type]?.elements ?? {}
  if (model.types[type]?.kind === 'primitive-type' || depth > 3) return undefined
  const value: Record<string, Json> = {}
  for (const [name, { type: own, list, choice }] of Object.entries(elements)) {
    const isTaken = choice !== undefined && Object.keys(value).some((other) => elements[other]?.choice === choice)
    if (name === 'id' || name === 'extension' || name === 'modifierExtension' || isTaken || own === 'Resource') continue
    const kept = words.length
    const member = sample(own, words, depth + 1)
    if (member === undefined) continue
    value[name] = list ? [member] : member
    if (QUIET.has(`${type}.${name}`)) words.length = kept
    if (name === 'system' && 'comparator' in elements) {
      value[name] = 'http://unitsofmeasure.org'
      words.length = kept
    }
  }
  return Object.keys(value).length === 0 ? undefined : value
}

describe('no part of a datatype is left out', () => {
  const datatypes = types.filter(
    (type) =>
      model.types[type]?.kind === 'complex-type' &&
      ![
        'Extension',
        'Narrative',
        'Element',
        'BackboneElement',
        'Resource',
        'DomainResource',
        'Meta',
        'ElementDefinition',
      ].includes(type),
  )

  it.each(datatypes)('%s', (type) => {
    const words: string[] = []
    const value = sample(type, words) as JsonObject
    const printed = show(value, type)
    expect(words.filter((word) => !printed.includes(word))).toEqual([])
  })
})
