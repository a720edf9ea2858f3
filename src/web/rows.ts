/** Patients and documents as rows of lists. */

import { isObject, type Bundle, type Json, type JsonObject, type Resource } from '../fhir/types.ts'
import type { Reader } from '../pages.ts'
import type { Version } from '../ports.ts'
import { HOME } from './page.ts'

export interface PatientRow {
  readonly path: string
  readonly name: string
  readonly birthDate: string
  readonly gender: string
  readonly identifier: string
}

/** The objects of an element, whether it repeats or not. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  const items: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return items.filter(isObject)
}

export function patientRow(patient: Resource, { show, name, phrase }: Reader): PatientRow {
  const identifiers = objectsOf(patient['identifier']).map(({ value }) => show(value, 'string'))
  return {
    path: `${HOME}/patient/${patient.id ?? ''}`,
    name: name(objectsOf(patient['name'])) || phrase('web.patient.unnamed'),
    birthDate: show(patient['birthDate'], 'date'),
    gender: show(patient['gender'], 'code'),
    identifier: [...new Set(identifiers)].filter(Boolean).slice(0, 2).join(', '),
  }
}

/** How grave it is that a document has a status. */
const TONES: Readonly<Record<string, string>> = {
  preliminary: 'care',
  final: 'good',
  amended: 'good',
  'entered-in-error': 'grave',
}

export interface DocumentRow {
  readonly path: string
  readonly title: string
  readonly type: string
  readonly patient: string
  readonly patientPath?: string
  readonly date: string
  readonly author: string
  readonly status: string
  readonly tone: string
  /** What later documents make of it, and how grave that is. */
  readonly standing?: string
  readonly standingTone?: string
}

/** A stored document. */
export function documentRow({ id, resource }: Pick<Version, 'id' | 'resource'>, reader: Reader): DocumentRow {
  const { show, phrase } = reader
  const bundle = (resource ?? { resourceType: 'Bundle' }) as Bundle
  const composition = bundle.entry?.[0]?.resource ?? { resourceType: 'Composition' }
  const { title, status = '', author, subject, date } = composition as Resource & { readonly status?: string }
  const type = show(composition['type'], 'CodeableConcept')
  const patient = resourceOf(bundle, objectsOf(subject)[0])
  return {
    path: `${HOME}/document/${id}`,
    title: show(title, 'string') || type || phrase('web.document.untitled'),
    type,
    patient: patient === undefined ? show(subject, 'Reference') : patientRow(patient, reader).name,
    date: show(bundle.timestamp ?? date, 'dateTime'),
    author: objectsOf(author)
      .map((one) => nameOf(bundle, one, reader))
      .filter(Boolean)
      .join(', '),
    status: show(status, 'code'),
    tone: TONES[String(status)] ?? 'calm',
  }
}

/** A name; of somebody in an office, the person's and the organisation's; else what the reference itself says in words. */
function nameOf(bundle: Bundle, reference: JsonObject, reader: Pick<Reader, 'name' | 'show'>, depth = 0): string {
  const resource = resourceOf(bundle, reference)
  const own = resource?.['name']
  const named = typeof own === 'string' ? reader.show(own, 'string') : reader.name(objectsOf(own))
  const said = named || reader.show(reference['display'], 'string')
  if (said !== '') return said
  if (depth > 0) return ''
  const behind = [...objectsOf(resource?.['practitioner']), ...objectsOf(resource?.['organization'])]
  return behind.map((one) => nameOf(bundle, one, reader, 1)).find(Boolean) ?? ''
}

/** What a reference of a document names, as far as it is an entry of it. */
function resourceOf({ entry = [] }: Bundle, reference: JsonObject | undefined): Resource | undefined {
  const text = reference?.['reference']
  if (typeof text !== 'string') return undefined
  return entry.find(({ fullUrl }) => fullUrl === text || fullUrl?.endsWith(`/${text}`) === true)?.resource
}
