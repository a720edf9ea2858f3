/** Searches made of what resources hold: values that are there, near them, and others; along references as far as they lead. */

import type { JsonObject, Resource } from '../../../../src/fhir/types.ts'
import { pick, type Random } from './anything.ts'
import { isThere, parameter, split, targetsOf, type World } from './oracle.ts'
import { search } from './records.ts'
import { amountOf, componentTypes, partsOf, stringsOf, valuesOf, type Node } from './words.ts'

type Pair = readonly [string, string]

export interface Question {
  readonly type: string
  readonly criteria: readonly Pair[]
}

export interface Asking {
  readonly world: World
  readonly random: Random
  /** So many values of each parameter. */
  readonly each: number
}

function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&')
}

function texts(list: readonly unknown[]): readonly string[] {
  return list.filter((one): one is string => typeof one === 'string')
}

type Asked = (node: Node, random: Random) => readonly Pair[]

/** By the type of a parameter, modifiers and values to ask for. */
const ASKED: Readonly<Record<string, Asked>> = {
  string: (node, random) =>
    stringsOf(node)
      .slice(0, 2)
      .flatMap((text) => stringPairs(text, random)),
  token: tokenPairs,
  reference: referencePairs,
  date: (_node, random) => prefixes(() => pick(DATES, random)),
  number: (node, random) => amountPairs(node, { random, unit: () => '' }),
  quantity: (node, random) => amountPairs(node, { random, unit: () => pick(unitsOf(node), random) }),
  uri: uriPairs,
}

const DATES = ['2020', '2020-02', '2020-02-29', '2020-02-29T04:30', '2020-03-01T04:30:00Z', '2020-02-29T10:00:00.123+05:30', '0999', '2026-03'] // prettier-ignore

function prefixes(value: () => string): readonly Pair[] {
  return ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'].map((prefix) => ['', prefix + value()])
}

function stringPairs(text: string, random: Random): readonly Pair[] {
  return [
    ['', escaped(text)],
    ['', escaped([...text].slice(0, 2 + Math.floor(random() * 3)).join(''))],
    ['', escaped(text.toUpperCase())],
    ['', escaped(text.toLowerCase())],
    ...text.split(' ').map((word): Pair => ['', escaped(word)]),
    [':exact', escaped(text)],
    [':exact', escaped(text.toLowerCase())],
    [':contains', escaped(text.slice(1, 4) || text)],
  ]
}

function tokenPairs(node: Node): readonly Pair[] {
  const text = String(node.value)
  if (typeof node.value !== 'object') return [['', escaped(text)], [':not', escaped(text)], ['', escaped(text.toUpperCase())]] // prettier-ignore
  const value = node.value as JsonObject
  const codings = (value['coding'] ?? [{ ...value, code: value['value'] ?? value['code'] ?? null }]) as readonly JsonObject[] // prettier-ignore
  return codings.flatMap(({ system, code, display }): readonly Pair[] => {
    if (typeof code !== 'string' || node.type === 'ContactPoint') return []
    const own = typeof system === 'string' ? escaped(system) : ''
    return [
      ...[escaped(code), `${own}|${escaped(code)}`, `|${escaped(code)}`, `${escaped(code)},nothing`].map((one): Pair => ['', one]), // prettier-ignore
      [':not', escaped(code)],
      ['', escaped(code.toUpperCase())],
      ...(own === '' ? [] : [['', `${own}|`] as const]),
      ...texts([display, value['text']]).map((one): Pair => [':text', escaped(one.slice(0, 4))]),
    ]
  })
}

function referencePairs({ value }: Node): readonly Pair[] {
  if (typeof value === 'string') return [['', escaped(value)], ['', escaped(value.split('|')[0] ?? '')]] // prettier-ignore
  const { reference, identifier } = value as JsonObject
  const held = typeof reference === 'string' && !reference.startsWith('#') ? reference : undefined
  const local = held?.replace('https://records.example/fhir/', '').replace(/\/_history.*/, '') ?? ''
  const [type = '', id = ''] = local.split('/')
  const named = ['', `https://records.example/fhir/${local}`, `${local}/_history/1`, local, id]
  const { system, value: own } = (identifier ?? {}) as Readonly<Record<string, string>>
  return [
    ...(held === undefined ? [] : [['', held] as const]),
    ...(/^[A-Z][A-Za-z]+\/\w+$/.test(local) ? [...named.slice(1).map((one): Pair => ['', one]), [`:${type}`, id] as const] : []), // prettier-ignore
    ...(own === undefined ? [] : [[':identifier', `${escaped(system ?? '')}|${escaped(own)}`], [':identifier', escaped(own)]] as const), // prettier-ignore
  ]
}

function unitsOf(node: Node): readonly string[] {
  const { system, code, unit } = amountOf(node) ?? {}
  const [own] = texts([system])
  return [
    '',
    ...texts([code, unit]).map((one) => `||${one}`),
    ...(own === undefined ? [] : [`|${own}|`, ...texts([code]).map((one) => `|${own}|${one}`)]),
  ]
}

function amountPairs(
  node: Node,
  { random, unit }: { readonly random: Random; readonly unit: () => string },
): readonly Pair[] {
  const { low = 0, high = 0 } = amountOf(node) ?? {}
  const number = [low, high, 5].find((one) => Number.isFinite(one)) ?? 5
  const written = [
    String(number),
    number.toFixed(1),
    number.toFixed(2),
    number.toExponential(),
    number.toExponential(1),
  ]
  return [...prefixes(() => pick(written, random) + unit()), ['', `ap${pick(written, random)}${unit()}`]]
}

function uriPairs({ value }: Node): readonly Pair[] {
  const text = String(value)
  if (!text.startsWith('http')) return [['', escaped(text)]]
  const above = text.slice(0, text.lastIndexOf('/'))
  return [
    ['', escaped(text)],
    [':below', text],
    [':below', above],
    [':above', `${text}/z`],
    [':above', text],
  ]
}

/** One parameter, alone, with alternatives and beside `:missing`. */
export function plainQuestions(type: string, { world, random, each }: Asking): readonly Question[] {
  const own = world.filter((one) => one.resourceType === type)
  const codes = { ...search.definitions.types[type], ...search.definitions.types['Resource'] }
  return Object.entries(codes).flatMap(([code, { type: kind }]): readonly Question[] => {
    const published = parameter(type, code)
    if (published === undefined || code === '_lastUpdated') return []
    if (code === '_id')
      return [
        { type, criteria: [['_id', '1,2']] },
        { type, criteria: [['_id:not', '1']] },
      ]
    if (kind === 'composite') return compositeQuestions(own, code, { world, random, each })
    const all = own.flatMap((one) => valuesOf(one, published)).filter((node) => isThere(node, kind))
    const asked = some(all, each, random).flatMap((node) => ASKED[kind]?.(node, random) ?? []).filter(([, value]) => value.trim() !== '') // prettier-ignore
    const chosen = some(asked, 2 * each, random)
    const missing = ['true', 'false'].map((value): Pair => [`${code}:missing`, value])
    return [
      ...missing.map((one) => ({ type, criteria: [one] })),
      ...chosen.map(([modifier, value]) => ({ type, criteria: [[code + modifier, value] as const] })),
      ...alternatives(chosen).map(([modifier, value]) => ({ type, criteria: [[code + modifier, value] as const, missing[1] ?? ['_id', '1']] })), // prettier-ignore
    ]
  })
}

function some<T>(list: readonly T[], count: number, random: Random): readonly T[] {
  return list.length === 0 ? [] : Array.from({ length: count }, () => pick(list, random))
}

function alternatives([first, second]: readonly Pair[]): readonly Pair[] {
  if (first === undefined || second === undefined || first[0] !== second[0]) return []
  return [[first[0], `${first[1]},${second[1]}`]]
}

function compositeQuestions(own: World, code: string, { random, each }: Asking): readonly Question[] {
  const [{ resourceType: type } = { resourceType: '' }] = own
  const published = parameter(type, code)
  if (published === undefined) return []
  const all = own.flatMap((one) => partsOf(one, published)).filter((parts) => parts.every((nodes) => nodes.length > 0))
  const kinds = componentTypes(published)
  return some(all, each, random).flatMap((parts) => {
    const values = parts.map((nodes, place) => {
      const asked = ASKED[kinds[place] ?? '']?.(pick(nodes, random), random) ?? []
      const usable = asked.filter(([modifier, value]) => modifier === '' && value !== '' && split(value, ',').length === 1 && !/^\||\|$/.test(value)) // prettier-ignore
      return some(usable, 1, random)[0]?.[1]
    })
    return values.every((value) => value !== undefined) ? [{ type, criteria: [[code, values.join('$')] as const] }] : []
  })
}

/** Along the references that are there, one step or two, forward and backward. */
export function linkedQuestions(type: string, asking: Asking): readonly Question[] {
  const { world, random, each } = asking
  const own = world.filter((one) => one.resourceType === type)
  const codes = Object.entries(search.definitions.types[type] ?? {}).filter(
    ([, { type: kind }]) => kind === 'reference',
  )
  return codes.flatMap(([code]) => {
    const links = own.flatMap((from) => targetsOf(from, code, world).map(({ target }) => ({ from, target, code })))
    return some(links, each, random).flatMap((link) => linkQuestions(link, asking))
  })
}

interface Link {
  readonly from: Resource
  readonly target: Resource
  readonly code: string
}

function linkQuestions({ from, target, code }: Link, asking: Asking): readonly Question[] {
  const { world, random } = asking
  const { resourceType: type } = from
  const rest = pick(plainQuestions(target.resourceType, { ...asking, world: [target] }), random)?.criteria[0]
  const back = pick(plainQuestions(type, { ...asking, world: [from] }), random)?.criteria[0]
  if (rest === undefined || back === undefined) return []
  const chained = `${code}:${target.resourceType}.${rest[0]}`
  const [before] = some(leadingTo(from, world), 1, random)
  const one = (of: string, name: string, value: string): Question => ({ type: of, criteria: [[name, value]] })
  return [
    one(type, chained, rest[1]),
    one(type, `${code}.${rest[0]}`, rest[1]),
    ...(world.includes(target) ? [one(target.resourceType, `_has:${type}:${code}:${back[0]}`, back[1])] : []),
    ...(before === undefined ? [] : [one(before.type, `${before.code}:${type}.${chained}`, rest[1]), one(before.type, `${before.code}:${type}._has:${before.type}:${before.code}:_tag`, 'urn:tags|A')]), // prettier-ignore
  ]
}

function leadingTo(to: Resource, world: World): readonly { readonly type: string; readonly code: string }[] {
  return world.flatMap((one) =>
    Object.keys(search.definitions.types[one.resourceType] ?? {})
      .filter((code) => targetsOf(one, code, [to]).some(({ target }) => target === to))
      .map((code) => ({ type: one.resourceType, code })),
  )
}
