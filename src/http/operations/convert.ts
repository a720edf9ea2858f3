/** `$convert`: a resource in the format that is asked for, nothing lost. @see https://hl7.org/fhir/R4/resource-operation-convert.html */

import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isResource } from '../../fhir/types.ts'
import { resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import type { Route } from '../route.ts'

/** What is posted is what is converted: Parameters are a resource like any other. */
export const convertRoute: Route = {
  method: 'POST',
  path: '/fhir/$convert',
  text: 'the resource that is posted, in the format that Accept names',
  formats: [FORMATS.json],
  parameters: {},
  later: [],
  reads: FORMATS.json.mediaTypes,
  isOfAnyVersion: true,
  operation: {
    code: 'convert',
    level: 'system',
    part: 'resource',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-convert',
    output: [{ name: 'return', type: 'Resource', least: 1, most: '1', text: 'the resource, sent as it is' }],
  },
  answer: ({ body, pretty }) => {
    const resource = parseJson(body.bytes)
    if (isResource(resource)) return resourceAnswer(resource, pretty)
    throw fail('structure', 'The body is no FHIR resource, expected an object with a resourceType')
  },
}
