/** The listening socket: opened, and closed once what was accepted is done. */

import type { RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { fail } from '../fhir/error.ts'
import { errorAnswer, refuse, type Refusal } from './answer.ts'
import { createServer, STATUS_CODES } from './node-http.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** How long a request may take to come in, its answer to be taken, and how long closing waits. */
  readonly timeoutMs: number
  /** How long nothing at all may come or go on a connection that waits for its answer (twice that and 10 s). */
  readonly idleMs?: number
}

export interface Listening {
  readonly port: number
  /** Takes nothing new, lets what was accepted finish, then closes. */
  readonly close: () => Promise<void>
}

/** Longer than the minute for which proxies keep theirs: else they would send into a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000
/** Beyond so many a connection is closed as it comes. */
const MAX_CONNECTIONS = 10_000

/** A server at the address given. @throws FhirError `exception` where the address cannot be had */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, timeoutMs, idleMs = 2 * timeoutMs + 10_000 } = options
  const patience = {
    requestTimeout: timeoutMs,
    headersTimeout: Math.min(timeoutMs, 10_000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  // a Host header that is missing is refused as everything else is
  const server = createServer({ ...patience, connectionsCheckingInterval: 1_000, requireHostHeader: false }, app)
  const idle = idleConnections(server)
  server.maxConnections = MAX_CONNECTIONS
  server.setTimeout(idleMs)
  server.prependListener('request', (_, response) => mustBeTaken(response, timeoutMs))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerMalformed(socket as Socket, error))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(fail('exception', `The address ${host} port ${port} cannot be listened on`, { cause })),
    )
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve)
  })
  return { port: (server.address() as AddressInfo).port, close: () => closed(server, idle, timeoutMs) }
}

/** Tells the connections that no request is worked on for: kept for a next one, or opened and not yet used. */
function idleConnections(server: Server): () => readonly Socket[] {
  const atWork = new Map<Socket, number>()
  server.on('connection', (socket) => {
    atWork.set(socket, 0)
    socket.once('close', () => atWork.delete(socket))
  })
  server.prependListener('request', ({ socket }, response) => {
    const count = (change: number): void => {
      const before = atWork.get(socket)
      if (before !== undefined) atWork.set(socket, before + change)
    }
    count(1)
    response.once('close', () => count(-1))
  })
  return () => [...atWork].flatMap(([socket, requests]) => (requests === 0 ? [socket] : []))
}

/** Idle connections end at once: no request of theirs was accepted, and none will be. */
function closed(server: Server, idle: () => readonly Socket[], timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = setTimeout(() => server.closeAllConnections(), timeoutMs)
  const sweep = setInterval(() => {
    for (const socket of idle()) socket.destroySoon()
  }, 50)
  server.close(() => {
    clearTimeout(end)
    clearInterval(sweep)
    resolve()
  })
  return promise
}

/** A client that does not take its answer holds its memory no longer than a request may take. */
function mustBeTaken(response: ServerResponse, timeoutMs: number): void {
  response.once('prefinish', () => {
    if (response.writableFinished) return
    const late = setTimeout(() => response.destroy(), timeoutMs)
    response.once('close', () => clearTimeout(late))
  })
}

const MALFORMED = refuse(400, 'invalid', 'The request is no well-formed HTTP')
/** What the parser gives up on, by the codes of its errors. */
const FAULTS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: refuse(431, 'too-long', 'The head of the request is too long'),
  ERR_HTTP_REQUEST_TIMEOUT: refuse(408, 'timeout', 'The request did not come in time'),
}

/** What is no HTTP never gets to the application; it too is told so by an OperationOutcome. */
function answerMalformed(socket: Socket, { code = '' }: NodeJS.ErrnoException): void {
  if (!socket.writable) return void socket.destroy()
  const { status, headers, body } = errorAnswer(FAULTS[code] ?? MALFORMED)
  const head = { ...headers, 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close' }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n') + String(body))
}
