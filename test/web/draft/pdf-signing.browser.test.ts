/** A PDF from the page of a document bears a seal or the signature of a card, holds by it, and is not kept. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noBrowser } from '../../edge/browser/browser.ts'
import { formToken, visitor, type Visitor } from '../../local-service.ts'
import { cardOf } from './card.ts'
import { attested, begun, textOf } from './desk-forms.ts'
import { openDesk, type Desk } from './desk-service.ts'

type Parameters = { readonly parameter: readonly { readonly name: string; readonly valueCode?: string }[] }

describe.skipIf(noBrowser !== undefined)('the PDF of a finished document', { timeout: 240_000 }, () => {
  let desk: Desk
  let browser: Visitor
  let document = ''
  let token = ''

  beforeAll(async () => {
    desk = await openDesk()
    browser = visitor(desk.url)
    document = await attested(browser, await begun(browser))
    token = await formToken(browser, '/app/drafts')
  }, 120_000)
  afterAll(() => desk?.close())

  async function reportOf(
    answer: Response,
  ): Promise<{ readonly indication: string | undefined; readonly text: string }> {
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'application/pdf'])
    expect(answer.headers.get('Content-Disposition')).toMatch(/^attachment; filename="[^"]+\.signed\.pdf"$/)
    const verified = await fetch(`${desk.url}/fhir/Bundle/$verify`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/pdf' },
      body: Buffer.from(await answer.arrayBuffer()),
    })
    const text = await verified.text()
    const { parameter } = JSON.parse(text) as Parameters
    return { indication: parameter.find(({ name }) => name === 'indication')?.valueCode, text }
  }

  it('is sealed by the key of the service, from a button of its page', async () => {
    expect(await textOf(browser, document)).toContain(`action="${document}/sign/pdf/seal"`)
    const { indication } = await reportOf(await browser.post(`${document}/sign/pdf/seal`, { token }))
    expect(indication).toBe('TOTAL_PASSED')
    expect(await textOf(browser, document)).toContain('bears no signature')
  })

  it('takes the signature of a card in two steps, and none by another key', async () => {
    const card = cardOf(desk)
    const page = await (
      await browser.post(`${document}/sign/pdf/prepare`, { token, certificate: card.certificates })
    ).text()
    expect(page).toContain(`action="${document}/sign/pdf/embed"`)
    const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
    const [handle, input] = [field('handle'), field('input').replaceAll('&#x3D;', '=')]
    const embed = (value: string): Promise<Response> =>
      browser.post(`${document}/sign/pdf/embed`, { token, handle, value })
    const { indication, text } = await reportOf(await embed(card.sign(input)))
    expect(indication).toBe('TOTAL_PASSED')
    expect(text).toContain('Ingrid Ohm')
    const refused = await embed(cardOf(desk).sign(input))
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('role="alert"')])
  })
})
