/** What is known of a resource beside its versions: that it was erased, and that it must be kept. */

import { fail } from '../../../fhir/error.ts'
import type { Key } from '../../../ports.ts'
import type { Hold, Tombstone } from '../../../ports/audit.ts'
import type { Session } from './session.ts'
import { statement, TEXT } from './statement.ts'
import { instantOf, nameOf } from './versions.ts'

const TOMBSTONE = statement({ name: TEXT }, ({ db, slots }) =>
  db.selectFrom('tombstone').select('text').where('name', '=', slots.name),
)

const HOLD = statement({ name: TEXT }, ({ db, slots }) =>
  db.selectFrom('hold').select(['held_at', 'reason']).where('name', '=', slots.name),
)

/** What is left of a resource that was erased. */
export async function tombstoneOf(key: Key, session: Session): Promise<Tombstone | undefined> {
  const [row] = await session.rows(TOMBSTONE(session.dialect, { name: nameOf(key) }))
  return row && (JSON.parse(row.text) as Tombstone)
}

/** Why a resource must be kept, where it must. */
export async function holdOf(key: Key, session: Session): Promise<Hold | undefined> {
  const [row] = await session.rows(HOLD(session.dialect, { name: nameOf(key) }))
  return row && { heldAt: instantOf(row.held_at), reason: row.reason }
}

/** Nothing, where no hold is on it: who must keep something must be able to show it. @throws FhirError `business-rule` */
export async function mustNotBeHeld(key: Key, session: Session): Promise<void> {
  if ((await holdOf(key, session)) === undefined) return
  throw fail('business-rule', `${nameOf(key)} is under a legal hold, so it is not deleted`)
}

/** Nothing, where the address was never erased. @throws FhirError `business-rule`: it stands for what is gone */
export async function mustNotBeErased(key: Key, session: Session): Promise<void> {
  if ((await tombstoneOf(key, session)) === undefined) return
  throw fail('business-rule', `${nameOf(key)} was erased, so nothing is kept under this address, expected another`)
}
