/** Erasure: the content of every version goes for good, and a tombstone with its digests stays. */

import { sha256 } from '../../../fhir/digest.ts'
import { fail } from '../../../fhir/error.ts'
import type { Key, StoreWriter } from '../../../ports.ts'
import type { ErasedVersion, Tombstone } from '../../../ports/audit.ts'
import type { VersionCache } from './cache.ts'
import { holdOf, mustNotBeErased } from './kept.ts'
import type { Session } from './session.ts'
import { INTEGER, statement, TEXT } from './statement.ts'
import { nameOf } from './versions.ts'

interface Erasing {
  readonly session: Session
  readonly cache: VersionCache
  readonly now: () => string
}

const CONTENT = statement({ name: TEXT }, ({ db, slots }) =>
  db
    .selectFrom('version')
    .leftJoin('original', 'original.seq', 'version.seq')
    .leftJoin('receipt', 'receipt.seq', 'version.seq')
    .select(['version.seq', 'version.version', 'version.text', 'original.bytes', 'receipt.text as receipt'])
    .where('version.name', '=', slots.name)
    .orderBy('version.version'),
)

const EMPTY = statement({ name: TEXT }, ({ db, slots }) =>
  db.updateTable('version').set({ text: null }).where('name', '=', slots.name),
)
const FORGET_ORIGINAL = statement({ seq: INTEGER }, ({ db, slots }) =>
  db.deleteFrom('original').where('seq', '=', slots.seq),
)
const FORGET_RECEIPT = statement({ seq: INTEGER }, ({ db, slots }) =>
  db.deleteFrom('receipt').where('seq', '=', slots.seq),
)
export const INSERT_TOMBSTONE = statement({ name: TEXT, text: TEXT }, ({ db, slots }) =>
  db.insertInto('tombstone').values(slots),
)
const FORGET_HOLD = statement({ name: TEXT }, ({ db, slots }) => db.deleteFrom('hold').where('name', '=', slots.name))
export const INSERT_HOLD = statement({ name: TEXT, held_at: INTEGER, reason: TEXT }, ({ db, slots }) =>
  db.insertInto('hold').values(slots),
)

/**
 * What is left: the digests of all that was there.
 * @throws FhirError `not-found` where there never was anything, `business-rule` where it must be kept or was erased before
 */
export async function erase(
  key: Key,
  why: Pick<Tombstone, 'reason' | 'basis'>,
  { writer, ...erasing }: Erasing & { readonly writer: StoreWriter },
): Promise<Tombstone> {
  const { session, now } = erasing
  const name = nameOf(key)
  await session.hold([name])
  await mustNotBeErased(key, session)
  const held = await holdOf(key, session)
  if (held !== undefined)
    throw fail('business-rule', `${name} is under a legal hold since ${held.heldAt}, expected its release first`)
  // the search rows go with the deletion; where it was deleted before they are gone
  await writer.write({ ...key, method: 'DELETE' })
  const tombstone = { erasedAt: now(), ...why, versions: await emptied(name, erasing) }
  await session.rows(INSERT_TOMBSTONE(session.dialect, { name, text: JSON.stringify(tombstone) }))
  return tombstone
}

/** The digests of the versions with content, none of which has any afterwards. */
export async function emptied(
  name: string,
  { session, cache }: Omit<Erasing, 'now'>,
): Promise<readonly ErasedVersion[]> {
  const { dialect } = session
  // what rows held is overwritten, not only given free
  if (dialect === 'sqlite') await session.rows({ sql: 'PRAGMA secure_delete = ON', parameters: [] })
  const rows = await session.rows(CONTENT(dialect, { name }))
  await session.rows(EMPTY(dialect, { name }))
  for (const { seq, bytes, receipt } of rows) {
    if (bytes !== null) await session.rows(FORGET_ORIGINAL(dialect, { seq }))
    if (receipt !== null) await session.rows(FORGET_RECEIPT(dialect, { seq }))
  }
  cache.forget(name)
  return rows.flatMap(({ version, text, bytes, receipt }): readonly ErasedVersion[] => {
    if (text === null) return []
    const digests = { resource: hex(text), ...(bytes !== null && { original: hex(bytes) }), ...(receipt !== null && { receipt: hex(receipt) }) } // prettier-ignore
    return [{ versionId: String(version), ...digests }]
  })
}

function hex(content: string | Uint8Array): string {
  return Buffer.from(sha256(content)).toString('hex')
}

/** Nothing; the resource must be kept from now on, or need not any more. @throws FhirError `not-found`, `business-rule` */
export async function hold(
  key: Key,
  reason: string | undefined,
  { session, now }: Omit<Erasing, 'cache'>,
): Promise<void> {
  const name = nameOf(key)
  await session.hold([name])
  const held = await holdOf(key, session)
  if (reason === undefined) {
    if (held === undefined) throw fail('business-rule', `${name} is under no legal hold, expected one that is`)
    await session.rows(FORGET_HOLD(session.dialect, { name }))
    return
  }
  if (held !== undefined) throw fail('business-rule', `${name} is under a legal hold already, since ${held.heldAt}`)
  const rows = await session.rows(CONTENT(session.dialect, { name }))
  if (rows.length === 0) throw fail('not-found', `There is no ${name}`)
  await mustNotBeErased(key, session)
  await session.rows(INSERT_HOLD(session.dialect, { name, held_at: Date.parse(now()), reason }))
}
