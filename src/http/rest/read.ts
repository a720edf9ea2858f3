/** Reading of single resources: read, vread. @see https://hl7.org/fhir/R4/http.html#read */

import { fail } from '../../fhir/error.ts'
import { isBundle } from '../../fhir/types.ts'
import type { StoreReader, Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import { successorsOf } from '../../successors.ts'
import { refuse, type Refusal } from '../answer.ts'
import type { Service } from '../route.ts'
import { isId } from './admission.ts'
import { keyOf, type Ask, type Outcome } from './ask.ts'
import { etagOf, httpDate, isUnmodified } from './conditions.ts'

/** A version that has content. */
export type Present = Version & Required<Pick<Version, 'text' | 'resource'>>

/** The current version, or 304 where the client has it already. */
export async function read(ask: Ask, reader: StoreReader, { base }: Pick<Service, 'base'>): Promise<Outcome> {
  const [found] = isId(ask.id) ? await reader.read([keyOf(ask)]) : []
  return given(found, ask, { reader, base })
}

/** The version named. */
export async function vread(ask: Ask, reader: StoreReader, { base }: Pick<Service, 'base'>): Promise<Outcome> {
  const found = isId(ask.id) && isId(ask.vid) ? await reader.vread(keyOf(ask), ask.vid) : undefined
  return given(found, ask, { reader, base })
}

interface Surroundings {
  readonly reader: StoreReader
  readonly base: string
}

async function given(found: Version | undefined, ask: Ask, { reader, base }: Surroundings): Promise<Outcome> {
  if (found !== undefined && found.text === undefined) await mustNotBeErased(found, reader)
  const version = present(found, ask)
  const successors = isBundle(version.resource) ? await successorsOf(reader, version.resource, base) : []
  return { status: (await isKnown(ask, version, reader)) ? 304 : 200, version, successors }
}

/** Whether the client has the version already. An HTTP date has whole seconds, so it tells none of two versions of one second. */
async function isKnown({ conditions }: Ask, version: Present, reader: StoreReader): Promise<boolean> {
  if (!isUnmodified(conditions, version)) return false
  if (conditions.ifNoneMatch !== undefined || version.versionId === '1') return true
  const before = await reader.vread(keyOf(version), String(Number(version.versionId) - 1))
  return before === undefined || httpDate(before) !== httpDate(version)
}

/** Nothing, where a resource was deleted only. @throws Refusal 410 with what may be told of its erasure */
async function mustNotBeErased({ type, id }: Version, reader: StoreReader): Promise<void> {
  const tombstone = await reader.tombstone?.({ type, id })
  if (tombstone === undefined) return
  const { erasedAt, basis } = tombstone
  throw refuse(410, 'deleted', `${type}/${id} was erased on ${erasedAt.slice(0, 10)} (${basis}), nothing of it is kept`)
}

/**
 * The version with its content.
 * @throws FhirError `not-found`, Refusal 410 with the version of the deletion
 */
export function present(found: Version | undefined, ask: Pick<Ask, 'type' | 'id' | 'vid'>): Present {
  if (found === undefined) throw fail('not-found', `${nameOf(ask)} is not known`)
  if (!isPresent(found)) throw gone(found)
  return found
}

function isPresent(version: Version): version is Present {
  return version.text !== undefined
}

function gone(deletion: Version): Refusal {
  const { type, id, versionId } = deletion
  const headers = { ETag: etagOf(deletion), 'Last-Modified': httpDate(deletion) }
  return refuse(410, 'deleted', `${type}/${id} was deleted, the deletion is its version ${versionId}`, headers)
}

function nameOf({ type, id, vid }: Pick<Ask, 'type' | 'id' | 'vid'>): string {
  return `${type}/${excerpt(id)}${vid === '' ? '' : `/_history/${excerpt(vid)}`}`
}
