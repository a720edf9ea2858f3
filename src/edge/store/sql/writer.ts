/** A transaction of the store, written by SQL. */

import { fail } from '../../../fhir/error.ts'
import { one } from '../../../fhir/issue.ts'
import { stringify } from '../../../fhir/json.ts'
import type { Instant, Resource } from '../../../fhir/types.ts'
import type { Change, StoreWriter, Version } from '../../../ports.ts'
import type { Overlay } from './cache.ts'
import { erase, hold } from './erasing.ts'
import { mustNotBeErased, mustNotBeHeld } from './kept.ts'
import { readerOf } from './reader.ts'
import type { Insertable } from './query.ts'
import { heldRows, type Reading } from './reading.ts'
import type { Session } from './session.ts'
import { BYTES, INTEGER, OPTIONAL_TEXT, statement, TEXT } from './statement.ts'
import type { ResourceTable } from './tables.ts'
import { allEnded } from './turns.ts'
import { instantOf, nameOf, versionOf, type VersionRow } from './versions.ts'

/** What a writer writes with. */
export interface Writing extends Reading {
  readonly cache: Overlay
  readonly now: () => Instant
  /** What is added to the audit at the end of the transaction. */
  readonly lines: string[]
}

const STATE = statement({ name: TEXT }, ({ db, slots }) =>
  db.selectFrom('resource').select(['rid', 'version', 'last_updated', 'deleted', 'seq']).where('name', '=', slots.name),
)

const INSERT_VERSION = statement(
  { name: TEXT, type: TEXT, version: INTEGER, last_updated: INTEGER, method: TEXT, text: OPTIONAL_TEXT },
  ({ db, slots }) => db.insertInto('version').values(slots).returning('seq'),
)

const INSERT_RESOURCE = statement(
  { name: TEXT, type: TEXT, id: TEXT, version: INTEGER, seq: INTEGER, last_updated: INTEGER, deleted: INTEGER },
  ({ db, slots }) => db.insertInto('resource').values(slots).returning('rid'),
)

const UPDATE_RESOURCE = statement(
  { rid: INTEGER, version: INTEGER, seq: INTEGER, last_updated: INTEGER, deleted: INTEGER },
  ({ db, slots: { rid, ...changed } }) => db.updateTable('resource').set(changed).where('rid', '=', rid),
)

const INSERT_ORIGINAL = statement({ seq: INTEGER, media_type: TEXT, bytes: BYTES }, ({ db, slots }) =>
  db.insertInto('original').values(slots),
)

const INSERT_RECEIPT = statement({ seq: INTEGER, text: TEXT }, ({ db, slots }) =>
  db.insertInto('receipt').values(slots),
)

/** The writer of a session. */
export function writerOf(writing: Writing): StoreWriter {
  const writer: StoreWriter = {
    ...readerOf(writing),
    write: (change) => write(change, writing),
    record: (lines) => void writing.lines.push(...lines),
    erase: (key, why) => erase(key, why, { ...writing, writer }),
    hold: (key, reason) => hold(key, reason, writing),
  }
  return writer
}

interface State {
  readonly rid: number
  readonly version: number
  readonly last_updated: number
  readonly deleted: number
}

async function write(change: Change, writing: Writing): Promise<Version> {
  mustBeAddress(change)
  const name = nameOf(change)
  const { session, cache } = writing
  const [state] = await heldRows([name], STATE(session.dialect, { name }), session)
  if (state?.deleted === 1) await mustNotBeErased(change, session)
  mustBeExpected(change, state)
  if (change.method === 'DELETE') {
    if (state === undefined) throw fail('not-found', `${name} is not there, so it cannot be deleted`)
    const deletion = state.deleted === 1 ? (await readerOf(writing).read([change]))[0] : undefined
    if (deletion !== undefined) return deletion
    await mustNotBeHeld(change, session)
  }
  const row = rowOf(change, state, writing.now)
  cache.writes()
  const told = { change, state, row }
  // a server is asked both in one flight
  const seq = writeVersion(told, writing)
  await allEnded<unknown>([seq, reindex(told, writing)])
  await writeBeside(change, await seq, writing)
  const version = versionOf(row)
  cache.wrote(name, row.version, version)
  return version
}

/** Nothing, where a change has an address: an id that is none could name something else. @see https://hl7.org/fhir/R4/datatypes.html#id */
export function mustBeAddress({ type, id, resource }: Change): void {
  if (!/^[A-Z][A-Za-z]{0,63}$/.test(type)) throw fail('value', 'The type of a resource is no name of one')
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(id))
    throw fail('value', 'The id of a resource is none, expected 1 to 64 letters, digits, hyphens and dots')
  if (resource !== undefined && resource.resourceType !== type)
    throw fail('invalid', `The resource is ${one(resource.resourceType)}, expected ${one(type)}`)
}

/** Nothing, where what is there is what a change expects; a deletion counts as nothing where nothing is expected. */
export function mustBeExpected(
  { expected, type, id }: Change,
  state: Pick<State, 'version' | 'deleted'> | undefined,
): void {
  if (expected === undefined) return
  const current = state === undefined ? undefined : String(state.version)
  if (expected.versionId === current || (expected.versionId === undefined && state?.deleted === 1)) return
  const found = current === undefined ? 'there is none' : `version ${current} is current`
  throw fail('conflict', `${type}/${id} has changed: ${found}, expected ${expected.versionId ?? 'none'}`)
}

/** The next version of a resource as a row. */
export function rowOf(
  change: Change,
  state: Pick<State, 'version' | 'last_updated'> | undefined,
  now: () => Instant,
): VersionRow {
  const version = (state?.version ?? 0) + 1
  // A clock that stands still or goes back must not turn the order of versions.
  const lastUpdated = Math.max(Date.parse(now()), (state?.last_updated ?? 0) + 1)
  const text = change.method === 'DELETE' ? null : textOf(change, String(version), instantOf(lastUpdated))
  return { name: nameOf(change), version, last_updated: lastUpdated, method: change.method, text }
}

/** A version as JSON, with the meta that the store gives it. */
export function textOf(
  { id, resource }: Pick<Change, 'id' | 'resource'>,
  versionId: string,
  lastUpdated: Instant,
): string {
  if (resource === undefined) throw new TypeError('A change that is no deletion has no resource')
  const { resourceType, meta, ...rest } = resource
  const own: Resource = { resourceType, id, meta: { ...meta, versionId, lastUpdated } }
  return stringify({ ...own, ...rest, id })
}

interface Written {
  readonly change: Change
  readonly state: State | undefined
  readonly row: VersionRow
}

/** The number of the version that is written and is the current one from now on. */
async function writeVersion({ change, state, row }: Written, { session, index }: Writing): Promise<number> {
  const { type, id, resource } = change
  const [written] = await session.rows(INSERT_VERSION(session.dialect, { ...row, type }))
  if (written === undefined) throw new TypeError('A version that was written has no row')
  const { seq } = written
  const pointer = { version: row.version, seq, last_updated: row.last_updated, deleted: row.text === null ? 1 : 0 }
  if (state !== undefined) {
    await session.rows(UPDATE_RESOURCE(session.dialect, { rid: state.rid, ...pointer }))
    return seq
  }
  const rid = await inserted({ name: row.name, type, id, ...pointer }, session)
  if (resource !== undefined) await index.write({ type, id, rid, resource }, session)
  return seq
}

/** The index says of a resource that is there already what it holds now. */
async function reindex({ change, state, row }: Written, { session, index }: Writing): Promise<void> {
  if (state === undefined) return
  const { rid, deleted } = state
  const { type, id, resource } = change
  if (resource === undefined || row.text === null) return index.remove(rid, session)
  const indexed = { type, id, rid, resource }
  return deleted === 1 ? index.write(indexed, session) : index.replace(indexed, session)
}

/** The key of a resource that is new. */
async function inserted(row: Insertable<ResourceTable>, session: Session): Promise<number> {
  const [made] = await session.rows(INSERT_RESOURCE(session.dialect, row))
  if (made === undefined) throw new TypeError('A resource that was written has no row')
  return made.rid
}

async function writeBeside({ original, receipt }: Change, seq: number, { session }: Writing): Promise<void> {
  const { dialect } = session
  if (original !== undefined)
    await session.rows(INSERT_ORIGINAL(dialect, { seq, media_type: original.mediaType, bytes: original.bytes }))
  if (receipt !== undefined) await session.rows(INSERT_RECEIPT(dialect, { seq, text: stringify(receipt) }))
}
