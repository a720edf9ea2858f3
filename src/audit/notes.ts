/** What a piece of work saw and wrote, noted by the store and the sources that it works with. */

import { alike } from '../fhir/alike.ts'
import { memoFor } from '../fhir/memo.ts'
import { isBundle, isObject, type Resource } from '../fhir/types.ts'
import type { Found, Key, Reading, SearchRequest, Source, StoreReader, StoreWriter, Version } from '../ports.ts'
import type { PatientsOf } from './patients.ts'

/** Something that was written. */
export interface Written {
  /** The interaction, or the operation. */
  readonly kind: string
  readonly version: Version
}

/** What was seen or written by one piece of work, in the order of its first mention. */
export interface Unit {
  /** What was met first, where that was a list that comes again; its names are not in `what`. */
  first?: ToldList
  readonly what: Set<string>
  readonly patients: Set<string>
  readonly written: Written[]
  /** What was met with its content: whose data it was that is deleted, only this tells. */
  readonly met: Version[]
  /** The interaction that it amounts to, as far as the store can tell. */
  kind?: string
  query?: string
  /** What it asked for by its address. */
  asked?: string
}

/** How is noted. */
export interface Noting {
  readonly patientsOf: PatientsOf
  /** Whether the client gets to see what a search finds. */
  readonly isSearchSeen: boolean
}

export function newUnit(): Unit {
  return { what: new Set(), patients: new Set(), written: [], met: [] }
}

/** Nothing; what was noted of the unit was told. */
export function clear(unit: Unit): void {
  const { what, patients, written } = unit
  delete unit.first
  what.clear()
  patients.clear()
  written.length = 0
}

/** The names of all that was seen or written. */
export function namesIn({ first, what }: Unit): readonly string[] {
  return [...(first?.names ?? []), ...what]
}

/** The same as JSON, one after the other. */
export function namesText({ first, what }: Unit): string {
  const others = what.size === 0 ? '' : JSON.stringify([...what]).slice(1, -1)
  if (first === undefined) return others
  return others === '' ? first.text : `${first.text},${others}`
}

/** `Patient/1/_history/2` */
export function versionName({ type, id, versionId }: Key & { readonly versionId: string }): string {
  return `${type}/${id}/_history/${versionId}`
}

/** What is told of a version. */
interface Told {
  readonly name: string
  /** Absent where the version is a deletion. */
  readonly patients?: readonly string[]
}

/** Of what the store hands out again and again. */
const told = new WeakMap<PatientsOf, WeakMap<Version, Told>>()

function toldOf(version: Version, patientsOf: PatientsOf): Told {
  const memo = memoFor(told, patientsOf)
  const known = memo.get(version)
  if (known !== undefined) return known
  const { resource } = version
  const made = { name: versionName(version), ...(resource !== undefined && { patients: patientsOf(resource) }) }
  memo.set(version, made)
  return made
}

/** What is told of a list of versions, each of them once. */
export interface ToldList {
  readonly versions: readonly Version[]
  readonly names: ReadonlySet<string>
  /** The names as JSON, one after the other. */
  readonly text: string
  readonly patients: readonly string[]
}

const toldLists = new WeakMap<PatientsOf, WeakMap<readonly Version[], ToldList>>()

function toldOfList(versions: readonly Version[], patientsOf: PatientsOf): ToldList {
  const memo = memoFor(toldLists, patientsOf)
  const known = memo.get(versions)
  if (known !== undefined) return known
  const all = versions.map((version) => toldOf(version, patientsOf))
  const names = new Set(all.map(({ name }) => name))
  const patients = [...new Set(all.flatMap((one) => one.patients ?? []))]
  const made = { versions, names, text: JSON.stringify([...names]).slice(1, -1), patients }
  memo.set(versions, made)
  return made
}

/** Nothing; the versions are noted. */
function noteVersions(unit: Unit, versions: readonly (Version | undefined)[], noting: Noting): void {
  const list = unit.what.size > 0 || unit.first !== undefined ? undefined : alike(versions, isSteady)
  if (list !== undefined) {
    unit.first = toldOfList(list, noting.patientsOf)
    for (const patient of unit.first.patients) unit.patients.add(patient)
    return
  }
  if (versions === unit.first?.versions) return
  for (const version of versions) if (version !== undefined) noteVersion(unit, version, noting)
}

/** Whether a version is what it is for as long as it is the same object. */
function isSteady({ resource }: Version): boolean {
  return resource !== undefined && Object.isFrozen(resource)
}

/** Nothing; the version is noted. */
export function noteVersion(unit: Unit, version: Version, { patientsOf }: Pick<Noting, 'patientsOf'>): void {
  const { first, what, met } = unit
  const { name, patients } = toldOf(version, patientsOf)
  const before = what.size
  if (first?.names.has(name) === true) return
  what.add(name)
  if (what.size === before) return
  if (patients !== undefined) met.push(version)
  const last = patients === undefined ? lastOf(version, unit)?.resource : undefined
  for (const patient of patients ?? (last === undefined ? [] : patientsOf(last))) unit.patients.add(patient)
}

/** The resource of a deletion as it was met before. */
function lastOf({ type, id }: Key, { first, met }: Unit): Version | undefined {
  const isIt = (one: Version): boolean => one.type === type && one.id === id
  return met.findLast(isIt) ?? first?.versions.findLast(isIt)
}

/** Nothing; a resource that has no version here is noted, a document by its identifier. */
export function noteResource(unit: Unit, resource: Resource, { patientsOf }: Pick<Noting, 'patientsOf'>): void {
  for (const patient of patientsOf(resource)) unit.patients.add(patient)
  const { identifier }: Resource = resource
  if (!isBundle(resource) || !isObject(identifier) || typeof identifier['value'] !== 'string') return
  const { system } = identifier
  unit.what.add(`${typeof system === 'string' ? system : ''}|${identifier['value']}`)
}

function noteFound(unit: Unit, { resource, url }: Found, { patientsOf }: Noting): void {
  const { resourceType, id, meta } = resource
  const name = url ?? `${resourceType}/${id ?? ''}`
  unit.what.add(meta?.versionId === undefined ? name : `${name}/_history/${meta.versionId}`)
  for (const patient of patientsOf(resource)) unit.patients.add(patient)
}

/** A source elsewhere whose resources are noted. */
export function notedSource(source: Source, unit: Unit, noting: Noting): Source {
  const noted = (found: readonly Found[]): readonly Found[] => {
    for (const each of found) noteFound(unit, each, noting)
    return found
  }
  return {
    ...source,
    read: async (targets) => {
      const found = await source.read(targets)
      found.forEach(noted)
      return found
    },
    provenances: async (targets) => noted(await source.provenances(targets)),
    ...(source.search !== undefined && {
      search: async (type, query) => noted((await source.search?.(type, query)) ?? []),
    }),
    ...(source.begin !== undefined && { begin: begun(() => source.begin?.(), unit, noting) }),
  }
}

function begun(begin: () => Reading | undefined, unit: Unit, noting: Noting): () => Reading {
  return () => {
    const reading = begin()
    if (reading === undefined) throw new TypeError('The source cannot be read for the length of a document')
    return { ...notedSource(reading, unit, noting), holds: () => reading.holds() }
  }
}

/** A reader whose answers are noted. */
export function notedReader(reader: StoreReader, unit: Unit, noting: Noting): StoreReader {
  const noteAll = (versions: readonly (Version | undefined)[]): void => {
    noteVersions(unit, versions, noting)
  }
  return {
    ...reader,
    read: async (keys) => {
      const versions = await reader.read(keys)
      unit.kind ??= 'read'
      const [first] = keys
      if (first !== undefined) unit.asked ??= `${first.type}/${first.id}`
      noteAll(versions)
      return versions
    },
    vread: async (key, versionId) => {
      const version = await reader.vread(key, versionId)
      unit.kind ??= 'vread'
      unit.asked ??= versionName({ ...key, versionId })
      noteAll([version])
      return version
    },
    history: async (asked) => {
      const result = await reader.history(asked)
      unit.kind = `history-${asked.id !== undefined ? 'instance' : asked.type === undefined ? 'system' : 'type'}`
      noteAll(result.versions)
      return result
    },
    provenances: async (names) => {
      const versions = await reader.provenances(names)
      if (noting.isSearchSeen) noteAll(versions)
      return versions
    },
    search: async (asked) => {
      const result = await reader.search(asked)
      unit.kind ??= asked.type === undefined ? 'search-system' : 'search-type'
      unit.query = queryOf(asked)
      if (noting.isSearchSeen && result.shape.summary !== 'count') noteAll([...result.matches, ...result.included])
      return result
    },
  }
}

function queryOf({ parameters }: SearchRequest): string {
  return new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString()
}

const INTERACTIONS = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const

/** A writer whose answers and changes are noted. */
export function notedWriter(writer: StoreWriter, unit: Unit, noting: Noting): StoreWriter {
  const noteWritten = (kind: string, version: Version): void => {
    unit.written.push({ kind, version })
    noteVersion(unit, version, noting)
  }
  const before = async (kind: string, key: Key): Promise<void> => {
    const [version] = await writer.read([key])
    if (version !== undefined) noteWritten(kind, version)
  }
  return {
    ...writer,
    ...notedReader(writer, unit, noting),
    write: async (change) => {
      const version = await writer.write(change)
      noteWritten(INTERACTIONS[change.method], version)
      return version
    },
    ...(writer.erase !== undefined && {
      erase: async (key, why) => {
        await before('$erase', key)
        return must(writer.erase?.(key, why))
      },
    }),
    ...(writer.hold !== undefined && {
      hold: async (key, reason) => {
        await before(reason === undefined ? '$release' : '$hold', key)
        await must(writer.hold?.(key, reason))
      },
    }),
  }
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('The store cannot do what it could')
  return value
}
