/** What is put into the viewer is verified, shown and given back, with and without scripts; whatever it is, it can do nothing. */

import { readFileSync } from 'node:fs'
import type { Frame } from 'puppeteer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { noBrowser } from '../../edge/browser/browser.ts'
import { listeningServer, type Server } from '../../edge/browser/watch.ts'
import { restService } from '../../http/rest/rest-service.ts'
import { browsing, findings, overflow, paste, textOf, type Browsing } from '../browsing.ts'

const folder = new URL('../../../fixtures/documents/page-attested/', import.meta.url)
const text = readFileSync(new URL('document.json', folder), 'utf8')

/** Texts that would ask or run something where they were taken for markup, or where their styles were kept. */
function attacks(origin: string): readonly string[] {
  return [
    `<script>fetch('${origin}/script')</script>`,
    `<img src="${origin}/img" onerror="fetch('${origin}/error')"/>`,
    `<p style="background:url(${origin}/background)">x</p>`,
    `<iframe src="${origin}/frame"/><object data="${origin}/object"/><embed src="${origin}/embed"/>`,
    `<link rel="stylesheet" href="${origin}/style"/><meta http-equiv="refresh" content="0;url=${origin}/refresh"/>`,
    `<style>@import url("${origin}/import"); body { background: url("${origin}/body") }</style>`,
    `<svg><image href="${origin}/svg"/><a href="javascript:fetch('${origin}/a')"><text>x</text></a></svg>`,
    `<a href="javascript:top.location='${origin}/top'" ping="${origin}/ping">x</a><form action="${origin}/form"><input autofocus="autofocus" onfocus="this.form.submit()"/></form>`,
    `<base href="${origin}/"/><video poster="${origin}/poster" src="${origin}/video"/><audio src="${origin}/audio" autoplay="autoplay"/>`,
  ]
}

/** The document with an attack in every section, in its title and in the name of its patient. */
function poisoned(attack: string): string {
  const bundle = JSON.parse(text) as { entry: { resource: Record<string, unknown> }[] }
  const [first, ...others] = bundle.entry
  const section = (first?.resource['section'] as Record<string, unknown>[]).map((one) => ({
    ...one,
    text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${attack}</div>` },
  }))
  const entry = others.map((one) => one.resource['resourceType'] === 'Patient' ? { ...one, resource: { ...one.resource, name: [{ text: attack }] } } : one) // prettier-ignore
  return JSON.stringify({ ...bundle, entry: [{ ...first, resource: { ...first?.resource, title: attack, section } }, ...entry] }) // prettier-ignore
}

/** Nothing where the frame is just about to show another page. */
function textIn(frame: Frame): Promise<string> {
  return frame.evaluate('document.body?.innerText ?? ""').then(String, () => '')
}

describe.skipIf(noBrowser !== undefined)('the viewer of files', { timeout: 120_000 }, () => {
  let origin = ''
  let server: Server
  let browser: Browsing
  beforeAll(async () => {
    origin = (await restService()).replace(/\/fhir$/, '')
    server = await listeningServer()
    browser = await browsing(origin)
  }, 60_000)
  beforeEach(async () => {
    await browser.tab.setJavaScriptEnabled(true)
    browser.complaints.length = 0
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function put(document: string): Promise<void> {
    await paste(browser, origin, document)
  }

  /** The text of a frame, once its page is there. */
  async function shown(name: string): Promise<string> {
    let text = ''
    const read = async (): Promise<string> => {
      const frame = browser.tab.frames().find((one) => one.name() === name)
      const isThere = frame?.url().includes('/app/read/page') === true
      return (text = isThere ? await textIn(frame) : '')
    }
    await expect.poll(read, { timeout: 10_000 }).not.toBe('')
    return text
  }

  it('verifies a document, and shows it as it was written and in another language', async () => {
    const { tab, complaints, elsewhere } = browser
    await tab.setViewport({ width: 1280, height: 900 })
    await put(text)
    expect(await textOf(browser, 'h1')).toBe('Discharge letter')
    expect(await textOf(browser, '.verdict')).toContain('bears no signature')
    expect(await shown('shown-original')).toContain('Dr. Clara Maria Ahorn')
    expect([await findings(browser), await overflow(browser)]).toEqual([[], 0])
    await tab.select('#lang', 'de')
    await Promise.all([tab.waitForNavigation({ waitUntil: 'networkidle0' }), tab.click('.filter button')])
    expect(await shown('shown-chosen')).toContain('Geschlecht')
    expect(await findings(browser)).toEqual([])
    await tab.setViewport({ width: 320, height: 800 })
    expect([await findings(browser), await overflow(browser)]).toEqual([[], 0])
    expect([complaints, elsewhere]).toEqual([[], []])
  })

  it('shows it by a click where there are no scripts', async () => {
    const { tab } = browser
    await put(text)
    await tab.setJavaScriptEnabled(false)
    await tab.reload({ waitUntil: 'networkidle0' })
    expect(
      browser.tab
        .frames()
        .find((one) => one.name() === 'shown-original')
        ?.url(),
    ).not.toContain('/page')
    await tab.click('form.shower button')
    expect(await shown('shown-original')).toContain('Dr. Clara Maria Ahorn')
  })

  it('lets nothing of a hostile document out or run', async () => {
    const { tab, complaints, elsewhere } = browser
    let count = 0
    tab.on('dialog', (dialog) => void dialog.dismiss().finally(() => (count += 1)))
    for (const attack of attacks(server.origin)) {
      await put(poisoned(attack))
      await shown('shown-original')
      await tab.screenshot()
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect([server.requests, elsewhere, count]).toEqual([[], [], 0])
    // nothing even had to be stopped: what is shown holds none of it
    expect(complaints).toEqual([])
    expect(tab.url()).toBe(`${origin}/app/read`)
  })

  it('frames what it shows without origin, scripts and forms', async () => {
    await put(text)
    await shown('shown-original')
    const { tab } = browser
    expect(await tab.evaluate("document.querySelector('iframe').getAttribute('sandbox')")).toBe('')
    const frame = tab.frames().find((one) => one.name() === 'shown-original')
    expect(await frame?.evaluate('self.origin')).toBe('null')
  })

  it('says in plain words what is no document', async () => {
    await put('{"resourceType":"Patient"}')
    expect(await textOf(browser, 'h1')).toBe('This could not be understood')
    expect(await findings(browser)).toEqual([])
  })
})
