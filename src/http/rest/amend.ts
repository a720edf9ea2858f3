/** A stored resource as a patch changes it, with a narrative that still tells what is there. @see https://hl7.org/fhir/R4/http.html#patch */

import { fail } from '../../fhir/error.ts'
import { isResource, type Json, type Resource } from '../../fhir/types.ts'
import { narrativeOf } from '../../pipeline.ts'
import type { Service } from '../route.ts'
import { patched, pathsOf } from './json-patch.ts'
import type { Present } from './read.ts'

/**
 * The resource, patched. A narrative that was generated is made anew; one that a person wrote is not ours to change.
 * @throws FhirError `structure`, `processing`, `value`; `business-rule` where the narrative would no longer tell what is
 * there
 */
export function amended({ type, id, resource }: Present, patch: Json, service: Service): Resource {
  const value = patched(resource, patch)
  if (!isResource(value, type) || value.id !== id) {
    throw fail('value', 'The patch changes resourceType or id, expected them to stay', { expression: `${type}.id` })
  }
  const writes = pathsOf(patch).filter((path) => !isBeside(path))
  const hasText = resource.text?.div !== undefined
  if (!hasText || writes.length === 0 || writes.some(isText)) return value
  if (resource.text?.status === 'generated') return renarrated(value, service)
  throw fail('business-rule', 'The narrative was not generated, so it cannot be made anew after the patch, expected one that changes /text too', { expression: `${type}.text` }) // prettier-ignore
}

/** What no narrative tells. */
function isBeside(path: string): boolean {
  return /^\/(?:meta|id|implicitRules|language)(?:\/|$)/.test(path)
}

function isText(path: string): boolean {
  return path === '' || /^\/text(?:\/|$)/.test(path)
}

function renarrated(resource: Resource, { design, edge }: Service): Resource {
  const { text: _old, ...bare } = resource
  const text = narrativeOf(bare, design, edge)
  return { ...(bare as Resource), ...(text !== undefined && { text }) }
}
