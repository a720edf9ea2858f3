/** Which resources a search finds by the words of the specification: every criterion asked of every resource. */

import type { JsonObject, Resource } from '../../../../src/fhir/types.ts'
import { BASE } from './records.ts'
import {
  amountOf,
  componentTypes,
  containedIn,
  dateSpan,
  folded,
  partsOf,
  publishedOf,
  spanOf,
  stringsOf,
  valuesOf,
  type Amount,
  type Node,
  type Span,
} from './words.ts'

export type World = readonly Resource[]

/** The resources that fit all criteria. */
export function foundIn(world: World, type: string, criteria: readonly (readonly [string, string])[]): Set<string> {
  const fit = world.filter((one) => one.resourceType === type && criteria.every(([name, value]) => fits(one, name, value, world))) // prettier-ignore
  return new Set(fit.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`))
}

function fits(resource: Resource, name: string, value: string, world: World): boolean {
  const [, has, by, rest] = /^_has:([A-Za-z]+):([A-Za-z0-9_-]+):(.+)$/.exec(name) ?? []
  if (has !== undefined && by !== undefined && rest !== undefined)
    return world.some((other) => other.resourceType === has && leadsTo(other, by, resource) && fits(other, rest, value, world)) // prettier-ignore
  const dot = name.indexOf('.')
  if (dot < 0) return fitsPlain(resource, name, value)
  const [code = '', type] = name.slice(0, dot).split(':')
  return targetsOf(resource, code, world).some(
    ({ target }) => (type === undefined || target.resourceType === type) && knows(target, name.slice(dot + 1)) && fits(target, name.slice(dot + 1), value, world), // prettier-ignore
  )
}

function knows({ resourceType }: Resource, name: string): boolean {
  const code = name.split(/[.:]/)[0] ?? ''
  return name.startsWith('_has:') || parameter(resourceType, code) !== undefined
}

export function parameter(type: string, code: string): ReturnType<ReturnType<typeof publishedOf>['get']> {
  return publishedOf(type).get(code) ?? publishedOf('DomainResource').get(code) ?? publishedOf('Resource').get(code)
}

function leadsTo(from: Resource, code: string, to: Resource): boolean {
  return referencesOf(from, code).some((reference) => addressOf(reference) === `${to.resourceType}/${to.id ?? ''}`)
}

/** What the references of a parameter name, in the world or in the resource itself. */
export function targetsOf(from: Resource, code: string, world: World): readonly { readonly target: Resource }[] {
  return referencesOf(from, code).flatMap((reference) => {
    const inner = reference.startsWith('#') ? containedIn(from, reference) : undefined
    if (inner !== undefined) return [{ target: inner }]
    const address = addressOf(reference)
    return world.filter(({ resourceType, id }) => `${resourceType}/${id ?? ''}` === address).map((target) => ({ target })) // prettier-ignore
  })
}

function referencesOf(from: Resource, code: string): readonly string[] {
  const published = parameter(from.resourceType, code)
  if (published?.type !== 'reference') return []
  return valuesOf(from, published)
    .filter(({ type }) => type === 'Reference')
    .flatMap(({ value }) => (value as JsonObject)['reference'] ?? [])
    .filter((one): one is string => typeof one === 'string')
}

function addressOf(reference: string): string {
  const local = reference.startsWith(`${BASE}/`) ? reference.slice(BASE.length + 1) : reference
  return local.replace(/\/_history\/.*$/, '')
}

export function split(value: string, separator: string): readonly string[] {
  return value.split(new RegExp(`(?<!\\\\)(?:\\\\\\\\)*\\${separator}`))
}

export function meant(text: string): string {
  return text.replace(/\\([\\,|$])/g, '$1')
}

function fitsPlain(resource: Resource, name: string, value: string): boolean {
  const [code = '', modifier] = name.split(':')
  if (code === '_id') return split(value, ',').includes(String(resource.id)) !== (modifier === 'not')
  const published = parameter(resource.resourceType, code)
  if (published === undefined) throw new TypeError(`${resource.resourceType}?${name} is not published`)
  const found = published.type === 'composite' ? [] : valuesOf(resource, published)
  if (modifier === 'missing') return (value === 'true') === !found.some((node) => isThere(node, published.type))
  const isOne = split(value, ',').some((one) => {
    if (published.type === 'composite')
      return partsOf(resource, published).some((parts) =>
        split(one, '$').every(
          (piece, index) =>
          (parts[index] ?? []).some((node) => matches(node, { type: componentTypes(published)[index] ?? '', value: piece })), // prettier-ignore
        ),
      )
    return found.some((node) => matches(node, { type: published.type, modifier, value: one }))
  })
  return modifier === 'not' ? !isOne : isOne
}

/** A value that the type of the parameter could find. */
export function isThere(node: Node, type: string): boolean {
  if (type === 'string') return stringsOf(node).some((text) => text !== '')
  if (type === 'date') return dateSpan(node) !== undefined
  if (type === 'number' || type === 'quantity') return amountOf(node) !== undefined
  if (type === 'reference') return typeof node.value === 'string' || node.type === 'Reference'
  return node.value !== undefined && node.value !== null
}

interface Asked {
  readonly type: string
  readonly modifier?: string | undefined
  readonly value: string
}

function matches(node: Node, { type, modifier, value }: Asked): boolean {
  const match: Readonly<Record<string, () => boolean>> = {
    string: () => stringsOf(node).some((text) => isString(text, meant(value), modifier)),
    token: () => isToken(node, value, modifier),
    reference: () => isReference(node, value, modifier),
    date: () => {
      const span = dateSpan(node)
      const [, prefix = '', rest = ''] = /^([a-z]{2})?(.*)$/.exec(value) ?? []
      return span !== undefined && compare(span, spanOf(rest), { prefix, exact: undefined })
    },
    number: () => isAmount(amountOf(node), value),
    quantity: () => isAmount(amountOf(node), value),
    uri: () => typeof node.value === 'string' && isUri(node.value, meant(value), modifier),
  }
  return match[type]?.() ?? false
}

function isString(text: string, sought: string, modifier: string | undefined): boolean {
  if (modifier === 'exact') return text === sought
  return modifier === 'contains' ? folded(text).includes(folded(sought)) : folded(text).startsWith(folded(sought))
}

interface Token {
  readonly system?: unknown
  readonly code?: unknown
}

function tokensOf({ type, value }: Node): readonly Token[] {
  if (typeof value === 'string') return [{ code: value }]
  if (typeof value === 'boolean') return [{ code: value ? 'true' : 'false' }]
  const object = value as JsonObject
  if (type === 'CodeableConcept') return ((object['coding'] ?? []) as readonly JsonObject[]).map(({ system, code }) => ({ system, code })) // prettier-ignore
  if (type === 'Coding') return [{ system: object['system'], code: object['code'] }]
  if (type === 'Extension') return []
  return [{ system: object['system'], code: object['value'] }]
}

function isToken(node: Node, value: string, modifier: string | undefined): boolean {
  if (modifier === 'text') return textsOf(node).some((text) => isString(text, meant(value), undefined))
  const identified = modifier === 'identifier' ? (node.value as JsonObject)['identifier'] : undefined
  if (modifier === 'identifier' && identified === undefined) return false
  const tokens = tokensOf(modifier === 'identifier' ? { type: 'Identifier', value: identified } : node)
  const [first = '', second] = split(value, '|').map(meant)
  const same = (code: unknown, asked: string): boolean =>
    node.type === 'string' && typeof code === 'string' ? code.toLowerCase() === asked.toLowerCase() : code === asked
  return tokens.some(({ system, code }) => {
    if (second === undefined) return same(code, first)
    if (second === '') return system === first
    return same(code, second) && (first === '' ? system === undefined : system === first)
  })
}

function textsOf({ type, value }: Node): readonly string[] {
  if (typeof value !== 'object') return []
  const object = value as JsonObject
  const codings = (object['coding'] ?? []) as readonly JsonObject[]
  const of = object['type'] as JsonObject | undefined
  const all = type === 'CodeableConcept' ? [object['text'], ...codings.map(({ display }) => display)] : type === 'Coding' ? [object['display']] : type === 'Identifier' ? [of?.['text']] : [] // prettier-ignore
  return all.filter((one): one is string => typeof one === 'string')
}

function isReference(node: Node, value: string, modifier: string | undefined): boolean {
  if (modifier === 'identifier') return node.type === 'Reference' && isToken(node, value, modifier)
  const sought = meant(value)
  if (typeof node.value === 'string') {
    const [url, version] = node.value.split('|')
    const [askedUrl, askedVersion] = sought.split('|')
    return (url === askedUrl && (askedVersion === undefined || version === askedVersion)) || node.value === sought
  }
  const { reference } = node.value as JsonObject
  if (typeof reference !== 'string' || reference.startsWith('#')) return false
  const address = addressOf(reference)
  const version = /\/_history\/(.*)$/.exec(reference)?.[1]
  if (!/[/:]/.test(sought)) {
    const isLocal = !address.includes(':') && address.endsWith(`/${sought}`)
    return isLocal && (modifier === undefined || address === `${modifier}/${sought}`)
  }
  const askedVersion = /\/_history\/(.*)$/.exec(sought)?.[1]
  return address === addressOf(sought) && (askedVersion === undefined || askedVersion === version)
}

interface Comparing {
  readonly prefix: string
  /** A number by its exact value, which all but eq and ne go by. */
  readonly exact: Span | undefined
  readonly about?: Span
}

/** The range of the target beside that of the search value. */
function compare([low, high]: Span, [from, to]: Span, { prefix, exact, about }: Comparing): boolean {
  const [lower, upper] = exact ?? [from, to]
  const isWithin = exact === undefined ? low >= from && high <= to : low >= from && low < to && high < to
  const isExact = low >= lower && high <= upper
  switch (prefix) {
    case 'ne':
      return !isWithin
    case 'gt':
      return high > upper
    case 'lt':
      return low < lower
    case 'ge':
      return high > upper || isExact
    case 'le':
      return low < lower || isExact
    case 'sa':
      return low > upper
    case 'eb':
      return high < lower
    case 'ap':
      return low <= (about ?? [from, to])[1] && high >= (about ?? [from, to])[0]
    default:
      return isWithin
  }
}

function isAmount(amount: Amount | undefined, value: string): boolean {
  if (amount === undefined) return false
  const [number = '', system = '', code = ''] = split(value, '|').map(meant)
  const [, prefix = '', text = ''] = /^([a-z]{2})?(.*)$/.exec(number) ?? []
  const [mantissa = '', exponent] = text.toLowerCase().split('e')
  const decimals = mantissa.split('.')[1]?.length ?? (exponent === undefined ? 0 : 1)
  const half = 0.5 * 10 ** (Number(exponent ?? 0) - decimals)
  const exact = Number(text)
  const tenth = Math.abs(exact) / 10
  const isUnit = system !== '' ? amount.system === system && (code === '' || amount.code === code) : code === '' || amount.code === code || amount.unit === code // prettier-ignore
  return isUnit && compare([amount.low, amount.high], [exact - half, exact + half], { prefix, exact: [exact, exact], about: [exact - tenth, exact + tenth] }) // prettier-ignore
}

function isUri(held: string, sought: string, modifier: string | undefined): boolean {
  const under = (above: string, below: string): boolean => below === above || below.startsWith(above.endsWith('/') ? above : `${above}/`) // prettier-ignore
  if (modifier === 'below') return under(sought, held)
  return modifier === 'above' ? under(held, sought) : held === sought
}
