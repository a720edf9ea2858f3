/** Closure in waves: everything of one depth is read in one question, until nothing is left to read. */

import type { Issue } from '../fhir/issue.ts'
import type { Found } from '../ports.ts'
import { graphWalk } from './graph-walk.ts'
import type { Wanted } from './lookup.ts'
import { isGuess, matchOthers } from './matching.ts'
import type { Member, Outcome, Place } from './member.ts'
import { addProvenance } from './provenance.ts'
import { learnPatients, subjectsOf } from './same-patient.ts'
import { admit, enter, startOf, type ClosureRequest, type Limits, type State } from './state.ts'

export interface Closure {
  /** The Composition first, then in the order in which they were referred to; each place has its outcome. */
  readonly members: readonly Member[]
  /** What was read and left out, by name, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Each limit that was reached. */
  readonly reached: ReadonlySet<keyof Limits>
  /** What a graph demands and the document does not have. */
  readonly issues: readonly Issue[]
}

/** Everything that belongs into the document of a Composition; `extra` are further resources that belong to it. */
export async function closureOf(
  composition: Found,
  request: ClosureRequest,
  extra: readonly Wanted[],
): Promise<Closure> {
  const state = startOf(request)
  const walk = request.graph && graphWalk(request.graph)
  enter(state, { found: composition, depth: 0, reason: 'the Composition' })
  await wave(state)
  await admitAll(state, extra)
  do {
    while (state.pending.length > 0) await wave(state)
  } while ((await walk?.follow(state)) === true || (await addProvenance(state)))
  await matchOthers(state)
  return { ...state, issues: walk?.finish(state) ?? [] }
}

async function wave(state: State): Promise<void> {
  const { lookup, limits } = state.request
  const places = state.pending
  state.pending = []
  const isStopped = state.reached.has('entries') || state.reached.has('bytes')
  const [open, limited] = parted(places, ({ holder }) => !isStopped && holder.depth < limits.depth)
  for (const place of limited) state.limited.push(place)
  const wanted = open.map((place) => place.wanted)
  await lookup.find(wanted.filter((one) => one !== undefined))
  const answers = wanted.map((one) => (one === undefined ? [] : lookup.answer(one)))
  state.subjects ??= subjectsOf(
    answers.flatMap((found, at) => (isSubject(open[at]) ? found : [])),
    state.request.base,
  )
  await learnPatients([...new Set(answers.flat())], state.subjects, state.request)
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

function settled(state: State, place: Place, answers: readonly Found[]): Outcome {
  const { row, kind, isDirect, holder, way } = place
  const [found, another] = answers
  if (kind === 'identifier' && (found === undefined || another !== undefined)) {
    return {
      decision: 'kept',
      reason: found === undefined ? 'no source has its identifier' : 'several resources have its identifier',
    }
  }
  const isWithheld = found === undefined && place.wanted !== undefined && state.request.lookup.isWithheld(place.wanted)
  if (isWithheld) return { decision: 'refused', reason: 'it is withheld from whoever asks', rule: 'withheld' }
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
    way,
  })
  return outcome.decision === 'included' && isGuess(place) ? { ...outcome, isGuess: true } : outcome
}
