/** One snapshot of the store, read by SQL. */

import { parseJson } from '../../../fhir/json.ts'
import type { Json } from '../../../fhir/types.ts'
import type { Key, Original, StoreReader, Version } from '../../../ports.ts'
import { holdOf, tombstoneOf } from './kept.ts'
import { historyOf } from './history.ts'
import { isAmong } from './query.ts'
import { heldRows, remembered, VERSION_COLUMNS, type Reading } from './reading.ts'
import type { Pointer } from './search-index.ts'
import type { Session } from './session.ts'
import { INTEGER, statement, TEXT, TEXTS } from './statement.ts'
import { nameOf } from './versions.ts'

const CURRENT = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db
    .selectFrom('resource')
    .select(['name', 'version'])
    .where(isAmong(dialect, 'name', slots.names)),
)

const CONTENT = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db
    .selectFrom('resource')
    .innerJoin('version', 'version.seq', 'resource.seq')
    .select(VERSION_COLUMNS)
    .where(isAmong(dialect, 'resource.name', slots.names)),
)

const VERSION = statement({ name: TEXT, version: INTEGER }, ({ db, slots }) =>
  db.selectFrom('version').select(VERSION_COLUMNS).where('name', '=', slots.name).where('version', '=', slots.version),
)

const SEQ_OF_CURRENT = statement({ name: TEXT }, ({ db, slots }) =>
  db.selectFrom('resource').select('seq').where('name', '=', slots.name),
)

const SEQ = statement({ name: TEXT, version: INTEGER }, ({ db, slots }) =>
  db.selectFrom('version').select('seq').where('name', '=', slots.name).where('version', '=', slots.version),
)

const ORIGINAL = statement({ seq: INTEGER }, ({ db, slots }) =>
  db.selectFrom('original').select(['bytes', 'media_type']).where('seq', '=', slots.seq),
)

const RECEIPT = statement({ seq: INTEGER }, ({ db, slots }) =>
  db.selectFrom('receipt').select('text').where('seq', '=', slots.seq),
)

/** The reader of a session. */
export function readerOf(reading: Reading): StoreReader {
  const { session, index } = reading
  const reader: StoreReader = {
    read: (keys) => read(keys, reading),
    versions: async (keys) => {
      const numbers = await currentOf(keys.map(nameOf), reading)
      return keys.map((key) => {
        const number = numbers.get(nameOf(key))
        return number === undefined ? undefined : String(number)
      })
    },
    vread: (key, versionId) => vread(key, versionId, reading),
    history: (request) => session.holdAll().then(() => historyOf(request, reading)),
    identified: (identifiers) => session.holdAll().then(() => index.identified(identifiers, session)),
    provenances: async (names) => pointed(await provenancesOf(names, reading), reading),
    ...(index.consents !== undefined && {
      consents: async (patients, people) => pointed(await consentsOf(patients, people, reading), reading),
    }),
    search: (request) => session.holdAll().then(() => index.search(request, { session, reader })),
    original: (key, versionId) => original(key, versionId, session),
    receipt: (key, versionId) => receipt(key, versionId, session),
    tombstone: (key) => tombstoneOf(key, session),
    holdOf: (key) => holdOf(key, session),
  }
  return reader
}

/** By name, the number of the current version: as it is known, else asked for. */
async function currentOf(names: readonly string[], { session, view }: Reading): Promise<ReadonlyMap<string, number>> {
  const known = await view?.()
  const numbers = new Map<string, number>()
  const open: string[] = []
  for (const name of names) {
    const number = known?.numberOf(name)
    if (number === undefined) open.push(name)
    else numbers.set(name, number)
  }
  if (open.length === 0) return numbers
  const rows = await heldRows(open, CURRENT(session.dialect, { names: open }), session)
  for (const { name, version } of rows) numbers.set(name, version)
  known?.learn(rows)
  return numbers
}

async function provenancesOf(names: readonly string[], { session, index, view }: Reading): Promise<readonly Pointer[]> {
  const known = await view?.()
  const asked = names.join(' ')
  const remembered = known?.provenances(asked)
  if (remembered !== undefined) return remembered
  await session.holdAll()
  const found = await index.provenances(names, session)
  known?.learnProvenances(asked, found)
  return found
}

/** Nothing is held: whoever writes one at the same moment comes before or after, as for those who only read. */
async function consentsOf(
  patients: readonly string[],
  people: readonly string[],
  { session, index, view }: Reading,
): Promise<readonly Pointer[]> {
  const known = await view?.()
  const asked = [patients, people].map((names) => names.join(' ')).join(' | ')
  const found = known?.consents(asked) ?? (await index.consents?.(patients, people, session)) ?? []
  known?.learnConsents(asked, found)
  return found
}

/** Which versions are current is always asked; their content only where it is not remembered. */
async function read(keys: readonly Key[], reading: Reading): Promise<readonly (Version | undefined)[]> {
  const names = keys.map(nameOf)
  const found = await contentsOf(await currentOf(names, reading), reading)
  return names.map((name) => found.get(name))
}

/** The versions that the index says are current. */
async function pointed(pointers: readonly Pointer[], reading: Reading): Promise<readonly Version[]> {
  if (pointers.length === 0) return []
  const found = await contentsOf(new Map(pointers.map((one) => [nameOf(one), one.version])), reading)
  // in the order of the index, whatever was remembered
  return pointers.flatMap((one) => found.get(nameOf(one)) ?? []).filter(({ text }) => text !== undefined)
}

/** Current versions by their names, as they are remembered or else as they are. */
async function contentsOf(
  numbers: ReadonlyMap<string, number>,
  { session, cache }: Reading,
): Promise<ReadonlyMap<string, Version>> {
  const found = new Map<string, Version>()
  const missing: string[] = []
  for (const [name, number] of numbers) {
    const version = cache.find(name, number)
    if (version === undefined) missing.push(name)
    else found.set(name, version)
  }
  if (missing.length > 0) {
    const rows = await session.rows(CONTENT(session.dialect, { names: missing }))
    for (const row of rows) found.set(row.name, remembered(row, cache))
  }
  return found
}

async function vread(key: Key, versionId: string, { session, cache }: Reading): Promise<Version | undefined> {
  const version = numberOf(versionId)
  if (version === undefined) return undefined
  const name = nameOf(key)
  const [row] = await heldRows([name], VERSION(session.dialect, { name, version }), session)
  return row === undefined ? undefined : remembered(row, cache)
}

/** The number of a version id; others than ours name none. */
function numberOf(versionId: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(versionId) ? Number(versionId) : undefined
}

async function seqOf(key: Key, versionId: string | undefined, session: Session): Promise<number | undefined> {
  const name = nameOf(key)
  if (versionId === undefined)
    return (await heldRows([name], SEQ_OF_CURRENT(session.dialect, { name }), session))[0]?.seq
  const version = numberOf(versionId)
  if (version === undefined) return undefined
  return (await heldRows([name], SEQ(session.dialect, { name, version }), session))[0]?.seq
}

async function original(key: Key, versionId: string | undefined, session: Session): Promise<Original | undefined> {
  const seq = await seqOf(key, versionId, session)
  const [row] = seq === undefined ? [] : await session.rows(ORIGINAL(session.dialect, { seq }))
  return row && { bytes: row.bytes, mediaType: row.media_type }
}

async function receipt(key: Key, versionId: string | undefined, session: Session): Promise<Json | undefined> {
  const seq = await seqOf(key, versionId, session)
  const [row] = seq === undefined ? [] : await session.rows(RECEIPT(session.dialect, { seq }))
  return row && parseJson(row.text)
}
