/** The RESTful API over HTTP: requests to interactions, and what comes of them to answers. @see https://hl7.org/fhir/R4/http.html */

import { outcome, type Issue } from '../../fhir/issue.ts'
import { parseJson } from '../../fhir/json.ts'
import type { Bundle } from '../../fhir/types.ts'
import { FHIR_JSON, resourceAnswer, type Answer, type Headers } from '../answer.ts'
import { successorHeaders } from '../operations/stored.ts'
import { pairsIn } from '../parameters.ts'
import { modelOf, type Call } from '../route.ts'
import type { Ask, Content, Outcome } from './ask.ts'
import { etagOf, httpDate } from './conditions.ts'
import type { Act } from './interactions.ts'
import { preferences } from './prefer.ts'
import { shapeOf, subset } from './subset.ts'

/** What came of an interaction as an answer. */
export function answerTo(act: Act, call: Call, done: Outcome): Answer {
  const { version, bundle, status, issues = [] } = done
  const headers = version === undefined ? {} : headersOf(done, call)
  if (status === 304 || status === 204) return { status, headers, body: '' }
  if (bundle !== undefined) return { ...resourceAnswer(bundle, { ...call.pretty, status }), isEmpty: isEmpty(bundle) }
  const wished = preferences(call.header('Prefer')).return
  if (act.writes && wished === 'minimal') return { status, headers, body: '' }
  if (act.writes && wished === 'OperationOutcome') return resourceAnswer(outcome([...issues, saying(done)]), { ...call.pretty, status, headers }) // prettier-ignore
  return stored(call, done, headers)
}

function isEmpty({ type, entry = [] }: Bundle): boolean {
  return type === 'searchset' && entry.length === 0
}

/** What the headers say of a version. */
export function headersOf({ version, status, successors = [] }: Outcome, { service }: Call): Headers {
  if (version === undefined) return {}
  const { type, id, versionId } = version
  const location = `${service.base}/${type}/${id}/_history/${versionId}`
  return {
    ETag: etagOf(version),
    'Last-Modified': httpDate(version),
    ...(status === 201 && { Location: location }),
    ...(status === 200 && { 'Content-Location': location }),
    ...successorHeaders(successors, service.base),
  }
}

function saying({ version, status }: Outcome): Issue {
  const name = `${version?.type}/${version?.id}`
  const text = `${name} was ${status === 201 ? 'created' : 'kept'} as version ${version?.versionId}`
  return { severity: 'information', code: 'informational', text }
}

/** The stored text itself where all of it is wanted. */
function stored(call: Call, { version, status }: Outcome, headers: Headers): Answer {
  const { text, resource } = version ?? {}
  if (text === undefined || resource === undefined) throw new TypeError('There is nothing to answer with')
  const { pretty, query, service } = call
  const shape = shapeOf(query)
  if (pretty.pretty !== true && Object.keys(shape).length === 0) {
    return { status, headers: { 'Content-Type': FHIR_JSON, ...headers }, body: text }
  }
  return resourceAnswer(subset(resource, shape, modelOf(service)), { ...pretty, status, headers })
}

/** What a request asks; its body is read as JSON, but where its content is given. */
export function askOf(act: Act, call: Call, given?: Content): Ask {
  const { type, id, vid, query, header, body } = call
  const isForm = act.method === 'POST' && act.isFree === true
  const form = isForm ? pairsIn(Buffer.from(body.bytes).toString()) : []
  return {
    type,
    id,
    vid,
    query: [...query, ...form],
    conditions: {
      ifMatch: header('If-Match'),
      ifNoneMatch: header('If-None-Match'),
      ifModifiedSince: header('If-Modified-Since'),
      ifNoneExist: header('If-None-Exist'),
    },
    handling: preferences(header('Prefer')).handling,
    ...(act.reads !== undefined && !isForm && { content: given ?? contentOf(call) }),
  }
}

function contentOf({ body, received }: Call): Content {
  return { value: parseJson(body.bytes), received }
}
