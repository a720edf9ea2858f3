/**
 * Provenance of what is in the document: the one kind of resource that comes in by its own reference.
 * @see https://hl7.org/fhir/R4/documents.html#content
 */

import { lastingMemo, remember } from '../fhir/memo.ts'
import { parseReference, restBase } from '../fhir/reference.ts'
import { isObject, type Json } from '../fhir/types.ts'
import type { Found } from '../ports.ts'
import { wantedBy, type Wanted } from './lookup.ts'
import { memberNamed, readDoubtful } from './matching.ts'
import { learnPatients } from './same-patient.ts'
import { admit, memberFor, type State } from './state.ts'

/** Whether Provenance came in that is about members that were not asked for before. */
export async function addProvenance(state: State): Promise<boolean> {
  const { members, request, reached } = state
  const from = state.asked
  if (from === members.length || reached.size > 0) return false
  const before = members.length
  state.asked = before
  const names = members.slice(from).flatMap((member) => namesOf(member.found, request.base))
  for (const source of request.sources) {
    const found = await source.provenances(names)
    await admitProvenance(
      state,
      found.filter((one) => memberFor(state, one) === undefined),
    )
  }
  return members.length > before
}

const bases = lastingMemo<Found, string>()

/** The REST base of the URL under which a resource was found, empty for none. */
function baseOf(found: Found): string {
  return remember(bases, found, ({ url }) => restBase(url) ?? '')
}

/** What a Provenance may call a member: its URL; type and id where it has no RESTful URL. */
function namesOf(found: Found, base: string | undefined): readonly string[] {
  const { resource, url } = found
  const { resourceType, id } = resource
  const bare = id === undefined || baseOf(found) !== '' ? [] : [`${resourceType}/${id}`]
  if (url !== undefined) return [url, ...bare]
  return base === undefined ? bare : [...bare, ...bare.map((name) => `${base}/${name}`)]
}

/** Of those found, the ones whose target is a member indeed: a source may have answered for a resource of the same name. */
async function admitProvenance(state: State, found: readonly Found[]): Promise<void> {
  const pointers = found.map(targetsOf)
  await readDoubtful(state, pointers.flat())
  if (state.subjects !== undefined) await learnPatients(found, state.subjects, state.request)
  for (const [at, one] of found.entries()) {
    const target = pointers[at]?.map((wanted) => memberNamed(state, wanted)).find((member) => member !== undefined)
    if (target === undefined) continue
    admit(state, {
      found: one,
      depth: target.depth + 1,
      reason: `Provenance of entry ${target.index}`,
      isDirect: false,
    })
  }
}

function targetsOf(found: Found): readonly (Wanted | undefined)[] {
  const { target } = found.resource
  const references = Array.isArray(target) ? (target as readonly Json[]).filter(isObject) : []
  return references.flatMap(({ reference }) =>
    typeof reference === 'string' ? [wantedBy(parseReference(reference), found)] : [],
  )
}
