/** Writing for one caller: what the scopes grant, and never out of the record that the token is about, nor into another. */

import { grantsOn, isInRecord, searchGrants, type Granted } from '../access/rights.ts'
import { concernOf } from '../fhir/concern.ts'
import { fail, type FhirError } from '../fhir/error.ts'
import { parseReference } from '../fhir/reference.ts'
import { isObject, type Json, type Resource } from '../fhir/types.ts'
import type { Access, Change, StoreWriter, Version } from '../ports.ts'
import type { Guard } from './guard.ts'
import type { Judging } from './judging.ts'

interface Writing {
  /** The writer that sees everything. */
  readonly writer: StoreWriter
  readonly guard: Guard
  readonly judging: Judging
}

/** The version that came to be. @throws FhirError `forbidden`, `not-found` for what the caller may not write, `conflict` */
export async function guardedWrite(change: Change, writing: Writing): Promise<Version> {
  const { writer, guard, judging } = writing
  const { type, id, method } = change
  const [current] = await writer.read([{ type, id }])
  const [verdict] = await judging.verdicts([current])
  const isThere = current !== undefined && verdict === 'open'
  const isNew = current === undefined || (isThere && current.resource === undefined)
  mustBeSeen(change, { current, isThere, isNew }, guard)
  const grants = grantsOn(guard.rights, letterOf(change, isNew), type)
  if (grants.length === 0) throw forbidden(`No scope grants that ${type} is written so`)
  mustBeSigner(change, isThere ? current : undefined, guard)
  if (isThere && current.resource !== undefined) await mustBeOwn(current.resource, grants, writing)
  if (change.resource !== undefined) await mustBeOwn({ ...change.resource, id }, grants, writing)
  const written = await writer.write(change)
  if (method !== 'DELETE') await mustFit(written, grants, writing)
  return written
}

function letterOf({ method }: Change, isNew: boolean): 'c' | 'u' | 'd' {
  if (method === 'DELETE') return 'd'
  return isNew ? 'c' : 'u'
}

interface Place {
  readonly current: Version | undefined
  readonly isThere: boolean
  readonly isNew: boolean
}

/**
 * Nothing, where something is seen at the address, or nothing is there that could be written over unseen. Whoever cannot
 * see all must not learn by an address of their choice whether something is there; documents have addresses of their own.
 * @throws FhirError `not-found`, the same whether something is hidden there or nothing is there
 */
function mustBeSeen({ type, id, method }: Change, { isThere, isNew, current }: Place, { rights }: Guard): void {
  if (isThere) return
  const isNamed = method === 'PUT' && !DERIVED.test(id)
  const mayName = grantsOn(rights, 'c', type).some((one) => one.patient === undefined && one.criteria.length === 0 && one.isOfSystem) // prettier-ignore
  if (isNew && (!isNamed || mayName)) return
  if (current !== undefined && mayName)
    throw forbidden(`${type}/${id} may not be written over by whoever may not read it`)
  throw fail('not-found', `${type}/${id} is not known, expected one that is, or a new one by POST`)
}

/** UUIDs that are made from what is stored under them: documents and signatures. */
const DERIVED = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** What says that it signs a stored document decides whether that verifies. @throws FhirError `forbidden` */
function mustBeSigner({ type, resource }: Change, current: Version | undefined, { rights, base }: Guard): void {
  if (type !== 'Provenance' || rights.caller.roles.includes('sign')) return
  const targets = [resource, current?.resource].flatMap((one) => (one === undefined ? [] : targetsOf(one)))
  const isAboutDocument = targets.some((text) => {
    const parsed = parseReference(text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text)
    return parsed.form !== 'relative' ? parsed.form !== 'rest' && parsed.form !== 'uri' : parsed.type === 'Bundle'
  })
  if (isAboutDocument) throw forbidden('A Provenance about a stored document needs the role sign')
}

function targetsOf({ target }: Resource): readonly string[] {
  const list: readonly Json[] = Array.isArray(target) ? (target as readonly Json[]) : []
  return list.flatMap((one) => (isObject(one) && typeof one['reference'] === 'string' ? [one['reference']] : []))
}

/** Nothing, where a grant is for the record that a resource is in. @throws FhirError `forbidden` */
async function mustBeOwn(resource: Resource, grants: readonly Granted[], writing: Writing): Promise<void> {
  if (grants.some(({ patient }) => patient === undefined)) return
  const concern = concernOf(resource, writing.guard)
  const ofContexts = await contextsOf(concern.contexts, writing)
  const isOwn = grants.some(({ patient = [] }) => {
    const isAlone = concern.patients.every((one) => patient.includes(one))
    if (concern.patients.length > 0) return isAlone && isInRecord(concern, patient) && ofContexts.every(within(patient))
    return ofContexts.length > 0 && ofContexts.every(within(patient))
  })
  if (!isOwn) throw forbidden(`The ${resource.resourceType} is not of the patient alone whom the token is about`)
}

function within(patient: readonly string[]): (concern: ReturnType<typeof concernOf> | undefined) => boolean {
  return (concern) => concern !== undefined && isInRecord(concern, patient)
}

/** Whose that is what a resource is about; undefined for what is not here. */
async function contextsOf(
  contexts: readonly string[],
  { writer, guard }: Writing,
): Promise<readonly (ReturnType<typeof concernOf> | undefined)[]> {
  const keys = contexts.map((text) => {
    const parsed = parseReference(text.startsWith(`${guard.base}/`) ? text.slice(guard.base.length + 1) : text)
    return parsed.form === 'relative' ? { type: parsed.type, id: parsed.id } : undefined
  })
  const found = await writer.read(keys.filter((key) => key !== undefined))
  let next = 0
  return keys.map((key) => {
    const resource = key === undefined ? undefined : found[next++]?.resource
    return resource === undefined ? undefined : concernOf(resource, guard)
  })
}

/** Nothing, where what was written fits a grant without constraints, or the constraints of one. @throws FhirError `forbidden` */
async function mustFit({ type, id }: Version, grants: readonly Granted[], { writer, guard }: Writing): Promise<void> {
  if (grants.some(({ criteria }) => criteria.length === 0)) return
  const access: Access = {
    grants: searchGrants({ ...guard.rights, granted: grants }, 'cud'),
    labels: [],
    barred: { patients: [], isAllOthers: false },
    names: [],
  }
  const request = { type, access, parameters: [['_id', id]], handling: 'strict', defaultCount: 1, maxCount: 1 } as const
  const { matches } = await writer.search(request)
  if (matches.length === 0) throw forbidden(`The ${type} does not fit the constraints of the scope`)
}

function forbidden(text: string): FhirError {
  return fail('forbidden', text)
}
