/** Every page in a real browser, wide and narrow, in both languages: nothing for axe-core, no complaint, no request elsewhere. */

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noBrowser } from '../edge/browser/browser.ts'
import { restService } from '../http/rest/rest-service.ts'
import { browsing, findings, overflow, textOf, type Browsing } from './browsing.ts'

const document = readFileSync(new URL('../../fixtures/documents/page-attested/document.json', import.meta.url), 'utf8')

describe.skipIf(noBrowser !== undefined)('pages in a browser', { timeout: 120_000 }, () => {
  let origin = ''
  let browser: Browsing
  let stored = ''
  beforeAll(async () => {
    const base = await restService()
    origin = base.replace(/\/fhir$/, '')
    const send = (path: string, method: string, body: string): Promise<Response> =>
      fetch(`${base}/${path}`, { method, body, headers: { 'Content-Type': 'application/fhir+json' } })
    const answer = await send('Bundle', 'POST', document)
    stored = /Bundle\/([^/]+)/.exec(answer.headers.get('Location') ?? '')?.[1] ?? ''
    const patient = { resourceType: 'Patient', id: 'p', active: false, name: [{ family: 'Berg', given: ['Ida'] }], gender: 'female', birthDate: '1970-01-01', identifier: [{ system: 'urn:x', value: '4711' }] } // prettier-ignore
    await send('Patient/p', 'PUT', JSON.stringify(patient))
    await send('Encounter/e', 'PUT', JSON.stringify({ resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'IMP' }, subject: { reference: 'Patient/p' }, period: { start: '2026-02-01T08:00:00+01:00', end: '2026-02-05' } })) // prettier-ignore
    browser = await browsing(origin)
  }, 60_000)
  afterAll(() => browser?.close())

  const pages: readonly (readonly [name: string, path: () => string])[] = [
    ['the first one', () => '/app'],
    ['what a search finds', () => '/app?name=ber'],
    ['a search that finds nobody', () => '/app?name=nobody'],
    ['the documents', () => '/app/documents?status=final'],
    ['a patient', () => '/app/patient/p'],
    ['a document', () => `/app/document/${stored}`],
    ['a document in two languages', () => `/app/document/${stored}?lang=de`],
    ['where files are put', () => '/app/read'],
    ['who is here', () => '/app/me'],
  ]
  const looks = pages.flatMap(
    ([name, path]) =>
    ([['wide', 1280, 'en'], ['narrow', 320, 'de']] as const).map(([look, width, language]) => [`${name}, ${look}`, { width, language, path }] as const), // prettier-ignore
  )

  it.each(looks)('%s', async (_, { width, language, path }) => {
    const { tab, complaints, elsewhere } = browser
    await tab.setViewport({ width, height: 800 })
    await tab.setExtraHTTPHeaders({ 'Accept-Language': language })
    const answer = await tab.goto(origin + path(), { waitUntil: 'networkidle0' })
    expect(answer?.status()).toBe(200)
    expect(await tab.evaluate('document.documentElement.lang')).toBe(language)
    expect([await findings(browser), await overflow(browser)]).toEqual([[], 0])
    expect([complaints, elsewhere]).toEqual([[], []])
  })

  it('what went wrong is a page too', async () => {
    await browser.tab.goto(`${origin}/app/patient/none`)
    expect(await findings(browser)).toEqual([])
    expect(await textOf(browser, 'h1')).toBe('Hier ist nichts')
    browser.complaints.length = 0
  })

  it('the language that is chosen stays, and the page stays too', async () => {
    const { tab } = browser
    await tab.goto(`${origin}/app?name=ber`)
    await tab.select('#page-language', 'en')
    await Promise.all([tab.waitForNavigation(), tab.click('.foot button')])
    expect(tab.url()).toBe(`${origin}/app?name=ber`)
    expect(await tab.evaluate('document.documentElement.lang')).toBe('en')
    await tab.deleteCookie(...(await tab.cookies()))
  })

  it.each(['en', 'de', 'el', 'ar'])('shows every word of its navigation on a narrow page in %s', async (language) => {
    const { tab } = browser
    await tab.setViewport({ width: 320, height: 800 })
    await tab.setExtraHTTPHeaders({ 'Accept-Language': language })
    await tab.goto(`${origin}/app`)
    const links = (await tab.evaluate(`Array.from(document.querySelectorAll('.bar nav a'), (link) => {
      const { left, right, top, height } = link.getBoundingClientRect()
      return { isInside: left >= 0 && right <= innerWidth, isWhole: link.scrollWidth <= link.clientWidth, height, top }
    })`)) as readonly { isInside: boolean; isWhole: boolean; height: number; top: number }[]
    expect(links.length).toBeGreaterThan(3)
    expect(links.filter(({ isInside, isWhole, height }) => !isInside || !isWhole || height < 24)).toEqual([])
    // more than fits into one line goes on in the next
    const rows = new Set(links.map(({ top }) => top)).size
    expect(rows).toBeLessThan(links.length)
    if (language === 'el') expect(rows).toBeGreaterThan(1)
    await tab.setViewport({ width: 1280, height: 800 })
    await tab.deleteCookie(...(await tab.cookies()))
  })

  it('can be gone through by the keyboard alone, and where one is can be seen', async () => {
    const { tab } = browser
    await tab.setExtraHTTPHeaders({ 'Accept-Language': 'en' })
    await tab.goto(`${origin}/app?name=ber`)
    const seen = new Set<string>()
    const at = `(() => { const e = document.activeElement; const s = getComputedStyle(e)
      return e === document.body ? '' : [e.localName, e.id || e.textContent.trim(), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2].join('|') })()`
    for (let count = 0; count < 40; count += 1) {
      await tab.keyboard.press('Tab')
      seen.add((await tab.evaluate(at)) as string)
    }
    for (const name of ['a|Skip to the content|true', 'input|name|true', 'button|Search|true', 'a|Ida Berg|true', 'select|page-language|true']) expect([...seen]).toContain(name) // prettier-ignore
    expect([...seen].filter((one) => one.endsWith('|false'))).toEqual([])
  })
})
