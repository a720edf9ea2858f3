/** Resources that a draft makes, and references to those that it finds. */

import { uuidV5 } from '../../fhir/digest.ts'
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import type { Guide } from './compiled.ts'
import type { EntryRow } from './guide.ts'
import { recordName } from './record-index.ts'
import type { Drafted } from './record.ts'

/** The namespace of the UUIDs of what is made, so that the same record gives the same draft. */
const NAMESPACE = '5a1b0a52-0f3c-5b5e-9a53-6f7c3a0d8e21'

export interface Making {
  /** A reference to a resource of the record. */
  readonly referenceTo: (found: Found) => Reference
  /** The reference that an entry is: to the resource, or to one that names it. */
  readonly referenceFor: (found: Found, row: EntryRow) => Reference
  /** A reference to an entry that says that nothing is known. */
  readonly absent: (template: JsonObject & { readonly resourceType: string }, code: string) => Reference
  readonly author: (resource: Resource) => Reference
  readonly made: () => readonly Drafted[]
}

/** The making for one patient's draft. */
export function madeFor(patient: Found, guide: Guide): Making {
  const made = new Map<string, Drafted>()
  const make = (key: string, resource: Resource): Reference => {
    const url = `urn:uuid:${uuidV5(NAMESPACE, `${guide.row.name} ${recordName(patient)} ${key}`)}`
    if (!made.has(url)) made.set(url, { resource: guide.complete(resource).resource, url, source: patient.source })
    return { reference: url }
  }
  const about = (resource: Resource): Resource => {
    const [element = 'subject'] = guide.compartment.elements[resource.resourceType] ?? []
    const name = ['subject', 'patient'].find((one) => guide.compartment.elements[resource.resourceType]?.includes(one))
    return { ...resource, [name ?? element]: referenceTo(patient) }
  }
  return {
    referenceTo,
    referenceFor: (found, { as }) =>
      as === undefined ? referenceTo(found) : make(`${as} ${recordName(found)}`, about(USES[as](found))),
    absent: (template, code) => make(`absent ${code}`, about(template)),
    author: (resource) => make(`author ${JSON.stringify(resource)}`, resource),
    made: () => [...made.values()],
  }
}

/** By its URL where the source knows one, so that it means the same wherever it stands. */
function referenceTo({ resource, url }: Found): Reference {
  return { reference: url ?? `${resource.resourceType}/${resource.id ?? ''}` }
}

/** What is made of a resource that no section takes as it is, by the type that is made. */
const USES: Readonly<Record<NonNullable<EntryRow['as']>, (found: Found) => Resource>> = {
  // a Device names a patient where it is affixed to the patient
  DeviceUseStatement: (found) => ({
    resourceType: 'DeviceUseStatement',
    status: found.resource['status'] === 'inactive' ? 'completed' : 'active',
    device: referenceTo(found),
  }),
}
