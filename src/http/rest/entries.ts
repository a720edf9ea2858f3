/** The entries of a batch or transaction as interactions. @see https://hl7.org/fhir/R4/http.html#transaction */

import { fromBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import { isObject, isResource, type Entry, type Json, type JsonObject } from '../../fhir/types.ts'
import { excerpt } from '../../shape.ts'
import { refuse } from '../answer.ts'
import { matcher } from '../match.ts'
import { isOfType, PATCH_TYPE } from '../negotiation.ts'
import { fromPairs, heeded, pairsIn, readOptions } from '../parameters.ts'
import type { Service } from '../route.ts'
import type { Ask, Content } from './ask.ts'
import type { Conditions } from './conditions.ts'
import { ACTS, mustBeAskable, type Act } from './interactions.ts'

/** An entry as what it asks. */
export interface Planned {
  /** The place in the Bundle. */
  readonly index: number
  readonly act: Act
  readonly ask: Ask
  readonly fullUrl?: string
}

const actsAt = matcher(ACTS)

/** What an entry asks. @throws FhirError, Refusal where it cannot be asked */
export function planned(entry: Entry, index: number, { service, handling }: PlanOptions): Planned {
  const { request, resource, fullUrl } = entry
  if (!isObject(request)) throw fail('required', 'The entry has no request, expected its method and url')
  const { method, url } = request
  if (typeof method !== 'string' || typeof url !== 'string') {
    throw fail('required', 'The request has no method or no url, expected both')
  }
  const [path = '', query = ''] = splitOnce(relative(url, service), '?')
  const match = actsAt(`/fhir/${path}`).find(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method))
  if (match === undefined) throw refuse(405, 'not-supported', `The request ${excerpt(method, 10)} ${excerpt(url)} is not supported in a Bundle`) // prettier-ignore
  const { route: act, variables } = match
  const content = act.reads === undefined ? {} : { content: contentOf(resource, act) }
  const pairs = pairsIn(query)
  if (act.isFree !== true) readOptions(fromPairs(heeded(pairs, act.parameters, handling)), { ...act, later: [] })
  const ask = { ...variables, query: pairs, conditions: conditionsOf(request), handling, ...content }
  mustBeAskable(act, ask, service)
  const isConditional = ask.conditions.ifNoneExist !== undefined
  service.mustAllow?.({ method: act.method, path: act.path, type: ask.type, isConditional })
  return { index, act, ask, ...(typeof fullUrl === 'string' && { fullUrl }) }
}

export interface PlanOptions {
  readonly service: Service
  readonly handling: Ask['handling']
}

/** A URL below the base, or relative to it. */
export function relative(url: string, { base }: Service): string {
  return url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url.replace(/^\//, '')
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function contentOf(resource: Json | undefined, { reads, method }: Act): Content {
  if (!isResource(resource)) throw fail('required', `The entry has no resource, but ${method} needs one`)
  return { value: reads?.includes(PATCH_TYPE) === true ? patchIn(resource) : resource }
}

/** A patch comes in a Binary. @see https://hl7.org/fhir/R4/http.html#patch */
function patchIn({ resourceType, contentType, data }: JsonObject): Json {
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || !isOfType(contentType, [PATCH_TYPE])) {
    throw fail('not-supported', `The patch is no Binary of ${PATCH_TYPE}, the only form that is supported`)
  }
  const bytes = typeof data === 'string' ? fromBase64(data) : undefined
  if (bytes === undefined) throw fail('value', 'The data of the patch is no base64')
  return parseJson(bytes)
}

function conditionsOf(request: JsonObject): Conditions {
  const names = ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifNoneExist'] as const
  const given = names.flatMap((name) => (typeof request[name] === 'string' ? [[name, request[name]]] : []))
  return Object.fromEntries(given) as Conditions
}
