/** The door to express: rows of routes become an application. */

import express, { type Express, type Request, type Response } from 'express'
import { fail, FhirError } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { errorAnswer, refuse, Refusal, statusOf, type Answer } from './answer.ts'
import { readBody } from './body.ts'
import type { Gate } from './gate.ts'
import { admit, preflight, SECURITY_HEADERS, type Allowed } from './guard.ts'
import { mustBeReadable, negotiate } from './negotiation.ts'
import { fromBody, fromQuery, isPretty, readOptions } from './parameters.ts'
import type { Call, OperationRoute, ReadRoute, Route, Service } from './route.ts'

type Write = (fields: Readonly<Record<string, unknown>>, text: string) => void

/** Where the service tells what it does; never anything of a document. */
export interface Log {
  readonly debug: Write
  readonly info: Write
  readonly error: Write
}

export interface Face {
  readonly service: Service
  readonly allowed: Allowed
  readonly maxBytes: number
  readonly gate: Gate
  readonly log: Log
}

/** An application that answers the rows given, and everything else with an OperationOutcome. */
export function createApp(routes: readonly Route[], face: Face): Express {
  const app = express()
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').set('query parser', false)
  app.use((request, response, next) => {
    begin(request, response, face)
    next()
  })
  for (const [path, rows] of Map.groupBy(routes, (route) => route.path)) {
    app.all(path, async (request: Request, response: Response) => {
      response.locals['route'] = path
      send(request, response, await answer(request, rows, face))
    })
  }
  app.use(() => {
    throw refuse(404, 'not-found', 'There is nothing at this path, see metadata and openapi.json for what there is')
  })
  app.use((thrown: unknown, request: Request, response: Response, _next: unknown) => {
    tell(thrown, response, face.log)
    if (response.headersSent) response.destroy()
    else send(request, response, errorAnswer(thrown))
  })
  return app
}

/** Request id, standing headers, log line and guard: before any route is looked for. */
function begin(request: Request, response: Response, { service, allowed, log }: Face): void {
  const given = request.get('X-Request-Id') ?? ''
  const requestId = /^[\w.-]{1,64}$/.test(given) ? given : service.edge.uuid()
  const startMs = performance.now()
  response.locals['requestId'] = requestId
  response.set({ ...SECURITY_HEADERS, 'X-Request-Id': requestId })
  if (!service.isReady()) response.set('Connection', 'close')
  response.once('close', () => {
    const ms = Math.round(performance.now() - startMs)
    const { statusCode: status, locals } = response
    const answered = response.writableFinished ? { status } : { isBrokenOff: true }
    log.info({ requestId, method: request.method, route: locals['route'] as unknown, ...answered, ms }, 'request')
  })
  response.set(admit({ host: request.get('Host'), origin: request.get('Origin') }, allowed))
}

async function answer(request: Request, rows: readonly Route[], face: Face): Promise<Answer> {
  const methods = rows.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  const allow = [...methods, 'OPTIONS'].join(', ')
  if (request.method === 'OPTIONS') return options(request, allow)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const row = rows.find((candidate) => candidate.method === method)
  if (row === undefined)
    throw refuse(405, 'not-supported', `The method ${request.method} is not allowed here, allowed: ${allow}`, {
      Allow: allow,
    })
  return row.method === 'GET' ? read(request, row, face) : operate(request, row, face)
}

function options(request: Request, allow: string): Answer {
  const asked = request.get('Access-Control-Request-Method') !== undefined
  return { status: 204, headers: { Allow: allow, ...(asked && preflight(allow)) }, body: '' }
}

async function read(request: Request, row: ReadRoute, face: Face): Promise<Answer> {
  const { query, ...call } = asked(request, row, face)
  return row.answer({ ...call, values: readOptions(fromQuery(query), row), signal: AbortSignal.any([]) })
}

async function operate(request: Request, row: OperationRoute, face: Face): Promise<Answer> {
  if (row.isAvailable?.(face.service) === false)
    throw fail('not-supported', `This service was started without what $${row.code} needs`)
  const { query, ...call } = asked(request, row, face)
  readOptions(fromQuery(query), row)
  mustBeReadable(request.get('Content-Type'), request.get('Content-Encoding'))
  const gone = new AbortController()
  request.res?.once('close', () => gone.abort())
  return face.gate.run(async (signal) => {
    const { content, given } = fromBody(
      parseJson(await readBody(request, { maxBytes: face.maxBytes, signal }), { maxBytes: face.maxBytes }),
      row.part,
    )
    return row.answer({ ...call, content, values: readOptions([...fromQuery(query), ...given], row), signal })
  }, gone.signal)
}

type Asked = Omit<Call, 'values' | 'signal'> & { readonly query: URLSearchParams }

/** What can be told of a request before its body is read. */
function asked(request: Request, row: Route, { service }: Face): Asked {
  const query = new URLSearchParams(request.url.split('?').slice(1).join('?'))
  const wanted = negotiate({ accept: request.get('Accept'), format: query.get('_format') ?? undefined }, row.formats)
  const { id = '' } = request.params
  return {
    query,
    wanted,
    pretty: isPretty(query) ? { pretty: true } : {},
    service,
    id: typeof id === 'string' ? id : '',
  }
}

function send(request: Request, response: Response, { status, headers, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.status(status).set(headers)
  if (status !== 204) response.set('Content-Length', String(bytes.length))
  if (request.method === 'HEAD' || status === 204) response.end()
  else response.end(bytes)
}

/** Codes and rules of the issues for the log, their texts never: they may quote a document. */
function tell(thrown: unknown, response: Response, log: Log): void {
  const requestId = response.locals['requestId'] as unknown
  if (thrown instanceof Refusal) return log.debug({ requestId, code: thrown.issue.code }, 'refused')
  if (!(thrown instanceof FhirError)) return log.error({ requestId, ...cause(thrown) }, 'failed')
  const issues = thrown.issues.slice(0, 20).map(({ code, rule }) => (rule === undefined ? code : `${code} ${rule}`))
  if (statusOf(thrown) < 500) log.debug({ requestId, issues }, 'answered with issues')
  else log.error({ requestId, issues, ...cause(thrown.cause) }, 'failed')
}

function cause(value: unknown): Readonly<Record<string, unknown>> {
  if (!(value instanceof Error)) return {}
  return {
    cause: value.name,
    message: value.message,
    stack: value.stack,
    ...(value.cause !== undefined && { below: cause(value.cause) }),
  }
}
