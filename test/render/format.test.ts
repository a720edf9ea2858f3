/** Any value of any type is shown, none is left out, none fails. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/fhir/types.ts'
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
