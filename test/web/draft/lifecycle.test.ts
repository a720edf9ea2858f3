/** What becomes of a finished document by the forms of its pages: replaced, added to, said to be in error. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { visitor, type Visitor } from '../../local-service.ts'
import { attested, begun, documentAt, posted, textOf } from './desk-forms.ts'
import { openDesk, type Desk } from './desk-service.ts'

describe('a finished document', { timeout: 120_000 }, () => {
  let desk: Desk
  let browser: Visitor
  let first = ''
  const idOf = (path: string): string => path.split('/').at(-1) ?? ''

  beforeAll(async () => {
    desk = await openDesk()
    browser = visitor(desk.url)
    first = await attested(browser, await begun(browser))
  }, 120_000)
  afterAll(() => desk?.close())

  /** The row of a document in the list. */
  async function rowOf(path: string): Promise<string> {
    const rows = (await textOf(browser, '/app/documents')).split('<tr>')
    return rows.find((row) => row.includes(`"${path}"`)) ?? ''
  }

  it('is supplemented by another that names it, and both stand', async () => {
    const page = await textOf(
      browser,
      `/app/drafts/new?patient=helena-testperson&relates=appends&target=${idOf(first)}`,
    )
    expect(page).toContain('name="relates" value="appends"')
    const added = await attested(browser, await begun(browser, { relates: 'appends', target: idOf(first) }))
    const [one, other] = [await documentAt(browser, first), await documentAt(browser, added)]
    const [composition, earlier] = [other.entry[0]?.resource, one.entry[0]?.resource]
    expect(composition?.['relatesTo']).toEqual([{ code: 'appends', targetIdentifier: one.identifier }])
    expect(composition?.['identifier']).not.toEqual(earlier?.['identifier'])
    expect(await textOf(browser, first)).not.toContain('banner error')
    expect(await rowOf(first)).toContain('>supplemented<')
  })

  it('is replaced by another of its series that names it: its page says so, and the list', async () => {
    const next = await attested(browser, await begun(browser, { relates: 'replaces', target: idOf(first) }))
    const [one, other] = [await documentAt(browser, first), await documentAt(browser, next)]
    const [composition, earlier] = [other.entry[0]?.resource, one.entry[0]?.resource]
    expect(other.identifier.value).not.toBe(one.identifier.value)
    expect(composition).toMatchObject({
      status: 'final',
      identifier: earlier?.['identifier'],
      relatesTo: [{ code: 'replaces', targetIdentifier: one.identifier }],
      attester: [{ mode: 'legal' }],
    })
    for (const path of [first, `${first}/page`])
      expect(await textOf(browser, path)).toMatch(/banner error[^]*[Rr]eplace/)
    expect(await rowOf(first)).toContain('>replaced<')
    expect(await rowOf(next)).not.toContain('>replaced<')
    expect(await textOf(browser, `${first}/compare`)).toContain(`value="${idOf(next)}"`)
    expect(await textOf(browser, next)).not.toContain('banner error')
  })

  it('is not replaced by one about another patient', async () => {
    const headers = { 'Content-Type': 'application/fhir+json' }
    const body = JSON.stringify({ resourceType: 'Patient', id: 'another', name: [{ family: 'Other' }], birthDate: '1950-01-01' }) // prettier-ignore
    expect((await fetch(`${desk.url}/fhir/Patient/another`, { method: 'PUT', headers, body })).status).toBe(201)
    const page = await textOf(browser, '/app/drafts/new?patient=another')
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(page) ?? []
    const fields = { token, patient: 'another', guide: 'ips-2.0.0', relates: 'replaces', target: idOf(first) }
    const answer = await browser.post('/app/draft', fields)
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('another patient')])
  })

  it('in error is said to be so with a reason, and is offered for nothing more', async () => {
    const wrong = await attested(browser, await begun(browser))
    const fields = { who: 'Practitioner/dr-ohm', reason: 'It was about somebody else' }
    expect(await posted(browser, `${wrong}/error`, fields)).toBe(wrong)
    expect(await textOf(browser, wrong)).toMatch(/banner error[^]*error/)
    expect(await rowOf(wrong)).toContain('>entered in error<')
  })

  it('is drawn up by no form a second time', async () => {
    const draft = await begun(browser)
    const document = await attested(browser, draft)
    const token = /name="token" value="([^"]+)"/.exec(await textOf(browser, '/app/drafts'))?.[1] ?? ''
    const again = await browser.post(`${draft}/attest`, { token, mode: 'legal', who: 'Practitioner/dr-ohm' })
    expect(again.status).toBe(409)
    expect((await browser.get(draft)).headers.get('Location')).toBe(`${draft}/document`)
    expect((await browser.get(`${draft}/document`)).headers.get('Location')).toBe(document)
  })
})
