/**
 * A login provider for tests and the demonstration alone: it believes whoever says who they are, and listens on this
 * machine only. OpenID Connect, and the launches of SMART. @see https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { choicePage } from './choice.ts'
import { secret, type Asked, type Desk, type Grant, type Launch, type Reply } from './desk.ts'
import { exchange } from './exchange.ts'
import { APPLICATIONS, granted, PEOPLE } from './people.ts'
import { newSigner, type Signer } from './tokens.ts'

export interface LocalOptions {
  /** 0 takes a free one. */
  readonly port?: number
  /** The FHIR base that tokens are for. */
  readonly audience: () => string
}

export type { Launch } from './desk.ts'
export { APPLICATIONS } from './people.ts'

export interface LocalProvider {
  readonly issuer: string
  readonly signer: Signer
  /** The launch parameter of an EHR launch. */
  launch(context: Launch): string
  close(): Promise<void>
}

type Handler = (request: Asked, desk: Desk) => Reply | Promise<Reply>

/** The provider, listening on the loopback address. */
export async function localProvider({ port = 0, audience }: LocalOptions): Promise<LocalProvider> {
  const [codes, refreshes] = [new Map<string, Grant>(), new Map<string, Grant>()]
  const launches = new Map<string, Launch>()
  const signer = newSigner()
  const at = { issuer: '' }
  const server = createServer((request, response) => {
    const desk = { issuer: at.issuer, audience, signer, codes, refreshes, launches }
    answer(request, response, desk).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  at.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer: at.issuer,
    signer,
    launch: (context) => {
      const id = secret()
      launches.set(id, context)
      return id
    },
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
} // prettier-ignore

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /.well-known/openid-configuration': (_, { issuer }) => ({ status: 200, body: metadata(issuer) }),
  'GET /jwks': (_, { signer }) => ({ status: 200, body: { keys: [signer.jwk] } }),
  'GET /authorize': authorize,
  'GET /choose': choose,
  'POST /token': exchange,
  'GET /userinfo': userinfo,
  'POST /introspect': introspect,
  'GET /end-session': ({ query }) => back(query.get('post_logout_redirect_uri') ?? '', {}),
}

async function answer(request: IncomingMessage, response: ServerResponse, desk: Desk): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://local.invalid')
  const handler = HANDLERS[`${request.method} ${pathname}`]
  const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'authorization, content-type' }
  if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
  const form = new URLSearchParams(request.method === 'POST' ? await textOf(request) : '')
  const asked = { query, form, authorization: request.headers.authorization ?? '' }
  const { status, headers = {}, body = '' } = (await handler?.(asked, desk)) ?? { status: 404 }
  const isText = typeof body === 'string'
  const type = isText ? 'text/html; charset=utf-8' : 'application/json'
  response.writeHead(status, { ...cors, 'Content-Type': type, 'Cache-Control': 'no-store', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

function metadata(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    introspection_endpoint: `${issuer}/introspect`,
    end_session_endpoint: `${issuer}/end-session`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    scopes_supported: ['openid', 'profile', 'fhirUser', 'launch', 'launch/patient', 'offline_access', 'patient/*.cruds', 'user/*.cruds'],
  } // prettier-ignore
}

/** Only what is right in all else is worth asking a person; what is not is told to the application. */
function authorize({ query }: Asked, { audience }: Desk): Reply {
  if (!isRegistered(query)) return { status: 400, body: 'The application is not known here, or is at another address.' }
  const wrong = (error: string): Reply => back(query.get('redirect_uri') ?? '', { error, state: query.get('state') })
  if (query.get('response_type') !== 'code') return wrong('unsupported_response_type')
  if (query.get('code_challenge_method') !== 'S256' || query.get('code_challenge') === null)
    return wrong('invalid_request')
  const aud = query.get('aud')?.replace(/\/$/, '') ?? audience()
  return aud === audience() ? { status: 200, body: choicePage(query, PEOPLE) } : wrong('invalid_request')
}

function isRegistered(query: URLSearchParams): boolean {
  const application = APPLICATIONS.find(({ id }) => id === query.get('client_id'))
  const url = URL.parse(query.get('redirect_uri') ?? '')
  const isHere = url !== null && url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname)
  return application !== undefined && isHere && application.paths.includes(url.pathname)
}

function choose(asked: Asked, desk: Desk): Reply {
  const { query } = asked
  const checked = authorize(asked, desk)
  const person = PEOPLE.find(({ id }) => id === query.get('person'))
  if (checked.status !== 200 || person === undefined) return checked
  const scope = granted(query.get('scope') ?? '', person.allowed)
  const launched = desk.launches.get(query.get('launch') ?? '')
  const chosen = query.get('patient') ?? ''
  const code = secret()
  desk.codes.set(code, {
    client: query.get('client_id') ?? '',
    redirectUri: query.get('redirect_uri') ?? '',
    challenge: query.get('code_challenge') ?? '',
    nonce: query.get('nonce') ?? undefined,
    person: person.id,
    scope,
    context: launched ?? (scope.includes('launch/patient') && chosen !== '' ? { patient: chosen } : {}),
  })
  setTimeout(() => desk.codes.delete(code), 60_000).unref()
  return back(query.get('redirect_uri') ?? '', { code, state: query.get('state') })
}

function back(redirectUri: string, answer: Readonly<Record<string, string | null>>): Reply {
  const url = URL.parse(redirectUri)
  if (url === null) return { status: 200, body: 'You are logged out.' }
  for (const [name, value] of Object.entries(answer)) if (value !== null) url.searchParams.set(name, value)
  return { status: 302, headers: { Location: url.href } }
}

function userinfo({ authorization }: Asked, { signer }: Desk): Reply {
  const claims = signer.read(authorization.replace(/^Bearer /, ''))
  const person = PEOPLE.find(({ id }) => id === claims?.['sub'])
  if (person === undefined) return { status: 401 }
  return { status: 200, body: { sub: person.id, name: person.name, roles: person.roles } }
}

function introspect({ form }: Asked, { signer }: Desk): Reply {
  const claims = signer.read(form.get('token') ?? '')
  const isActive = claims !== undefined && Number(claims['exp']) * 1000 > Date.now()
  return { status: 200, body: isActive ? { active: true, ...claims } : { active: false } }
}
