/** The audit read from its beginning to its end: whether it is whole, and what is too old taken from its beginning. */

import { actOf, lineOf, type Act } from '../../../audit/act.ts'
import { MAKING } from '../../../audit/event.ts'
import { breakAt, type Break, type Head, type Link } from '../../../audit/chain.ts'
import { append, headOf } from './audit.ts'
import { publishedText, stateOf, unpublish } from './audit-published.ts'
import type { SearchIndex } from './search-index.ts'
import type { Database, Session } from './session.ts'
import { INTEGER, statement, TEXT, TEXTS } from './statement.ts'
import { isAmong } from './query.ts'

const PAGE = 1_000
/** The kind of the line that stands for those that were taken away. */
const EXPIRED = 'audit expired'

const LINES = statement({ after: INTEGER }, ({ db, slots }) =>
  db.selectFrom('audit').selectAll().where('seq', '>', slots.after).orderBy('seq').limit(PAGE),
)

const TEXTS_OF = statement({ names: TEXTS }, ({ db, dialect, slots }) =>
  db
    .selectFrom('version')
    .select(['name', 'text'])
    .where(isAmong(dialect, 'name', slots.names)),
)

const FORGET = statement({ through: INTEGER }, ({ db, slots }) =>
  db.deleteFrom('audit').where('seq', '<=', slots.through),
)

const START = statement({ start_seq: INTEGER, start_digest: TEXT }, ({ db, slots }) =>
  db.updateTable('audit_state').set(slots),
)

/** What can be said of the audit. */
export interface Verdict {
  readonly lines: number
  /** What the first line follows: the beginning, or what was taken away by the stated retention. */
  readonly start: Head
  readonly head: Head
  /** Where it is broken first; absent where it is whole. */
  readonly fault?: Break
}

/** Whether the chain is whole, and holds the head that was known before where one is given. */
export function verified(database: Database, known?: string): Promise<Verdict> {
  return database.snapshot(async (session) => {
    const state = await stateOf(session)
    const told = await headOf(session)
    const start = { seq: state.start_seq, digest: state.start_digest }
    let head: Head = start
    let isKnown = known === undefined || known === start.digest
    let isAttested = start.seq === 0
    let lines = 0
    for await (const { shown, ...link } of shownAfter(0, session)) {
      // those that were made in another way are made anew when they are next asked for
      const fault = breakAt(link, head) ?? (state.made === MAKING ? disagreement(link, shown) : undefined)
      if (fault !== undefined) return { lines, start, head, fault }
      head = { seq: link.seq, digest: link.digest }
      lines += 1
      isKnown ||= link.digest === known
      isAttested ||= attests(link.text, start)
    }
    const end = endFault(head, told)
    if (end !== undefined) return { lines, start, head, fault: end }
    const fault = isAttested ? cutOff(isKnown) : unattested(start)
    return { lines, start, head, ...(fault !== undefined && { fault: { seq: head.seq + 1, text: fault } }) }
  })
}

/** Each line, and the text of its AuditEvent where it is published. */
async function* shownAfter(
  seq: number,
  session: Session,
): AsyncGenerator<Link & { readonly shown: string | null | undefined }> {
  for await (const page of pagesAfter(seq, session)) {
    const names = page.map(({ digest }) => `AuditEvent/${digest}`)
    const texts = new Map(
      (await session.rows(TEXTS_OF(session.dialect, { names }))).map(({ name, text }) => [name, text]),
    )
    for (const link of page) yield { ...link, shown: texts.get(`AuditEvent/${link.digest}`) }
  }
}

/** What is searched must say what was recorded. */
function disagreement(link: Link, shown: string | null | undefined): Break | undefined {
  if (shown === undefined || shown === publishedText(link)) return undefined
  return {
    seq: link.seq,
    text: `The AuditEvent of the line ${link.seq} is not what was recorded: it was changed after it was published`,
  }
}

/** What is wrong with the last line by the head that was written with it; undefined where they agree. */
function endFault(last: Head, told: Head): Break | undefined {
  const { seq } = last
  if (told.seq > seq) {
    const missing = told.seq === seq + 1 ? `The line ${told.seq} is` : `The lines ${seq + 1} to ${told.seq} are`
    return { seq: seq + 1, text: `${missing} missing: the audit was cut off at its end` }
  }
  if (told.seq === seq && told.digest === last.digest) return undefined
  return {
    seq,
    text: `The audit ends with the line ${seq}, but was left with another at its end, the line ${told.seq}`,
  }
}

/** That an end was cut off together with what the store tells of it shows only by what was known elsewhere. */
function cutOff(isKnown: boolean): string | undefined {
  return isKnown
    ? undefined
    : 'No line has the digest of the head that was known: the end was cut off, or another put in its place'
}

function unattested({ seq }: Head): string {
  return `The lines up to ${seq} are gone, and no line says that they were taken away by the stated retention`
}

function attests(text: string, start: Head): boolean {
  const { kind, told } = actOf(text)
  return kind === EXPIRED && told?.['through'] === String(start.seq) && told['digest'] === start.digest
}

async function* linesAfter(seq: number, session: Session): AsyncGenerator<Link> {
  for await (const page of pagesAfter(seq, session)) yield* page
}

/** The lines behind a number, page by page. */
export async function* pagesAfter(seq: number, session: Session): AsyncGenerator<readonly Link[]> {
  for (let after = seq; ;) {
    const rows = await session.rows(LINES(session.dialect, { after }))
    yield rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.seq
  }
}

/** What is taken away. */
export interface Expiry {
  /** All lines before this moment, from the beginning on. */
  readonly before: string
  /** The period that was stated. */
  readonly retention: string
  readonly now: string
}

/** How many lines were taken from the beginning; a line at the end says which, so that the chain stays provable. */
export function expire(database: Database, expiry: Expiry, index: SearchIndex): Promise<number> {
  return database.exclusively(async (session) => {
    // nobody may write beside: what is counted is what goes
    await session.holdAll()
    const old = await expiredIn(session, expiry.before)
    const last = old.at(-1)
    if (last === undefined) return 0
    const told = {
      through: String(last.seq),
      digest: last.digest,
      lines: String(old.length),
      retention: expiry.retention,
    }
    const act: Act = { at: expiry.now, kind: EXPIRED, outcome: '0', told }
    await append([lineOf(act)], session)
    await session.rows(FORGET(session.dialect, { through: last.seq }))
    await session.rows(START(session.dialect, { start_seq: last.seq, start_digest: last.digest }))
    for (let from = 0; from < old.length; from += PAGE)
      await unpublish(old.slice(from, from + PAGE), { session, index })
    return old.length
  })
}

async function expiredIn(session: Session, before: string): Promise<readonly Head[]> {
  const old: Head[] = []
  for await (const { seq, digest, text } of linesAfter(0, session)) {
    if (Date.parse(actOf(text).at) >= Date.parse(before)) break
    old.push({ seq, digest })
  }
  return old
}
