/** `$compose`: a Bundle with a Composition and its resources to a document. */

import { toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { stringify } from '../../fhir/json.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { compileGraph, compose, type Product } from '../../pipeline.ts'
import { bundleFrom, composeRequest, compositionOf } from '../../request.ts'
import { excerpt, text, yesNo } from '../../shape.ts'
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
const graph = {
  shape: text('the canonical URL of a GraphDefinition in the Bundle'),
  type: 'uri',
  text: 'what is included beside what the Composition itself refers to; without it, all that secondary says',
} as const

export const composeRoute = operation({
  code: 'compose',
  text: 'the document of a Composition that comes with its resources, complete or an error',
  formats: [FORMATS.json, FORMATS.xhtml, FORMATS.pdf],
  parameters: { composition, graph, secondary, fullUrl, profile, receipt, lang, template, archive },
  later: ['persist'],
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
    const graphs = values.graph === undefined ? {} : { graph: compileGraph(graphIn(bundle, values.graph)) }
    const product = await compose({ ...request, ...profiles, ...graphs }, service.design, service.edge)
    if (wanted.format !== 'json') return rendering(product.bundle, call, { issues: product.issues })
    const body = values.receipt === true ? withReceipt(product) : product.bundle
    return resourceAnswer(body, { ...pretty, headers: issuesHeader(product.issues) })
  },
})

/** The GraphDefinition with a canonical URL. @throws FhirError `value` where none or several have it */
function graphIn({ entry = [] }: Bundle, canonical: string): Resource {
  const [url, version] = canonical.split('|')
  const [found, another] = entry
    .flatMap(({ resource }) => (resource?.resourceType === 'GraphDefinition' ? [resource] : []))
    .filter((one) => one['url'] === url && (version === undefined || one['version'] === version))
  if (found === undefined) throw fail('value', `The graph ${excerpt(canonical, 120)} is not in the Bundle`)
  if (another === undefined) return found
  throw fail(
    'value',
    `Several versions of the graph ${excerpt(canonical, 120)} are in the Bundle, expected one with |version`,
  )
}

function withReceipt({ bundle, receipt: made }: Product): Resource {
  const data = toBase64(stringify(made, 2))
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'return', resource: bundle },
      { name: 'receipt', resource: { resourceType: 'Binary', contentType: 'application/json', data } },
    ],
  }
}
