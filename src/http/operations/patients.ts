/** The patient that an operation is about: by id in the store or on a server that is read from, or by an identifier. */

import { fail } from '../../fhir/error.ts'
import { everyMatch, searchable } from '../../matches.ts'
import type { Found, Source, StoreReader, Target } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import type { Service } from '../route.ts'
import { currentOf } from './stored.ts'

/** A patient, and the source that has the record. */
export interface Subject {
  readonly patient: Found
  readonly source: Source
}

interface Circumstances {
  readonly reader: StoreReader
  readonly service: Service
}

/** The patient with an id: of the store, else of a server that is read from. @throws FhirError `not-found`, `deleted` */
export async function patientBy(id: string, { reader, service }: Circumstances): Promise<Subject> {
  const source = searchable(service.storeSource(reader, service.base), reader)
  const { upstream = [] } = service
  const [known] = upstream.length === 0 ? [undefined] : await reader.versions([{ type: 'Patient', id }])
  if (upstream.length > 0 && known === undefined) {
    const elsewhere = await onServers({ by: 'id', type: 'Patient', id }, upstream)
    if (elsewhere !== undefined) return elsewhere
  }
  const { resource } = await currentOf(reader, 'Patient', id)
  if (resource === undefined) throw new TypeError('The store gave no resource')
  return { patient: { resource, url: `${service.base}/Patient/${id}`, source: source.name }, source }
}

/**
 * The patient with a business identifier, as `system|value` or the value alone.
 * @throws FhirError `not-found`, `multiple-matches`
 */
export async function patientIdentified(token: string, circumstances: Circumstances): Promise<Subject> {
  const { reader, service } = circumstances
  const found = await everyMatch(reader, { type: 'Patient', parameters: [['identifier', token]] })
  const [only, another] = found
  if (another !== undefined) throw severalHave(token)
  if (only !== undefined) return patientBy(only.id, circumstances)
  const [, system, value] = /^([^|]+)\|(.+)$/.exec(token) ?? []
  const target = system === undefined || value === undefined ? undefined : { by: 'identifier', type: 'Patient', system, value } as const // prettier-ignore
  const elsewhere = target === undefined ? undefined : await onServers(target, service.upstream ?? [])
  if (elsewhere !== undefined) return elsewhere
  throw fail('not-found', `No patient has the identifier ${excerpt(token)}`)
}

async function onServers(target: Target, servers: readonly Source[]): Promise<Subject | undefined> {
  for (const server of servers) {
    const source = server.begin?.() ?? server
    const [answers = []] = await source.read([target])
    const [patient, another] = answers
    if (another !== undefined) throw severalHave(target.by === 'identifier' ? target.value : '')
    if (patient !== undefined) return { patient, source }
  }
  return undefined
}

function severalHave(token: string): ReturnType<typeof fail> {
  return fail(
    'multiple-matches',
    `Several patients have the identifier ${excerpt(token)}, expected one with its system`,
  )
}
