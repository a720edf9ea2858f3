/** `Bundle/{id}/$original`: a document byte for byte as it was received. */

import { isBundle } from '../../fhir/types.ts'
import { bytesAnswer, type Headers } from '../answer.ts'
import { FORMATS, type Format } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import { knownOf, storedBytes } from './stored.ts'
import { besides } from './verify.ts'

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
    const { headers = {} } = isBundle(version.resource) ? await knownOf(version.resource, call.service) : {}
    const { addresses } = await besides(version, call)
    const extension = mediaType.includes('xml') ? 'xml' : 'json'
    return bytesAnswer(bytes, mediaType, {
      'Content-Disposition': `attachment; filename="${version.id}.${extension}"`,
      ...headers,
      ...linked(headers['Link'], addresses, call.service.base),
    })
  },
})

/** The links that there are, and those to the sidecars of the document's signature. */
function linked(links: string | undefined, addresses: readonly string[], base: string): Headers {
  const own = addresses.map((address) => `<${base}/${address}>; rel="describedby"; type="application/jose+json"`)
  const all = [...(links === undefined ? [] : [links]), ...own]
  return all.length === 0 ? {} : { Link: all.join(', ') }
}
