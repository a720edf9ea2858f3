/** `Bundle/$sign` and `$octets`: a document with the seal of the service, or with a signature made elsewhere; what one covers. */

import { toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { octetsOf, signBeside, signDocument, type Signing } from '../../pipeline.ts'
import { keepBeside, keepSigned, type Stored } from '../../persist.ts'
import { bundleFrom } from '../../request.ts'
import { oneOf, text } from '../../shape.ts'
import { bytesAnswer, FHIR_JSON, resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, storedOperation } from '../operation.ts'
import { modelOf, type Call } from '../route.ts'
import { embedded, toSign } from './elsewhere.ts'
import { storedDocument } from './stored.ts'

const { alg, format, level, type, who, as, counter } = OPTIONS

const parameters = {
  alg, format, level, type, who, as, counter,
  step: { shape: oneOf(['prepare', 'embed']), type: 'code', text: 'one of the two steps of a signature whose key is elsewhere: what it is to sign (prepare), and the document with its value (embed); without it the service seals' },
  certificate: { shape: text('certificates'), type: 'string', text: 'for prepare: the certificate of the signer and those of its issuers, as PEM or one as base64 of DER' },
  handle: { shape: text('handle'), type: 'string', text: 'for embed: what prepare gave' },
  value: { shape: text('base64'), type: 'string', text: 'for embed: the value of the signature' },
} as const // prettier-ignore

const row = {
  code: 'sign',
  type: 'Bundle',
  text: 'the document with a seal by the key of the service, or in two steps with a signature made elsewhere, once nothing that blocks is found in it; one that is stored gets a further version by a signature in a Provenance, and else stays as it is',
  formats: [FORMATS.json],
  parameters,
  later: ['tsa'],
  output: [
    {
      name: 'return',
      type: 'Resource',
      least: 1,
      most: '1',
      text: 'the document with its signature, the Provenance beside it, or Parameters with what is to be signed',
    },
  ],
} as const

export const signRoute = operation({
  ...row,
  part: 'content',
  answer: async ({ content, ...call }) => {
    const made = await signedBy(bundleFrom(content), call)
    return resourceAnswer(made, call.pretty)
  },
})

export const signStoredRoutes = storedOperation({
  ...row,
  levels: ['instance'],
  affectsState: true,
  answer: async (call) => {
    const stored = await storedDocument(call)
    const { bundle, version } = stored
    // a Provenance names the Bundle by the id under which it is stored; what was signed with its own id keeps that
    const named = call.values.as === 'beside' || bundle.id === undefined ? withId(bundle, version.id) : bundle
    const made = await signedBy(named, call)
    const kept = await keptOf(made, stored, call)
    return kept === undefined ? resourceAnswer(made, call.pretty) : keptAnswer(kept, call)
  },
})

function withId({ resourceType, id: _id, ...members }: Bundle, id: string): Bundle {
  return { resourceType, id, ...members }
}

type Asked = Pick<Call<typeof parameters>, 'pretty' | 'service' | 'values'>

/** What the operation gives: the signed document, the Provenance beside it, or what is to be signed. */
async function signedBy(bundle: Bundle, call: Asked): Promise<Resource> {
  const { values, service } = call
  if (values.step === 'prepare') return toSign(bundle, values, service)
  if (values.step === 'embed') return embedded(bundle, values, service)
  const request = sealing(call)
  return values.as === 'beside'
    ? signBeside(bundle, request, service.design, service.edge)
    : signDocument(bundle, request, service.design, service.edge)
}

function sealing({ values, service }: Asked): Signing {
  const { seal } = service
  if (seal === undefined)
    throw fail('not-supported', 'This service has no signing key, expected the steps prepare and embed')
  if (values.alg !== undefined && values.alg !== seal.key.alg) {
    throw fail('not-supported', `The key of this service does not sign with ${values.alg}, supported: ${seal.key.alg}`)
  }
  return {
    ...seal,
    ...(values.type !== undefined && { type: values.type }),
    ...(values.who !== undefined && { who: { reference: values.who } }),
    ...(values.as !== undefined && { as: values.as }),
    ...(values.counter !== undefined && { counter: [values.counter] }),
    ...(values.format === 'xml' && { xml: modelOf(service) }),
  }
}

/** What is stored of a signature in a Provenance, inside or beside the document; undefined where nothing is (H-6). */
function keptOf(made: Resource, stored: Stored, { service, values }: Asked): Promise<Stored> | undefined {
  if (values.step === 'prepare') return undefined
  if (made.resourceType === 'Provenance') return keepBeside(service.store, made)
  return 'signature' in made ? undefined : keepSigned(service.store, stored, made)
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
