/** The store as one caller may use it: what may not be read is as if it were not there. */

import { grantsOn, isGranted } from '../access/rights.ts'
import { fail } from '../fhir/error.ts'
import { somethingWithheld } from './withheld.ts'
import type {
  HistoryRequest,
  HistoryResult,
  Key,
  PatientHoldings,
  Store,
  StoreReader,
  StoreWriter,
  Version,
} from '../ports.ts'
import type { Guard } from './guard.ts'
import { judging, type Judging } from './judging.ts'
import { guardedWrite } from './writing.ts'

/** The store given, for one caller. */
export function guardedStore(store: Store, guard: Guard): Store {
  return {
    ...store,
    snapshot: (work) => store.snapshot((reader) => using(reader, guard, () => work(made(reader, guard).reader))),
    transaction: (work) => {
      mustWrite(guard)
      return store.transaction((writer) => using(writer, guard, () => work(guardedWriter(writer, guard))))
    },
    isReady: () => store.isReady(),
    close: () => store.close(),
  }
}

/** @throws FhirError `forbidden` where the caller has not the office that writing on this way needs */
function mustWrite({ writing, rights: { caller } }: Guard): void {
  if (writing === undefined || caller.roles.includes(writing)) return
  throw fail('forbidden', `Storing what comes of this needs the role ${writing}`)
}

function guardedWriter(writer: StoreWriter, guard: Guard): StoreWriter {
  const { reader, judging } = made(writer, guard)
  const isAdministrator = guard.rights.caller.roles.includes('administer')
  return {
    ...reader,
    write: (change) => guardedWrite(change, { writer, guard, judging }),
    ...(writer.record !== undefined && { record: (lines) => writer.record?.(lines) }),
    ...(isAdministrator &&
      writer.erase !== undefined && {
        whole: { history: (request) => writer.history(request), provenances: (names) => writer.provenances(names) },
        erase: (key, why) => mustReach(key, guard, () => mustBeThere(writer.erase?.(key, why))),
      }),
    ...(isAdministrator &&
      writer.hold !== undefined && {
        hold: (key, reason) => mustReach(key, guard, () => mustBeThere(writer.hold?.(key, reason))),
      }),
  }
}

async function using<T>(reader: StoreReader, { inUse }: Guard, work: () => Promise<T>): Promise<T> {
  const { reader: before } = inUse
  inUse.reader = reader
  try {
    return await work()
  } finally {
    if (before === undefined) delete inUse.reader
    else inUse.reader = before
  }
}

/** The result of work on what a deletion by the caller would reach, whatever it is. @throws FhirError `forbidden` */
function mustReach<T>({ type }: Key, { rights }: Guard, work: () => Promise<T>): Promise<T> {
  const reaches = grantsOn(rights, 'd', type).some(
    ({ patient, criteria }) => patient === undefined && criteria.length === 0,
  )
  return reaches ? work() : Promise.reject(fail('forbidden', `No scope grants that any ${type} is erased or held`))
}

function mustBeThere<T>(work: Promise<T> | undefined): Promise<T> {
  if (work === undefined) throw new TypeError('The store cannot do what it could a moment ago')
  return work
}

interface Made {
  readonly reader: StoreReader
  readonly judging: Judging
}

function made(inner: StoreReader, guard: Guard): Made {
  const judge = judging(guard, inner)
  const open: Opening = (versions) => judge.opened(versions)
  /** What was seen of this snapshot already. */
  const known = new Map<string, Version>()
  const read = async (keys: readonly Key[]): Promise<readonly (Version | undefined)[]> => {
    // in one flight, where the store is a server
    const [found] = await Promise.all([inner.read(keys), judge.ready()])
    const versions = await open(found)
    for (const one of versions)
      if (one?.type === 'Bundle' || one?.type === 'Binary') known.set(`${one.type}/${one.id}`, one)
    return versions
  }
  /** Whether a version may be seen: as it is itself, and as the resource is now. */
  const vread = async (key: Key, versionId: string): Promise<Version | undefined> => {
    const [[current], version] = await Promise.all([inner.read([key]), inner.vread(key, versionId)])
    const [now, then] = await open([current, version])
    return now === undefined ? undefined : then
  }
  const besides = async <T>(
    key: Key,
    versionId: string | undefined,
    give: () => Promise<T>,
  ): Promise<T | undefined> => {
    const before = known.get(`${key.type}/${key.id}`)
    const isSeen = before !== undefined && (versionId ?? before.versionId) === before.versionId
    const seen = isSeen ? before : versionId === undefined ? (await read([key]))[0] : await vread(key, versionId)
    return seen === undefined ? undefined : give()
  }
  const isAdministrator = guard.rights.caller.roles.includes('administer')
  const reader: StoreReader = {
    read,
    versions: async (keys) => (await read(keys)).map((version) => version?.versionId),
    vread,
    withheld: async (keys) => {
      const verdicts = await judge.verdicts(await inner.read(keys))
      // what the scopes grant nothing of is withheld whether it is there or not
      const kept = keys.map(
        ({ type }, at) => verdicts[at] === 'withheld' || !isGranted(guard.rights, guard.letters, type),
      )
      if (guard.withheld === 'refuse' && kept.includes(true)) throw somethingWithheld()
      return kept
    },
    withheldOf: (patient) => gapsOf(patient, { guard, inner, judging: judge }),
    history: (request) => guardedHistory(request, inner, open),
    provenances: async (names) => (await open(await inner.provenances(names))).filter((one) => one !== undefined),
    search: async (request) => inner.search({ ...request, access: await judge.access() }),
    identified: async (identifiers) => {
      const found = await inner.identified(identifiers)
      const seen = new Set(
        (await read(found.flat())).flatMap((one) => (one === undefined ? [] : [`${one.type}/${one.id}`])),
      )
      return found.map((keys) => keys.filter(({ type, id }) => seen.has(`${type}/${id}`)))
    },
    original: (key, versionId) => besides(key, versionId, () => inner.original(key, versionId)),
    receipt: (key, versionId) => besides(key, versionId, () => inner.receipt(key, versionId)),
    ...(isAdministrator &&
      inner.tombstone !== undefined && {
        tombstone: async (key) => inner.tombstone?.(key),
      }),
    ...(isAdministrator && inner.holdOf !== undefined && { holdOf: async (key) => inner.holdOf?.(key) }),
  }
  return { reader, judging: judge }
}

/** The types of the compartment that the scopes grant nothing of, and those of which something is kept back. */
async function gapsOf(
  patient: Key,
  { guard, inner, judging: judge }: { readonly guard: Guard; readonly inner: StoreReader; readonly judging: Judging },
): Promise<PatientHoldings['gaps']> {
  const { rights, letters, compartment, withheld } = guard
  const types = new Set(Object.keys(compartment.elements).filter((type) => !isGranted(rights, letters, type)))
  for await (const versions of inRecordOf(patient, inner)) {
    const verdicts = await judge.verdicts(versions)
    for (const [at, { type }] of versions.entries()) if (verdicts[at] === 'withheld') types.add(type)
  }
  const how = withheld === 'refuse' ? { isForbidding: true as const } : {}
  return [...types].sort().map((type) => ({ type, reason: 'withheld', ...how }))
}

async function* inRecordOf(compartment: Key, inner: StoreReader): AsyncGenerator<readonly Version[]> {
  let page: string | undefined
  do {
    const found = await inner.search({
      compartment,
      parameters: [['_total', 'none']],
      handling: 'strict',
      defaultCount: STEP,
      maxCount: STEP,
      ...(page !== undefined && { page }),
    })
    yield found.matches
    page = found.pages.next
  } while (page !== undefined)
}

type Opening = (versions: readonly (Version | undefined)[]) => Promise<readonly (Version | undefined)[]>

/** The most versions that are looked at in one step. */
const STEP = 200
/** The most steps for a page of a history: after these it ends where it is, so that nobody's page costs a walk through everything. */
const MOST_STEPS = 50

/**
 * A page of the versions that may be seen, as full as those of one who sees all. How many there are in all is told of one
 * resource alone.
 */
async function guardedHistory(request: HistoryRequest, inner: StoreReader, open: Opening): Promise<HistoryResult> {
  const seeable = async (versions: readonly Version[]): Promise<readonly Version[]> => {
    const keys = [...new Map(versions.map(({ type, id }) => [`${type}/${id}`, { type, id }])).values()]
    const current = new Set(
      (await open(await inner.read(keys))).flatMap((one) => (one ? [`${one.type}/${one.id}`] : [])),
    )
    const seen = await open(versions.map((one) => (current.has(`${one.type}/${one.id}`) ? one : undefined)))
    return seen.filter((one) => one !== undefined)
  }
  const shown: Version[] = []
  let page = request.page
  let next: string | undefined
  let steps = 0
  do {
    const isFull = shown.length >= request.count
    const count = isFull ? STEP : Math.min(STEP, request.count - shown.length)
    const step = await inner.history({ ...request, count, ...(page !== undefined && { page }) })
    const seen = await seeable(step.versions)
    if (isFull && seen.length > 0) next = page
    if (!isFull) shown.push(...seen)
    page = step.next
    steps += 1
    if (steps === MOST_STEPS) next ??= page
  } while (page !== undefined && next === undefined)
  const total = request.id === undefined ? undefined : await totalOf(request, inner, seeable)
  return { versions: shown, ...(total !== undefined && { total }), ...(next !== undefined && { next }) }
}

async function totalOf(
  { page: _page, ...request }: HistoryRequest,
  inner: StoreReader,
  seeable: (versions: readonly Version[]) => Promise<readonly Version[]>,
): Promise<number> {
  let total = 0
  let page: string | undefined
  do {
    const step = await inner.history({ ...request, count: STEP, ...(page !== undefined && { page }) })
    total += (await seeable(step.versions)).length
    page = step.next
  } while (page !== undefined)
  return total
}
