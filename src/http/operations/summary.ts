/** `Patient/$summary`: the summary of a patient's record, assembled now. @see https://hl7.org/fhir/uv/ips/STU2/OperationDefinition-summary.html */

import {
  dayIn,
  draft,
  draftedRequest,
  guideFor,
  headingsIn,
  recordOf,
  reviewedBy,
  softwareDevice,
  type Guide,
} from '../../drafting.ts'
import { fail } from '../../fhir/error.ts'
import { OPTIONS } from '../../options.ts'
import { assemble, type Assembled } from '../../persist.ts'
import type { ComposeRequest } from '../../pipeline.ts'
import type { StoreReader } from '../../ports.ts'
import { reference, text, yesNo } from '../../shape.ts'
import { refuse } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import type { Call } from '../route.ts'
import { answerOf, mustBeMeant } from './document.ts'
import { patientBy, patientIdentified, type Subject } from './patients.ts'
import { PAGE_OPTIONS } from './rendering.ts'

const PARAMETERS = {
  identifier: {
    shape: text('system|value or a value'),
    type: 'string',
    text: 'whose summary, by a business identifier, where the address does not say it',
  },
  profile: {
    shape: OPTIONS.profile.shape,
    type: 'uri',
    text: 'the profile of the Composition, with its version where several are known: which summary it is',
  },
  reviewer: {
    shape: reference,
    type: 'string',
    text: 'the practitioner who reviewed the summary and attests it; without one the software is its only author, and it is preliminary',
  },
  persist: { shape: yesNo, type: 'boolean', text: 'true stores the document too' },
  fullUrl: OPTIONS.fullUrl,
  ...PAGE_OPTIONS,
} as const

/** The canonical URL by which servers say that they have the operation. */
export const SUMMARY = 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary'

export const summaryRoutes = storedOperation({
  code: 'summary',
  type: 'Patient',
  levels: ['instance', 'type'],
  text: 'the summary of the record of a patient, assembled now',
  formats: [FORMATS.json, FORMATS.xhtml, FORMATS.pdf],
  parameters: PARAMETERS,
  later: [],
  definition: SUMMARY,
  output: [{ name: 'return', type: 'Bundle', least: 0, most: '1', text: 'the document, sent as it is' }],
  isAvailable: ({ guides = [] }) => guides.length > 0,
  answer: async (call) => {
    if (call.values.persist === true) mustBeMeant(call)
    return answerOf(await summaryOf(call), call)
  },
})

/** Who asks, and who is to attest. */
export interface Reviewing extends Pick<Call, 'service' | 'caller'> {
  readonly values: { readonly reviewer?: string | undefined }
}

type Asked = Pick<Call, 'id' | 'service' | 'caller'> & {
  readonly values: { readonly [K in keyof typeof PARAMETERS]?: unknown } & {
    readonly identifier?: string | undefined
    readonly profile?: string | undefined
    readonly reviewer?: string | undefined
    readonly persist?: boolean | undefined
    readonly lang?: string | undefined
    readonly fullUrl?: 'rest' | 'uuid' | undefined
  }
}

/** The summary that a call asks for, stored where it asks for that. @throws FhirError `required`, `value`, `not-found` */
export function summaryOf(asked: Asked): Promise<Assembled> {
  const { service, values } = asked
  const guide = guideFor(service.guides ?? [], 'summary', values.profile)
  mayReview(asked)
  const request = (reader: StoreReader): Promise<ComposeRequest> => requestFor(guide, asked, reader)
  const assembly = { store: service.store, request, persist: values.persist === true, signing: service.seal }
  return assemble({ ...assembly, ...nameOf(asked, guide) }, service.design, service.edge)
}

/** What makes two summaries the same one, where all is made of what the store holds; what is attested is made anew. */
function nameOf({ id, service, values }: Asked, { row }: Guide): { readonly name?: string } {
  const { upstream = [], emptySections, design, edge } = service
  if (upstream.length > 0 || values.reviewer !== undefined) return {}
  const day = dayIn(edge.now(), design.render.zone)
  const { lang, identifier, fullUrl } = values
  return { name: JSON.stringify(['summary', row.name, day, id, identifier, lang, fullUrl, emptySections]) }
}

/** Nothing, where the caller may name that reviewer: nobody attests for another. @throws Refusal 403 */
export function mayReview({ service, caller, values: { reviewer } }: Reviewing): void {
  if (reviewer === undefined || service.door === undefined) return
  const isOwn = caller?.fhirUser === reviewer || caller?.fhirUser === `${service.base}/${reviewer}`
  if (caller?.roles.includes('attest') === true && isOwn) return
  throw refuse(403, 'forbidden', 'The reviewer is not who asks, expected the practitioner who may attest and does so')
}

async function requestFor(guide: Guide, asked: Asked, reader: StoreReader): Promise<ComposeRequest> {
  const { service, values } = asked
  const { design, edge, emptySections = 'emptyReason', version } = service
  const { patient, source } = await subjectOf(asked, reader)
  const others = [service.storeSource(reader, service.base), ...(service.upstream ?? [])]
  const sources = [source, ...others.filter(({ name }) => name !== source.name)]
  const record = await recordOf(source, patient, guide, sources.slice(1))
  const lang = values.lang ?? 'en'
  const reviewer = values.reviewer === undefined ? undefined : { reference: values.reviewer }
  const made = draft(record, guide, {
    date: edge.now(),
    zone: design.render.zone,
    lang,
    heading: headingsIn(design, lang),
    author: softwareDevice(version),
    reviewer,
    emptySections,
  })
  const attestation = reviewer === undefined ? undefined : reviewedBy(reviewer, edge)
  return draftedRequest(made, { guide, record, sources, attestation, fullUrl: values.fullUrl })
}

function subjectOf({ id, values: { identifier }, service }: Asked, reader: StoreReader): Promise<Subject> {
  if (id !== '' && identifier !== undefined)
    throw fail('value', 'The parameter identifier is given where the address names the patient already, expected none')
  if (id !== '') return patientBy(id, { reader, service })
  if (identifier === undefined)
    throw fail('required', 'The parameter identifier is missing, expected that of a patient, or the id in the address')
  return patientIdentified(identifier, { reader, service })
}
