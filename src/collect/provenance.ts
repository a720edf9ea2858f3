/**
 * Provenance of what is in the document: the one kind of resource that comes in by its own reference.
 * @see https://hl7.org/fhir/R4/documents.html#content
 */

import { parseReference, restBase } from '../fhir/reference.ts'
import { isObject, type Json } from '../fhir/types.ts'
import type { Found } from '../ports.ts'
import { memberNamed, readDoubtful, type Pointer } from './matching.ts'
import type { Member } from './member.ts'
import { learnPatients } from './same-patient.ts'
import { admit, memberFor, type State } from './state.ts'

/** Whether Provenance came in that is about members that were not asked for before. */
export async function addProvenance(state: State): Promise<boolean> {
  const { members, request, reached } = state
  const from = state.asked
  if (from === members.length || reached.size > 0) return false
  const before = members.length
  state.asked = before
  const names = members.slice(from).flatMap((member) => namesOf(member, request.base))
  for (const source of request.sources) {
    const found = await source.provenances(names)
    await admitProvenance(
      state,
      found.filter((one) => memberFor(state, one) === undefined),
    )
  }
  return members.length > before
}

/** What a Provenance may call a member: its URL; type and id where it has no RESTful URL. */
function namesOf({ found: { resource, url } }: Member, base: string | undefined): readonly string[] {
  const { resourceType, id } = resource
  const bare = id === undefined || restBase(url) !== undefined ? [] : [`${resourceType}/${id}`]
  if (url !== undefined) return [url, ...bare]
  return base === undefined ? bare : [...bare, ...bare.map((name) => `${base}/${name}`)]
}

/** Of those found, the ones whose target is a member indeed: a source may have answered for a resource of the same name. */
async function admitProvenance(state: State, found: readonly Found[]): Promise<void> {
  const pointers = found.map(targetsOf)
  await readDoubtful(state, pointers.flat())
  if (state.subjects !== undefined) await learnPatients(found, state.subjects, state.request)
  for (const [at, one] of found.entries()) {
    const target = pointers[at]?.map((pointer) => memberNamed(state, pointer)).find((member) => member !== undefined)
    if (target === undefined) continue
    admit(state, {
      found: one,
      depth: target.depth + 1,
      reason: `Provenance of entry ${target.index}`,
      isDirect: false,
    })
  }
}

function targetsOf(found: Found): readonly Pointer[] {
  const { target } = found.resource
  const references = Array.isArray(target) ? (target as readonly Json[]).filter(isObject) : []
  return references.flatMap(({ reference }) =>
    typeof reference === 'string' ? [{ parsed: parseReference(reference), holder: found }] : [],
  )
}
