/** What was composed lately, given again where the store gives the very same answers to all that was asked (H-15). */

import { bytesOf } from './fhir/bytes.ts'
import type { Issue } from './fhir/issue.ts'
import { frozen } from './fhir/memo.ts'
import type { Checked, Entry, Instant, Json, Resource } from './fhir/types.ts'
import { contentOf } from './check/content.ts'
import { isSameToOthers, namesVersion } from './check/outline.ts'
import type { Collection, Design } from './pipeline.ts'
import type { BusinessIdentifier, Key, SearchRequest, SearchResult, StoreReader, Version } from './ports.ts'

/** A document without a signature, and what is told with it. */
export interface Composed {
  readonly bundle: Checked
  readonly issues: readonly Issue[]
}

/** Documents by the names of what was asked; what was not asked for the longest is forgotten first. */
export interface Recall {
  /** The document as it was composed, with the resources that are others now; nothing where any other answer is. */
  readonly again: (name: string, witness: Witness, now: Instant) => Promise<Known | undefined>
  /** The document, kept unless it cannot be told whether all that was heard for it is the same later. */
  readonly keep: (name: string, heard: Heard | undefined, made: Made) => Composed
}

/** What was composed, and what closure had made before of what was read for it. */
export interface Made {
  readonly composed: Composed
  readonly collection: Collection
}

/** What was made lately, its identifier and timestamp of then. */
export interface Known extends Made {
  /** All that was asked for it, with the answers of now. */
  readonly heard: Heard
  readonly changes: readonly Change[]
}

/** A resource that is another now. */
interface Change {
  readonly from: Resource
  readonly to: Resource
}

/** A reader of one snapshot that knows what it was asked. */
export interface Witness {
  readonly reader: StoreReader
  /**
   * Asks again what another was asked: the resources that are others now, nothing where any other answer is. What it read
   * is not read again.
   */
  readonly changes: (heard: Heard) => Promise<readonly Change[] | undefined>
  /** All questions and answers; undefined where something was asked whose answer cannot be compared. */
  readonly heard: () => Heard | undefined
}

/** Questions with their answers. */
export interface Heard {
  readonly resources: readonly { readonly key: Key; readonly resource: Resource }[]
  readonly provenances: readonly Answered<readonly string[], readonly Version[]>[]
  readonly identified: readonly Answered<readonly BusinessIdentifier[], readonly (readonly Key[])[]>[]
  readonly searches: readonly Answered<SearchRequest, SearchResult>[]
}

interface Answered<Question, Answer> {
  readonly question: Question
  readonly answer: Answer
}

/** A witness of what a reader is asked from now on. */
export function witnessOf(reader: StoreReader): Witness {
  const read = new Map<string, { readonly key: Key; readonly version: Version | undefined }>()
  const asked = new Map<string, Heard['resources'][number]>()
  const provenances: Heard['provenances'][number][] = []
  const identified: Heard['identified'][number][] = []
  const searches: Heard['searches'][number][] = []
  let isComparable = true
  // one snapshot answers alike each time, so nothing is asked of it twice
  const provenancesOf = askedOnce((question: readonly string[]) => reader.provenances(question))
  const identifiedBy = askedOnce((question: readonly BusinessIdentifier[]) => reader.identified(question))
  const searchFor = askedOnce((question: SearchRequest) => reader.search(question))
  const readAll = async (keys: readonly Key[]): Promise<readonly (Version | undefined)[]> => {
    const open = keys.filter((key) => !read.has(nameOf(key)))
    const versions = open.length === 0 ? [] : await reader.read(open)
    for (const [at, key] of open.entries()) read.set(nameOf(key), { key, version: versions[at] })
    return keys.map((key) => read.get(nameOf(key))?.version)
  }
  const incomparable = <T>(answer: Promise<T>): Promise<T> => {
    isComparable = false
    return answer
  }
  return {
    reader: {
      ...reader,
      ...(reader.withheld !== undefined && {
        withheld: (keys: readonly Key[]) => incomparable(reader.withheld?.(keys) ?? Promise.resolve([])),
      }),
      ...(reader.withheldOf !== undefined && {
        withheldOf: (patient: Key) => incomparable(reader.withheldOf?.(patient) ?? Promise.resolve([])),
      }),
      read: async (keys) => {
        const versions = await readAll(keys)
        for (const [at, key] of keys.entries()) {
          const resource = versions[at]?.resource
          // what is not there, or may not be seen, is looked for anew each time
          if (resource === undefined || !Object.isFrozen(resource)) isComparable = false
          else asked.set(nameOf(key), { key, resource })
        }
        return versions
      },
      provenances: async (question) => {
        const answer = await provenancesOf(question)
        provenances.push({ question, answer })
        return answer
      },
      identified: async (question) => {
        const answer = await identifiedBy(question)
        identified.push({ question, answer })
        return answer
      },
      versions: (keys) => incomparable(reader.versions(keys)),
      vread: (key, versionId) => incomparable(reader.vread(key, versionId)),
      history: (request) => incomparable(reader.history(request)),
      search: async (question) => {
        const answer = await searchFor(question)
        if (!answer.matches.every(isSteady) || !answer.included.every(isSteady)) isComparable = false
        searches.push({ question, answer })
        return answer
      },
      original: (key, versionId) => incomparable(reader.original(key, versionId)),
      receipt: (key, versionId) => incomparable(reader.receipt(key, versionId)),
    },
    changes: async ({ resources, ...others }) => {
      // in one flight, where the store is a server
      const [versions, ...same] = await Promise.all([
        readAll(resources.map(({ key }) => key)),
        ...others.provenances.map(async ({ question, answer }) => sameVersions(answer, await provenancesOf(question))),
        ...others.identified.map(async ({ question, answer }) => isSame(answer, await identifiedBy(question))),
        ...others.searches.map(async ({ question, answer }) => sameResult(answer, await searchFor(question))),
      ])
      return same.every((each) => each) ? changesIn(resources, versions) : undefined
    },
    heard: () => (isComparable ? { resources: [...asked.values()], provenances, identified, searches } : undefined),
  }
}

/** The resources that are others now; nothing where one is no longer there, or not to be told from others later. */
function changesIn(
  resources: Heard['resources'],
  versions: readonly (Version | undefined)[],
): readonly Change[] | undefined {
  const changes: Change[] = []
  for (const [at, { resource: from }] of resources.entries()) {
    const to = versions[at]?.resource
    if (to === from) continue
    if (to === undefined || !Object.isFrozen(to)) return undefined
    changes.push({ from, to })
  }
  return changes
}

/** Whether a version always comes as the very same object, so that another is seen to be one. */
function isSteady({ resource }: Version): boolean {
  return resource !== undefined && Object.isFrozen(resource)
}

function sameResult(one: SearchResult, other: SearchResult): boolean {
  return (
    sameVersions(one.matches, other.matches) &&
    sameVersions(one.included, other.included) &&
    one.pages.next === other.pages.next
  )
}

function askedOnce<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>()
  return (question) => {
    const text = JSON.stringify(question)
    const answer = answers.get(text) ?? ask(question)
    answers.set(text, answer)
    return answer
  }
}

function isSame(some: unknown, others: unknown): boolean {
  return JSON.stringify(some) === JSON.stringify(others)
}

function sameVersions(some: readonly Version[], others: readonly Version[]): boolean {
  return some.length === others.length && some.every(({ resource }, at) => others[at]?.resource === resource)
}

function nameOf({ type, id }: Key): string {
  return `${type}/${id}`
}

/** A rule may ask for the time: what it said is not told again after so long. */
const LONGEST_MS = 60_000
/** A document takes about this many bytes for each byte of its JSON, where its resources are no longer those of the store. */
const BYTES_PER_BYTE = 10

interface Kept extends Made {
  readonly heard: Heard
  readonly bytes: number
}

/** A recall of about `maxBytes` at the most. */
export function recall(maxBytes: number): Recall {
  const all = new Map<string, Kept>()
  let bytes = 0
  const forget = (name: string): void => {
    bytes -= all.get(name)?.bytes ?? 0
    all.delete(name)
  }
  return {
    again: async (name, witness, now) => {
      const kept = all.get(name)
      if (kept === undefined || !isRecent(kept.composed, now)) return undefined
      const changes = await witness.changes(kept.heard)
      if (changes === undefined) return undefined
      if (all.delete(name)) all.set(name, kept)
      return { ...kept, heard: heardNow(kept.heard, changes), changes }
    },
    keep: (name, heard, { composed: { bundle, issues }, collection: whole }) => {
      forget(name)
      const size = BYTES_PER_BYTE * (bundle.entry ?? []).reduce((sum, one) => sum + lengthOf(one), 0)
      const isOfItsTime = issues.some(({ expression }) => expression === 'Bundle.timestamp')
      if (heard === undefined || isOfItsTime || size > maxBytes / 4) return { bundle, issues }
      // an entry that closure made is found again by all that was found of it
      const collection = { ...whole, bundle: { ...whole.bundle, entry: frozenEntries(whole.bundle.entry) } }
      const composed = { bundle: { ...bundle, entry: frozenEntries(bundle.entry) }, issues }
      all.set(name, { composed, collection, heard, bytes: size })
      bytes += size
      for (const oldest of all.keys()) {
        if (bytes <= maxBytes) break
        forget(oldest)
      }
      return composed
    },
  }
}

function heardNow({ resources, ...others }: Heard, changes: readonly Change[]): Heard {
  if (changes.length === 0) return { resources, ...others }
  const now = new Map(changes.map(({ from, to }) => [from, to]))
  return {
    ...others,
    resources: resources.map(({ key, resource }) => ({ key, resource: now.get(resource) ?? resource })),
  }
}

/**
 * What closure would make of the resources as they are now: what it made before, with each in the place of the one that it
 * was, where they are the same to all others and no version is named; nothing where closure has to say.
 */
export function recollected(
  { collection, changes, heard }: Known,
  own: OwnMembers,
  { checks: { definitions }, collect: { limits } }: Design,
): Collection | undefined {
  const { entry = [] } = collection.bundle
  const now = new Map(changes.map(({ from, to }) => [from, to]))
  const isTold = ({ from, to }: Change): boolean =>
    entry.some(({ resource }) => resource === from) &&
    isSameToOthers(contentOf(from, definitions), contentOf(to, definitions))
  const isVersioned = heard.resources.some(({ resource }) => namesVersion(contentOf(resource, definitions)))
  if (isVersioned || !changes.every(isTold)) return undefined
  const entries = entry.map((one) => {
    const to = one.resource && now.get(one.resource)
    return to === undefined ? one : { ...one, resource: to }
  })
  const bytes = entries.reduce((sum, one) => sum + lengthOf(one), 0)
  if (bytes > limits.bytes) return undefined
  return { ...collection, bundle: { ...collection.bundle, ...own, entry: entries } }
}

/** What each document has of its own. */
type OwnMembers = Pick<Checked, 'identifier' | 'timestamp'>

function isRecent({ bundle }: Composed, now: Instant): boolean {
  const ageMs = Date.parse(now) - Date.parse(bundle.timestamp ?? '')
  return ageMs >= 0 && ageMs <= LONGEST_MS
}

function lengthOf({ resource }: Entry): number {
  return resource === undefined ? 0 : bytesOf(resource).length
}

/** Entries that nobody can change, so that their bytes are those of then. */
function frozenEntries(entries: readonly Entry[] = []): readonly Entry[] {
  return Object.freeze(entries.map((entry) => (Object.isFrozen(entry) ? entry : frozenEntry(entry))))
}

function frozenEntry(entry: Entry): Entry {
  for (const member of Object.values(entry)) if (!Object.isFrozen(member)) frozen(member as Json)
  return Object.freeze({ ...entry })
}
