/**
 * The trail of a request: what it read and wrote becomes acts of the audit, those of writing in the transaction itself, all
 * others before the answer is sent.
 */

import { fail } from '../fhir/error.ts'
import type { Resource } from '../fhir/types.ts'
import type { Caller, Source, Store } from '../ports.ts'
import type { AuditLog } from '../ports/audit.ts'
import { lineNaming, outcomeOf, type Act, type Agent } from './act.ts'
import { kindOf } from './kinds.ts'
import {
  clear,
  namesIn,
  namesText,
  newUnit,
  notedReader,
  notedSource,
  notedWriter,
  noteResource,
  noteVersion,
  versionName,
  type Noting,
  type Unit,
} from './notes.ts'
import type { PatientsOf } from './patients.ts'

/** What of a request is known before it is answered. */
export type Request = Pick<Act, 'kind' | 'route' | 'request' | 'address' | 'server' | 'asked' | 'query' | 'patients'>

/** Where acts are recorded, and whose data they touch. */
export interface Audit {
  readonly log: AuditLog
  readonly patientsOf: PatientsOf
}

/** What a trail is kept with. */
export interface Keeping extends Audit {
  readonly now: () => string
}

export interface Trail {
  /** The store itself, whose transactions record what they wrote. */
  readonly recorded: (store: Store) => Store
  /** The store as the caller may use it, made of the one above: what it gives is noted. */
  readonly noted: (store: Store) => Store
  /** A source elsewhere whose resources are noted. */
  readonly source: (source: Source) => Source
  /** Who asks, once that is known. */
  readonly identify: (caller: Caller) => void
  /** What the request turns out to be, where its address alone does not tell it. */
  readonly become: (kind: string) => void
  /** What else the act is about: a document that was posted, or that was made. */
  readonly about: (resource: Resource) => void
  /** What an administrator says of the act. */
  readonly tell: (told: Readonly<Record<string, string>>) => void
  /** Nothing; whatever the request did, or that it failed, is durable. @throws FhirError where it cannot be recorded */
  readonly end: (status: number, issue?: string) => Promise<void>
}

/** Requests of many interactions, each of which is an act of its own. */
const MANY: ReadonlySet<string> = new Set(['batch', 'transaction'])

/** Kinds that are no act where nothing of the record was shown. */
const SILENT: ReadonlySet<string> = new Set(['page'])

interface State {
  kind: string
  /** What the request did by itself, and was not recorded yet. */
  readonly own: Unit
  /** The work that goes on in a transaction. */
  current: Unit
  /** The lines of entries of a batch that wrote nothing, or failed. */
  readonly ended: string[]
  isRecorded: boolean
  /** What was seen or written as the lines that are there tell it. */
  readonly recorded: Set<string>
  who: Partial<Act>
  told: Partial<Act>
}

interface Tracing {
  readonly state: State
  readonly request: Request
  readonly keeping: Keeping
  readonly noting: Noting
}

/** The trail of a request. */
export function trailOf(request: Request, keeping: Keeping): Trail {
  const own = newUnit()
  for (const patient of request.patients ?? []) own.patients.add(patient)
  const state: State = {
    kind: request.kind,
    own,
    current: own,
    ended: [],
    isRecorded: false,
    recorded: new Set(),
    who: {},
    told: {},
  }
  const isSearchSeen = MANY.has(request.kind) || kindOf(request.kind).sees === 'all'
  const noting = { patientsOf: keeping.patientsOf, isSearchSeen }
  const tracing = { state, request, keeping, noting }
  return {
    recorded: (store) => recorded(store, tracing),
    noted: (store) => noted(store, tracing),
    source: (source) => notedSource(source, own, noting),
    identify: (caller) => void (state.who = callerOf(caller)),
    become: (kind) => void (state.kind = kind),
    about: (resource) => noteResource(own, resource, noting),
    tell: (told) => void (state.told = { told }),
    end: (status, issue) => end({ status, ...(issue !== undefined && { issue }) }, tracing),
  }
}

function recorded(store: Store, tracing: Tracing): Store {
  const { state } = tracing
  return {
    ...store,
    transaction: async (work) => {
      const result = await store.transaction(async (writer) => {
        const done = await work(writer)
        const lines = linesOf(state.current, tracing)
        if (writer.record === undefined) throw new TypeError('The store keeps no audit')
        writer.record(lines)
        return done
      })
      if (state.current.written.length > 0) {
        state.isRecorded = true
        for (const name of namesIn(state.current)) state.recorded.add(name)
        clear(state.current)
      }
      return result
    },
  }
}

function noted(store: Store, tracing: Tracing): Store {
  const { state, noting } = tracing
  return {
    ...store,
    snapshot: (work) => inUnit((unit) => store.snapshot((reader) => work(notedReader(reader, unit, noting))), tracing),
    transaction: (work) =>
      inUnit(
        (unit) =>
          store.transaction((writer) => {
            // it may be the second attempt: what the first one wrote is not there
            unit.written.length = 0
            state.current = unit
            return work(notedWriter(writer, unit, noting))
          }),
        tracing,
      ),
  }
}

/** The work as an entry of a batch, which is an act of its own, or as a part of what the request does by itself. */
async function inUnit<T>(work: (unit: Unit) => Promise<T>, tracing: Tracing): Promise<T> {
  const { state } = tracing
  if (state.kind !== 'batch') return work(state.own)
  const unit = newUnit()
  try {
    const result = await work(unit)
    if (namesIn(unit).length > 0 || unit.query !== undefined) state.ended.push(entryLine(unit, unit, tracing))
    return result
  } catch (error) {
    state.ended.push(entryLine({ ...unit, outcome: '4' }, newUnit(), tracing))
    throw error
  }
}

type Entry = Pick<Unit, 'kind' | 'query' | 'asked'> & Partial<Pick<Act, 'outcome'>>

function entryLine({ kind = 'batch', query, asked, outcome }: Entry, notes: Unit, tracing: Tracing): string {
  const own = {
    ...(asked !== undefined && { asked }),
    ...(query !== undefined && { query }),
    ...(outcome !== undefined && { outcome }),
  }
  return line(kind, notes, tracing, own)
}

/** The lines of what a transaction wrote; none where it wrote nothing. */
function linesOf(unit: Unit, tracing: Tracing): readonly string[] {
  const { kind } = tracing.state
  if (unit.written.length === 0) return []
  const met = [...(unit.first?.versions ?? []), ...unit.met]
  const each = unit.written.map((written) => {
    const notes = { ...newUnit(), met }
    noteVersion(notes, written.version, tracing.noting)
    return line(MANY.has(kind) ? written.kind : kind, notes, tracing)
  })
  if (kind === 'batch' || kindOf(kind).pattern !== undefined) return each
  if (kind !== 'transaction') return [line(kind, unit, tracing)]
  const names = new Set(unit.written.map(({ version }) => versionName(version)))
  const { first: _first, ...others } = unit
  const beside = { ...others, what: new Set(namesIn(unit).filter((name) => !names.has(name))) }
  return [...each, line(kind, beside, tracing)]
}

/** The line of an act; what is given last is said instead of what the request says. */
function line(kind: string, unit: Unit, { request, state, keeping }: Tracing, own: Partial<Act> = {}): string {
  const { asked, query, route, request: id, address, server } = request
  const { patients } = unit
  const isOwn = kind === state.kind
  return lineNaming(namesText(unit), {
    at: keeping.now(),
    kind,
    outcome: '0',
    ...(route !== undefined && { route }),
    ...(id !== undefined && { request: id }),
    ...(address !== undefined && { address }),
    ...(server !== undefined && { server }),
    ...state.who,
    ...(isOwn && asked !== undefined && { asked }),
    ...(isOwn && query !== undefined && { query }),
    ...(patients.size > 0 && { patients: [...patients] }),
    ...state.told,
    ...own,
  })
}

interface Failure {
  readonly status: number
  readonly issue?: string
}

async function end(failure: Failure, tracing: Tracing): Promise<void> {
  const { state, keeping } = tracing
  const lines = [...state.ended.splice(0), ...lastOf(failure, tracing)]
  if (lines.length === 0) return
  await keeping.log.record(lines).catch((cause: unknown) => {
    throw fail('transient', 'The request cannot be recorded in the audit now, so it is not answered', { cause })
  })
}

/** What is left to be said of the request. */
function lastOf({ status, issue }: Failure, tracing: Tracing): readonly string[] {
  const { own, kind, isRecorded, recorded } = tracing.state
  // a document that was stored is told by its version, and need not be by its identifier
  const isTold = (name: string): boolean => recorded.has(name) || (isRecorded && name.includes('|'))
  const mayBeNothing = (isRecorded && kind !== 'batch') || SILENT.has(kind)
  if (status < 400) return mayBeNothing && namesIn(own).every(isTold) ? [] : [line(kind, own, tracing)]
  // what was read for a refusal was seen by nobody
  return [line(kind, newUnit(), tracing, { outcome: outcomeOf(status), status, ...(issue !== undefined && { issue }) })]
}

const callers = new WeakMap<Caller, Partial<Act>>()

/** What acts tell of a caller, who is the very same for as long as a token is. */
function callerOf(caller: Caller): Partial<Act> {
  const known = callers.get(caller) ?? toldOf(caller)
  callers.set(caller, known)
  return known
}

function toldOf({ issuer, subject, name, client, fhirUser, roles, purposes, emergency }: Caller): Partial<Act> {
  const who: Agent = {
    issuer,
    subject,
    ...(name !== undefined && { name }),
    ...(client !== undefined && { client }),
    ...(fhirUser !== undefined && { fhirUser }),
    roles,
  }
  return {
    who,
    ...(purposes.length > 0 && { purposes }),
    ...(emergency !== undefined && { emergency: emergency.reason }),
  }
}
