/** In a real browser a clinician gets from an empty service to a signed discharge report, by mouse, by keyboard, without scripts. */

import type { Browser } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noBrowser } from '../../edge/browser/browser.ts'
import { openBrowser, visit, type Visit } from './browsing.ts'
import { cardOf } from './card.ts'
import { openDesk, type Desk } from './desk-service.ts'

const COURSE = '#s-8648-8'
const DIAGNOSES = '#s-11535-2'
const NEW = '/app/drafts/new?patient=helena-testperson&encounter=stay-2026-03'

interface Verdict {
  readonly parameter: readonly { readonly name: string; readonly valueCode?: string }[]
}

describe.skipIf(noBrowser !== undefined)('the pages of a draft in a browser', { timeout: 240_000 }, () => {
  let browser: Browser
  let desk: Desk

  beforeAll(async () => {
    ;[browser, desk] = await Promise.all([openBrowser(), openDesk()])
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await desk?.close()
  })

  async function calmly({ violations, complaints }: Visit): Promise<void> {
    expect(await violations()).toEqual([])
    expect(complaints).toEqual([])
  }

  /** Does something with a section, and waits until it is saved as another version. */
  async function saving({ tab }: Visit, section: string, work: () => Promise<void>): Promise<void> {
    const version = `document.querySelector('${section} input[name=version]').value`
    const before = (await tab.evaluate(version)) as string
    await work()
    const isSaved = `document.querySelector('${section} [data-state]').textContent === 'Saved'`
    await tab.waitForFunction(`${version} !== '${before}' && ${isSaved}`)
  }

  function writing(visitor: Visit, section: string, words: string): Promise<void> {
    const { tab } = visitor
    return saving(visitor, section, async () => {
      await tab.bringToFront()
      await typing(tab, section, words)
    })
  }

  /** At the end of what is there; a click could meet the head of the page, which stays in sight. */
  async function typing(tab: Visit['tab'], section: string, words: string): Promise<void> {
    await tab.focus(`${section} .editable`)
    await tab.keyboard.down('Control')
    await tab.keyboard.press('End')
    await tab.keyboard.up('Control')
    await tab.keyboard.type(words)
  }

  /** A new draft of the example's stay, its hospital course written. */
  async function begun(visitor: Visit, course: string): Promise<void> {
    const { tab, go } = visitor
    await tab.goto(desk.url + NEW)
    await tab.click('input[name=guide][value^="eu-hdr"]')
    await go(() => tab.click('main button.primary'))
    await writing(visitor, COURSE, course)
  }

  async function indicationOf(pdf: Uint8Array, { url }: Desk = desk): Promise<string | undefined> {
    const answer = await fetch(`${url}/fhir/Bundle/$verify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/pdf' },
      body: Buffer.from(pdf),
    })
    const { parameter } = (await answer.json()) as Verdict
    return parameter.find(({ name }) => name === 'indication')?.valueCode
  }

  async function pdfOf({ tab }: Visit): Promise<Uint8Array> {
    const answer = await fetch(`${tab.url()}/pdf`)
    expect(answer.headers.get('Content-Type')).toBe('application/pdf')
    return new Uint8Array(await answer.arrayBuffer())
  }

  it('lead from an empty service to a sealed discharge report whose PDF verifies', async () => {
    const empty = await openDesk({ resources: [], hasExample: true })
    const visitor = await visit(browser, empty.url)
    const { tab, go, text } = visitor
    await tab.goto(`${empty.url}/app`)
    await calmly(visitor)
    await go(() => tab.click('form[action="/app/example"] button'))
    expect(await text('h1')).toBe('Helena Maria Testperson')
    await calmly(visitor)
    await go(() => tab.click('a[href*="encounter=stay-2026-03"]'))
    await calmly(visitor)
    await tab.click('input[name=guide][value^="eu-hdr"]')
    await go(() => tab.click('main button.primary'))
    expect(await text(`${COURSE} [data-issues]`)).toContain('The hospital course is missing')
    await calmly(visitor)

    await saving(visitor, COURSE, async () => {
      await tab.click(`${COURSE} .editable`)
      await tab.keyboard.type('Admitted with ')
      await tab.keyboard.down('Control')
      await tab.keyboard.press('b')
      await tab.keyboard.up('Control')
      await tab.keyboard.type('pneumonia')
    })
    expect(await text(`${COURSE} [data-issues]`)).not.toContain('missing')
    await tab.click(`${DIAGNOSES} summary`)
    await saving(visitor, DIAGNOSES, () => tab.click(`${DIAGNOSES} input[value="Condition/htn"]`))
    expect(await text(`${DIAGNOSES} [data-generated]`)).not.toContain('hypertension')
    expect(await text(`${DIAGNOSES} [data-generated]`)).toContain('1 more of this kind')
    await calmly(visitor)

    await go(() => tab.click('.desk > .head a.primary'))
    await calmly(visitor)
    await go(() => tab.click('main form button.primary'))
    expect(await text('.chip')).toBe('final')
    await calmly(visitor)
    await go(() => tab.click('a[href$="/sign"]'))
    expect(await text('main')).toContain('It is not your signature')
    await calmly(visitor)
    await go(() => tab.click('form[action$="/seal"] button'))
    expect(await text('.verdict')).toMatch(/sealed by/i)
    await calmly(visitor)
    const pdf = await pdfOf(visitor)
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-')
    expect(await indicationOf(pdf, empty)).toBe('TOTAL_PASSED')
    await empty.close()
  })

  it('are all there for the keyboard alone', async () => {
    const visitor = await visit(browser, desk.url)
    const { tab, go, text, tabTo } = visitor
    await tab.goto(desk.url + NEW)
    await tabTo('input[name=guide]')
    await tab.keyboard.press('ArrowDown')
    while ((await tab.evaluate('document.activeElement.value.startsWith("eu-hdr")')) !== true)
      await tab.keyboard.press('ArrowDown')
    await tabTo('button.primary')
    await go(() => tab.keyboard.press('Enter'))
    await tabTo(`${COURSE} .editable`)
    await saving(visitor, COURSE, async () => {
      await tab.keyboard.type('Written by keyboard')
      await tabTo(`${DIAGNOSES} summary`)
    })
    await tab.keyboard.press('Enter')
    await tabTo(`${DIAGNOSES} input[value="Condition/htn"]`)
    await saving(visitor, DIAGNOSES, () => tab.keyboard.press('Space'))
    await tabTo(`${DIAGNOSES} button[value="hand"]`)
    const before = await text('.outline li:nth-child(2)')
    await tab.focus(`${COURSE} button[value="down"]`)
    await go(() => tab.keyboard.press('Enter'))
    expect(await text('.outline li:nth-child(3)')).toBe(before)
    await tabTo('.desk > .head a.primary')
    await go(() => tab.keyboard.press('Enter'))
    await tabTo('main form button.primary')
    await go(() => tab.keyboard.press('Enter'))
    expect(await text('.chip')).toBe('final')
    expect(visitor.complaints).toEqual([])
  })

  it('do without scripts', async () => {
    const visitor = await visit(browser, desk.url, { runsScripts: false })
    const { tab, go, text } = visitor
    await tab.goto(desk.url + NEW)
    await tab.click('input[name=guide][value^="eu-hdr"]')
    await go(() => tab.click('main button.primary'))
    await tab.type(`${COURSE} textarea`, 'Without **any** script\n\n- one\n- two')
    await go(() => tab.click(`${COURSE} button[data-plain]`))
    expect(await tab.$eval(`${COURSE} textarea`, (area) => (area as unknown as { value: string }).value)).toBe(
      'Without **any** script\n- one\n- two',
    )
    // axe-core is a script itself; those of the page had their chance
    await tab.setJavaScriptEnabled(true)
    expect(await visitor.violations()).toEqual([])
    await tab.setJavaScriptEnabled(false)
    await go(() => tab.click('.desk > .head a.primary'))
    await go(() => tab.click('main form button.primary'))
    expect(await text('.chip')).toBe('final')
    const json = await (await fetch(`${tab.url()}/json`)).text()
    expect(json).toContain('<p>Without <b>any</b> script</p><ul><li>one</li><li>two</li></ul>')
    expect(visitor.complaints).toEqual([])
  })

  it('never let one person overwrite another', async () => {
    const [one, other] = await Promise.all([visit(browser, desk.url), visit(browser, desk.url)])
    await begun(one, 'The first text.')
    await other.tab.goto(one.tab.url())
    await writing(one, COURSE, ' And more of it.')
    await writing(other, DIAGNOSES, 'Another section is nobody else’s.')
    await other.go(() => typing(other.tab, COURSE, ' My own words.'))
    expect(await other.text('h1')).toBe('Someone else changed this section')
    expect(await other.text('section[aria-labelledby="theirs"]')).toContain('And more of it.')
    expect(await other.text('section[aria-labelledby="mine"] .editable')).toContain('My own words.')
    expect(await other.violations()).toEqual([])
    await other.go(() => other.tab.click('section[aria-labelledby="mine"] button.primary'))
    expect(await other.text(`${COURSE} .editable`)).toContain('My own words.')
    expect(await other.text(`${DIAGNOSES} .editable`)).toContain('nobody else’s')

    const attesting = await visit(browser, desk.url)
    await attesting.tab.goto(`${one.tab.url().split('#')[0]}/attest`)
    await writing(other, DIAGNOSES, ' Later.')
    await attesting.tab.bringToFront()
    await attesting.go(() => attesting.tab.click('main form button.primary'))
    expect(await attesting.text('[role=alert]')).toContain('Nothing was attested')
  })

  it('take the signature of a card in two steps', async () => {
    const visitor = await visit(browser, desk.url)
    const { tab, go, text } = visitor
    await begun(visitor, 'Signed by card.')
    await go(() => tab.click('.desk > .head a.primary'))
    await go(() => tab.click('main form button.primary'))
    await go(() => tab.click('a[href$="/sign"]'))
    const card = cardOf(desk)
    await tab.type('#certificate', card.certificates)
    await go(() => tab.click('form[action$="/prepare"] button'))
    await calmly(visitor)
    const input = await tab.$eval('#input', (area) => (area as unknown as { value: string }).value)
    await tab.type('#value', 'AAAA')
    await go(() => tab.click('form[action$="/embed"] button'))
    expect(await text('[role=alert]')).toContain('signature')
    await tab.type('#certificate', card.certificates)
    await go(() => tab.click('form[action$="/prepare"] button'))
    expect(input).not.toBe('')
    const anew = await tab.$eval('#input', (area) => (area as unknown as { value: string }).value)
    await tab.type('#value', card.sign(anew))
    await go(() => tab.click('form[action$="/embed"] button'))
    expect(await text('.verdict')).toContain('Ingrid Ohm')
    expect(await text('.verdict')).not.toMatch(/sealed by/i)
    expect(await indicationOf(await pdfOf(visitor))).toBe('TOTAL_PASSED')
  })
})
