/** A snapshot without a transaction: it reads what is remembered, as long as that is of one state. */

import { fail } from '../../../fhir/error.ts'
import type { BusinessIdentifier, Key, StoreReader, Version } from '../../../ports.ts'
import type { VersionCache } from './cache.ts'
import type { Kind, Sight } from './looking.ts'
import type { Query } from './query.ts'
import { remembered } from './reading.ts'
import type { Pointer, SearchIndex } from './search-index.ts'
import type { Database, Session } from './session.ts'
import { nameOf, type VersionRow } from './versions.ts'

/** What such a snapshot is taken with. */
export interface Sighting {
  readonly database: Database
  readonly look: () => Promise<Sight | undefined>
  readonly cache: VersionCache
  readonly index: SearchIndex
  /** What a state of consents is named by. */
  readonly name: string
}

/** Those that are deleted after their time and leave no trace cannot be told of. */
const UNTRACED = 'AuditEvent'

/** The result of work; undefined where it needs a transaction, and is to be done again in one. */
export async function sighted<T>(
  work: (reader: StoreReader) => Promise<T>,
  sighting: Sighting,
): Promise<{ readonly result: T } | undefined> {
  const state: State = { sighting, sight: undefined, isUnfit: false }
  try {
    const result = await work(readerOf(state))
    return state.isUnfit ? undefined : { result }
  } catch (error) {
    if (state.isUnfit) return undefined
    throw error
  } finally {
    await state.sight?.then(
      (sight) => sight.end(),
      () => undefined,
    )
  }
}

interface State {
  readonly sighting: Sighting
  /** Taken when something is first asked. */
  sight: Promise<Sight> | undefined
  /** The work asked for what is not told here, or its state could not be held on to. */
  isUnfit: boolean
}

function readerOf(state: State): StoreReader {
  const { index } = state.sighting
  const told =
    <A extends readonly unknown[], T>(
      answer: (state: State, ...asked: A) => Promise<T>,
    ): ((...asked: A) => Promise<T>) =>
    (...asked) =>
      answer(state, ...asked).catch((error: unknown) => {
        state.isUnfit = true
        throw error
      })
  const unfit = told(() => Promise.reject(fail('transient', 'The snapshot has to be taken in another way')))
  return {
    read: told(read),
    versions: told(versions),
    provenances: told(provenances),
    ...(index.consents !== undefined && { consents: told(consents) }),
    consentState: told(consentState),
    identified: told(identified),
    vread: unfit,
    history: unfit,
    search: unfit,
    original: unfit,
    receipt: unfit,
    tombstone: unfit,
    holdOf: unfit,
  }
}

async function sightOf(state: State): Promise<Sight> {
  state.sight ??= state.sighting.look().then((sight) => {
    if (sight === undefined) throw fail('transient', 'Nothing is known of what is current')
    return sight
  })
  return state.sight
}

/** A query by itself, which sees its own state. */
function asked<T>({ sighting }: State, ask: (session: Session) => Promise<T>): Promise<T> {
  return sighting.database.snapshot(ask, 'resource')
}

/** By name, the numbers of the current versions; 0 where there is none. */
async function numbersOf(names: readonly string[], state: State): Promise<ReadonlyMap<string, number>> {
  const sight = await sightOf(state)
  const open = names.filter((name) => sight.numberOf(name) === undefined)
  if (open.length > 0) await sight.moveOn(open)
  return new Map(names.map((name) => [name, knownOf(name, sight)]))
}

function knownOf(name: string, sight: Sight): number {
  const number = sight.numberOf(name)
  if (number === undefined) throw fail('transient', 'What is current changes too fast')
  return number
}

async function versions(state: State, keys: readonly Key[]): Promise<readonly (string | undefined)[]> {
  mustBeTraced(keys)
  const numbers = await numbersOf(keys.map(nameOf), state)
  return keys.map((key) => {
    const number = numbers.get(nameOf(key)) ?? 0
    return number === 0 ? undefined : String(number)
  })
}

async function read(state: State, keys: readonly Key[]): Promise<readonly (Version | undefined)[]> {
  mustBeTraced(keys)
  const names = keys.map(nameOf)
  const found = await contentsOf(await numbersOf(names, state), state)
  return names.map((name) => found.get(name))
}

function mustBeTraced(keys: readonly Key[]): void {
  if (keys.some(({ type }) => type === UNTRACED)) throw fail('transient', 'What is current of these is not known')
}

const CONTENT = `select name, version, last_updated, method, text from version
  where (name, version) in (select * from unnest($1::text[], $2::bigint[]))`

/** The versions with the numbers given, which are the same whenever they are read. */
async function contentsOf(numbers: ReadonlyMap<string, number>, state: State): Promise<ReadonlyMap<string, Version>> {
  const { cache } = state.sighting
  const found = new Map<string, Version>()
  const open = new Map<string, number>()
  for (const [name, number] of numbers) {
    if (number === 0) continue
    const version = cache.find(name, number)
    if (version === undefined) open.set(name, number)
    else found.set(name, version)
  }
  if (open.size === 0) return found
  const query: Query<VersionRow> = { sql: CONTENT, parameters: [[...open.keys()], [...open.values()]] }
  for (const row of await asked(state, (session) => session.rows(query))) {
    if (row.text === null && row.method !== 'DELETE') throw fail('transient', 'A version was erased meanwhile')
    found.set(row.name, remembered(row, cache))
  }
  return found
}

function provenances(state: State, names: readonly string[]): Promise<readonly Version[]> {
  const ask = (session: Session): Promise<readonly Pointer[]> => state.sighting.index.provenances(names, session)
  return about({ kind: 'provenances', name: names.join(' '), ask }, state)
}

function consents(state: State, patients: readonly string[], people: readonly string[]): Promise<readonly Version[]> {
  const name = [patients, people].map((names) => names.join(' ')).join(' | ')
  const ask = (session: Session): Promise<readonly Pointer[]> =>
    state.sighting.index.consents?.(patients, people, session) ?? Promise.resolve([])
  return about({ kind: 'consents', name, ask }, state)
}

interface Question {
  readonly kind: Kind
  readonly name: string
  readonly ask: (session: Session) => Promise<readonly Pointer[]>
}

/** What the index says that only some types change; asked once for as long as none of them does. */
async function about({ kind, name, ask }: Question, state: State): Promise<readonly Version[]> {
  const sight = await sightOf(state)
  const known = sight.answer(kind, name)
  if (known !== undefined) return pointed(known, state)
  const found = await asked(state, ask)
  await sight.moveOn([], kind)
  sight.learn(kind, name, found)
  return pointed(found, state)
}

async function pointed(pointers: readonly Pointer[], state: State): Promise<readonly Version[]> {
  if (pointers.length === 0) return []
  const found = await contentsOf(new Map(pointers.map((one) => [nameOf(one), one.version])), state)
  // in the order of the index, whatever was remembered
  return pointers.flatMap((one) => found.get(nameOf(one)) ?? []).filter(({ text }) => text !== undefined)
}

async function consentState(state: State): Promise<string> {
  const sight = await sightOf(state)
  return `${state.sighting.name} ${sight.consentChanges()}`
}

async function identified(
  state: State,
  identifiers: readonly BusinessIdentifier[],
): Promise<readonly (readonly Key[])[]> {
  const sight = await sightOf(state)
  const found = await asked(state, (session) => state.sighting.index.identified(identifiers, session))
  await sight.moveOn([], 'anything')
  return found
}
