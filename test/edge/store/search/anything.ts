/** Resources of any type with any values that the definitions allow: absent, alone or many, of each type of a choice. */

import type { Json, JsonObject, Resource } from '../../../../src/fhir/types.ts'
import { model } from '../../../model.ts'
import { BASE, built } from './records.ts'

const targets = built('targets') as Readonly<Record<string, readonly string[]>>

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export type Random = () => number

export function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T
}

export const STRINGS = [
  ...[
    'Anna',
    'ANNA',
    'anna b',
    'Müller',
    'MU\u0308LLER',
    'Muller',
    'Straße',
    'STRASSE',
    '\u{FB01}sch',
    'Fisch',
    'Çelik',
  ],
  ...[
    'İstanbul',
    'istanbul',
    'ΠΑΠΑΣ',
    'Παπασταθης',
    'παπάς',
    "O'Neill",
    'ONeill',
    'Jean-Luc',
    'a,b',
    'x|y',
    'c$d',
    '日本',
  ],
  ...[
    'back\\slash',
    '100%',
    'under_score',
    'が',
    'か',
    'Nguyễn',
    'x'.repeat(300),
    `${'x'.repeat(63)}y`,
    'tab\there',
    'À',
  ],
]
const NUMBERS = [100, 99.6, 100.4, 5.4, 5.44, 5.45, 0.0054, 0.001, -2, 0, 250000, 1, 2, 3]
const DATES = ['2020', '2020-02', '2020-02-29', '2020-03-01', '1999-12-31', '2026', '2019-12', '0999-01-01']
const TIMES = [
  ...['2020-02-29T23:30:00-05:00', '2020-03-01T04:30:00Z', '2020-02-29T10:00:00.123+05:30', '2019-12-31T23:59:59.999Z'],
  '2020-02-29T04:30:00Z',
]
const URIS = ['http://a.example/x', 'http://a.example/x/y', 'http://a.example/xy', 'urn:oid:1.2.3', 'http://A.example/x', 'urn:a,b'] // prettier-ignore
const CODES = ['active', 'final', 'A', 'a', '8867-4', 'a|b', 'mg', 'g']
const SYSTEMS = ['http://loinc.org', 'urn:s', 'http://unitsofmeasure.org', undefined]

const PRIMITIVES: Readonly<Record<string, readonly (string | number | boolean)[]>> = {
  ...{
    string: STRINGS,
    markdown: STRINGS,
    code: CODES,
    id: ['a1', 'A1'],
    uri: URIS,
    url: URIS,
    oid: ['urn:oid:1.2.3'],
  },
  ...{ date: DATES, dateTime: [...DATES, ...TIMES], instant: TIMES, boolean: [true, false], decimal: NUMBERS },
  ...{
    integer: [0, 1, 2, 100],
    positiveInt: [1, 2, 100],
    unsignedInt: [0, 1, 100],
    time: ['10:00:00'],
    uuid: ['urn:uuid:c1'],
  },
  canonical: [...URIS.slice(0, 3), 'http://a.example/x|1.0', 'http://a.example/x|2'],
  base64Binary: ['AAAA'],
}

export interface Making {
  readonly random: Random
  /** The resources that are made: `Patient/1`. */
  readonly names: readonly string[]
  /** The type of the one that is contained. */
  readonly inner?: string
}

/** A resource of a type; it says who it is. */
export function resourceOf(type: string, id: string, making: Making): Resource {
  const { random } = making
  const contained = random() < 0.3 ? containedOf(making) : undefined
  const members = object(type, 0, { ...making, ...(contained && { inner: contained.resourceType }) })
  const meta = { tag: [{ system: 'urn:tags', code: pick(CODES, random) }], ...(random() < 0.5 && { profile: [pick(URIS, random)] }) } // prettier-ignore
  return { resourceType: type, id, meta, ...(contained && { contained: [contained] }), ...members }
}

function containedOf(making: Making): Resource {
  const type = pick(['Patient', 'Practitioner', 'Organization', 'Medication', 'Location', 'Observation'], making.random)
  return { resourceType: type, id: 'c1', ...object(type, 1, making) }
}

const LEFT_OUT = new Set(['id', 'meta', 'text', 'contained', 'extension', 'modifierExtension', 'implicitRules', 'language', 'assigner']) // prettier-ignore

function object(type: string, depth: number, making: Making): JsonObject {
  const { random } = making
  const elements = Object.entries(model.types[type]?.elements ?? {}).filter(([name]) => !LEFT_OUT.has(name))
  const choices = new Map<string, string>()
  for (const [name, { choice }] of elements)
    if (choice !== undefined && (!choices.has(choice) || random() < 0.3)) choices.set(choice, name)
  const members: Record<string, Json> = {}
  for (const [name, { type: of, list, choice }] of elements) {
    if (choice !== undefined && choices.get(choice) !== name) continue
    if (random() > (depth === 0 ? 0.65 : depth === 1 ? 0.6 : 0.4)) continue
    const values = Array.from({ length: list === true ? 1 + Math.floor(random() * 2) : 1 }, () => valueOf(of, depth, { ...making, path: `${type}.${choice === undefined ? name : `${choice}[x]`}` })).filter((one) => one !== undefined) // prettier-ignore
    const [first] = values
    if (first !== undefined) members[name] = list === true ? values : first
  }
  return members
}

interface Placed extends Making {
  readonly path: string
}

function valueOf(type: string, depth: number, making: Placed): Json | undefined {
  const { random } = making
  const primitives = PRIMITIVES[type]
  if (primitives !== undefined) return pick(primitives, random)
  const made = SHAPES[type]
  if (made !== undefined) return made(making)
  if (depth > 3 || model.types[type] === undefined || model.types[type].kind === 'resource') return undefined
  const members = object(type, depth + 1, making)
  return Object.keys(members).length === 0 ? undefined : members
}

function some(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const entries = Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined)
  return Object.fromEntries(entries)
}

function identifier({ random }: Making): JsonObject {
  const type = random() < 0.3 ? { coding: [{ system: 'urn:t', code: 'MR' }], text: pick(STRINGS, random) } : undefined
  return some({ system: pick(SYSTEMS, random), value: pick(CODES, random), type })
}

function quantity({ random }: Making): JsonObject {
  const comparator = random() < 0.2 ? pick(['<', '>', '<=', '>='], random) : undefined
  return some({ value: pick(NUMBERS, random), comparator, unit: pick(['mg', 'g', undefined], random), system: pick(SYSTEMS, random), code: pick(['mg', 'g', undefined], random) }) // prettier-ignore
}

function coding({ random }: Making): JsonObject {
  return some({
    system: pick(SYSTEMS, random),
    code: pick(CODES, random),
    display: pick([undefined, ...STRINGS], random),
  })
}

function period({ random }: Making): JsonObject {
  const [start, end] = [pick([undefined, ...DATES, ...TIMES], random), pick([undefined, ...DATES, ...TIMES], random)]
  return some({ start, end: start === undefined || end === undefined || end > start ? end : undefined })
}

const SHAPES: Readonly<Record<string, (making: Placed) => Json>> = {
  Identifier: identifier,
  Coding: coding,
  CodeableConcept: (making) => some({ coding: making.random() < 0.8 ? [coding(making), ...(making.random() < 0.3 ? [coding(making)] : [])] : undefined, text: pick([undefined, ...STRINGS], making.random) }), // prettier-ignore
  ...Object.fromEntries(
    ['Quantity', 'SimpleQuantity', 'Age', 'Duration', 'Count', 'Distance'].map((name) => [name, quantity]),
  ),
  Money: ({ random }) => ({ value: pick(NUMBERS, random), currency: pick(['EUR', 'USD'], random) }),
  Range: ({ random }) => some({ low: random() < 0.8 ? { value: pick([0, 1, 5], random), code: 'mg' } : undefined, high: random() < 0.8 ? { value: pick([5.4, 100, 200], random), code: 'mg' } : undefined }), // prettier-ignore
  Period: period,
  Timing: (making) => some({ event: making.random() < 0.6 ? [pick(DATES, making.random), pick(TIMES, making.random)] : undefined, repeat: making.random() < 0.5 ? { boundsPeriod: period(making) } : undefined }), // prettier-ignore
  ContactPoint: ({ random }) => some({ system: pick(['phone', 'email', undefined], random), value: pick(['555-1', 'a@b.example'], random) }), // prettier-ignore
  SampledData: () => ({ origin: { value: 0 }, period: 1, dimensions: 1 }),
  Signature: () => ({ type: [] }),
  Narrative: () => ({ status: 'empty' }),
  Reference: reference,
}

function reference(making: Placed): Json {
  const { random, names, path, inner } = making
  const allowed = targets[path] ?? []
  const fitting = names.filter(
    (one) => allowed.length === 0 || allowed.includes('Resource') || allowed.includes(one.split('/')[0] ?? ''),
  )
  const isInner = inner !== undefined && (allowed.length === 0 || allowed.includes(inner)) && random() < 0.5
  if (!isInner && fitting.length === 0) return { display: 'nobody' }
  const name = isInner ? '#c1' : pick(fitting, random)
  const forms: readonly (() => JsonObject)[] = [
    () => ({ reference: name }),
    () => ({ reference: name }),
    () => ({ reference: name.startsWith('#') ? name : `${BASE}/${name}` }),
    () => ({ reference: name.startsWith('#') ? name : `${name}/_history/${pick(['1', '2'], random)}` }),
    () => ({ reference: name.startsWith('#') ? name : `https://else.example/fhir/${name}` }),
    () => ({ reference: 'urn:uuid:6d0f6ef8-0000-4000-8000-000000000001' }),
    () => ({ identifier: identifier(making), display: pick(STRINGS, random) }),
    () => ({ reference: name, identifier: identifier(making) }),
    () => ({ display: 'no more than a name' }),
  ]
  return pick(forms, random)()
}
