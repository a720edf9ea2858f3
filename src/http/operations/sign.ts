/** `Bundle/$sign` and `$octets`: a document with the seal of the service, and what a signature covers. */

import { toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { OPTIONS } from '../../options.ts'
import { octetsOf, signDocument } from '../../pipeline.ts'
import { bundleFrom } from '../../request.ts'
import { bytesAnswer, resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation } from '../route.ts'

const { alg, format, level, type, who } = OPTIONS

export const signRoute = operation({
  path: '/fhir/Bundle/$sign',
  code: 'sign',
  type: 'Bundle',
  text: 'the document with a seal by the key of the service, once nothing that blocks is found in it',
  formats: [FORMATS.json],
  parameters: { alg, format, level, type, who },
  later: ['step', 'tsa'],
  part: 'content',
  output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'the document with its signature' }],
  isAvailable: ({ seal }) => seal !== undefined,
  answer: async ({ content, values, pretty, service }) => {
    const { seal } = service
    if (seal === undefined) throw fail('not-supported', 'This service has no signing key')
    if (values.alg !== undefined && values.alg !== seal.key.alg) {
      throw fail(
        'not-supported',
        `The key of this service does not sign with ${values.alg}, supported: ${seal.key.alg}`,
      )
    }
    const request = {
      ...seal,
      ...(values.type !== undefined && { type: values.type }),
      ...(values.who !== undefined && { who: { reference: values.who } }),
    }
    return resourceAnswer(await signDocument(bundleFrom(content), request, service.design, service.edge), pretty)
  },
})

export const octetsRoute = operation({
  path: '/fhir/$octets',
  code: 'octets',
  text: 'the exact octets that a signature of the document covers',
  formats: [FORMATS.octets, FORMATS.json],
  parameters: {},
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
  answer: ({ content, wanted, pretty }) => {
    const octets = octetsOf(bundleFrom(content))
    if (wanted.format === 'octets') return bytesAnswer(octets, wanted.contentType)
    const binary = { resourceType: 'Binary', contentType: 'application/octet-stream', data: toBase64(octets) }
    return resourceAnswer(binary, pretty)
  },
})
