/** References for which nothing is read: they name an entry where their target is in the document for another reason. */

import type { Found } from '../ports.ts'
import { wantedBy, type Wanted } from './lookup.ts'
import { identityOf, versionOf, type Member, type Outcome, type Place } from './member.ts'
import { limitText, type State } from './state.ts'
import type { ParsedReference } from '../fhir/reference.ts'

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
    places.map(({ parsed, holder }) => ({ parsed, holder: holder.found })),
  )
  for (const place of open) place.outcome = matched(state, place) ?? { decision: 'kept', reason: place.row.reason }
  for (const place of state.limited) place.outcome = matched(state, place) ?? beyondLimit(state)
}

function matched(state: State, { parsed, holder, row }: Place): Outcome | undefined {
  const target = memberNamed(state, { parsed, holder: holder.found })
  if (target === undefined) return undefined
  const isGuess = parsed?.form === 'relative' && wantedBy(parsed, holder.found)?.within !== undefined
  return {
    decision: 'included',
    target,
    reason: `${row.reason}, but its target is in the document`,
    ...(isGuess && { isGuess }),
  }
}

function beyondLimit(state: State): Outcome {
  const { reached, request } = state
  if (reached.size === 0) reached.add('depth')
  const [limit = 'depth'] = reached
  return { decision: 'refused', reason: limitText(limit, request.limits), rule: 'limit' }
}

/** A reference in a resource that need not be a member. */
export interface Pointer {
  readonly parsed: ParsedReference | undefined
  readonly holder: Found
}

/** Reads the targets that only a source can tell apart: a type and id without URL, and one of several versions. */
export async function readDoubtful(state: State, pointers: readonly Pointer[]): Promise<void> {
  const ids = new Set(state.members.map(({ found: { resource } }) => `${resource.resourceType}/${resource.id ?? ''}`))
  const doubtful = pointers.flatMap(({ parsed, holder }) => {
    const wanted = parsed === undefined ? undefined : wantedBy(parsed, holder)
    return wanted !== undefined && isDoubtful(state, wanted, ids) ? [wanted] : []
  })
  await state.request.lookup.find(doubtful)
}

function isDoubtful({ byIdentity }: State, { target }: Wanted, ids: ReadonlySet<string>): boolean {
  if (target.by === 'id') return ids.has(`${target.type}/${target.id}`)
  return target.by === 'url' && target.version === undefined && (byIdentity.get(target.url)?.length ?? 0) > 1
}

/** The member that a reference names, after {@link readDoubtful}. */
export function memberNamed(state: State, { parsed, holder }: Pointer): Member | undefined {
  const wanted = parsed === undefined ? undefined : wantedBy(parsed, holder)
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
