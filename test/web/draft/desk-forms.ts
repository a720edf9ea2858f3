/** The pages of drafts as a browser without scripts works them: forms that are read, filled in and posted, for the suites of drafts. */

import { expect } from 'vitest'
import { formToken, leadsTo, type Visitor } from '../../local-service.ts'

type Fields = Readonly<Record<string, string>>

/** What a stored document says of itself, as far as suites look at it. */
export interface Told {
  readonly identifier: { readonly value: string }
  readonly entry: readonly { readonly resource: { readonly [name: string]: unknown } }[]
}

/** The text of a page that is there. */
export async function textOf(browser: Visitor, path: string): Promise<string> {
  const answer = await browser.get(path)
  const text = await answer.text()
  expect([path, answer.status]).toEqual([path, 200])
  return text
}

/** Posts a form and gives where it leads. */
export async function posted(browser: Visitor, path: string, fields: Fields): Promise<string> {
  const answer = await browser.post(path, { token: await formToken(browser, '/app/drafts'), ...fields })
  expect([path, answer.status, answer.status === 303 ? '' : await answer.text()]).toEqual([path, 303, ''])
  return leadsTo(answer)
}

/** A new draft of the example's stay; its path. */
export function begun(browser: Visitor, fields: Fields = {}): Promise<string> {
  const about = { patient: 'helena-testperson', encounter: 'stay-2026-03', author: 'Practitioner/dr-ohm' }
  return posted(browser, '/app/draft', { ...about, guide: 'ips-2.0.0', ...fields })
}

/** Attests a draft as its page shows it; the path of the document. */
export async function attested(browser: Visitor, draft: string): Promise<string> {
  const page = await textOf(browser, `${draft}/attest`)
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
  const [, who = ''] = /<option value="([^"]+)" selected/.exec(page) ?? []
  return posted(browser, `${draft}/attest`, { version: field('version'), seen: field('seen'), mode: 'legal', who })
}

export async function documentAt(browser: Visitor, path: string): Promise<Told> {
  return JSON.parse(await textOf(browser, `${path}/json`)) as Told
}
