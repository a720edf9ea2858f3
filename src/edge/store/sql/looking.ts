/**
 * Which versions are current on a server where many write at once, known from looks at what was written since the look
 * before. A look asks for all that transactions wrote which had not ended at the last one: whatever became visible between
 * the two is among it, in what order transactions ever began and ended.
 * @see https://www.postgresql.org/docs/18/functions-info.html#FUNCTIONS-PG-SNAPSHOT
 */

import type { Query } from './query.ts'
import type { Pointer } from './search-index.ts'
import type { Session } from './session.ts'

/** One state of the store, which stays the same until it is moved on. */
export interface Sight {
  /** The number of the current version, 0 where there is none; undefined where it is not known. */
  readonly numberOf: (name: string) => number | undefined
  /** What was answered about some kind of resource; undefined where it was not asked before, or changed since. */
  readonly answer: (kind: Kind, asked: string) => readonly Pointer[] | undefined
  readonly learn: (kind: Kind, asked: string, found: readonly Pointer[]) => void
  /** How often consents changed. */
  readonly consentChanges: () => number
  /**
   * Moves on to the state of now, in which the names given are known. What was told before stays true, and what was asked
   * of the store itself since the last move is of this state too, where none of those kinds changed.
   * @throws Torn where it is not so
   */
  readonly moveOn: (names: readonly string[], asked?: Kind | 'anything') => Promise<void>
  readonly end: () => void
}

/** Thrown where a state cannot be held on to. */
export class Torn extends Error {
  override readonly name = 'Torn'
}

/** What answers are about, and the types whose changes end them. */
const KINDS = {
  provenances: ['Provenance'],
  consents: ['Consent', 'PractitionerRole'],
} as const satisfies Record<string, readonly string[]>
export type Kind = keyof typeof KINDS

const MOST_ROWS = 500
const MOST_NAMES = 50_000
const MOST_ANSWERS = 2_000
/** Where so much is written, or one transaction lasts so long, nothing is known for a while. */
const REST_MS = 1_000

const LOOK = `select pg_snapshot_xmin(pg_current_snapshot())::text as name, (select changes from consent_state) as version, 0 as part
  union all (select name, version, 1 from version where xid >= $1::xid8 limit ${MOST_ROWS})
  union all select name, version, 2 from resource where name = any($2::text[])`
/** No transaction is so late. */
const NEVER = '9223372036854775807'

interface Row {
  readonly name: string
  readonly version: number
  readonly part: 0 | 1 | 2
}

interface Known {
  /** Every transaction before this one had ended. */
  horizon: bigint
  /** What the last look saw, each as its name and number. */
  last: ReadonlySet<string>
  consentChanges: number
  readonly numbers: Map<string, number>
  readonly answers: Readonly<Record<Kind, Map<string, readonly Pointer[]>>>
}

/** What a sight has told, and what became otherwise since its state. */
interface Held {
  readonly known: Known
  readonly told: Set<string>
  /** The numbers of its state that are others now; undefined where they were not known. */
  readonly before: Map<string, number | undefined>
  readonly answered: Set<Kind | 'consent state'>
  readonly changed: Set<Kind | 'anything'>
  consentChanges: number
}

/** A look that is to begin, with the names that it is to find. */
interface Next {
  readonly names: Set<string>
  readonly done: Promise<Known | undefined>
}

/** Sights of the store that a session looks at, each query by itself; undefined where nothing can be known now. */
export function looking(session: Pick<Session, 'rows'>): () => Promise<Sight | undefined> {
  let known: Known | undefined
  let running: Promise<unknown> = Promise.resolve()
  let next: Next | undefined
  let restsUntilMs = 0
  const sights = new Set<Held>()
  const forget = (): undefined => {
    known = undefined
    restsUntilMs = performance.now() + REST_MS
  }
  const look = async (names: ReadonlySet<string>): Promise<Known | undefined> => {
    const rows = await session.rows<Row>(lookOf(known, names))
    const seen = seenIn(rows)
    if (known === undefined) known = begun(seen)
    else if (seen.written.length >= MOST_ROWS || seen.horizon < known.horizon) return forget()
    else note(seen, known, sights)
    learn(seen, names, { known, sights })
    return known.numbers.size > MOST_NAMES ? forget() : known
  }
  /** Whoever asks before it begins comes along. */
  const looked = (names: readonly string[]): Promise<Known | undefined> => {
    if (next === undefined) {
      const all = new Set<string>()
      const done = running.then(() => {
        next = undefined
        return look(all)
      })
      running = done.catch(forget)
      next = { names: all, done }
    }
    for (const name of names) next.names.add(name)
    return next.done
  }
  return async () => {
    if (performance.now() < restsUntilMs) return undefined
    // what keeps a look from ending is told by the transaction that is begun in its place
    const own = await looked([]).catch(() => undefined)
    return own && sightOf(own, { sights, looked })
  }
}

function lookOf(known: Known | undefined, names: ReadonlySet<string>): Query<Row> {
  return { sql: LOOK, parameters: [String(known?.horizon ?? NEVER), [...names]] }
}

interface Seen {
  readonly horizon: bigint
  readonly consentChanges: number
  readonly written: readonly Row[]
  readonly current: readonly Row[]
}

function seenIn(rows: readonly Row[]): Seen {
  const head = rows.find(({ part }) => part === 0)
  if (head === undefined) throw new TypeError('A look that saw nothing has no row')
  return {
    horizon: BigInt(head.name),
    consentChanges: Number(head.version),
    written: rows.filter(({ part }) => part === 1),
    current: rows.filter(({ part }) => part === 2),
  }
}

function begun({ horizon, consentChanges }: Seen): Known {
  const answers = { provenances: new Map(), consents: new Map() }
  return { horizon, consentChanges, last: new Set(), numbers: new Map(), answers }
}

/** What was written since the look before, in any order, is known from now on; sights keep what was before. */
function note({ horizon, consentChanges, written }: Seen, known: Known, sights: ReadonlySet<Held>): void {
  const last = new Set<string>()
  const changed = new Set<Kind | 'anything'>()
  for (const { name, version } of written) {
    const key = `${name} ${version}`
    last.add(key)
    if (known.last.has(key)) continue
    changed.add('anything')
    for (const kind of kindsOf(name)) changed.add(kind)
    const before = known.numbers.get(name)
    if (before !== undefined && before < version) setNumber({ name, version }, known, sights)
  }
  for (const kind of changed) if (kind !== 'anything') known.answers[kind].clear()
  for (const sight of sights) for (const kind of changed) sight.changed.add(kind)
  Object.assign(known, { horizon, consentChanges, last })
}

function kindsOf(name: string): readonly Kind[] {
  const type = name.slice(0, name.indexOf('/'))
  return (Object.keys(KINDS) as Kind[]).filter((kind) => (KINDS[kind] as readonly string[]).includes(type))
}

function setNumber({ name, version }: Omit<Row, 'part'>, known: Known, sights: ReadonlySet<Held>): void {
  const before = known.numbers.get(name)
  for (const sight of sights) if (!sight.before.has(name)) sight.before.set(name, before)
  known.numbers.set(name, version)
}

interface Learning {
  readonly known: Known
  readonly sights: ReadonlySet<Held>
}

function learn({ current }: Seen, names: ReadonlySet<string>, { known, sights }: Learning): void {
  const found = new Map(current.map(({ name, version }) => [name, version]))
  for (const name of names) {
    const version = found.get(name) ?? 0
    if (known.numbers.get(name) !== version) setNumber({ name, version }, known, sights)
  }
}

interface Sighting {
  readonly sights: Set<Held>
  readonly looked: (names: readonly string[]) => Promise<Known | undefined>
}

function sightOf(known: Known, { sights, looked }: Sighting): Sight {
  const { consentChanges } = known
  const held: Held = {
    known,
    told: new Set(),
    before: new Map(),
    answered: new Set(),
    changed: new Set(),
    consentChanges,
  }
  sights.add(held)
  return {
    numberOf: (name) => {
      const number = held.before.has(name) ? held.before.get(name) : known.numbers.get(name)
      if (number !== undefined) held.told.add(name)
      return number
    },
    answer: (kind, asked) => {
      const found = held.changed.has(kind) ? undefined : known.answers[kind].get(asked)
      if (found !== undefined) held.answered.add(kind)
      return found
    },
    learn: (kind, asked, found) => {
      if (held.changed.has(kind)) return
      const answers = known.answers[kind]
      if (answers.size >= MOST_ANSWERS) answers.clear()
      answers.set(asked, found)
      held.answered.add(kind)
    },
    consentChanges: () => {
      held.answered.add('consent state')
      return held.consentChanges
    },
    moveOn: async (names, asked) => {
      if ((await looked(names)) !== known || (asked !== undefined && held.changed.has(asked)) || isTorn(held))
        throw new Torn('What was read has changed')
      held.before.clear()
      held.changed.clear()
      held.consentChanges = known.consentChanges
    },
    end: () => void sights.delete(held),
  }
}

/** Whether what was told is not so any more. */
function isTorn({ known, told, before, answered, changed, consentChanges }: Held): boolean {
  if ([...before].some(([name, number]) => told.has(name) && known.numbers.get(name) !== number)) return true
  if (answered.has('consent state') && known.consentChanges !== consentChanges) return true
  return [...changed].some((kind) => kind !== 'anything' && answered.has(kind))
}
