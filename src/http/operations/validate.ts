/** `Bundle/$validate`: every rule on a document. @see https://hl7.org/fhir/R4/resource-operation-validate.html */

import { FhirError } from '../../fhir/error.ts'
import { outcome, type Issue } from '../../fhir/issue.ts'
import type { Resource } from '../../fhir/types.ts'
import { inspect } from '../../pipeline.ts'
import { bundleFrom } from '../../request.ts'
import { issuesHeader, resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, type Service } from '../route.ts'

export const validateRoute = operation({
  path: '/fhir/Bundle/$validate',
  code: 'validate',
  type: 'Bundle',
  text: 'every issue of a Bundle, whatever the verdict',
  formats: [FORMATS.json],
  parameters: {},
  later: ['profile', 'mode'],
  part: 'resource',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  output: [{ name: 'return', type: 'OperationOutcome', least: 1, most: '1', text: 'the issues' }],
  answer: ({ content, pretty, service }) => {
    const issues = issuesOf(content, service)
    return resourceAnswer(outcome(issues), { ...pretty, headers: issuesHeader(issues) })
  },
})

/** Every issue; that the content is no Bundle is one too. */
function issuesOf(content: Resource, { design, edge }: Service): readonly Issue[] {
  try {
    return inspect(bundleFrom(content), design, edge)
  } catch (error) {
    if (error instanceof FhirError) return error.issues
    throw error
  }
}
