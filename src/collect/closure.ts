/** Closure in waves: everything of one depth is read in one question, until nothing is left to read. */

import { isObject } from '../fhir/types.ts'
import type { Found } from '../ports.ts'
import { wantedBy, type Wanted } from './lookup.ts'
import { matchOthers } from './matching.ts'
import type { Member, Outcome, Place } from './member.ts'
import { addProvenance } from './provenance.ts'
import { identifierOf } from './reference-kind.ts'
import { learnPatients, subjectsOf, wayOf } from './same-patient.ts'
import { admit, enter, startOf, type ClosureRequest, type Limits, type State } from './state.ts'

export interface Closure {
  /** The Composition first, then in the order in which they were referred to; each place has its outcome. */
  readonly members: readonly Member[]
  /** What was read and left out, by name, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Each limit that was reached. */
  readonly reached: ReadonlySet<keyof Limits>
}

/** Everything that belongs into the document of a Composition; `extra` are further resources that belong to it. */
export async function closureOf(
  composition: Found,
  request: ClosureRequest,
  extra: readonly Wanted[],
): Promise<Closure> {
  const state = startOf(request)
  enter(state, { found: composition, depth: 0, reason: 'the Composition' })
  await wave(state)
  await admitAll(state, extra)
  do {
    while (state.pending.length > 0) await wave(state)
  } while (await addProvenance(state))
  await matchOthers(state)
  return state
}

async function wave(state: State): Promise<void> {
  const { lookup, limits } = state.request
  const places = state.pending
  state.pending = []
  const isStopped = state.reached.has('entries') || state.reached.has('bytes')
  const [open, limited] = parted(places, ({ holder }) => !isStopped && holder.depth < limits.depth)
  for (const place of limited) state.limited.push(place)
  const wanted = open.map(wantedAt)
  await lookup.find(wanted.filter((one) => one !== undefined))
  const answers = wanted.map((one) => (one === undefined ? [] : lookup.answer(one)))
  state.subjects ??= subjectsOf(
    answers.flatMap((found, at) => (isSubject(open[at]) ? found : [])),
    state.request.base,
  )
  await learnPatients(answers.flat(), state.subjects, state.request)
  for (const [at, place] of open.entries()) place.outcome = settled(state, place, answers[at] ?? [])
}

async function admitAll(state: State, extra: readonly Wanted[]): Promise<void> {
  const { lookup } = state.request
  await lookup.find(extra)
  for (const one of extra) {
    const [found] = lookup.answer(one)
    if (found !== undefined) admit(state, { found, depth: 1, reason: 'a stylesheet of the document', isDirect: false })
  }
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  const parts: readonly [T[], T[]] = [[], []]
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item)
  return parts
}

function isSubject(place: Place | undefined): boolean {
  return place?.holder.index === 0 && place.element === 'subject'
}

function wantedAt({ occurrence, parsed, holder }: Place): Wanted | undefined {
  if (parsed !== undefined) return wantedBy(parsed, holder.found)
  const { identifier, type } = identifierOf(occurrence)
  const { system, value } = isObject(identifier) ? identifier : {}
  if (system === undefined || value === undefined || type === undefined) return undefined
  return { target: { by: 'identifier', type, system, value } }
}

function settled(state: State, place: Place, answers: readonly Found[]): Outcome {
  const { row, kind, isDirect, holder, parsed, occurrence } = place
  const [found, another] = answers
  if (kind === 'identifier' && (found === undefined || another !== undefined)) {
    return {
      decision: 'kept',
      reason: found === undefined ? 'no source has its identifier' : 'several resources have its identifier',
    }
  }
  if (found === undefined) return { decision: 'missing', reason: 'no source has it' }
  if (another !== undefined)
    return {
      decision: 'refused',
      reason: `${answers.length} resources or versions answer to it`,
      rule: 'ambiguous-reference',
    }
  const outcome = admit(state, {
    found,
    depth: holder.depth + 1,
    reason: row.reason,
    isDirect,
    way: wayOf(holder.found.resource, occurrence.node.name),
  })
  const isGuess = parsed?.form === 'relative' && wantedBy(parsed, holder.found)?.within !== undefined
  return outcome.decision === 'included' && isGuess ? { ...outcome, isGuess } : outcome
}
