/**
 * A transaction that holds nothing while it works: it takes what it remembers, or reads, to be so still, and all that it
 * writes is written at once, where that is so. What cannot be done so is done again in another way.
 */

import { fail, type FhirError } from '../../../fhir/error.ts'
import type { Instant } from '../../../fhir/types.ts'
import type { Change, Key, StoreWriter, Version } from '../../../ports.ts'
import { appendingOf } from './audit.ts'
import { overlay, type Overlay, type VersionCache } from './cache.ts'
import { isConcerned } from './consent-state.ts'
import { assuming, putting, type Putting } from './putting.ts'
import type { Query } from './query.ts'
import { readerOf } from './reader.ts'
import type { SearchIndex } from './search-index.ts'
import { Overtaken, type Database } from './session.ts'
import { nameOf, versionOf } from './versions.ts'
import { mustBeAddress, mustBeExpected, rowOf } from './writer.ts'

/** What a tentative transaction is done with. */
export interface Tentative {
  readonly database: Database
  readonly together: Required<Database>['together']
  readonly content: Required<SearchIndex>['content']
  readonly index: SearchIndex
  readonly cache: VersionCache
  readonly now: () => Instant
}

/** What is needed of database and index for it; undefined where they have it not. */
export function tentative(given: Omit<Tentative, 'together' | 'content'>): Tentative | undefined {
  const { together } = given.database
  const { content } = given.index
  return together === undefined || content === undefined ? undefined : { ...given, together, content }
}

/** The result of work, once what it wrote is durable; undefined where it has to be done in another way. */
export async function tentatively<T>(
  work: (writer: StoreWriter) => Promise<T>,
  given: Tentative,
): Promise<{ readonly result: T } | undefined> {
  const first = begun(given, true)
  const done = await attempt(work, first)
  return done !== undefined || first.isUnfit ? done : attempt(work, begun(given, false))
}

async function attempt<T>(
  work: (writer: StoreWriter) => Promise<T>,
  begun: Begun,
): Promise<{ readonly result: T } | undefined> {
  try {
    const result = await work(writerOf(begun))
    return (await isKept(begun)) ? { result } : undefined
  } catch (error) {
    // what it found wrong may be so only in what was assumed
    if (error instanceof Overtaken || begun.isUnfit || !isOfOneState(begun)) return undefined
    throw error
  }
}

interface Begun {
  readonly given: Tentative
  /** What is remembered is taken to be current. */
  readonly trusts: boolean
  readonly own: Overlay
  /** By name, what was current before the transaction, however it is known. */
  readonly assumed: Map<string, Version | undefined>
  readonly written: Map<string, Version>
  readonly puttings: Putting[]
  readonly lines: string[]
  /** How often the store was asked; something was taken as it is remembered. */
  asked: number
  hasTrusted: boolean
  /** It needs what is not compared by name at the end. */
  isUnfit: boolean
}

function begun(given: Tentative, trusts: boolean): Begun {
  const parts = { own: overlay(given.cache), assumed: new Map(), written: new Map(), puttings: [], lines: [] }
  return { given, trusts, ...parts, asked: 0, hasTrusted: false, isUnfit: false }
}

/** Whether all that was read was of one state, whatever it is now. */
function isOfOneState({ asked, hasTrusted }: Begun): boolean {
  return !hasTrusted && asked <= 1
}

/** More than these are held in another way. */
const MOST_NAMES = 200

/** Whether what was written is durable now, or nothing was to be written. */
async function isKept(begun: Begun): Promise<boolean> {
  const { given, own, puttings, lines } = begun
  if (begun.isUnfit) return false
  // work may take a failure lightly; half a version must not be
  if (!own.isWhole()) throw fail('exception', 'A change could not be written to its end')
  if (puttings.length === 0) return lines.length === 0 && isOfOneState(begun)
  try {
    await given.together([
      ...assumptions(begun),
      ...puttings.map(putting),
      ...(lines.length > 0 ? [appendingOf(lines)] : []),
    ])
  } catch (error) {
    if (error instanceof Overtaken) return false
    throw error
  }
  own.settle()
  return true
}

/** What is written over is compared when it is; where that is all that was read, no more has to be. */
function assumptions({ assumed, puttings }: Begun): readonly Query[] {
  if (assumed.size === 1 && puttings.length === 1) return []
  return [assuming(new Map([...assumed].map(([name, version]) => [name, Number(version?.versionId ?? 0)])))]
}

function writerOf(begun: Begun): StoreWriter {
  const unfit = (): Promise<never> => Promise.reject(unfitness(begun))
  return {
    read: (keys) => read(keys, begun),
    versions: async (keys) => (await read(keys, begun)).map((version) => version?.versionId),
    write: (change) => (isFit(change) ? write(change, begun) : unfit()),
    record: (lines) => void begun.lines.push(...lines),
    vread: unfit,
    history: unfit,
    identified: unfit,
    provenances: unfit,
    ...(begun.given.index.consents !== undefined && { consents: unfit }),
    search: unfit,
    original: unfit,
    receipt: unfit,
    tombstone: unfit,
    holdOf: unfit,
    erase: unfit,
    hold: unfit,
  }
}

function unfitness(begun: Begun): FhirError {
  begun.isUnfit = true
  return fail('transient', 'The transaction has to be done in another way')
}

/** A deletion needs to know of holds, and consents are counted. */
function isFit({ method, type }: Change): boolean {
  return method !== 'DELETE' && !isConcerned(`${type}/`)
}

async function read(keys: readonly Key[], begun: Begun): Promise<readonly (Version | undefined)[]> {
  const { given, assumed, written } = begun
  const open = new Map<string, Key>()
  for (const { type, id } of keys) {
    const name = nameOf({ type, id })
    if (assumed.has(name)) continue
    const latest = begun.trusts ? given.cache.latest(name) : undefined
    if (latest === undefined) open.set(name, { type, id })
    else assume(latest, begun)
  }
  if (assumed.size + open.size > MOST_NAMES) throw unfitness(begun)
  await ask(open, begun)
  return keys.map((key) => written.get(nameOf(key)) ?? assumed.get(nameOf(key)))
}

function assume(version: Version, begun: Begun): void {
  begun.hasTrusted = true
  begun.assumed.set(nameOf(version), version)
}

async function ask(open: ReadonlyMap<string, Key>, begun: Begun): Promise<void> {
  if (open.size === 0) return
  const { database, cache, index } = begun.given
  const keys = [...open.values()]
  begun.asked += 1
  const reading = database.snapshot((session) => readerOf({ session, cache, index }).read(keys), 'resource')
  const found = await reading.catch((error: unknown) => {
    begun.isUnfit = true
    throw error
  })
  for (const [place, name] of [...open.keys()].entries()) begun.assumed.set(name, found[place])
}

async function write(change: Change, begun: Begun): Promise<Version> {
  mustBeAddress(change)
  const name = nameOf(change)
  const { assumed, own, written, puttings, given } = begun
  // a new one has an id that nobody had before
  if (change.method === 'POST' && !assumed.has(name)) assumed.set(name, undefined)
  const [before] = await read([change], begun)
  const state = before && stateOf(before)
  if (state?.deleted === 1) begun.isUnfit = true
  mustBeExpected(change, state)
  const row = rowOf(change, state, given.now)
  if (change.resource === undefined) throw new TypeError('A change that is no deletion has no resource')
  own.writes()
  const version = versionOf(row)
  puttings.push({ change, row, content: given.content(change, change.resource) })
  written.set(name, version)
  own.wrote(name, row.version, version)
  return version
}

function stateOf({
  versionId,
  lastUpdated,
  text,
}: Version): Parameters<typeof rowOf>[1] & { readonly deleted: number } {
  return { version: Number(versionId), last_updated: Date.parse(lastUpdated), deleted: text === undefined ? 1 : 0 }
}
