/** `$extract`: the document that a PDF carries, byte for byte. */

import { extractAside } from '../../archive.ts'
import { bytesAnswer, FHIR_JSON } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { interaction } from '../route.ts'

export const extractRoute = interaction({
  method: 'POST',
  path: '/fhir/$extract',
  text: 'the document that a PDF carries, byte for byte, under the media type that it has there',
  formats: [FORMATS.json, FORMATS.octets],
  isOfAnyType: true,
  parameters: {},
  later: [],
  reads: FORMATS.pdf.mediaTypes,
  operation: {
    code: 'extract',
    level: 'system',
    output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'the document, sent as it is' }],
  },
  answer: async ({ body, service, signal }) => {
    const { bytes, mediaType } = await extractAside(body.bytes, service.edge, signal)
    return bytesAnswer(bytes, mediaType.endsWith('json') ? FHIR_JSON : `${mediaType}; charset=utf-8`)
  },
})
