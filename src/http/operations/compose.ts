/** `$compose`: a Bundle with a Composition and its resources to a document. */

import { toBase64 } from '../../fhir/digest.ts'
import { stringify } from '../../fhir/json.ts'
import type { Json, Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { compose, type Product } from '../../pipeline.ts'
import { bundleFrom, composeRequest, compositionOf } from '../../request.ts'
import { text, yesNo } from '../../shape.ts'
import { issuesHeader, refuse, resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation } from '../operation.ts'
import { rendering } from './rendering.ts'

const { secondary, fullUrl, profile, lang, template, archive } = OPTIONS
const composition = {
  shape: text('Composition/id or a fullUrl'),
  type: 'string',
  text: 'which Composition, where there are several',
} as const
const receipt = {
  shape: yesNo,
  type: 'boolean',
  text: 'Parameters with the document and the receipt instead of the document',
} as const

export const composeRoute = operation({
  code: 'compose',
  text: 'the document of a Composition that comes with its resources, complete or an error',
  formats: [FORMATS.json, FORMATS.xhtml, FORMATS.pdf],
  parameters: { composition, secondary, fullUrl, profile, receipt, lang, template, archive },
  later: ['persist', 'graph'],
  part: 'content',
  output: [
    { name: 'return', type: 'Bundle', least: 1, most: '1', text: 'the document; alone it is sent as it is' },
    { name: 'receipt', type: 'Binary', least: 0, most: '1', text: 'what was done with every reference, as JSON' },
  ],
  answer: async (call) => {
    const { content, values, wanted, pretty, service } = call
    if (values.receipt === true && wanted.format !== 'json')
      throw refuse(406, 'not-supported', 'The receipt comes as JSON, expected Accept application/fhir+json')
    const bundle = bundleFrom(content)
    const held = compositionOf(bundle, values.composition)
    const source = service.sourceOf(bundle)
    const origin = { source: source.name, ...(held.url !== undefined && { url: held.url }) }
    const request = composeRequest({ composition: held.composition, sources: [source], origin }, values)
    const profiles = values.profile === undefined ? {} : { profiles: [values.profile] }
    const product = await compose({ ...request, ...profiles }, service.design, service.edge)
    if (wanted.format !== 'json') return rendering(product.bundle, call, { issues: product.issues })
    const body = values.receipt === true ? withReceipt(product) : product.bundle
    return resourceAnswer(body, { ...pretty, headers: issuesHeader(product.issues) })
  },
})

function withReceipt({ bundle, receipt: made }: Product): Resource {
  const data = toBase64(stringify(made as unknown as Json, 2))
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'return', resource: bundle },
      { name: 'receipt', resource: { resourceType: 'Binary', contentType: 'application/json', data } },
    ],
  }
}
