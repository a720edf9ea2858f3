/** Pages are for those who are logged in, as far as their roles go; nothing is done by a cookie alone. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  chosen,
  formToken,
  leadsTo,
  localService,
  loggedIn,
  store,
  visitor,
  type LocalService,
} from '../local-service.ts'

let service: LocalService
beforeAll(async () => {
  service = await localService()
  await store(service, [
    { resourceType: 'Patient', id: 'p', name: [{ family: 'Berg', given: ['Ida'] }], birthDate: '1970-01-01' },
    { resourceType: 'Practitioner', id: 'anna', name: [{ family: 'Berg', given: ['Anna'] }] },
  ])
}, 60_000)

afterAll(() => service?.stop())

describe('somebody who is not logged in', () => {
  it('is led to the login from every page, and from there back to the page', async () => {
    const browser = visitor(service.origin)
    const refused = await browser.get('/app/patient/p?a=b')
    expect([refused.status, leadsTo(refused)]).toEqual([303, '/app/login?back=%2Fapp%2Fpatient%2Fp%3Fa%3Db'])
    const back = await chosen(leadsTo(await browser.get(leadsTo(refused))), 'anna')
    const done = await browser.get(back)
    expect([done.status, leadsTo(done)]).toEqual([303, '/app/patient/p?a=b'])
    const page = await browser.get(leadsTo(done))
    expect([page.status, (await page.text()).includes('Ida Berg')]).toEqual([200, true])
  })

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/app/../fhir', '/app/..//evil.example', '/apple', 'javascript:alert(1)', '/app\n//x'])(
    'is never led to %s',
    async (back) => {
      const browser = visitor(service.origin)
      const begun = await browser.get(`/app/login?${new URLSearchParams({ back }).toString()}`)
      const done = await browser.get(await chosen(leadsTo(begun), 'anna'))
      expect(leadsTo(done)).toBe('/app')
    },
  ) // prettier-ignore

  it('cannot finish the login of another browser', async () => {
    const [own, other] = [visitor(service.origin), visitor(service.origin)]
    const back = await chosen(leadsTo(await own.get('/app/login?back=/app')), 'anna')
    const [without, with_] = [await visitor(service.origin).get(back), (await other.get('/app/login?back=/app'), await other.get(back))] // prettier-ignore
    expect([without.status, with_.status, other.cookies.has('fhirdoc-session')]).toEqual([401, 401, false])
    // nor is it begun again by itself: that would never end
    for (const answer of [without, with_]) expect(await answer.text()).toContain('href="/app/login"')
  })

  it('posts nothing, and is told so on a page', async () => {
    const answer = await visitor(service.origin).post('/app/read', { text: '{}' })
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([401, 'text/html; charset=utf-8'])
    expect(await answer.text()).toContain('Please log in')
  })
})

describe('a session', () => {
  it('is a cookie that scripts cannot read, which other sites cannot send with a form', async () => {
    const browser = visitor(service.origin)
    const done = await browser.get(await chosen(leadsTo(await browser.get('/app/login')), 'anna'))
    const [session] = done.headers.getSetCookie()
    expect(session).toMatch(/^fhirdoc-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/)
  })

  it('opens the pages alone: nothing below the FHIR base is answered by it', async () => {
    const browser = await loggedIn(service.origin, 'anna')
    const [page, api] = [await browser.get('/app/me'), await browser.get('/fhir/Patient/p?_format=json')]
    expect([page.status, api.status]).toEqual([200, 401])
  })

  it('ends by logging out, here and, if wished, at the provider', async () => {
    const browser = await loggedIn(service.origin, 'anna')
    const session = browser.cookies.get('fhirdoc-session') ?? ''
    const answer = await browser.post('/app/logout', { token: await formToken(browser) })
    expect([answer.status, browser.cookies.has('fhirdoc-session')]).toEqual([200, false])
    expect(await answer.text()).toContain(`${service.provider.issuer}/end-session?`)
    browser.cookies.set('fhirdoc-session', session)
    expect((await browser.get('/app/me')).status).toBe(303)
  })
})

describe('a form', () => {
  it.each([
    ['without a token', () => ''],
    ['with the token of another session', (other: string) => other],
  ])('%s is refused', async (_, of) => {
    const [own, other] = [await loggedIn(service.origin, 'anna'), await loggedIn(service.origin, 'anna')]
    const answer = await own.post('/app/logout', { token: of(await formToken(other)) })
    expect([answer.status, (await own.get('/app/me')).status]).toEqual([403, 200])
  })

  it('from a page of another site is refused before it is read', async () => {
    const browser = await loggedIn(service.origin, 'anna')
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    const headers = { Origin: 'https://evil.example', Cookie: cookie }
    const body = new URLSearchParams({ token: await formToken(browser) })
    const answer = await fetch(`${service.origin}/app/logout`, { method: 'POST', body, headers })
    expect([answer.status, (await browser.get('/app/me')).status]).toEqual([403, 200])
  })
})

describe('roles', () => {
  it('decide what is offered and what is answered', async () => {
    const shown = async (person: string): Promise<readonly unknown[]> => {
      const browser = await loggedIn(service.origin, person)
      const page = await browser.get('/app/patient/p')
      const text = await page.text()
      const drafts = await browser.get('/app/drafts')
      const begun = await browser.post('/app/draft', { token: await formToken(browser, '/app/me'), patient: 'p' })
      return [page.status, text.includes('/app/drafts/new'), drafts.status, begun.status]
    }
    const [physician, reader, administrator] = [await shown('nils'), await shown('rosa'), await shown('olaf')]
    expect(physician.slice(0, 3)).toEqual([200, true, 200])
    expect(physician[3]).not.toBe(403)
    expect(reader).toEqual([200, false, 403, 403])
    // no scope of an administrator finds a patient: as if there were none
    expect(administrator).toEqual([404, false, 403, 403])
  })

  it('are told to whoever has them', async () => {
    const browser = await loggedIn(service.origin, 'rosa')
    const page = await (await browser.get('/app/me')).text()
    expect(page).toContain('Rosa Lind')
    expect(page).toContain('read records')
    expect(page).not.toContain('sign documents')
  })
})

it('nothing of a login is in the log', () => {
  for (const secret of ['code=', 'fhirdoc-session', 'Rosa', 'id_token']) expect(service.log()).not.toContain(secret)
})
