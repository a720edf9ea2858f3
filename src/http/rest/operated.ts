/** Operations and `metadata` as entries of a batch: each is answered by its own row, as if it had come by itself. */

import { toBase64 } from '../../fhir/digest.ts'
import { FhirError } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, isResource, type Entry, type Resource } from '../../fhir/types.ts'
import { errorAnswer, Refusal, type Answer } from '../answer.ts'
import type { Dispatch, Service } from '../route.ts'
import { relative } from './entries.ts'
import { statusText } from './response.ts'

export interface Operating {
  readonly service: Service
  readonly dispatch: Dispatch
  readonly signal: AbortSignal
}

const OPERATION = /^[^?]*\$[^/?]+(?:\?|$)/
const METADATA = /^metadata(?:\?|$)/

/** What comes of an entry that asks an operation, or why it failed; undefined where it asks none. */
export async function operated(
  { request, resource }: Entry,
  { service, dispatch, signal }: Operating,
): Promise<Entry | undefined> {
  const { method, url } = isObject(request) ? request : {}
  if (typeof method !== 'string' || typeof url !== 'string') return undefined
  const path = relative(url, service)
  if (!OPERATION.test(path) && !METADATA.test(path)) return undefined
  const asked = { method: method === 'HEAD' ? 'GET' : method, url: `/fhir/${path}` }
  const content = isResource(resource) ? { content: resource } : {}
  const answer = await dispatch({ ...asked, ...content }, signal).catch((thrown: unknown) => {
    // what is wrong is not always wrong in the entry: the places stay as the operation tells them
    if (thrown instanceof FhirError || thrown instanceof Refusal) return errorAnswer(thrown)
    throw thrown
  })
  return answer && entryOf(answer)
}

function entryOf(answer: Answer): Entry {
  const { status, headers } = answer
  const resource = resourceOf(answer)
  const { Location: location, ETag: etag } = headers
  const response = { status: statusText(status), ...(location !== undefined && { location }), ...(etag !== undefined && { etag }) } // prettier-ignore
  if (resource === undefined) return { response }
  return status < 400 ? { resource, response } : { response: { ...response, outcome: resource } }
}

/** What is no FHIR comes in a Binary: a PDF. @see https://hl7.org/fhir/R4/binary.html */
function resourceOf({ headers, body }: Answer): Resource | undefined {
  if (body.length === 0) return undefined
  const { 'Content-Type': contentType = 'application/octet-stream' } = headers
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const value = /^application\/(?:fhir\+)?json\b/.test(contentType) ? parseJson(bytes) : undefined
  return isResource(value) ? value : { resourceType: 'Binary', contentType, data: toBase64(bytes) }
}
