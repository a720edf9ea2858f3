/** `Encounter/$discharge-report`: the report of a hospital stay, drafted from the record of the patient. */

import { dischargeRequest, stayIn, type StayInSource } from '../../discharge.ts'
import { guideFor } from '../../drafting.ts'
import { OPTIONS } from '../../options.ts'
import { searchable } from '../../matches.ts'
import { assemble, type Assembled } from '../../persist.ts'
import type { ComposeRequest } from '../../pipeline.ts'
import type { StoreReader, Target } from '../../ports.ts'
import { reference, text, yesNo } from '../../shape.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import type { Call, Service } from '../route.ts'
import { answerOf, mustBeMeant } from './document.ts'
import { PAGE_OPTIONS } from './rendering.ts'
import { currentOf } from './stored.ts'
import { mayReview } from './summary.ts'

const PARAMETERS = {
  course: {
    shape: text('markdown'),
    type: 'string',
    text: 'the hospital course in the words of the clinician; without it its section says that it is not written yet',
  },
  profile: {
    shape: OPTIONS.profile.shape,
    type: 'uri',
    text: 'the profile of the Composition, with its version where several are known: which report it is',
  },
  author: { shape: reference, type: 'string', text: 'the practitioner who writes the report, beside the software' },
  attester: {
    shape: reference,
    type: 'string',
    text: 'the practitioner who attests the report; without one it is preliminary',
  },
  persist: { shape: yesNo, type: 'boolean', text: 'true stores the document too' },
  fullUrl: OPTIONS.fullUrl,
  ...PAGE_OPTIONS,
} as const

export const dischargeRoutes = storedOperation({
  code: 'discharge-report',
  type: 'Encounter',
  levels: ['instance'],
  text: 'the discharge report of a hospital stay, drafted from the record and preliminary until it is attested',
  formats: [FORMATS.json, FORMATS.xhtml, FORMATS.pdf],
  parameters: PARAMETERS,
  later: [],
  output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'the document, sent as it is' }],
  isAvailable: ({ guides = [] }) => guides.some(({ row }) => row.operation === 'discharge-report'),
  answer: async (call) => {
    if (call.values.persist === true) mustBeMeant(call)
    return answerOf(await reportOf(call), call)
  },
})

/** The report that a call asks for, stored where it asks for that. @throws FhirError as `dischargeRequest` */
function reportOf(call: Call<typeof PARAMETERS>): Promise<Assembled> {
  const { service, values, id } = call
  const { design, edge, emptySections = 'emptyReason', version } = service
  const guide = guideFor(service.guides ?? [], 'discharge-report', values.profile)
  mayReview({ ...call, values: { reviewer: values.attester } })
  const request = async (reader: StoreReader): Promise<ComposeRequest> =>
    dischargeRequest(await stayBy(id, reader, service), values, { guide, emptySections, version }, { design, edge })
  const assembly = { store: service.store, request, persist: values.persist === true, signing: service.seal }
  return assemble(assembly, design, edge)
}

/** The stay with an id: of the store, else of a server that is read from. @throws FhirError `not-found`, `deleted` */
async function stayBy(id: string, reader: StoreReader, service: Service): Promise<StayInSource> {
  const { upstream = [] } = service
  const store = searchable(service.storeSource(reader, service.base), reader)
  const target: Target = { by: 'id', type: 'Encounter', id }
  const [known] = await reader.versions([{ type: 'Encounter', id }])
  if (known !== undefined || upstream.length === 0) {
    await currentOf(reader, 'Encounter', id)
    const stay = await stayIn(target, [store])
    return { ...stay, others: upstream }
  }
  const open = upstream.map((server) => server.begin?.() ?? server)
  const stay = await stayIn(target, open)
  return { ...stay, others: [store, ...open] }
}
