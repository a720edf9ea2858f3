/** What the faces ask of the pipeline: a Composition, where its resources come from, and the options of a person. */

import { fail, FhirError } from './fhir/error.ts'
import { parseFhir, type ReadOptions } from './fhir/format.ts'
import { one } from './fhir/issue.ts'
import {
  isBundle,
  isComposition,
  isObject,
  isResource,
  type Bundle,
  type Composition,
  type FullUrl,
  type Json,
  type JsonObject,
  type Resource,
} from './fhir/types.ts'
import type { ComposeRequest, Design } from './pipeline.ts'
import type { Source, Successor } from './ports.ts'
import { excerpt } from './shape.ts'

/**
 * The Bundle that a value is, its own members of their kinds and its entries with resources: what every stage takes for
 * granted.
 * @throws FhirError `structure` where it is anything else
 */
export function bundleFrom(value: Json): Bundle {
  if (!isResource(value)) throw fail('structure', 'The input is JSON but no FHIR resource, expected a Bundle')
  if (!isBundle(value)) throw fail('structure', `The input is ${one(excerpt(value.resourceType))}, expected a Bundle`)
  for (const name of ['meta', 'identifier', 'signature']) mustBeObject(value, name)
  objectsIn(value, 'link')
  for (const [index, entry] of objectsIn(value, 'entry').entries()) mustBeEntry(entry, `Bundle.entry[${index}]`)
  return value
}

function mustBeObject(bundle: JsonObject, name: string): void {
  if (bundle[name] === undefined || isObject(bundle[name])) return
  throw fail('structure', `Bundle.${name} is no object`, { expression: `Bundle.${name}` })
}

function objectsIn(bundle: JsonObject, name: string): readonly JsonObject[] {
  const list = bundle[name] === undefined ? [] : bundle[name]
  if (Array.isArray(list) && list.every(isObject)) return list
  throw fail('structure', `Bundle.${name} is no list of objects, expected one`, {
    expression: `Bundle.${name}`,
  })
}

function mustBeEntry({ resource, fullUrl }: JsonObject, expression: string): void {
  if (resource !== undefined && !isResource(resource)) {
    throw fail('structure', 'The resource is no object with a resourceType', { expression: `${expression}.resource` })
  }
  if (fullUrl !== undefined && typeof fullUrl !== 'string') {
    throw fail('structure', 'The fullUrl is no string', { expression: `${expression}.fullUrl` })
  }
}

/** A Composition and where it was found. */
export interface Held {
  readonly composition: Composition
  readonly url?: FullUrl
}

/**
 * The Composition of a Bundle: the one named (`Composition/1`, with `/_history/2` where versions differ, or a fullUrl),
 * the first entry of a document, else the only one there is.
 * @throws FhirError `incomplete` where there is none, `not-found` where none has the name, `required` where several could be meant
 */
export function compositionOf({ type, entry = [] }: Bundle, name?: string): Held {
  const held = entry.flatMap(({ resource, fullUrl }): Held[] =>
    isComposition(resource) ? [{ composition: resource, ...(fullUrl !== undefined && { url: fullUrl }) }] : [],
  )
  const [first] = held
  if (first === undefined)
    throw fail('incomplete', 'The Bundle has no Composition, expected one', { expression: 'Bundle.entry' })
  const meant = name === undefined ? held : held.filter((each) => namesOf(each).includes(name))
  const [only] = meant
  if (only === undefined)
    throw fail('not-found', `The Bundle has no Composition with the name given, its Compositions are ${list(held)}`)
  const isFirst = name === undefined && type === 'document' && entry[0]?.resource === first.composition
  if (meant.length === 1 || isFirst) return only
  throw fail('required', `Several Compositions could be meant, expected the name of one of ${list(meant)}`)
}

function namesOf({ composition: { id = '', meta }, url }: Held): readonly string[] {
  const names = [`Composition/${id}`, ...(url === undefined ? [] : [url])]
  return meta?.versionId === undefined
    ? names
    : [...names, ...names.map((name) => `${name}/_history/${meta.versionId}`)]
}

function list(held: readonly Held[]): string {
  return held.map((each) => namesOf(each).at(-1)).join(', ')
}

export interface Wishes {
  readonly secondary?: 'include' | 'direct' | undefined
  readonly fullUrl?: 'rest' | 'uuid' | undefined
}

/** Where a Composition and its resources come from. */
export interface Origin {
  readonly composition: ComposeRequest['composition']
  readonly sources: readonly Source[]
  /** The source that the Composition itself is from, where it is known. */
  readonly origin?: { readonly source: string; readonly url?: FullUrl }
}

/**
 * A request to compose: `fullUrl` is `rest` where a base is known, by a source that is a server or by the address of the
 * Composition, else `uuid`.
 * @throws FhirError `value` where `rest` is wished and no base is known
 */
export function composeRequest({ composition, sources, origin }: Origin, wishes: Wishes): ComposeRequest {
  const base = sources.find((source) => source.base !== undefined)?.base ?? baseOf(origin?.url)
  const fullUrl = wishes.fullUrl ?? (base === undefined ? 'uuid' : 'rest')
  if (fullUrl === 'rest' && base === undefined) {
    throw fail(
      'value',
      'The form rest of fullUrl needs a base and none is known, expected uuid, or a source that is a FHIR server',
    )
  }
  return {
    composition,
    sources,
    secondary: wishes.secondary ?? 'include',
    fullUrl,
    ...(base !== undefined && { base }),
    ...(origin !== undefined && { origin }),
  }
}

/** The REST base of a Composition's address. */
function baseOf(url: FullUrl | undefined): string | undefined {
  return /^(https?:\/\/.+)\/Composition\/[A-Za-z0-9.-]{1,64}$/.exec(url ?? '')?.[1]
}

/** What stands beside a document and says something of it. */
export interface Besides {
  readonly sidecars: readonly Uint8Array[]
  readonly provenances: readonly Resource[]
}

/** What files beside a document are: a Provenance in JSON or XML, or a signature itself. */
export async function besidesIn(files: readonly Uint8Array[], model: ReadOptions['model']): Promise<Besides> {
  const found = await Promise.all(files.map(async (file) => ({ file, provenance: await provenanceIn(file, model) })))
  return {
    sidecars: found.flatMap(({ file, provenance }) => (provenance === undefined ? [file] : [])),
    provenances: found.flatMap(({ provenance }) => (provenance === undefined ? [] : [provenance])),
  }
}

const PROVENANCE = /"resourceType"\s*:\s*"Provenance"|<Provenance[\s>]/

async function provenanceIn(file: Uint8Array, model: ReadOptions['model']): Promise<Resource | undefined> {
  if (!PROVENANCE.test(Buffer.from(file).toString('latin1'))) return undefined
  try {
    const value = await parseFhir(file, { model })
    return isResource(value, 'Provenance') ? value : undefined
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

/** What the page of a document may be asked for. */
export interface PageChoice {
  readonly lang?: string | undefined
  readonly template?: string | undefined
  /** What a store knows against the document; absent where none was asked. */
  readonly successors?: readonly Successor[] | undefined
  /** An older version, to tell what changed since. */
  readonly older?: Bundle | undefined
}

/** The design whose pages are as asked for. */
export function withPage(design: Design, { lang, template, successors, older }: PageChoice): Design {
  const render = {
    ...design.render,
    ...(lang !== undefined && { lang }),
    ...(template !== undefined && { template }),
    ...(successors !== undefined && { successors }),
    ...(older !== undefined && { older }),
  }
  return { ...design, render }
}
