/** In a real browser the page reads the same as XML and as HTML, asks for nothing, and axe-core finds nothing to mend. */

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { launch, type Browser, type Page as Tab } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installChromium } from '../../src/edge/browser/install.ts'
import { parseJson } from '../../src/fhir/json.ts'
import type { Bundle, Collected, Resource } from '../../src/fhir/types.ts'
import { comparison } from '../../src/render/diff.ts'
import { narrate } from '../../src/render/narrate.ts'
import { page } from '../../src/render/page.ts'
import { noBrowser } from '../edge/browser/browser.ts'
import { design, documentOf } from './reader.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

function xhtmlOf(name: string): string {
  const folder = new URL(`../../fixtures/documents/${name}/`, import.meta.url)
  return page(parseJson(readFileSync(new URL('document.json', folder))) as Bundle, design).xhtml
}

/** A document with the fixtures of every resource type and of sections. */
function everyLayout(status: string): Collected {
  const folder = new URL('../../fixtures/', import.meta.url)
  const resourcesIn = (name: string): readonly Resource[] => {
    const value = parseJson(readFileSync(new URL(name, folder))) as unknown as Resource | readonly Resource[]
    return [value].flat()
  }
  const names = ['section', 'narrative'].flatMap((part) =>
    readdirSync(new URL(`${part}/`, folder))
      .filter((name) => name.endsWith('.json') && !name.startsWith('Patient'))
      .map((name) => `${part}/${name}`),
  )
  const section = names.map((name) => ({
    title: name,
    ...(name.includes('vital-signs') && { code: { coding: [{ system: 'http://loinc.org', code: '8716-3' }] } }),
    entry: resourcesIn(name).map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` })),
  }))
  return documentOf({ status, section }, ...names.flatMap(resourcesIn)) as Collected
}

/** A script for the browser: elements with their attributes and texts, in order, as a parser of the type has them. */
const OUTLINE = `(xhtml, type) => {
  const lines = []
  const visit = (node) => {
    const attributes = Array.from(node.attributes, ({ name, value }) => name + '=' + value).filter((one) => !one.startsWith('xmlns'))
    lines.push(node.localName + ' ' + attributes.sort().join(' '))
    for (const child of node.childNodes) {
      if (child.nodeType === 1) visit(child)
      else if (child.nodeType === 3 && child.textContent.trim() !== '') lines.push(child.textContent.trim())
    }
  }
  visit(new DOMParser().parseFromString(xhtml, type).documentElement)
  return lines
}`

async function outline(tab: Tab, xhtml: string, type: string): Promise<readonly string[]> {
  return (await tab.evaluate(`(${OUTLINE})(${JSON.stringify(xhtml)}, ${JSON.stringify(type)})`)) as readonly string[]
}

const PAGES: readonly (readonly [name: string, make: () => string])[] = [
  ['page-attested', () => xhtmlOf('page-attested')],
  ['page-without-text', () => xhtmlOf('page-without-text')],
  ['page-in-error', () => xhtmlOf('page-in-error')],
  ['every table and list that is made for display, and charts', () => page(everyLayout('final'), design).xhtml],
  ['every table and list as narrative', () => page(narrate(everyLayout('preliminary'), design).bundle, design).xhtml],
  ...Object.keys(design.templates.packs).map((template) => {
    const make = (): string => page(everyLayout('preliminary'), { ...design, template, lang: 'ar' }).xhtml
    return [`the pack ${template}, in a language that runs to the left`, make] as const
  }),
  ['a comparison', () => comparison(everyLayout('preliminary'), everyLayout('final'), design).xhtml],
]

describe.skipIf(noBrowser !== undefined)('the page in a browser', { timeout: 120_000 }, () => {
  let browser: Browser
  let tab: Tab
  const requests: string[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    const { executable, libraries } = await installChromium()
    const env = libraries === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries }
    browser = await launch({
      executablePath: executable,
      headless: 'shell',
      args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND'],
      env,
    })
    tab = await browser.newPage()
    tab.on('request', (request) => requests.push(request.url()))
    tab.on('console', (message) => complaints.push(message.text()))
  })

  afterAll(() => browser?.close())

  it.each(PAGES)('%s', async (_, make) => {
    const xhtml = make()
    await tab.setContent(xhtml)
    expect(requests.filter((url) => !url.startsWith('data:') && url !== 'about:blank')).toEqual([])
    expect(complaints).toEqual([])
    const asXml = await outline(tab, xhtml, 'application/xhtml+xml')
    expect(asXml.some((line) => line.startsWith('parsererror'))).toBe(false)
    expect(await outline(tab, xhtml, 'text/html')).toEqual(asXml)
    // axe is a script, which the policy of the page forbids
    await tab.setContent(xhtml.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''))
    await tab.evaluate(axe)
    const { violations } = (await tab.evaluate('axe.run()')) as Found
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
  })
})
