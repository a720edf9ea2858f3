/** The door to express: rows of routes become an application. */

import express, { type Express, type Request, type Response } from 'express'
import { FhirError } from '../fhir/error.ts'
import type { Trail } from '../audit/trail.ts'
import { errorAnswer, refuse, Refusal, statusOf, told, type Answer, type Told } from './answer.ts'
import { readBody } from './body.ts'
import type { Gate } from './gate.ts'
import { admit, isProbe, preflight, SECURITY_HEADERS, type Allowed } from './guard.ts'
import { calling, type Incoming, type Within } from './calling.ts'
import { matcher, methodsOf, type Match, type Matcher } from './match.ts'
import { mustBeReadable, readableBy, type BodyHead } from './negotiation.ts'
import { isPretty, queryOf } from './parameters.ts'
import { modelOf, type Call, type Route, type Service } from './route.ts'
import { noting, recording, refusalTrail, trailFor, type Origin } from './trail.ts'
import type { Spoken } from './version.ts'
import { asJson, inXml, isXmlWished } from './xml.ts'
import { entered } from './access/entrance.ts'
import { inStep } from './access/step.ts'

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
  /** Tells a person with a browser what went wrong; undefined where it is no page that was asked for. */
  readonly errorPage?: (thrown: Told, asked: AskedPage) => Answer | undefined
  /** Told of every request at its end. */
  readonly onAnswered?: (request: Answered) => void
}

/** A request for what may be a page. */
export type AskedPage = Pick<Call, 'path' | 'header' | 'service' | 'caller'> & { readonly method: string }

/** What is told of a request: by the pattern of its route, never its address. */
export interface Answered {
  readonly route: string | undefined
  readonly method: string
  /** Absent where the client was gone before the end. */
  readonly status: number | undefined
  readonly ms: number
}

/** An application that answers the rows given, and everything else with an OperationOutcome. */
export function createApp(routes: readonly Route[], face: Face): Express {
  const app = express()
  const match = matcher(routes)
  app.disable('x-powered-by').disable('etag').set('query parser', false)
  app.use(async (request: Request, response: Response) => {
    begin(request, response, face)
    const done = await answer(request, match, face)
    await trailIn(response)?.end(done.status)
    await sendInStep(request, response, { done, face })
  })
  app.use(async (thrown: unknown, request: Request, response: Response, _next: unknown) => {
    tell(thrown, response, face.log)
    if (response.headersSent) return void response.destroy()
    const failure = await recorded(thrown, request, face)
    if (failure !== thrown) tell(failure, response, face.log)
    await sendInStep(request, response, { done: errorFor(request, failure, face), face })
  })
  return app
}

function trailIn({ locals }: Response): Trail | undefined {
  return locals['trail'] as Trail | undefined
}

/** What went wrong, once that is recorded; else that this cannot be. */
async function recorded(thrown: unknown, request: Request, { service }: Face): Promise<unknown> {
  const { status, issues } = told(thrown)
  const isDenied = status === 401 || status === 403
  const own = request.res === undefined ? undefined : trailIn(request.res)
  const trail = own ?? (isDenied ? refusalTrail(originOf(request), service) : undefined)
  try {
    await trail?.end(status, issues[0]?.code)
    return thrown
  } catch (failure) {
    return failure
  }
}

function originOf({ res, socket, url }: Request): Origin {
  return { requestId: String(res?.locals['requestId']), address: socket.remoteAddress, url }
}

/** A page where one was asked for, else an OperationOutcome in the format that the request asks for. */
function errorFor(request: Request, thrown: unknown, { service, errorPage }: Face): Answer {
  const { method, url: path } = request
  const who = request.res?.locals['who'] as Pick<Call, 'caller'> | undefined
  const page = errorPage?.(told(thrown), { ...who, method, path, header: (name) => request.get(name), service })
  if (page !== undefined) return page
  const query = queryOf(request.url)
  const wish = { accept: request.get('Accept'), format: query.get('_format') ?? undefined }
  const answer = errorAnswer(thrown)
  return isXmlWished(wish) ? inXml(answer, { model: () => modelOf(service), pretty: isPretty(query) }) : answer
}

/** Request id, standing headers, log line and guard: before any route is looked for. */
function begin(request: Request, response: Response, { service, allowed, log, onAnswered }: Face): void {
  const given = request.get('X-Request-Id') ?? ''
  const requestId = /^[\w.-]{1,64}$/.test(given) ? given : service.edge.uuid()
  const startMs = performance.now()
  response.locals['requestId'] = requestId
  response.locals['startMs'] = startMs
  response.set({ ...SECURITY_HEADERS, 'X-Request-Id': requestId })
  if (!service.isReady()) response.set('Connection', 'close')
  response.once('close', () => {
    const ms = performance.now() - startMs
    const status = response.writableFinished ? response.statusCode : undefined
    const route = response.locals['route'] as string | undefined
    const { method } = request
    const bytes = Number(response.getHeader('Content-Length') ?? 0)
    const end = status === undefined ? { isBrokenOff: true } : { status, bytes }
    log.info({ requestId, method, route, ...end, ms: Math.round(ms) }, 'request')
    onAnswered?.({ route, method, status, ms })
  })
  if (!isProbe(request)) response.set(admit({ host: request.get('Host'), origin: request.get('Origin') }, allowed))
}

async function answer(request: Request, matching: Matcher<Route>, face: Face): Promise<Answer> {
  const matches = matching(request.path)
  const [nearest] = matches
  if (nearest === undefined)
    throw refuse(404, 'not-found', 'There is nothing at this path, see metadata and openapi.json for what there is')
  if (request.res !== undefined) request.res.locals['route'] = nearest.route.path
  const allow = [...methodsOf(matches), 'OPTIONS'].join(', ')
  if (request.method === 'OPTIONS') return options(request, allow)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const match = matches.find(({ route }) => route.method === method)
  if (match === undefined) {
    const text = `The method ${request.method} is not allowed here, allowed: ${allow}`
    throw refuse(405, 'not-supported', text, { Allow: allow })
  }
  return run(request, match, { ...face, matching })
}

function options(request: Request, allow: string): Answer {
  const asked = request.get('Access-Control-Request-Method') !== undefined
  return { status: 204, headers: { Allow: allow, ...(asked && preflight(allow)) }, body: '' }
}

async function run(request: Request, match: Match, face: Face & Pick<Within, 'matching'>): Promise<Answer> {
  const { route } = match
  const incoming: Incoming = { method: request.method, path: request.path, url: request.url, header: (name) => request.get(name) } // prettier-ignore
  const origin = originOf(request)
  const trail = trailFor(origin, match, face.service)
  if (request.res !== undefined) request.res.locals['trail'] = trail
  const { service: guarded, ...who } = await entered(incoming, match, recording(face.service, trail))
  if (request.res !== undefined) request.res.locals['who'] = who
  const service = noting(guarded, trail)
  const within = { incoming, origin, service: face.service, matching: face.matching }
  const { call, written, header } = await calling(incoming, match, { service, ...who, trail, within })
  if (route.isUngated === true) return written(await route.answer(call))
  const isRead = route.reads !== undefined && route.method !== 'GET' && hasBody(request, route)
  if (isRead) mustBeReadable(headOf(header), readableBy(route.reads))
  const gone = new AbortController()
  request.res?.once('close', () => {
    // each abort makes an error with its stack, which nobody wants of an answer that arrived
    if (request.res?.writableFinished === false) gone.abort()
  })
  return face.gate.run(async (signal) => {
    if (!isRead) return written(await route.answer({ ...call, signal }))
    const bytes = await readBody(request, { maxBytes: face.maxBytes, signal })
    const received = { bytes, mediaType: request.get('Content-Type') ?? 'application/octet-stream' }
    const body = asJson(received, { reads: route.reads, model: () => modelOf(call.service) })
    return written(await route.answer({ ...call, signal, body, received }))
  }, gone.signal)
}

/** Whether there is a body to read: one that must be there is missed when it is read. */
function hasBody(request: Request, { isBodyOptional }: Route): boolean {
  const length = request.get('Content-Length') ?? '0'
  return isBodyOptional !== true || length !== '0' || request.get('Transfer-Encoding') !== undefined
}

function headOf(header: Spoken['header']): BodyHead {
  return { contentType: header('Content-Type'), encoding: header('Content-Encoding') }
}

interface Sending {
  readonly done: Answer
  readonly face: Face
}

/** Where somebody has to say who they are, what is hidden from them must not be told by the time that an answer takes. */
async function sendInStep(request: Request, response: Response, { done, face }: Sending): Promise<void> {
  if (face.service.door !== undefined) await inStep(done, response.locals['startMs'] as number)
  send(request, response, done)
}

function send(request: Request, response: Response, { status, headers, body }: Answer): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.status(status)
  // as they are: express would put a charset to media types of others; each cookie is a header of its own
  for (const [name, value] of Object.entries(headers))
    response.setHeader(name, name === 'Set-Cookie' ? value.split('\n') : value)
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
  const status = statusOf(thrown)
  // what is not supported is no failure of ours
  if (status < 500 || status === 501) log.debug({ requestId, issues }, 'answered with issues')
  else log.error({ requestId, issues, ...cause(thrown.cause) }, 'failed')
}

/** Where it failed, and how the system calls that; a message may quote what was worked on, so only that of the system is told. */
function cause(value: unknown): Readonly<Record<string, unknown>> {
  if (!(value instanceof Error)) return {}
  const code = 'code' in value && /^[\w-]{1,40}$/.test(String(value.code)) ? { code: String(value.code) } : {}
  return {
    cause: value.name,
    ...code,
    ...('syscall' in value && { message: value.message }),
    stack: value.stack?.split('\n').filter((line) => /^\s+at /.test(line)),
    ...(value.cause !== undefined && { below: cause(value.cause) }),
  }
}
