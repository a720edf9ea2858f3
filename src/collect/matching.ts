/** References for which nothing is read: they name an entry where their target is in the document for another reason. */

import type { Wanted } from './lookup.ts'
import { identityOf, versionOf, type Member, type Outcome, type Place } from './member.ts'
import { limitText, type State } from './state.ts'

/** Gives every reference that has none yet its outcome. */
export async function matchOthers(state: State): Promise<void> {
  const open = [
    ...state.members
      .flatMap(({ places }) => places)
      .filter(({ outcome, row }) => outcome === undefined && row.demand === 'match'),
  ]
  const places = [...open, ...state.limited]
  await readDoubtful(
    state,
    places.map(({ wanted }) => wanted),
  )
  for (const place of open) place.outcome = matched(state, place) ?? { decision: 'kept', reason: place.row.reason }
  for (const place of state.limited) place.outcome = matched(state, place) ?? beyondLimit(state)
}

function matched(state: State, place: Place): Outcome | undefined {
  const target = memberNamed(state, place.wanted)
  if (target === undefined) return undefined
  return {
    decision: 'included',
    target,
    reason: `${place.row.reason}, but its target is in the document`,
    ...(isGuess(place) && { isGuess: true }),
  }
}

function beyondLimit(state: State): Outcome {
  const { reached, request } = state
  if (reached.size === 0) reached.add('depth')
  const [limit = 'depth'] = reached
  return { decision: 'refused', reason: limitText(limit, request.limits), rule: 'limit' }
}

/** Whether a reference is relative in a resource without base, so that type and id alone say what it names. */
export function isGuess({ parsed, wanted }: Place): boolean {
  return parsed?.form === 'relative' && wanted?.within !== undefined
}

/** Reads the targets that only a source can tell apart: a type and id without URL, and one of several versions. */
export async function readDoubtful(state: State, wanted: readonly (Wanted | undefined)[]): Promise<void> {
  if (wanted.length === 0) return
  const ids = new Set(state.members.map(({ found: { resource } }) => `${resource.resourceType}/${resource.id ?? ''}`))
  await state.request.lookup.find(
    wanted.filter((one) => one !== undefined).filter((one) => isDoubtful(state, one, ids)),
  )
}

function isDoubtful({ byIdentity }: State, { target }: Wanted, ids: ReadonlySet<string>): boolean {
  if (target.by === 'id') return ids.has(`${target.type}/${target.id}`)
  return target.by === 'url' && target.version === undefined && (byIdentity.get(target.url)?.length ?? 0) > 1
}

/** The member that a reference names, after {@link readDoubtful}. */
export function memberNamed(state: State, wanted: Wanted | undefined): Member | undefined {
  if (wanted === undefined || wanted.target.by === 'identifier') return undefined
  const { request, byIdentity } = state
  const answers = request.lookup.answer(wanted)
  const [found] = answers.length === 1 ? answers : []
  const identity = wanted.target.by === 'url' ? wanted.target.url : found && identityOf(found, request.base)
  const { version } = wanted.target
  const versions = (byIdentity.get(identity ?? '') ?? []).filter(
    (member) => version === undefined || member.version === version,
  )
  const [member, another] = versions
  if (another === undefined) return member
  return found && versions.find((one) => one.version === versionOf(found.resource))
}
