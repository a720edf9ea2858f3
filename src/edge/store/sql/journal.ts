/** Which versions are current, known from what was written since it was last looked instead of asked for each time. */

import type { Dialect } from './query.ts'
import type { Pointer } from './search-index.ts'
import type { Session } from './session.ts'
import { INTEGER, statement } from './statement.ts'

/** What the snapshots of a store know of the ones before them. */
export interface Journal {
  /** What is known as this session sees the store; undefined where nothing is, or others have seen a later state. */
  readonly view: (session: Session) => Promise<View | undefined>
}

/** The state that one snapshot sees; nothing is known of it any more once another has seen a later one. */
export interface View {
  /** The number of the current version, of what was asked for before. */
  readonly numberOf: (name: string) => number | undefined
  /** Keeps what was found to be current. */
  readonly learn: (rows: readonly Pick<Row, 'name' | 'version'>[]) => void
  /** The Provenances about some names that were asked for together before. */
  readonly provenances: (asked: string) => readonly Pointer[] | undefined
  readonly learnProvenances: (asked: string, found: readonly Pointer[]) => void
  /** The same of the Consents of some patients, and of the offices of some people. */
  readonly consents: (asked: string) => readonly Pointer[] | undefined
  readonly learnConsents: (asked: string, found: readonly Pointer[]) => void
}

/** The database writes one transaction after another, so that the numbers of the versions tell which came later. */
const ORDERED: ReadonlySet<Dialect> = new Set(['sqlite'])
const MOST_ROWS = 500
const MOST_NAMES = 50_000
const MOST_ANSWERS = 2_000

/** Those that are deleted after their time and leave no trace are not known here. */
const UNTRACED = 'AuditEvent/'

const LAST = statement({}, ({ db }) =>
  db.selectFrom('version').select(['seq', 'name', 'version']).orderBy('seq', 'desc').limit(1),
)
const FROM = statement({ seq: INTEGER }, ({ db, slots }) =>
  db
    .selectFrom('version')
    .select(['seq', 'name', 'version'])
    .where('seq', '>=', slots.seq)
    .orderBy('seq')
    .limit(MOST_ROWS),
)

interface Row {
  readonly seq: number
  readonly name: string
  readonly version: number
}

interface Known {
  /** The last version that was written. */
  end: Row
  readonly numbers: Map<string, number>
  readonly provenances: Answers
  readonly consents: Answers
}

type Answers = Map<string, readonly Pointer[]>

/** A journal that knows nothing yet. */
export function journal(): Journal {
  let known: Known | undefined
  const begin = async (session: Session): Promise<void> => {
    const [end] = await session.rows(LAST(session.dialect, {}))
    if (end !== undefined) known ??= { end, numbers: new Map(), provenances: new Map(), consents: new Map() }
  }
  return {
    view: async (session) => {
      if (!ORDERED.has(session.dialect)) return undefined
      if (known === undefined) await begin(session)
      const own = known
      if (own === undefined) return undefined
      const start = own.end
      const rows = await session.rows(FROM(session.dialect, { seq: start.seq }))
      if (known !== own) return undefined
      const end = rows.at(-1)
      // a number is given again where what had it is gone
      const isGap = end === undefined || !isSame(rows[0], start) || rows.length === MOST_ROWS
      if (isGap) known = undefined
      if (isGap || own.end.seq > end.seq) return undefined
      for (const row of rows) if (row.seq > own.end.seq) note(row, own)
      if (end.seq > own.end.seq) own.end = end
      const seen = own.end
      return viewOf(own, () => known === own && own.end === seen)
    },
  }
}

function isSame(one: Row | undefined, other: Row): boolean {
  return one?.name === other.name && one.version === other.version
}

function note({ name, version }: Row, { numbers, provenances, consents }: Known): void {
  if (name.startsWith('Provenance/')) provenances.clear()
  if (name.startsWith('Consent/') || name.startsWith('PractitionerRole/')) consents.clear()
  if (numbers.has(name)) numbers.set(name, version)
}

function viewOf({ numbers, provenances, consents }: Known, isLatest: () => boolean): View {
  const learnIn = (answers: Answers, asked: string, found: readonly Pointer[]): void => {
    if (!isLatest()) return
    if (answers.size >= MOST_ANSWERS) answers.clear()
    answers.set(asked, found)
  }
  return {
    numberOf: (name) => (isLatest() ? numbers.get(name) : undefined),
    learn: (rows) => {
      if (!isLatest()) return
      if (numbers.size + rows.length > MOST_NAMES) numbers.clear()
      for (const { name, version } of rows) if (!name.startsWith(UNTRACED)) numbers.set(name, version)
    },
    provenances: (asked) => (isLatest() ? provenances.get(asked) : undefined),
    learnProvenances: (asked, found) => learnIn(provenances, asked, found),
    consents: (asked) => (isLatest() ? consents.get(asked) : undefined),
    learnConsents: (asked, found) => learnIn(consents, asked, found),
  }
}
