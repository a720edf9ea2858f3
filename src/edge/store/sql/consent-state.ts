/** The state that all consents of a store are in: counted by whoever changes one, in the same transaction. */

import type { Overlay } from './cache.ts'
import type { Session } from './session.ts'
import { INTEGER, statement } from './statement.ts'

/** Consents, and what says who the people and teams are that they name. */
const CONCERNED: ReadonlySet<string> = new Set([
  'Consent',
  'CareTeam',
  'Group',
  'PractitionerRole',
  'RelatedPerson',
  'Practitioner',
  'Organization',
  'Device',
])

const CHANGES = statement({}, ({ db }) => db.selectFrom('consent_state').select('changes'))

const CHANGED = statement({ one: INTEGER }, ({ db, slots }) =>
  db.updateTable('consent_state').set((row) => ({ changes: row('changes', '+', slots.one) })),
)

/** How often something was changed that consents follow from, as the session sees it. */
export async function consentChanges(session: Session): Promise<number> {
  const [row] = await session.rows(CHANGES(session.dialect, {}))
  return row?.changes ?? 0
}

/** Nothing; what a transaction wrote is counted. At its end, so that others wait for a short time. */
export async function countConsentChanges(written: Overlay, session: Session): Promise<void> {
  if ([...written.written()].some(isConcerned)) await session.rows(CHANGED(session.dialect, { one: 1 }))
}

/** Whether consents follow from what has a name. */
export function isConcerned(name: string): boolean {
  return CONCERNED.has(name.slice(0, name.indexOf('/')))
}
