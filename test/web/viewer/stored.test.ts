/** A stored document is verified before it is shown, says what later ones say of it, and is given as it was received. */

import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseXml } from '../../../src/fhir/xml.ts'
import { model } from '../../model.ts'
import { restService } from '../../http/rest/rest-service.ts'

const text = readFileSync(new URL('../../../fixtures/documents/page-attested/document.json', import.meta.url), 'utf8')

let base = ''
const page = async (path: string): Promise<string> =>
  (await fetch(`${base.replace(/fhir$/, 'app')}/${path}`, { headers: { Accept: 'text/html' } })).text()

async function stored(document: string): Promise<string> {
  const headers = { 'Content-Type': 'application/fhir+json' }
  const answer = await fetch(`${base}/Bundle`, { method: 'POST', headers, body: document })
  expect(answer.status).toBe(201)
  return /Bundle\/([^/]+)/.exec(answer.headers.get('Location') ?? '')?.[1] ?? ''
}

/** The document once more, later, with what its Composition is to have. */
function later(members: object): string {
  const bundle = JSON.parse(text) as { identifier: { value: string }; entry: { resource: object }[] }
  const [first, ...others] = bundle.entry
  const resource = { ...first?.resource, ...members }
  const identifier = { ...bundle.identifier, value: `urn:uuid:${crypto.randomUUID()}` }
  return JSON.stringify({ ...bundle, identifier, timestamp: '2026-04-01T10:00:00+02:00', entry: [{ ...first, resource }, ...others] }) // prettier-ignore
}

const old = JSON.parse(text) as { readonly identifier: object }
beforeAll(async () => {
  base = await restService()
})

describe('the page of a stored document', () => {
  it('tells that no signature says anything, and gives the document as JSON, byte for byte, and as XML', async () => {
    const id = await stored(text)
    const shown = await page(`document/${id}`)
    expect(shown).toContain('bears no signature')
    expect(shown).toContain(`<iframe name="shown-original"`)
    const json = await fetch(`${base.replace(/fhir$/, 'app')}/document/${id}/json`)
    expect([await json.text(), json.headers.get('Content-Disposition')]).toEqual([
      text,
      'attachment; filename="5d1c7f4e-0c7e-4b0e-9d59-6f2f0a4d1b01.json"',
    ])
    const xml = new Uint8Array(await (await fetch(`${base.replace(/fhir$/, 'app')}/document/${id}/xml`)).arrayBuffer())
    expect(parseXml(xml, model)).toMatchObject({ resourceType: 'Bundle', type: 'document' })
  })

  it('carries a banner outside of the document, and in it, once another replaces it, and so do the lists (H-7)', async () => {
    const [{ id = '' } = {}] = ((await (await fetch(`${base}/Bundle?type=document`)).json()) as { entry: { resource: { id: string } }[] }).entry.map(({ resource }) => resource) // prettier-ignore
    expect(await page('documents')).not.toContain('>replaced<')
    const next = await stored(later({ relatesTo: [{ code: 'replaces', targetIdentifier: old.identifier }] }))
    for (const path of [`document/${id}`, `document/${id}/page`])
      expect(await page(path)).toMatch(/banner error[^]*Replaced/)
    expect(await page(`document/${id}`)).toContain(`<a href="/app/document/${next}">Open the later document</a>`)
    expect(await page('documents')).toContain('>replaced<')
    expect(await page(`document/${next}`)).not.toMatch(/banner error|Open the later document/)
    const framed = await fetch(`${base.replace(/fhir$/, 'app')}/document/${id}/page`)
    expect(framed.headers.get('Content-Security-Policy')).toMatch(/^sandbox; default-src 'none';/)
  })

  it('of what is not there, is a page that says so', async () => {
    expect(await page('document/none')).toContain('There is nothing here')
    expect(await page('document/none/page')).toContain('There is nothing here')
  })
})
