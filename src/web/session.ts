/** Logging in and out, and who a session is for. */

import { fail } from '../fhir/error.ts'
import type { Answer } from '../http/answer.ts'
import type { Call, Knock, Route, Service } from '../http/route.ts'
import type { Caller } from '../ports.ts'
import type { Login } from '../ports/login.ts'
import { cookie, together, withCookie } from './cookies.ts'
import { ownPath } from './own-path.ts'
import { HOME, isPagePath, page, pageAnswer, readerFor, seeOther, submission } from './page.ts'
import { asked } from './asked.ts'

const CALLBACK = `${HOME}/login/callback`
const TICKET_SECONDS = 600

/** Who asks by the session of a browser: for pages alone, so that nothing else is ever done by a cookie. */
export async function sessionCaller(
  { header, path }: Knock,
  service: Pick<Service, 'base' | 'login'>,
): Promise<Caller | undefined> {
  const session = isPagePath(path) ? cookie('session', { header, service }) : undefined
  return session === undefined ? undefined : service.login?.callerOf(session)
}

/** The address of one of our pages as browsers reach it. */
function addressOf(path: string, { base }: Pick<Service, 'base'>): string {
  return new URL(path, base).href
}

function loginOf({ login }: Pick<Service, 'login'>): Login {
  if (login === undefined) throw fail('not-supported', 'This service was started without a login')
  return login
}

const begin = page({
  path: `${HOME}/login`,
  text: 'the way to the login provider, and back to the page that was asked for',
  need: { isPublic: true },
  answer: async (call) => {
    const { service } = call
    const back = ownPath(asked('back', call))
    if (service.login === undefined) return seeOther(back)
    const { location, ticket } = await loginOf(service).begin({ redirectUri: addressOf(CALLBACK, service), back })
    return leave(location, withCookie(['login', ticket], call, { maxAgeSeconds: TICKET_SECONDS }))
  },
})

const complete = page({
  path: CALLBACK,
  text: 'where the login provider leads back to: the session begins',
  need: { isPublic: true },
  answer: async (call) => {
    const ticket = cookie('login', call)
    if (ticket === undefined) throw fail('login', 'No login was begun in this browser, expected it to be begun anew')
    const before = cookie('session', call)
    const { session, back, maxAgeSeconds } = await loginOf(call.service).complete({ url: call.path, ticket, before })
    await tellAudit(session, call)
    return seeOther(
      back,
      together(withCookie(['session', session], call, { maxAgeSeconds }), withCookie(['login', ''], call)),
    )
  },
})

/** Nothing; the audit knows who came or goes. */
async function tellAudit(session: string, { service, trail }: Call): Promise<void> {
  const caller = trail === undefined ? undefined : await service.login?.callerOf(session)
  if (caller !== undefined) trail?.identify(caller)
}

const logout = submission({
  path: `${HOME}/logout`,
  text: 'the end of the session, here and at the login provider',
  need: { isPublic: true },
  answer: async (call) => {
    const session = cookie('session', call)
    const gone = withCookie(['session', ''], call)
    if (session !== undefined) await tellAudit(session, call)
    const ended =
      session === undefined ? undefined : await call.service.login?.end(session, addressOf(HOME, call.service))
    const { phrase } = readerFor(call)
    const view = { title: phrase('web.loggedout.title'), elsewhere: ended, provider: call.service.login?.name }
    const { caller: _caller, ...nobody } = call
    return pageAnswer(nobody, 'web/logged-out', view, { headers: gone })
  },
})

const me = page({
  path: `${HOME}/me`,
  text: 'who is logged in, and what they may do',
  answer: (call) => {
    const { caller } = call
    const { phrase } = readerFor(call)
    const view = {
      title: phrase('web.me.title'),
      isOpen: caller === undefined,
      name: caller?.name ?? caller?.subject,
      issuer: caller?.issuer,
      fhirUser: caller?.fhirUser,
      roles: (caller?.roles ?? []).map((role) => phrase(`web.role.${role}`)),
      scopes: caller?.scopes ?? [],
    }
    return pageAnswer(call, 'web/me', view)
  },
})

/** To the provider, whose address is its own word and none of a request's. */
function leave(location: string, headers: Answer['headers']): Answer {
  return { status: 303, headers: { ...headers, Location: location, 'Referrer-Policy': 'no-referrer' }, body: '' }
}

export const sessionRoutes: readonly Route[] = [begin, complete, logout, me]
