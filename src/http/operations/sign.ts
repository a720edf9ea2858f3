/** `Bundle/$sign` and `$octets`: a document with the seal of the service, or with a signature made elsewhere; what one covers. */

import { fromBase64, toBase64 } from '../../fhir/digest.ts'
import { isObject, type Bundle, type JsonObject, type Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { octetsOf, signBeside, signDocument } from '../../pipeline.ts'
import { keepBeside, keepSigned, type Stored } from '../../persist.ts'
import { bundleFrom } from '../../request.ts'
import { text } from '../../shape.ts'
import { isPdf } from '../../signed-pdf.ts'
import { bytesAnswer, FHIR_JSON, refuse, resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, storedOperation } from '../operation.ts'
import { modelOf, type Call, type Route } from '../route.ts'
import { embedded, toSign } from './elsewhere.ts'
import { lasted, lastingOf } from './lasting.ts'
import { sealFor } from './seal.ts'
import { signParameters } from './sign-parameters.ts'
import { pdfIn, signedPdfAnswer } from './sign-pdf.ts'
import { keepSidecar, storedBesides } from './sidecars.ts'
import { storedDocument, type StoredDocument } from './stored.ts'

const row = {
  code: 'sign',
  type: 'Bundle',
  text: 'the document with a seal by the key of the service, or in two steps with a signature made elsewhere, once nothing that blocks is found in it; one that is stored gets a further version by a signature in a Provenance, and else stays as it is; the sidecar of its own signature is stored beside it',
  formats: [FORMATS.json],
  parameters: signParameters,
  later: [],
  output: [
    {
      name: 'return',
      type: 'Resource',
      least: 1,
      most: '1',
      text: 'the document with its signature, the Provenance beside it, or Parameters with what is to be signed; of a level above B Parameters with the document and its sidecar',
    },
    { name: 'sidecar', type: 'Binary', least: 0, most: '1', text: 'the JWS in JSON of a level above B' },
  ],
} as const

const onBundle = operation({
  ...row,
  formats: [FORMATS.json, FORMATS.pdf],
  part: 'content',
  answer: async ({ content, ...call }) => {
    const pdf = pdfIn(content)
    if (pdf !== undefined) return signedPdfAnswer(pdf, call)
    if (call.wanted.format === 'pdf')
      throw refuse(
        406,
        'not-supported',
        'A document is answered with a document, expected Accept: application/fhir+json',
      )
    return resourceAnswer(await signedBy(bundleFrom(content), call), call.pretty)
  },
})

/** A PDF may be signed too, all of it. */
export const signRoute: Route = {
  ...onBundle,
  reads: [...FORMATS.json.mediaTypes, ...FORMATS.pdf.mediaTypes],
  answer: (call) =>
    isPdf(call.body.bytes)
      ? signedPdfAnswer(call.body.bytes, call as Call<typeof signParameters>)
      : onBundle.answer(call),
}

export const signStoredRoutes = storedOperation({
  ...row,
  levels: ['instance'],
  affectsState: true,
  answer: async (call) => {
    const stored = await storedDocument(call)
    const { bundle, version } = stored
    // a Provenance names the Bundle by the id under which it is stored; what was signed with its own id keeps that
    const named = call.values.as === 'beside' || bundle.id === undefined ? withId(bundle, version.id) : bundle
    const asked = await withStoredSidecar(stored, call)
    const made = await signedBy(named, asked)
    await keepOwnSidecar(made, stored, call)
    const kept = await keptOf(made, stored, call)
    return kept === undefined ? resourceAnswer(made, call.pretty) : keptAnswer(kept, call)
  },
})

/** A signature that was made to last already is carried on from its stored sidecar, where none is given. */
async function withStoredSidecar(stored: StoredDocument, call: Call<typeof signParameters>): Promise<typeof call> {
  const { values, service } = call
  const isWished = values.level !== undefined && values.level !== 'B' && values.sidecar === undefined
  if (!isWished || stored.bundle.signature === undefined) return call
  const { sidecars } = await service.store.snapshot((reader) => storedBesides(reader, stored.version, service.base))
  const [sidecar] = sidecars
  return sidecar === undefined ? call : { ...call, values: { ...values, sidecar } }
}

/** Of the signature that the stored document bears, the sidecar is stored beside it. */
async function keepOwnSidecar(made: Resource, { bundle, version }: StoredDocument, call: Asked): Promise<void> {
  const sidecar = bundle.signature === undefined ? undefined : sidecarOf(made)
  if (sidecar === undefined) return
  const { store, edge } = call.service
  await keepSidecar(store, { id: version.id, bundle, sidecar, at: edge.now() })
}

/** The sidecar in the Parameters of a level above B. */
function sidecarOf(made: Resource): Uint8Array | undefined {
  const parts = made.resourceType === 'Parameters' ? (made['parameter'] as readonly JsonObject[]) : []
  const binary = parts.find(({ name }) => name === 'sidecar')?.['resource']
  const data = isObject(binary) ? binary['data'] : undefined
  return typeof data === 'string' ? fromBase64(data) : undefined
}

function withId({ resourceType, id: _id, ...members }: Bundle, id: string): Bundle {
  return { resourceType, id, ...members }
}

type Asked = Pick<Call<typeof signParameters>, 'pretty' | 'service' | 'values'>

/**
 * What the operation gives: the signed document, the Provenance beside it, or what is to be signed; a document that is
 * signed already at the level asked for.
 */
async function signedBy(bundle: Bundle, call: Asked): Promise<Resource> {
  const { values, service } = call
  if (values.step === 'prepare') return toSign(bundle, values, service)
  const lasting = lastingOf(values, service)
  const isThere = lasting !== undefined && values.step === undefined && bundle.signature !== undefined
  const made = isThere ? bundle : await newlySigned(bundle, call)
  return lasting === undefined ? made : lasted(bundleFrom(made), lasting, service, values.sidecar)
}

async function newlySigned(bundle: Bundle, { values, service }: Asked): Promise<Resource> {
  const { design, edge } = service
  if (values.step === 'embed') return embedded(bundle, values, service)
  const request = sealFor(values, service)
  return values.as === 'beside'
    ? signBeside(bundle, request, design, edge)
    : signDocument(bundle, request, design, edge)
}

/** What is stored of a signature in a Provenance, inside or beside the document; undefined where nothing is (H-6). */
function keptOf(made: Resource, stored: Stored, { service, values }: Asked): Promise<Stored> | undefined {
  if (values.step === 'prepare') return undefined
  if (made.resourceType === 'Provenance') return keepBeside(service.store, made)
  return made.resourceType === 'Parameters' || 'signature' in made ? undefined : keepSigned(service.store, stored, made)
}

function keptAnswer({ version, original }: Stored, { pretty, service }: Asked): Answer {
  const { type, id, versionId, resource } = version
  const headers = { Location: `${service.base}/${type}/${id}/_history/${versionId}`, ETag: `W/"${versionId}"` }
  if (type === 'Bundle' && pretty.pretty !== true) return bytesAnswer(original.bytes, FHIR_JSON, headers)
  return resourceAnswer(resource ?? {}, { ...pretty, headers })
}

export const octetsRoute = operation({
  code: 'octets',
  text: 'the exact octets that a signature of the document covers',
  formats: [FORMATS.octets, FORMATS.json],
  parameters: {
    format: OPTIONS.format,
    signature: {
      shape: text('Bundle.signature | Provenance/id'),
      type: 'string',
      text: 'which signature, by where it stands; else the first',
    },
  },
  later: [],
  part: 'content',
  output: [
    {
      name: 'return',
      type: 'Binary',
      least: 1,
      most: '1',
      text: 'the octets, sent as they are, or in a Binary where FHIR is wanted',
    },
  ],
  answer: ({ content, wanted, pretty, values, service }) => {
    const model = modelOf(service)
    const octets = octetsOf(bundleFrom(content), { where: values.signature, format: values.format, model })
    if (wanted.format === 'octets') return bytesAnswer(octets, wanted.contentType)
    const binary = { resourceType: 'Binary', contentType: 'application/octet-stream', data: toBase64(octets) }
    return resourceAnswer(binary, pretty)
  },
})
