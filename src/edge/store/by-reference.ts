/** The queries that a source without a search index answers: by references alone, `patient=Patient/1`. */

import { fail } from '../../fhir/error.ts'
import { parseReference } from '../../fhir/reference.ts'
import { isObject, type Json, type Resource } from '../../fhir/types.ts'

/** Whether a resource is one that a query finds. */
export type Criterion = (resource: Resource) => boolean

/** Search parameters that have another name than the elements they look at. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = { patient: ['patient', 'subject'] }

/**
 * A query such as `patient=Patient/1&encounter=Encounter/2`: each parameter has the name of an element that refers to its value.
 * @throws FhirError `not-supported` where it asks for anything else than references
 */
export function byReference(query: string): Criterion {
  const pairs = [...new URLSearchParams(query)]
  const criteria = pairs.map(([name, value]): Criterion => {
    const { form } = parseReference(value)
    const isReference = form === 'relative' || form === 'rest' || form === 'uri'
    if (!/^[a-z-]+$/.test(name) || !isReference)
      throw fail('not-supported', `The query ${query} is not answered without a store, expected references alone`)
    const element = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const elements = ELEMENTS[name] ?? [element]
    return (resource) => elements.some((one) => refersBy(resource, one, value))
  })
  return (resource) => criteria.every((criterion) => criterion(resource))
}

/** Whether an element of that name, at any depth, refers to a target: by its URL, or by the end of it. */
function refersBy(value: Json | undefined, element: string, target: string): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some((one) => refersBy(one, element, target))
  if (!isObject(value)) return false
  return Object.entries(value).some(([name, member]) =>
    name === element ? listOf(member).some((one) => names(one, target)) : refersBy(member, element, target),
  )
}

function listOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[]
  return value === undefined ? [] : [value]
}

function names(value: Json, target: string): boolean {
  const reference = isObject(value) ? value['reference'] : undefined
  return typeof reference === 'string' && (reference === target || reference.endsWith(`/${target}`))
}
