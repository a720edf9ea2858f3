/** A browser that looks at pages of the service: what axe-core finds, what is complained about, and what is asked for elsewhere. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { launch, type Browser, type Page } from 'puppeteer'
import { installChromium } from '../../src/edge/browser/install.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

export interface Browsing {
  readonly tab: Page
  /** What the console said, and what scripts threw. */
  readonly complaints: string[]
  /** Addresses that were asked for beyond the service. */
  readonly elsewhere: string[]
  readonly close: () => Promise<void>
}

/** A tab of the browser that comes with the project, which finds no host but the service's. */
export async function browsing(origin: string): Promise<Browsing> {
  const { executable, libraries } = await installChromium()
  const env = libraries === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries }
  const browser: Browser = await launch({ executablePath: executable, headless: 'shell', args: ['--no-sandbox'], env })
  const tab = await browser.newPage()
  const [complaints, elsewhere]: [string[], string[]] = [[], []]
  tab.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(?:data|about):/.test(url)) elsewhere.push(url)
  })
  tab.on('console', (message) => complaints.push(message.text()))
  tab.on('pageerror', (error) => complaints.push(String(error)))
  return { tab, complaints, elsewhere, close: () => browser.close() }
}

/** What axe-core finds on the page that is open, a line each; frames are looked at as pages of their own. */
export async function findings({ tab }: Pick<Browsing, 'tab'>): Promise<readonly string[]> {
  // by the protocol of the debugger, which the policy of the page does not bind
  await tab.evaluate(axe)
  const { violations } = (await tab.evaluate('axe.run(document, { iframes: false })')) as Found
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** By how many pixels the page is wider than the window. */
export function overflow({ tab }: Pick<Browsing, 'tab'>): Promise<number> {
  return tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth') as Promise<number>
}

/** The text of the first element that a selector finds. */
export function textOf({ tab }: Pick<Browsing, 'tab'>, selector: string): Promise<string> {
  return tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`) as Promise<string>
}

/** The page that a document gives which is pasted into the viewer, once all of it was loaded. */
export async function paste({ tab }: Pick<Browsing, 'tab'>, origin: string, document: string): Promise<void> {
  await tab.goto(`${origin}/app/read`)
  await tab.evaluate(`{
    const area = document.querySelector('textarea')
    area.closest('details').open = true
    area.value = ${JSON.stringify(document)}
  }`)
  await Promise.all([tab.waitForNavigation({ waitUntil: 'networkidle0' }), tab.click('form.drop button.primary')])
}
