/** The pages' own way of answering: rows that give and take HTML, one frame around all of them, one policy of what they may do. */

import { fail } from '../fhir/error.ts'
import type { Need } from '../http/access/need.ts'
import type { Answer, Headers } from '../http/answer.ts'
import { FORMATS } from '../http/negotiation.ts'
import type { Call, Route } from '../http/route.ts'
import { pageAssets, pageLanguages, readerOf, type Reader } from '../pages.ts'
import type { Role } from '../ports.ts'
import { cookie, together, withCookie } from './cookies.ts'
import { formOf, MULTIPART, tokenOf, URLENCODED, type Form } from './form.ts'
import { NAVIGATION } from './navigation.ts'

/** Where the pages are. */
export const HOME = '/app'

interface PageRow {
  readonly path: string
  readonly text: string
  /** What its reader must be allowed beside what its data needs by itself; somebody who is known, where it is absent. */
  readonly need?: Need
}

/** Whether a path, with or without its query, is one of the pages. */
export function isPagePath(path: string): boolean {
  return path === HOME || path.startsWith(`${HOME}/`) || path.startsWith(`${HOME}?`)
}

/** A page to read. */
export function page(row: PageRow & { readonly answer: (call: Call) => Answer | Promise<Answer> }): Route {
  return { need: {}, ...row, method: 'GET', formats: [FORMATS.html], parameters: {}, later: [], isFree: true }
}

/** A form to post, which is known to be from a page of ours once its row sees it. */
export function submission(
  row: PageRow & { readonly answer: (call: Call, form: Form) => Answer | Promise<Answer> },
): Route {
  return {
    need: {},
    ...row,
    method: 'POST',
    formats: [FORMATS.html],
    parameters: {},
    later: [],
    isFree: true,
    reads: [URLENCODED, MULTIPART],
    answer: (call) => row.answer(call, formOf(call)),
  }
}

/** What every view tells of its page. */
export interface PageView {
  /** The heading, and the title of the window. */
  readonly title: string
}

export interface PageOptions {
  readonly status?: number
  readonly headers?: Headers
}

/** A page from a template such as `web/start`: its `main` within the frame that all pages have. */
export function pageAnswer<V extends PageView>(
  call: Asked,
  template: string,
  view: V,
  options: PageOptions = {},
): Answer {
  const { status = 200, headers = {} } = options
  const reader = readerFor(call)
  const visit = cookie('visit', call) ?? call.service.edge.uuid()
  const token = tokenOf(call, visit) ?? ''
  const body = reader.render(template, { ...view, token })
  const html = reader.render('web/frame', { ...frameView(call, reader), title: view.title, token, body })
  const isKnown = cookie('visit', call) !== undefined
  return {
    status,
    headers: together(PAGE_HEADERS, isKnown ? {} : withCookie(['visit', visit], call), headers),
    body: html,
  }
}

/** What of a call the frame of a page is made from. */
export type Asked = Pick<Call, 'header' | 'service'> & Pick<Partial<Call>, 'caller'> & { readonly path?: string }

/** The reader of the page that is asked for. */
export function readerFor(call: Pick<Call, 'header' | 'service'>): Reader {
  const wish = { chosen: cookie('language', call), accept: call.header('Accept-Language') }
  return readerOf(wish, call.service.design)
}

/** Another page instead: what was posted is done, and reloading does it no second time. Paths of ours alone. */
export function seeOther(path: string, headers: Headers = {}): Answer {
  return { status: 303, headers: together(PAGE_HEADERS, { Location: path }, headers), body: '' }
}

/** Whether whoever asks may do what a role allows; everybody may where no login is configured. */
export function mayDo(role: Role, { caller, service }: Pick<Call, 'service'> & Pick<Partial<Call>, 'caller'>): boolean {
  return caller === undefined ? service.door === undefined : caller.roles.includes(role)
}

/**
 * Nothing is fetched from elsewhere, nothing written in the page itself runs or styles it, no page is framed, forms go
 * nowhere else. @see https://www.w3.org/TR/CSP3/
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "frame-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Of a page that one of ours shows in a frame. */
export const FRAMEABLE: Headers = {
  'Content-Security-Policy': POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
}

const PAGE_HEADERS: Headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'same-origin',
  Vary: 'Accept-Language, Cookie',
}

function frameView(call: Asked, reader: Reader): object {
  const { service, caller } = call
  const { style, script } = pageAssets(service.design)
  const { language, direction, isReviewed, missing, phrase } = reader
  const here = call.path ?? HOME
  const [path = ''] = here.split('?')
  return {
    lang: language,
    dir: direction,
    style: `${HOME}/asset/${style.name}`,
    script: `${HOME}/asset/${script.name}`,
    home: HOME,
    navigation: NAVIGATION.filter(({ role }) => role === undefined || mayDo(role, call)).map((row) => ({
      path: row.path,
      label: phrase(row.key),
      isHere: path === row.path || (row.path !== HOME && path.startsWith(`${row.path}/`)),
    })),
    isOpen: service.door === undefined,
    hasLogin: service.login !== undefined,
    user: caller === undefined ? undefined : (caller.name ?? caller.subject),
    languages: pageLanguages(service.design).map((each) => ({ ...each, isChosen: each.language === language })),
    missing,
    isUnreviewed: !isReviewed,
    here,
    version: service.version,
  }
}

/** The style sheet or the script of the pages. */
export const assetRoute: Route = {
  method: 'GET',
  path: `${HOME}/asset/:id`,
  text: 'the style sheet or the script of the pages, under a name that changes with it',
  formats: [FORMATS.css, FORMATS.script],
  isOfAnyType: true,
  isUngated: true,
  need: { isPublic: true },
  parameters: {},
  later: [],
  answer: ({ id, service: { design } }) => {
    const { style, script } = pageAssets(design)
    const headers = { 'Cache-Control': 'public, max-age=31536000, immutable' }
    const sent = (body: string, type: string): Answer => ({ status: 200, headers: { ...headers, 'Content-Type': type }, body }) // prettier-ignore
    if (id === style.name) return sent(style.text, 'text/css; charset=utf-8')
    if (id === script.name) return sent(script.text, 'text/javascript; charset=utf-8')
    throw fail('not-found', 'There is no such part of the pages')
  },
}
