/** `Bundle/{id}/$original`: a document byte for byte as it was received. */

import { isBundle } from '../../fhir/types.ts'
import { bytesAnswer } from '../answer.ts'
import { FORMATS, type Format } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import { knownOf, storedBytes } from './stored.ts'

/** Whatever is asked for, what comes is what was received. */
const AS_RECEIVED: Format = {
  name: 'octets',
  mediaTypes: ['application/fhir+json', 'application/json', ...FORMATS.xml.mediaTypes, ...FORMATS.octets.mediaTypes],
}

export const originalRoutes = storedOperation({
  code: 'original',
  type: 'Bundle',
  levels: ['instance'],
  text: 'the bytes of a stored document as they were received, under the media type that they came with',
  formats: [AS_RECEIVED],
  parameters: {},
  later: [],
  output: [{ name: 'return', type: 'Binary', least: 1, most: '1', text: 'the bytes, sent as they are' }],
  answer: async (call) => {
    const { version, original } = await storedBytes(call)
    const { bytes, mediaType } = original
    const { headers } = isBundle(version.resource) ? await knownOf(version.resource, call.service) : {}
    const extension = mediaType.includes('xml') ? 'xml' : 'json'
    return bytesAnswer(bytes, mediaType, {
      'Content-Disposition': `attachment; filename="${version.id}.${extension}"`,
      ...headers,
    })
  },
})
