/** `$validate`: every rule on a document, or on a resource by itself. @see https://hl7.org/fhir/R4/resource-operation-validate.html */

import { FhirError } from '../../fhir/error.ts'
import { one, outcome, type Issue } from '../../fhir/issue.ts'
import type { Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { inspect, inspectResource } from '../../pipeline.ts'
import { bundleFrom } from '../../request.ts'
import { excerpt, oneOf } from '../../shape.ts'
import { issuesHeader, resourceAnswer, type Answer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, storedOperation } from '../operation.ts'
import type { Values } from '../parameters.ts'
import type { Call, Route } from '../route.ts'
import { currentOf, storedDocument } from './stored.ts'

const parameters = {
  profile: OPTIONS.profile,
  mode: {
    shape: oneOf(['create', 'update', 'delete', 'profile']),
    type: 'code',
    text: 'what is meant to be done with it: update asks for an id, profile for a profile; what is to be deleted need not be right',
  },
} as const

const row = {
  code: 'validate',
  formats: [FORMATS.json],
  parameters,
  isOfAnyVersion: true,
  later: [],
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  output: [{ name: 'return', type: 'OperationOutcome', least: 1, most: '1', text: 'the issues' }],
} as const

const ofBundle = { ...row, type: 'Bundle', text: 'every issue of a Bundle, whatever the verdict' } as const
const ofAny = { ...row, type: 'Resource', text: 'every issue of a resource by itself, whatever the verdict' } as const

/** On Bundles, which are judged whole; then on any other type. */
export const validateRoutes: readonly Route[] = [
  operation({ ...ofBundle, part: 'resource', answer: (call) => answered(call.content, { ...call, type: 'Bundle' }) }),
  ...storedOperation({
    ...ofBundle,
    levels: ['instance'],
    answer: async (call) => answered((await storedDocument(call)).bundle, { ...call, type: 'Bundle' }),
  }),
  operation({ ...ofAny, part: 'resource', answer: (call) => answered(call.content, call) }),
  ...storedOperation({ ...ofAny, levels: ['instance'], answer: async (call) => answered(await stored(call), call) }),
]

type Asked = Pick<Call, 'pretty' | 'service' | 'type'> & { readonly values: Values<typeof parameters> }

async function stored({ service, type, id }: Call<typeof parameters>): Promise<Resource> {
  const { resource } = await service.store.snapshot((reader) => currentOf(reader, type, id))
  return resource as Resource
}

async function answered(content: Resource, asked: Asked): Promise<Answer> {
  // what is there may go, whatever it is: nothing that is stored is kept from being deleted
  const found = asked.values.mode === 'delete' ? [] : await issuesOf(content, asked)
  const issues = [...ofMode(content, asked), ...found]
  return resourceAnswer(outcome(issues), { ...asked.pretty, headers: issuesHeader(issues) })
}

/** What the mode asks besides. */
function ofMode({ resourceType, id }: Resource, { values: { mode, profile } }: Asked): readonly Issue[] {
  const error = { severity: 'error', code: 'required' } as const
  if (mode === 'update' && id === undefined)
    return [{ ...error, text: 'The resource has no id, expected the one to update', expression: `${resourceType}.id` }]
  if (mode === 'profile' && profile === undefined) return [{ ...error, text: 'There is no profile, expected one' }]
  return []
}

/** Every issue; that the content is of another type is one too. */
async function issuesOf(
  content: Resource,
  { type, values: { profile }, service: { design, edge } }: Asked,
): Promise<readonly Issue[]> {
  const profiles = profile === undefined ? [] : [profile]
  try {
    if (type === 'Bundle') return await inspect(bundleFrom(content), design, edge, profiles)
    if (content.resourceType !== type) return [otherType(content, type)]
    return await inspectResource(content, design, edge, profiles)
  } catch (error) {
    if (error instanceof FhirError) return error.issues
    throw error
  }
}

function otherType({ resourceType }: Resource, type: string): Issue {
  return {
    severity: 'error',
    code: 'structure',
    text: `The resource is ${one(excerpt(resourceType))}, expected ${one(type)}`,
  }
}
