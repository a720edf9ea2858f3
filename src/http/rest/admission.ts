/** What a resource must be to be stored. */

import { FhirError, fail } from '../../fhir/error.ts'
import { one } from '../../fhir/issue.ts'
import { isResourceType, type Model } from '../../fhir/model.ts'
import { isObject, isResource, type Json, type Resource } from '../../fhir/types.ts'
import { formOf } from '../../pipeline.ts'
import { excerpt } from '../../shape.ts'
import { refuse } from '../answer.ts'
import type { Service } from '../route.ts'
import type { Ask } from './ask.ts'

const ID = /^[A-Za-z0-9\-.]{1,64}$/

/** Whether a text is an id. @see https://hl7.org/fhir/R4/datatypes.html#id */
export function isId(text: string): boolean {
  return ID.test(text)
}

/** Nothing, where resources of the type are kept. @throws Refusal 404 for what is no type of R4, and for Parameters */
export function mustBeKept(type: string, model: Model): void {
  if (isResourceType(model, type) && type !== 'Parameters') return
  throw refuse(
    404,
    'not-supported',
    `No resources of the type ${excerpt(type)} are kept, expected one of FHIR R4 other than Parameters`,
  )
}

/**
 * The resource that is to be written.
 * @throws FhirError where it is none of the type asked for, is marked as a part of one, or has not the form of its
 * definition: with all issues
 */
export function admitted({ type, content }: Ask, service: Service): Resource {
  const resource = resourceOf(type, content?.value)
  mustBeWhole(resource)
  // what a document holds is for its reader to judge: it is kept as it came
  if (isStoredWhole(resource)) return resource
  const [first, ...others] = formOf(resource, service.design)
  if (first !== undefined) throw new FhirError([first, ...others])
  return resource
}

function resourceOf(type: string, value: Json | undefined): Resource {
  if (!isResource(value)) {
    throw fail('structure', 'The body is no FHIR resource, expected an object with a resourceType')
  }
  if (value.resourceType === type) return value
  const found = excerpt(value.resourceType)
  throw fail('invalid', `The resource is ${one(found)}, expected ${type} at this address`, { expression: found })
}

/** Whether a resource is kept byte for byte, and never changed: a document. */
export function isStoredWhole(resource: Resource | undefined): boolean {
  return resource?.resourceType === 'Bundle' && resource['type'] === 'document'
}

/** A code of a tag that marks what was left out of a resource. @see https://hl7.org/fhir/R4/search.html#summary */
export const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
} as const

/** A part of a resource must never take the place of the whole. */
function mustBeWhole({ resourceType, meta }: Resource): void {
  const { tag } = isObject(meta) ? meta : {}
  const tags: readonly Json[] = Array.isArray(tag) ? tag : []
  const isSubset = tags.some((each) => isObject(each) && each['system'] === SUBSETTED.system && each['code'] === SUBSETTED.code) // prettier-ignore
  if (!isSubset) return
  throw fail('business-rule', 'The resource is tagged SUBSETTED, so parts of it are left out, expected all of it', {
    expression: `${resourceType}.meta.tag`,
  })
}
