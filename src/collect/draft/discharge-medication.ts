/**
 * Which treatments of a record were in use when a stay began, and which are to go on when it ends: by their dates and by
 * what they say they are for, never by guess. What cannot be told is in neither list, and the receipt says why.
 */

import { medicineOf, objectsIn, samenessOf, type TreatmentRecord } from '../../fhir/medicine.ts'
import { isAfter } from '../../fhir/moment.ts'
import type { Json, JsonObject, Resource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import { reason, type Reason } from './reason.ts'
import type { RecordIndex } from './record-index.ts'

export interface DischargeMedication {
  readonly before: ReadonlySet<Found>
  readonly after: ReadonlySet<Found>
  readonly since: ReadonlySet<Found>
  /** Whether it is in one of them. */
  readonly isTold: (found: Found) => boolean
  /** Of a treatment that is in none of them; undefined of all else. */
  readonly why: (found: Found) => Reason | undefined
}

export interface MedicationTimes {
  readonly index: RecordIndex
  readonly start: string | undefined
  readonly end: string | undefined
  /** Whether a resource was made in the stay. */
  readonly isMadeIn: (found: Found) => boolean
}

const TREATMENTS = new Set(['MedicationRequest', 'MedicationStatement'])

/** What a treatment is to the stay. */
type Role = 'before' | 'prescribed' | 'carried' | 'ceased' | 'since' | 'inpatient' | 'ended' | 'undated' | 'none'

const REASONS: Readonly<Partial<Record<Role, Reason>>> = {
  inpatient: reason('for-stay', 'it was ordered for the stay alone'),
  ended: reason('ended-before', 'it had ended before the stay'),
  undated: reason('ended-undated', 'it has ended, and no date says whether before the stay or in it'),
  none: reason('not-in-use', 'it is no treatment that was in use at the time of the stay'),
}

/** The treatments of a record by what they are to a stay. */
export function dischargeMedication(times: MedicationTimes): DischargeMedication {
  const { index } = times
  const roles = new Map<Found, readonly Role[]>()
  for (const found of index.all) {
    if (TREATMENTS.has(found.resource.resourceType)) roles.set(found, rolesOf(found, times))
  }
  const having = (role: Role): readonly Found[] =>
    [...roles].filter(([, all]) => all.includes(role)).map(([found]) => found)
  const continued = having('before')
  const ceased = having('ceased')
  // what says that a medicine ended is set against what says that it was taken; alone it tells both
  const [answering, alone] = parted(ceased, (found) => continued.some((other) => isOneMedicine(found, other, index)))
  const prescribed = [...having('prescribed'), ...answering]
  const isReplaced = (found: Found): boolean =>
    prescribed.some((other) => other !== found && isOneMedicine(found, other, index))
  const carried = having('carried').filter((found) => !isReplaced(found))
  const before = new Set([...continued, ...alone])
  const after = new Set([...prescribed, ...carried])
  const since = new Set(having('since'))
  return {
    before,
    after,
    since,
    isTold: (found) => before.has(found) || after.has(found) || since.has(found),
    why: (found) => {
      const [role] = roles.get(found) ?? []
      return role === undefined ? undefined : REASONS[role]
    },
  }
}

/** A treatment with its Medication. */
function recordOf(found: Found, index: RecordIndex): TreatmentRecord {
  const contained = objectsIn(found.resource['contained']) as readonly Resource[]
  const [reference] = objectsIn(found.resource['medicationReference'])
  const inside = contained.find(({ id }) => reference?.['reference'] === `#${id ?? ''}`)
  return { resource: found.resource, medication: inside ?? index.target(found, 'medicationReference')?.resource }
}

function isOneMedicine(one: Found, other: Found, index: RecordIndex): boolean {
  return samenessOf(medicineOf(recordOf(one, index)), medicineOf(recordOf(other, index))) === 'surely'
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

/** @see https://hl7.org/fhir/R4/valueset-medicationrequest-category.html */
function categoriesOf({ category }: JsonObject): readonly unknown[] {
  return objectsIn(category).flatMap(({ coding }) => objectsIn(coding).map(({ code }) => code))
}

/** Of treatments that are none: drafts and errors, what is only proposed, and the single acts of an order. */
const NONE = new Set<unknown>(['draft', 'entered-in-error', 'proposal', 'option', 'instance-order'])
const NOW = new Set<unknown>(['active', 'on-hold', 'unknown', 'intended'])

function rolesOf(found: Found, times: MedicationTimes): readonly Role[] {
  const { resource } = found
  const { status, intent, resourceType } = resource
  if (NONE.has(status) || NONE.has(intent)) return ['none']
  const categories = categoriesOf(resource)
  const isMadeIn = times.isMadeIn(found)
  const span = spanOf(resource)
  if (categories.includes('discharge')) {
    return isMadeIn || isWithin(span.begun, times) ? ['prescribed'] : isAfter(span.begun, times.end) ? since(status) : ['before', 'carried'] // prettier-ignore
  }
  if (categories.includes('inpatient')) return ['inpatient']
  if (!isMadeIn && isAfter(span.begun, times.end)) return since(status)
  if (isMadeIn && resourceType === 'MedicationStatement') return statedIn(resource, times)
  const isBegunIn = isWithin(span.begun, times) || (isMadeIn && !isAfter(times.start, span.begun))
  if (isBegunIn) return orderedIn(resource, span, times)
  return goingInto(resource, span, times)
}

function since(status: Json | undefined): readonly Role[] {
  return NOW.has(status) ? ['since'] : ['none']
}

function isWithin(moment: string | undefined, { start, end }: MedicationTimes): boolean {
  return moment !== undefined && !isAfter(start, moment) && !isAfter(moment, end)
}

/** An order of the stay goes on after it where it has not ended; that something is not to be taken is said for later too. */
function orderedIn(resource: Resource, { ended }: Span, { end }: MedicationTimes): readonly Role[] {
  if (resource['doNotPerform'] === true) return ['prescribed']
  const isOver = hasEnded(resource) || (ended !== undefined && !isAfter(ended, end))
  return isOver ? ['inpatient'] : ['prescribed']
}

/** What the patient is known to take from before: its statements are mostly made on admission. */
const AT_HOME = new Set<unknown>(['community', 'patientspecified', 'outpatient'])

/** A statement of the stay: of what was taken before, where it began before or was made when the stay began. */
function statedIn(resource: Resource, times: MedicationTimes): readonly Role[] {
  const { status } = resource
  if (status === 'intended' || status === 'not-taken') return ['prescribed']
  const [period] = objectsIn(resource['effectivePeriod'])
  const begun = textOf(period?.['start'])
  const isBegunIn = isAfter(begun, times.start)
  const ended = textOf(period?.['end'])
  if (hasEnded(resource) || (ended !== undefined && !isAfter(ended, times.end)))
    return [isBegunIn ? 'inpatient' : 'ceased']
  if (isBegunIn) return ['prescribed']
  const said = textOf(resource['effectiveDateTime'] ?? resource['dateAsserted'])
  const isAtHome = categoriesOf(resource).some((code) => AT_HOME.has(code))
  const isAtEnd = begun === undefined && dayOf(said) === dayOf(times.end) && dayOf(said) !== dayOf(times.start)
  return isAtEnd && !isAtHome ? ['prescribed'] : ['before', 'carried']
}

/** As it is written: two days are compared that one house writes. */
function dayOf(moment: string | undefined): string {
  return moment?.slice(0, 'YYYY-MM-DD'.length) ?? ''
}

/** A treatment from before the stay. */
function goingInto(resource: Resource, { ended }: Span, { start, end }: MedicationTimes): readonly Role[] {
  if (resource['status'] === 'not-taken' || resource['doNotPerform'] === true) return ['none']
  if (ended === undefined) return hasEnded(resource) ? ['undated'] : ['before', 'carried']
  if (isAfter(start, ended)) return ['ended']
  if (isAfter(ended, end)) return ['before', 'carried']
  return hasEnded(resource) ? ['ceased'] : ['before']
}

const ENDED = new Set<unknown>(['stopped', 'cancelled', 'completed', 'not-taken'])

function hasEnded({ status }: Resource): boolean {
  return ENDED.has(status)
}

interface Span {
  readonly begun: string | undefined
  readonly ended: string | undefined
}

const STATUS_CHANGED = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.statusChanged'

/** From when to when a treatment was to be taken, as far as it says so; how long it can be filled counts only once it has ended. */
function spanOf(resource: Resource): Span {
  const [effective] = objectsIn(resource['effectivePeriod'])
  const [dispense] = objectsIn(resource['dispenseRequest'])
  const [validity] = objectsIn(dispense?.['validityPeriod'])
  const bounds = objectsIn(resource['dosageInstruction'] ?? resource['dosage']).flatMap(({ timing }) =>
    objectsIn(timing).flatMap(({ repeat }) => objectsIn(repeat).flatMap(({ boundsPeriod }) => objectsIn(boundsPeriod))),
  )
  const ends = bounds.map((one) => one['end'])
  const changed = objectsIn(resource['extension']).find(({ url }) => url === STATUS_CHANGED)?.['valueDateTime']
  const isOver = hasEnded(resource)
  const asserted = isOver && resource.resourceType === 'MedicationStatement' ? resource['dateAsserted'] : undefined
  const [end] = new Set(ends).size === 1 ? ends : []
  const begun = effective?.['start'] ?? resource['effectiveDateTime'] ?? bounds[0]?.['start'] ?? resource['authoredOn']
  const ended = effective?.['end'] ?? end ?? (isOver ? (changed ?? asserted ?? validity?.['end']) : undefined)
  return { begun: textOf(begun ?? resource['dateAsserted']), ended: textOf(ended) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
