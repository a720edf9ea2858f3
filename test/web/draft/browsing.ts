/** A real browser before the pages of a service: what it complains of, asks for elsewhere, and what axe-core finds. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { launch, type Browser, type Page as Tab } from 'puppeteer'
import { installChromium } from '../../../src/edge/browser/install.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[]
}

/** A tab, with all that nobody should find of its pages. */
export interface Visit {
  readonly tab: Tab
  /** Console errors, errors of scripts, requests to anywhere else. */
  readonly complaints: readonly string[]
  /** Does what leads to another page, and waits for that. */
  readonly go: (step: () => Promise<unknown>) => Promise<void>
  /** What axe-core finds on the page that is shown. */
  readonly violations: () => Promise<readonly string[]>
  /** The text of the first element, white space as one blank. */
  readonly text: (selector: string) => Promise<string>
  /** Presses Tab until the element has the focus. */
  readonly tabTo: (selector: string) => Promise<void>
}

export async function openBrowser(): Promise<Browser> {
  const { executable, libraries } = await installChromium()
  const env = libraries === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries }
  return launch({ executablePath: executable, headless: 'shell', args: ['--no-sandbox'], env })
}

/** More elements than this have no page of ours. */
const MOST_STOPS = 400

/** A visitor of the origin who is nobody else's: with cookies of their own. */
export async function visit(browser: Browser, origin: string, { runsScripts = true } = {}): Promise<Visit> {
  const context = await browser.createBrowserContext()
  const tab = await context.newPage()
  tab.setDefaultTimeout(60_000)
  await tab.setViewport({ width: 1280, height: 900 })
  await tab.setJavaScriptEnabled(runsScripts)
  const complaints: string[] = []
  tab.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text())
  })
  tab.on('pageerror', (error) => complaints.push(String(error)))
  tab.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) complaints.push(`a request to ${url}`)
  })
  const text = (selector: string): Promise<string> =>
    tab.$eval(selector, (element) =>
      ((element as unknown as { textContent: string | null }).textContent ?? '').replace(/\s+/g, ' ').trim(),
    )
  return {
    tab,
    complaints,
    text,
    go: async (step) => {
      await Promise.all([tab.waitForNavigation(), step()])
    },
    violations: async () => {
      await tab.evaluate(axe)
      const { violations } = (await tab.evaluate('axe.run(document, { iframes: false })')) as Found
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`)
    },
    tabTo: async (selector) => {
      for (let count = 0; count < MOST_STOPS; count += 1) {
        await tab.keyboard.press('Tab')
        if ((await tab.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) === true) return
      }
      throw new Error(`The keyboard does not reach ${selector}`)
    },
  }
}
