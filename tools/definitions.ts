/** Invariants, bindings and reference targets out of StructureDefinitions, compact. */

import type { Bindings, Invariant } from '../src/fhir/definitions.ts'
import { severityOf } from '../src/fhir/compact.ts'
import { isObject, type Json, type JsonObject, type Resource } from '../src/fhir/types.ts'

interface ElementDefinition {
  readonly path: string
  readonly definition: JsonObject
}

/** The elements of the snapshots, a choice under its published name (`Observation.value[x]`). */
export function elementDefinitions(structures: readonly Resource[]): readonly ElementDefinition[] {
  return structures.flatMap(({ snapshot }) =>
    rows(isObject(snapshot) ? snapshot['element'] : undefined).map((definition) => ({
      path: textOf(definition['path']),
      definition,
    })),
  )
}

/** Every constraint once, with the types and elements that it stands at; what a type inherits from Element stands there alone. */
export function invariants(
  elements: readonly ElementDefinition[],
  profiles: readonly Resource[],
): readonly Invariant[] {
  const found = new Map<string, Omit<Invariant, 'at'> & { readonly at: Set<string> }>()
  const ownRoots = new Map<string, Set<string>>()
  const keyed = elements.flatMap(({ path, definition }) =>
    [...rows(definition['constraint']), ...profiledConstraints(definition, profiles)].map((constraint) => ({
      path,
      definition,
      constraint,
    })),
  )
  for (const { path, constraint } of keyed) {
    if (!path.includes('.')) ownRoots.set(path, (ownRoots.get(path) ?? new Set()).add(textOf(constraint['key'])))
  }
  for (const { path, definition, constraint } of keyed) {
    const key = textOf(constraint['key'])
    const inherited = rows(definition['type']).some(({ code }) => ownRoots.get(textOf(code))?.has(key))
    const fromElement = ownRoots.get('Element')?.has(key) === true
    const place = fromElement ? 'Element' : path
    if (inherited && !fromElement) continue
    const { human, expression } = constraint
    const identity = `${key} ${textOf(expression)}`
    const row = found.get(identity) ?? {
      key,
      severity: severityOf(constraint),
      human: textOf(human),
      ...(typeof expression === 'string' && { expression }),
      at: new Set<string>(),
      owner: textOf(constraint['source']).split('/').at(-1) || (path.split('.')[0] ?? path),
    }
    found.set(identity, row)
    row.at.add(place)
  }
  return [...found.values()]
    .map((row) => ({ ...row, at: [...row.at].toSorted() }))
    .toSorted((a, b) => compare(a.key, b.key))
}

/** The constraints of a profile that a base definition itself names for an element, as SimpleQuantity is. */
function profiledConstraints(definition: JsonObject, profiles: readonly Resource[]): readonly JsonObject[] {
  const named = rows(definition['type']).flatMap(({ code, profile }) => (code === 'Reference' ? [] : strings(profile)))
  return named.flatMap((url) => {
    const profile = profiles.find((one) => one['url'] === url)
    const [root] = profile === undefined ? [] : elementDefinitions([profile])
    return rows(root?.definition['constraint'])
  })
}

/** The required bindings whose value sets list their codes, or take whole code systems that are complete. */
export function bindings(elements: readonly ElementDefinition[], terminology: readonly Resource[]): Bindings {
  const byUrl = new Map(terminology.map((one) => [`${one.resourceType} ${textOf(one['url'])}`, one]))
  const valueSets: Record<string, Record<string, readonly string[]>> = {}
  const places: Record<string, string> = {}
  for (const { path, definition } of elements) {
    const { binding } = definition
    if (!isObject(binding) || binding['strength'] !== 'required' || typeof binding['valueSet'] !== 'string') continue
    const [url = ''] = binding['valueSet'].split('|')
    const codes = expansion(byUrl, url)
    if (codes === undefined) continue
    valueSets[url] = codes
    places[path] = url
  }
  return { valueSets, elements: places }
}

function expansion(byUrl: ReadonlyMap<string, Resource>, url: string): Record<string, readonly string[]> | undefined {
  const compose = byUrl.get(`ValueSet ${url}`)?.['compose']
  if (!isObject(compose) || compose['exclude'] !== undefined) return undefined
  const codes: Record<string, readonly string[]> = {}
  for (const include of rows(compose['include'])) {
    const { system, concept, filter, valueSet } = include
    const codeSystem = byUrl.get(`CodeSystem ${textOf(system)}`)
    const isComplete = concept !== undefined || codeSystem?.['content'] === 'complete'
    if (typeof system !== 'string' || filter !== undefined || valueSet !== undefined || !isComplete) return undefined
    codes[system] = [...(codes[system] ?? []), ...conceptCodes(concept ?? codeSystem?.['concept'])]
  }
  return codes
}

function conceptCodes(concepts: Json | undefined): readonly string[] {
  return rows(concepts).flatMap(({ code, concept }) => [textOf(code), ...conceptCodes(concept)])
}

const TARGET = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Z][A-Za-z]+)$/

/** What the references of each element may name, where that is not anything. */
export function targets(elements: readonly ElementDefinition[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {}
  for (const { path, definition } of elements) {
    const profiles = rows(definition['type']).flatMap(({ code, targetProfile }) =>
      code === 'Reference' ? strings(targetProfile) : [],
    )
    const types = profiles.map((url) => TARGET.exec(url)?.[1]).filter((type) => type !== undefined)
    if (types.length > 0 && !types.includes('Resource')) found[path] = [...new Set(types)]
  }
  return found
}

const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex'

/** The regular expressions of the primitive datatypes, by type, as published. */
export function formats(elements: readonly ElementDefinition[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { path, definition } of elements) {
    if (!/^[a-z][A-Za-z0-9]*\.value$/.test(path)) continue
    const [pattern] = rows(definition['type'])
      .flatMap(({ extension }) => rows(extension))
      .filter(({ url }) => url === REGEX)
      .map(({ valueString }) => valueString)
    if (typeof pattern === 'string') found[path.slice(0, -'.value'.length)] = pattern
  }
  return found
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function rows(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []
}
