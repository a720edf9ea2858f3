/** A store in memory with a small record in it, for the suites of what is made from a store. */

import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SearchModel } from '../src/edge/store/search/definitions.ts'
import { searchIndex } from '../src/edge/store/search/search-index.ts'
import { openStore, type StoreOptions } from '../src/edge/store/open-store.ts'
import { storeSource } from '../src/edge/store/store-source.ts'
import { isComposition, type JsonObject, type Resource } from '../src/fhir/types.ts'
import { assemble, type Assembled, type Assembly } from '../src/persist.ts'
import type { Design, Edge } from '../src/pipeline.ts'
import type { Source, Store, StoreReader, Version } from '../src/ports.ts'
import { composeRequest, type Wishes } from '../src/request.ts'
import { model } from './model.ts'

export const BASE = 'https://records.example/fhir'

const NARRATIVE = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Text of the section</p></div>'
const text = { status: 'additional', div: NARRATIVE }

/** An Observation about Patient/p. */
export function observation(id: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'Pulse' },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-02-01',
    valueQuantity: { value: 72, unit: '/min' },
    ...members,
  }
}

/** A Composition about Patient/p by Practitioner/d. */
export function composition(section: readonly JsonObject[], members: JsonObject = {}): Resource {
  return {
    resourceType: 'Composition',
    id: 'c',
    identifier: { system: 'https://records.example/series', value: 'series-1' },
    status: 'preliminary',
    type: { text: 'Summary' },
    subject: { reference: 'Patient/p' },
    date: '2026-03-01',
    author: [{ reference: 'Practitioner/d' }],
    title: 'Summary',
    section,
    ...members,
  }
}

/** A section with text that refers to entries. */
export function section(title: string, entries: readonly string[], members: JsonObject = {}): JsonObject {
  return { title, code: { text: title }, text, entry: entries.map((reference) => ({ reference })), ...members }
}

export const patient: Resource = { resourceType: 'Patient', id: 'p', name: [{ family: 'Berg' }], gender: 'female', birthDate: '1970-01-01' } // prettier-ignore
export const practitioner: Resource = { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Lind' }] }

/** Writes resources in one transaction. */
export function put(store: Store, ...resources: readonly Resource[]): Promise<readonly Version[]> {
  return store.transaction(async (writer) => {
    const versions: Version[] = []
    for (const resource of resources) {
      const { resourceType: type, id = '' } = resource
      versions.push(await writer.write({ type, id, method: 'PUT', resource }))
    }
    return versions
  })
}

/** An empty store that can be searched. */
export function openTestStore(url = 'sqlite::memory:'): Promise<Store> {
  return openStore(url, TEST_STORE)
}

/** A store in memory that holds the resources given. */
export async function storeOf(...resources: readonly Resource[]): Promise<Store> {
  const store = await openTestStore()
  await put(store, patient, practitioner, ...resources)
  return store
}

/** The document of Composition/c. */
export function documentOf(
  store: Store,
  { design, edge }: { readonly design: Design; readonly edge: Edge },
  wishes: Wishes & Pick<Assembly, 'signing' | 'name'> & { readonly persist?: boolean } = {},
): Promise<Assembled> {
  const request = (reader: StoreReader): Promise<ReturnType<typeof composeRequest>> => requestOf(reader, wishes)
  const name = wishes.name === undefined ? {} : { name: wishes.name }
  return assemble({ store, request, persist: wishes.persist, signing: wishes.signing, ...name }, design, edge)
}

async function requestOf(reader: StoreReader, wishes: Wishes): Promise<ReturnType<typeof composeRequest>> {
  const [version] = await reader.read([{ type: 'Composition', id: 'c' }])
  if (!isComposition(version?.resource)) throw new TypeError('Composition/c is not stored')
  const source = slow(storeSource(reader, BASE))
  const origin = { source: source.name, url: `${BASE}/Composition/c` }
  return composeRequest({ composition: version.resource, sources: [source], origin }, wishes)
}

/** Between two waves others get their turn, writers too. */
function slow(source: Source): Source {
  const read: Source['read'] = async (targets) => {
    await nextTurn()
    return source.read(targets)
  }
  return { ...source, read }
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../build/r4/${name}.json`, import.meta.url), 'utf8'))

function searching(): SearchModel {
  const definitions = read('search') as SearchModel['definitions']
  return { definitions, model, compartment: read('compartment') as SearchModel['compartment'], base: BASE }
}

/** With the index that the service has. */
export const TEST_STORE: StoreOptions = { index: searchIndex(searching(), { now: () => new Date().toISOString() }) }
