/**
 * `DocumentReference/$docref`: the documents of a patient that are stored, and a summary that is made and stored where
 * there is none. @see https://hl7.org/fhir/uv/ipa/STU1/OperationDefinition-docref.html
 */

import { uuidV5 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { isAfter, isAfterAsWritten } from '../../fhir/moment.ts'
import { isComposition, isObject, type Bundle, type Composition, type Json, type Resource } from '../../fhir/types.ts'
import { everyMatch, escaped } from '../../matches.ts'
import type { StoreReader, Version } from '../../ports.ts'
import { text, yesNo, type Shape } from '../../shape.ts'
import { resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import type { Call, Service } from '../route.ts'
import { mustBeMeant } from './document.ts'
import { patientBy } from './patients.ts'
import { summaryOf } from './summary.ts'

const moment: Shape<string> = {
  label: 'a date or time',
  read: (value) =>
    /^\d{4}(-\d{2}(-\d{2}(T.+)?)?)?$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined,
}

const PARAMETERS = {
  patient: { shape: text('the id of a patient'), type: 'string', text: 'whose documents' },
  start: { shape: moment, type: 'string', text: 'only documents about care from this day on' },
  end: { shape: moment, type: 'string', text: 'only documents about care up to this day' },
  type: { shape: text('system|code or a code'), type: 'string', text: 'only documents of this type; a summary where none is given' },
  'on-demand': { shape: yesNo, type: 'boolean', text: 'false names documents that are stored alone; else a summary is made and stored where none is' },
  profile: { shape: text('a canonical URL'), type: 'uri', text: 'the profile of the summary that is made' },
} as const // prettier-ignore

/** The namespace of the UUIDs of references to documents. */
const NAMESPACE = 'b1d7a3f0-6a39-5c55-8d37-2f0c5f1f9a60'

export const docrefRoutes = storedOperation({
  code: 'docref',
  type: 'DocumentReference',
  levels: ['type'],
  text: 'references to the documents of a patient',
  formats: [FORMATS.json],
  parameters: PARAMETERS,
  later: [],
  definition: 'http://hl7.org/fhir/uv/ipa/OperationDefinition/docref',
  output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'a searchset of DocumentReferences' }],
  isAvailable: ({ guides = [] }) => guides.length > 0,
  answer: async (call) => {
    const { values, service, pretty } = call
    const id = patientId(values.patient, service)
    const asked = { ...values, patient: id, wanted: typeWanted(values.type) }
    const { stored, whose } = await service.store.snapshot((reader) => storedReferences(reader, asked, service))
    const isMade = stored.length === 0 && mayMake(asked, service)
    if (isMade) mustBeMeant(call)
    const references = isMade ? [await madeReference(call, { id, whose })] : stored
    return resourceAnswer(searchset(references), pretty)
  },
})

/** @throws FhirError `required`, `value` */
function patientId(named: string | undefined, { base }: Service): string {
  if (named === undefined) throw fail('required', 'The parameter patient is missing, expected the id of a patient')
  const own = named.startsWith(`${base}/`) ? named.slice(base.length + 1) : named
  const [, id] = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(own) ?? []
  if (id === undefined) throw fail('value', 'The parameter patient names no patient of this service, expected an id')
  return id
}

interface Wanted {
  readonly system?: string
  readonly code: string
}

function typeWanted(token: string | undefined): Wanted | undefined {
  if (token === undefined) return undefined
  const [code = '', system] = token.split('|').toReversed()
  return { code, ...(system !== undefined && system !== '' && { system }) }
}

interface Asked {
  readonly patient: string
  readonly wanted: Wanted | undefined
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly 'on-demand'?: boolean | undefined
}

interface Reference {
  readonly fullUrl: string
  readonly resource: Resource
}

interface StoredReferences {
  readonly stored: readonly Reference[]
  /** The address of the patient, who may be on a server that is read from. */
  readonly whose: string
}

/** @throws FhirError `not-found` where the patient is nowhere */
async function storedReferences(reader: StoreReader, asked: Asked, service: Service): Promise<StoredReferences> {
  const { patient: subject } = await patientBy(asked.patient, { reader, service })
  const { base } = service
  const whose = subject.url ?? `${base}/Patient/${asked.patient}`
  const patient = `Patient/${asked.patient}`
  const own = await everyMatch(reader, { type: 'DocumentReference', parameters: [['patient', patient]] })
  const named = own.flatMap(({ id, resource }) =>
    resource !== undefined && isWanted(resource, asked, periodOf(resource))
      ? [{ fullUrl: `${base}/DocumentReference/${id}`, resource }]
      : [],
  )
  const documents = await everyMatch(reader, {
    type: 'Bundle',
    parameters: [
      ['type', 'document'],
      ['composition.patient', `${whose},${escaped(patient)}`],
    ],
  })
  return {
    stored: [...named, ...documents.flatMap((version) => referenceTo(version, asked, { base, whose }) ?? [])],
    whose,
  }
}

function referenceTo({ id, resource }: Version, asked: Asked, place: Place): Reference | undefined {
  const bundle = resource as Bundle | undefined
  const composition = bundle?.entry?.[0]?.resource
  if (bundle === undefined || !isComposition(composition)) return undefined
  const at = bundle.timestamp ?? composition.date
  if (!isWanted(composition, asked, eventOf(composition) ?? [at, at])) return undefined
  return documentReference(id, bundle, composition, place)
}

type Span = readonly [first: string | undefined, last: string | undefined]

/** The time that care was given in, as the Composition says it. */
function eventOf({ event }: Composition): Span | undefined {
  const [first] = Array.isArray(event) ? (event as readonly Json[]) : []
  const period = isObject(first) ? first['period'] : undefined
  return isObject(period) ? [textOf(period['start']), textOf(period['end'])] : undefined
}

function periodOf({ context, date }: Resource): Span {
  const period = isObject(context) ? context['period'] : undefined
  return isObject(period) ? [textOf(period['start']), textOf(period['end'])] : [textOf(date), textOf(date)]
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** What is of the type and the days asked for; without days the current ones. */
function isWanted({ type, status }: Resource, { wanted, start, end }: Asked, [first, last]: Span): boolean {
  const codings = isObject(type) && Array.isArray(type['coding']) ? (type['coding'] as readonly Json[]) : []
  const isOfType =
    wanted === undefined ||
    codings.some(
      (one) =>
        isObject(one) &&
        one['code'] === wanted.code &&
        (wanted.system === undefined || one['system'] === wanted.system),
    )
  return isOfType && status !== 'entered-in-error' && !isAfterAsWritten(first, end) && !isAfterAsWritten(start, last)
}

/** A summary is made where it is one that is asked for, now. */
function mayMake({ 'on-demand': onDemand, wanted, end }: Asked, { guides = [], edge }: Service): boolean {
  const known = guides.some(({ row }) => row.operation === 'summary' && row.type.code === wanted?.code)
  return onDemand !== false && (wanted === undefined || known) && !isAfter(edge.now(), end)
}

async function madeReference(
  call: Call,
  { id, whose }: Pick<Place, 'whose'> & { readonly id: string },
): Promise<Reference> {
  const { service } = call
  const { profile } = call.values as { readonly profile?: string | undefined }
  const { stored } = await summaryOf({ ...call, id, values: { profile, persist: true } })
  const bundle = stored?.version.resource as Bundle | undefined
  const composition = bundle?.entry?.[0]?.resource
  if (stored === undefined || bundle === undefined || !isComposition(composition))
    throw new TypeError('A summary was not stored')
  return documentReference(stored.version.id, bundle, composition, { base: service.base, whose })
}

interface Place {
  readonly base: string
  readonly whose: string
}

/** The status of a document by that of its Composition. @see https://hl7.org/fhir/R4/valueset-composition-status.html */
function documentReference(id: string, bundle: Bundle, composition: Composition, { base, whose }: Place): Reference {
  const { identifier, timestamp } = bundle
  const { type, title, status, language } = composition
  const attachment = {
    contentType: 'application/fhir+json',
    url: `${base}/Bundle/${id}`,
    ...(language !== undefined && { language }),
    ...(title !== undefined && { title }),
    ...(timestamp !== undefined && { creation: timestamp }),
  }
  const resource: Resource = {
    resourceType: 'DocumentReference',
    ...(identifier !== undefined && { masterIdentifier: identifier }),
    status: 'current',
    ...(status !== undefined && { docStatus: status }),
    ...(type !== undefined && { type }),
    subject: { reference: whose },
    ...(timestamp !== undefined && { date: timestamp }),
    content: [{ attachment }],
  }
  return { fullUrl: `urn:uuid:${uuidV5(NAMESPACE, `${base}/Bundle/${id}`)}`, resource }
}

function searchset(references: readonly Reference[]): Resource {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: references.length,
    ...(references.length > 0 && {
      entry: references.map(({ fullUrl, resource }) => ({ fullUrl, resource, search: { mode: 'match' } })),
    }),
  }
}
