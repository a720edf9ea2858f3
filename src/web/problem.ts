/** What went wrong, as a page in plain words. */

import type { Answer, Told } from '../http/answer.ts'
import type { AskedPage } from '../http/app.ts'
import { isError } from '../fhir/issue.ts'
import { issueViews } from './issue-words.ts'
import { FRAMEABLE, HOME, isPagePath, pageAnswer, readerFor, seeOther } from './page.ts'

/** Statuses that have words of their own. */
const KNOWN = new Set([400, 401, 403, 404, 409, 410, 412, 413, 422, 429, 500, 503, 504])

/** A page for a person where one of ours was asked for; whoever has to log in is led there. */
export function errorPage({ status, issues, headers = {} }: Told, asked: AskedPage): Answer | undefined {
  if (!isPagePath(asked.path)) return undefined
  if (status === 401 && mayLogIn(asked) && asked.method === 'GET' && !isLogin(asked.path))
    return seeOther(`${HOME}/login?${new URLSearchParams({ back: asked.path }).toString()}`)
  const reader = readerFor(asked)
  const { phrase } = reader
  const errors = issues.filter(isError)
  const kind = KNOWN.has(status) ? status : status < 500 ? 400 : 500
  const view = {
    title: phrase(`web.problem.${kind}.title`),
    text: phrase(`web.problem.${kind}.text`),
    issues: status === 422 ? issueViews(errors, reader) : [],
    // what is ours to mend says nothing of itself
    details: status === 422 || status === 500 ? [] : errors.map(({ text }) => text),
    canLogin: status === 401 && mayLogIn(asked),
  }
  const frame = /\/page(?:\?|$)/.test(asked.path) ? FRAMEABLE : {}
  return pageAnswer(asked, 'web/problem', view, { status, headers: { ...kept(headers), ...frame } })
}

function mayLogIn({ service }: AskedPage): boolean {
  return service.login !== undefined
}

/** A login that failed is not begun again by itself: it would fail for ever. */
function isLogin(path: string): boolean {
  return path.startsWith(`${HOME}/login`)
}

/** Of the headers of a refusal, those that are not about its body. */
function kept(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)))
}
