/** The hostile corpus put into the viewer, as narrative of documents and as files: nothing runs, nothing leaves. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noBrowser } from '../edge/browser/browser.ts'
import { listeningServer, type Server } from '../edge/browser/watch.ts'
import { restService } from '../http/rest/rest-service.ts'
import { browsing, paste, textOf, type Browsing } from '../web/browsing.ts'
import { aimedAt, attacks } from './attacks.ts'
import { corpusDir, counts } from './corpus.ts'

const text = readFileSync(new URL('../../fixtures/documents/page-attested/document.json', import.meta.url), 'utf8')
const TOGETHER = 20

/** A document with an attack as the text of each of its sections. */
function documentWith(divs: readonly string[]): string {
  const bundle = JSON.parse(text) as { entry: { resource: Record<string, unknown> }[] }
  const [first, ...others] = bundle.entry
  const section = divs.map((div, index) => ({
    title: `Section ${index}`,
    text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` },
  }))
  return JSON.stringify({ ...bundle, entry: [{ ...first, resource: { ...first?.resource, section } }, ...others] })
}

describe.skipIf(corpusDir === undefined || noBrowser !== undefined)('the viewer', { timeout: 1_800_000 }, () => {
  const folder = join(corpusDir ?? '', 'hostile')
  let origin = ''
  let server: Server
  let browser: Browsing
  beforeAll(async () => {
    origin = (await restService()).replace(/\/fhir$/, '')
    server = await listeningServer()
    browser = await browsing(origin)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  /** The heading of the page that a file gives, once all of it was loaded and painted. */
  async function put(document: string): Promise<string> {
    await paste(browser, origin, document)
    await browser.tab.screenshot()
    return textOf(browser, 'h1')
  }

  it('shows narrative of every kind without harm', async () => {
    const texts = [...attacks(join(folder, 'xss')), ...attacks(join(folder, 'fhir-narrative'))].map((attack) => aimedAt(server.origin, attack)) // prettier-ignore
    expect(texts.length).toBeGreaterThan(500)
    for (let at = 0; at < texts.length; at += TOGETHER)
      expect(await put(documentWith(texts.slice(at, at + TOGETHER)))).toBe('Discharge letter')
    expect([server.requests, browser.elsewhere]).toEqual([[], []])
  })

  it('shows or refuses files of every kind without harm', async () => {
    const files = ['fhir-json', 'fhir-xml', 'json', 'xml', 'fhir-unicode'].flatMap((name) =>
      readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(?:json|xml)$/.test(file))
        .map((file) => join(folder, name, file)),
    )
    const headings: string[] = []
    for (const file of files) {
      const content = readFileSync(file, 'utf8')
      if (content.trim() !== '' && content.length < 2_000_000) headings.push(await put(aimedAt(server.origin, content)))
    }
    console.log(counts(headings))
    expect(headings.length).toBeGreaterThan(20)
    expect(headings.filter((heading) => heading === 'Something failed on our side')).toEqual([])
    expect([server.requests, browser.elsewhere]).toEqual([[], []])
  })
})
