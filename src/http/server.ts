/** The listening socket: opened, and closed once what was accepted is done. */

import { createServer, STATUS_CODES, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { fail } from '../fhir/error.ts'
import { errorAnswer, refuse, type Refusal } from './answer.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** How long a request may take to come in, and how long closing waits. */
  readonly timeoutMs: number
}

export interface Listening {
  readonly port: number
  /** Takes nothing new, lets what was accepted finish, then closes. */
  readonly close: () => Promise<void>
}

/** Longer than the minute for which proxies keep theirs: else they would send into a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000

/** A server at the address given. @throws FhirError `exception` where the address cannot be had */
export async function listen(app: RequestListener, { host, port, timeoutMs }: ListenOptions): Promise<Listening> {
  const patience = {
    requestTimeout: timeoutMs,
    headersTimeout: Math.min(timeoutMs, 10_000),
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = createServer({ ...patience, connectionsCheckingInterval: 1_000 }, app)
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerMalformed(socket as Socket, error))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(fail('exception', `The address ${host} port ${port} cannot be listened on`, { cause })),
    )
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve)
  })
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      const end = setTimeout(() => server.closeAllConnections(), timeoutMs)
      server.close(() => {
        clearTimeout(end)
        resolve()
      })
    })
  return { port: (server.address() as AddressInfo).port, close }
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
