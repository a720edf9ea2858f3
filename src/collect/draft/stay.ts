/** What a hospital stay has to do with each resource of the record: made in it, its diagnosis, before or after it. */

import { careSpan } from '../../fhir/care-date.ts'
import { isAfter } from '../../fhir/moment.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import { dischargeMedication } from './discharge-medication.ts'
import type { Scope } from './guide.ts'
import { reason, type Reason } from './reason.ts'
import { recordName, type RecordIndex } from './record-index.ts'

export interface Stay {
  readonly start: string | undefined
  readonly end: string | undefined
  readonly has: (found: Found, scope: Scope) => boolean
  /** Of a diagnosis the place that the encounter gives it: the principal one first, those that it does not name last. */
  readonly rankOf: (found: Found) => number
  /** For the receipt: how a resource that no section took stands to it. */
  readonly relation: (found: Found) => Reason
}

/** An encounter that is part of itself has no end. */
const MOST_PARTS = 20

/** The stay that an encounter of the record is. */
export function stayOf(named: Found, index: RecordIndex): Stay {
  const name = recordName(named)
  const encounter = index.all.find((found) => recordName(found) === name) ?? named
  const { start, end } = periodOf(encounter)
  const family = familyOf(encounter, index)
  const place = (found: Found): Place => placeIn(found, { family, index, start, end })
  const diagnoses = diagnosesOf(family, index)
  const isMadeIn = (found: Found): boolean => place(found) === 'within'
  const medication = dischargeMedication({ index, start, end, isMadeIn })
  const tests: Readonly<Record<Scope, (found: Found) => boolean>> = {
    encounter: (found) => found === encounter,
    stay: (found) => isMadeIn(found) && !family.parts.has(found),
    diagnosis: (found) => diagnoses.all.has(found) || (isMadeIn(found) && !diagnoses.admission.has(found)),
    admission: (found) => diagnoses.admission.has(found),
    before: (found) => place(found) === 'before',
    'medication-at-admission': (found) => medication.before.has(found),
    'medication-at-discharge': (found) => medication.after.has(found),
    'medication-in-stay': (found) => isMadeIn(found) && !medication.isTold(found),
    'medication-since': (found) => medication.since.has(found),
  }
  return {
    start,
    end,
    has: (found, scope) => tests[scope](found),
    rankOf: (found) => (diagnoses.order.includes(found) ? diagnoses.order.indexOf(found) : diagnoses.order.length),
    relation: (found) => medication.why(found) ?? RELATIONS[place(found)],
  }
}

type Place = 'within' | 'before' | 'after' | 'elsewhere' | 'unknown'

const RELATIONS: Readonly<Record<Place, Reason>> = {
  within: reason('none', 'no section of this guide takes it'),
  before: reason('before-stay', 'it is from before the stay'),
  after: reason('after-stay', 'it is from after the stay'),
  elsewhere: reason('other-stay', 'it is of another encounter'),
  unknown: reason('unknown-stay', 'it names no encounter, and no day that lies in the stay'),
}

interface Family {
  /** The encounter and all that are part of it. */
  readonly parts: ReadonlySet<Found>
  /** Those that it is part of. */
  readonly above: ReadonlySet<Found>
}

function familyOf(encounter: Found, index: RecordIndex): Family {
  const above = chainFrom(encounter, index).slice(1)
  const encounters = index.all.filter(({ resource }) => resource.resourceType === 'Encounter')
  const parts = encounters.filter((one) => chainFrom(one, index).includes(encounter))
  return { parts: new Set([encounter, ...parts]), above: new Set(above) }
}

/** An encounter, what it is part of, what that is part of. */
function chainFrom(encounter: Found, index: RecordIndex): readonly Found[] {
  const chain: Found[] = []
  for (
    let at: Found | undefined = encounter;
    at !== undefined && chain.length < MOST_PARTS;
    at = index.target(at, 'partOf')
  )
    chain.push(at)
  return chain
}

interface Whereabouts {
  readonly family: Family
  readonly index: RecordIndex
  readonly start: string | undefined
  readonly end: string | undefined
}

function placeIn(found: Found, { family, index, start, end }: Whereabouts): Place {
  const own = index.target(found, 'encounter') ?? index.target(found, 'context')
  const time = timeOf(found, start, end)
  if (own === undefined) {
    if (family.parts.has(found)) return 'within'
    const isNamed = found.resource['encounter'] !== undefined || found.resource['context'] !== undefined
    return time === 'within' && (isNamed || isOfCare(found)) && !isOtherEncounter(found)
      ? isNamed
        ? 'elsewhere'
        : 'within'
      : time
  }
  if (family.parts.has(own)) return 'within'
  if (family.above.has(own)) return time === 'within' || time === 'unknown' ? 'within' : time
  return time === 'before' || time === 'after' ? time : 'elsewhere'
}

function isOtherEncounter({ resource }: Found): boolean {
  return resource.resourceType === 'Encounter'
}

/** People, places and products have no time of their own. */
function isOfCare({ resource }: Found): boolean {
  return !NO_CARE.has(resource.resourceType)
}

const NO_CARE = new Set(['Patient', 'Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication', 'Substance', 'Device', 'RelatedPerson', 'Coverage', 'Claim', 'ExplanationOfBenefit']) // prettier-ignore

/** A year or a month says not whether a day lies in the stay. */
const DAY = /^\d{4}-\d\d-\d\d/

function timeOf({ resource }: Found, start: string | undefined, end: string | undefined): Place {
  const [first, last] = careSpan(resource)
  const begun = first ?? last
  if (begun === undefined || start === undefined) return 'unknown'
  if (isAfter(begun, end)) return 'after'
  if (isAfter(start, begun)) return 'before'
  return DAY.test(begun) ? 'within' : 'unknown'
}

function periodOf({ resource }: Found): { readonly start: string | undefined; readonly end: string | undefined } {
  const period = isObject(resource['period']) ? resource['period'] : {}
  const { start, end } = period as { readonly start?: Json; readonly end?: Json }
  return { start: typeof start === 'string' ? start : undefined, end: typeof end === 'string' ? end : undefined }
}

interface Diagnoses {
  readonly all: ReadonlySet<Found>
  readonly admission: ReadonlySet<Found>
  readonly order: readonly Found[]
}

/** @see http://terminology.hl7.org/CodeSystem/diagnosis-role */
const ON_ADMISSION = new Set<unknown>(['AD', 'CC', 'pre-op'])

/** Among diagnoses of one rank, or of none. */
const ROLES: readonly unknown[] = ['DD', 'billing', 'AD', 'CC']

function diagnosesOf({ parts }: Family, index: RecordIndex): Diagnoses {
  const named = [...parts].flatMap((encounter) =>
    objectsOf(encounter.resource['diagnosis']).flatMap((diagnosis) => {
      const found = index.resolve(diagnosis['condition'], encounter)
      const roles = codesOf(diagnosis['use'])
      return found === undefined ? [] : [{ found, roles, rank: rankIn(diagnosis), role: placeOf(roles) }]
    }),
  )
  const reasons = [...parts].flatMap((encounter) =>
    objectsOf(encounter.resource['reasonReference']).flatMap((one) => index.resolve(one, encounter) ?? []),
  )
  const isOfAdmission = (roles: readonly unknown[]): boolean => roles.some((code) => ON_ADMISSION.has(code))
  const diagnoses = new Set(named.filter(({ roles }) => !isOfAdmission(roles)).map(({ found }) => found))
  const onAdmission = [...named.filter(({ roles }) => isOfAdmission(roles)).map(({ found }) => found), ...reasons]
  const order = named.toSorted((one, other) => one.rank - other.rank || one.role - other.role).map(({ found }) => found)
  return {
    all: diagnoses,
    admission: new Set(onAdmission.filter((found) => !diagnoses.has(found))),
    order: [...new Set(order)],
  }
}

function rankIn({ rank }: JsonObject): number {
  return typeof rank === 'number' ? rank : Number.MAX_SAFE_INTEGER
}

function placeOf(roles: readonly unknown[]): number {
  const place = ROLES.findIndex((role) => roles.includes(role))
  return place < 0 ? ROLES.length : place
}

function codesOf(concept: Json | undefined): readonly unknown[] {
  return objectsOf(isObject(concept) ? concept['coding'] : undefined).map(({ code }) => code)
}

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
