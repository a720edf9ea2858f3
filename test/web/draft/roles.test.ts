/** Who is logged in is offered what their roles allow, and no form does more: reading, composing, attesting and signing apart. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formToken, localService, loggedIn, store, type LocalService, type Visitor } from '../../local-service.ts'
import { DRAFT_PAGES } from '../../../src/web/draft/routes.ts'
import { attested, begun, textOf } from './desk-forms.ts'
import { exampleRecord } from './desk-service.ts'

/** Every form of the draft pages, with the role that it needs. */
const FORMS = [
  ['compose', '/app/draft'],
  ['compose', 'DRAFT/section'],
  ['compose', 'DRAFT/head'],
  ['compose', 'DRAFT/add'],
  ['compose', 'DRAFT/discard'],
  ['attest', 'DRAFT/attest'],
  ['attest', 'DOCUMENT/error'],
  ['sign', 'DOCUMENT/sign/prepare'],
  ['sign', 'DOCUMENT/sign/input'],
  ['sign', 'DOCUMENT/sign/embed'],
  ['sign', 'DOCUMENT/sign/seal'],
  ['sign', 'DOCUMENT/sign/pdf/prepare'],
  ['sign', 'DOCUMENT/sign/pdf/embed'],
  ['sign', 'DOCUMENT/sign/pdf/seal'],
  ['sign', 'DOCUMENT/sign/last'],
] as const

/** What a page of a document offers, by the role that it needs. */
const OFFERS = [
  ['compose', 'relates'],
  ['attest', 'DOCUMENT/error"'],
  ['sign', 'DOCUMENT/sign"'],
] as const

const PEOPLE = [
  ['rosa', ['read']],
  ['nils', ['read', 'compose']],
  ['anna', ['read', 'compose', 'attest', 'sign']],
] as const satisfies readonly (readonly [string, readonly string[]])[]

describe('of the pages of drafts and documents', { timeout: 120_000 }, () => {
  let service: LocalService
  let document = ''
  let draft = ''

  beforeAll(async () => {
    service = await localService()
    const anna = { resourceType: 'Practitioner', id: 'anna', name: [{ family: 'Berg', given: ['Anna'] }] }
    await store(service, [...exampleRecord(), anna])
    const browser = await loggedIn(service.origin, 'anna')
    const author = { author: 'Practitioner/anna' }
    document = await attested(browser, await begun(browser, author))
    draft = await begun(browser, author)
  }, 120_000)
  afterAll(() => service?.stop())

  const at = (path: string): string => path.replace('DRAFT', draft).replace('DOCUMENT', document)

  /** The status of each form posted empty. */
  function statuses(browser: Visitor, token: string): Promise<readonly number[]> {
    return Promise.all(FORMS.map(async ([, path]) => (await browser.post(at(path), { token })).status))
  }

  it('every form is among those that are posted here', () => {
    const forms = DRAFT_PAGES.filter(({ method }) => method === 'POST').map(({ path, need }) => [need?.role, path])
    const known = FORMS.map(([role, path]) => [role, path.replace('DRAFT', '/app/draft/:id').replace('DOCUMENT', '/app/document/:id')]) // prettier-ignore
    expect(forms.filter(([, path]) => path !== '/app/example').toSorted()).toEqual(known.toSorted())
  })

  it.each(PEOPLE)('%s, with the roles %j, sees and does what these allow', async (person, roles) => {
    const held: readonly string[] = roles
    const browser = await loggedIn(service.origin, person)
    const page = await textOf(browser, document)
    for (const [role, offer] of OFFERS) expect([offer, page.includes(at(offer))]).toEqual([offer, held.includes(role)])
    const found = await statuses(browser, await formToken(browser, '/app/me'))
    for (const [index, [role, path]] of FORMS.entries())
      expect([path, found[index] === 403]).toEqual([path, !held.includes(role)])
    for (const [path, role] of [
      [draft, 'compose'],
      [`${document}/sign`, 'sign'],
      [`${document}/error`, 'attest'],
    ] as const)
      // prettier-ignore
      expect([path, (await browser.get(path)).status]).toEqual([path, held.includes(role) ? 200 : 403])
  })

  it('whoever composes alone looks at what is to be attested, and is not offered to attest it', async () => {
    const browser = await loggedIn(service.origin, 'nils')
    expect(await textOf(browser, `${draft}/attest`)).not.toContain('<button class="primary" type="submit"')
    const anna = await loggedIn(service.origin, 'anna')
    expect(await textOf(anna, `${draft}/attest`)).toContain('<button class="primary" type="submit"')
  })

  it('nobody attests for somebody else', async () => {
    const browser = await loggedIn(service.origin, 'anna')
    const fields = {
      token: await formToken(browser),
      mode: 'legal',
      who: 'Practitioner/dr-ohm',
      version: '1',
      seen: '',
    }
    expect((await browser.post(`${draft}/attest`, fields)).status).toBe(403)
  })
})
