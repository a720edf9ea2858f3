/** What a caller may do with what: the scopes of a token over the patients whom it is about. */

import { concernOf, labelsOf, type Concern, type Whereabouts } from '../fhir/concern.ts'
import type { Resource } from '../fhir/types.ts'
import type { Caller, Grant } from '../ports.ts'
import { barredFor } from './labels.ts'
import { isConstraining, parseScope, type Letter, type Scope } from './scopes.ts'

/** A scope that grants something to its caller. */
export interface Granted {
  readonly type: string
  readonly letters: readonly Letter[]
  readonly criteria: Scope['criteria']
  /** Every name of the one patient whose record it is for; absent where it is for all. */
  readonly patient?: readonly string[]
  /** It is that of a system, for no person. */
  readonly isOfSystem?: boolean
}

/** What a caller may, worked out once. */
export interface Rights {
  readonly caller: Caller
  readonly granted: readonly Granted[]
  /** Labels that the caller may not see. */
  readonly barred: ReadonlySet<string>
}

/** The rights of a caller of the service whose base is given. */
export function rightsOf(caller: Caller, base: string): Rights {
  const scopes = caller.scopes.flatMap((text) => parseScope(text) ?? []).filter(isConstraining)
  return {
    caller,
    granted: scopes.flatMap((scope) => grantedBy(scope, caller, base)),
    barred: new Set(barredFor(caller)),
  }
}

function grantedBy({ context, type, letters, criteria }: Scope, caller: Caller, base: string): readonly Granted[] {
  const whom = patientOf(context, caller, base)
  if (whom === 'nobody') return []
  return [{ type, letters, criteria, isOfSystem: context === 'system', ...(whom !== 'anybody' && { patient: whom }) }]
}

/** Users who look after patients, by the type of their own resource. */
const STAFF: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Organization', 'Device'])

/**
 * Whose record a scope is for. A person who is a patient is a user of their own record only; whoever says to be somebody
 * else than one of the staff, and be it in no form that is understood, of that of the token.
 */
function patientOf(
  context: Scope['context'],
  { patient, fhirUser }: Caller,
  base: string,
): readonly string[] | 'anybody' | 'nobody' {
  if (context === 'system') return 'anybody'
  if (context === 'user') {
    if (fhirUser === undefined) return 'anybody'
    const [, type = '', own = ''] = USER.exec(fhirUser) ?? []
    if (type === 'Patient') return namesOf(fhirUser.includes('://') ? fhirUser : own, base)
    if (STAFF.has(type)) return 'anybody'
  }
  return patient === undefined || patient === '' ? 'nobody' : namesOf(patient, base)
}

/** A reference to the resource of a user: as it is written here, or as a URL. */
const USER = /^(?:https?:\/\/[^\s?#]+\/)?([A-Z][A-Za-z]*)\/([A-Za-z0-9.-]{1,64})$/

/** An id is that of a patient of this service; one of another server is named by its URL. */
function namesOf(patient: string, base: string): readonly string[] {
  const id = patient.startsWith(`${base}/Patient/`) ? patient.slice(`${base}/Patient/`.length) : patient
  const bare = id.startsWith('Patient/') ? id.slice('Patient/'.length) : id
  return bare.includes('/') ? [bare] : [bare, `${base}/Patient/${bare}`]
}

/** What a scope over all types is not over, but for those who administer: it must be named. */
const NAMED_ALONE: ReadonlySet<string> = new Set(['AuditEvent'])

function isOver({ caller }: Rights, { type: own }: Granted, type: string): boolean {
  if (own === type) return true
  return own === '*' && (!NAMED_ALONE.has(type) || caller.roles.includes('administer'))
}

/** Whether a scope grants any of the letters on a type; on any type where that is `*`. */
export function isGranted(rights: Rights, letters: string, type: string): boolean {
  const isOf = (one: Granted): boolean => type === '*' || isOver(rights, one, type)
  return rights.granted.some((one) => isOf(one) && one.letters.some((letter) => letters.includes(letter)))
}

/** The scopes that grant any of the letters on a type. */
export function grantsOn(rights: Rights, letters: string, type: string): readonly Granted[] {
  return rights.granted.filter(
    (one) => isOver(rights, one, type) && one.letters.some((letter) => letters.includes(letter)),
  )
}

/** The scopes that grant any of the letters, as a search takes them. */
export function searchGrants({ granted, caller }: Rights, letters: string): readonly Grant[] {
  const except = caller.roles.includes('administer') ? {} : { except: [...NAMED_ALONE] }
  return granted
    .filter((one) => one.letters.some((letter) => letters.includes(letter)))
    .map(({ type, patient, criteria }) => ({
      ...(type === '*' ? except : { types: [type] }),
      ...(patient !== undefined && { patient }),
      criteria,
    }))
}

/**
 * What the scopes say of a resource. `open`: it may be seen. `other`: it is in the record of nobody whom the caller may know
 * of. `type`: its type is not granted. `constrained`: only a search can tell.
 */
export type Standing = 'open' | 'other' | 'type' | 'constrained'

/** What is known of a resource by itself. */
export interface Known {
  readonly concern: Concern
  readonly labels: readonly string[]
}

/** What access asks of a resource, whoever asks. */
export function knownOf(resource: Resource, whereabouts: Whereabouts): Known {
  return { concern: concernOf(resource, whereabouts), labels: labelsOf(resource) }
}

/** What the scopes say of a resource that is not seen by its context. */
export function standingOf(grants: readonly Granted[], { concern }: Known): Standing {
  if (grants.length === 0) return 'type'
  const own = grants.filter(({ patient }) => patient === undefined || isOfPatient(concern, patient))
  if (own.length === 0) return 'other'
  return own.some(({ criteria }) => criteria.length === 0) ? 'open' : 'constrained'
}

/** Whether a resource is in the record of a patient, or in nobody's. */
function isOfPatient({ patients, of }: Concern, names: readonly string[]): boolean {
  if (of === 'nobody') return true
  return isInRecord({ patients, of }, names)
}

/** Whether a resource is in the record of a patient. */
export function isInRecord({ patients, of }: Pick<Concern, 'patients' | 'of'>, names: readonly string[]): boolean {
  const isNamed = (patient: string): boolean => names.includes(patient)
  return of === 'only' ? patients.length > 0 && patients.every(isNamed) : patients.some(isNamed)
}

/** Whether a label of a resource is barred. */
export function isBarred({ barred }: Rights, { labels }: Known): boolean {
  return labels.some((label) => barred.has(label))
}
