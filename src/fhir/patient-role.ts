/**
 * What a patient is to a resource that names one: whom it is about, or somebody who takes part.
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */

/** The elements that say whom a resource is about; by all others somebody only takes part. */
const OWNERS: ReadonlySet<string> = new Set([
  'subject',
  'patient',
  'beneficiary',
  'individual',
  'candidate',
  'deliverTo',
  'target',
  'member.entity',
  'entity.what',
])

/** Resources that several patients may share: about each of those who take part. */
const SHARED: ReadonlySet<string> = new Set(['Appointment', 'AppointmentResponse', 'Schedule'])

/** Resources that are about a person's ties, not about a patient's health. */
const TIES: ReadonlySet<string> = new Set(['RelatedPerson', 'Person', 'Patient'])

/** Elements by which somebody takes part in what is about another. */
const PARTS: ReadonlySet<string> = new Set([
  'actor',
  'asserter',
  'author',
  'informationSource',
  'member',
  'onBehalfOf',
  'participant',
  'party',
  'payor',
  'performer',
  'policyHolder',
  'receiver',
  'recipient',
  'recorder',
  'requester',
  'sender',
  'source',
  'subscriber',
  'who',
])

/**
 * Types that name their patient and that the compartment of R4 leaves out, with the element and search parameter.
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
export const BESIDE_COMPARTMENT: Readonly<Record<string, string>> = { Device: 'patient' }

/** Whether a resource of a type is about all who take part in it. */
export function isShared(type: string): boolean {
  return SHARED.has(type)
}

/** Whether an element of a compartment says whom a resource is about. */
export function isOwner(type: string, element: string): boolean {
  return !TIES.has(type) && (OWNERS.has(element) || SHARED.has(type))
}

/** Whether somebody takes part by an element, given by its last name. */
export function takesPart(element: string): boolean {
  return PARTS.has(element)
}
