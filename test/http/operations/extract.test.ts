/** `$extract` gives back what `$render` put in, byte for byte, and refuses what is no such PDF. */

import { beforeAll, describe, expect, it } from 'vitest'
import { fail } from '../../../src/fhir/error.ts'
import type { Extracted } from '../../../src/ports.ts'
import { archiveThreads } from '../../../src/printing.ts'
import { readSettings } from '../../../src/settings.ts'
import { atEnd } from '../../ending.ts'
import { printedPdf } from '../../render/pdf/printed.ts'
import { issueText } from '../serving.ts'
import { documentService, type DocumentService } from './document-service.ts'

const spaced =
  '{ "resourceType": "Bundle", "type": "document", "timestamp": "2026-01-01T00:00:00Z",\r\n "entry": [ { "fullUrl": "urn:uuid:1",' +
  ' "resource": { "resourceType": "Composition", "status": "final", "title": "A \\u00c4 1.50" } } ] }'

let service: DocumentService
beforeAll(async () => {
  service = await documentService()
})

function post(path: string, body: string | Uint8Array, type: string, at = service): Promise<Response> {
  return fetch(`${at.base}/${path}`, {
    method: 'POST',
    body: Buffer.from(body as Uint8Array),
    headers: { 'Content-Type': type },
  })
}

describe('$extract', () => {
  it('gives the body that was posted to $render', async () => {
    const pdf = await (await post('Bundle/$render?_format=pdf', spaced, 'application/fhir+json')).bytes()
    const extracted = await post('$extract', pdf, 'application/pdf')
    expect([extracted.headers.get('Content-Type'), await extracted.text()]).toEqual([
      'application/fhir+json; charset=utf-8',
      spaced,
    ])
  })

  it('gives the document alone where it came in Parameters', async () => {
    const body = `{"resourceType":"Parameters","parameter":[{"name":"content","resource":${spaced}}]}`
    const pdf = await (await post('Bundle/$render?_format=pdf', body, 'application/fhir+json')).bytes()
    const text = await (await post('$extract', pdf, 'application/pdf')).text()
    expect(JSON.parse(text)).toEqual(JSON.parse(spaced))
  })

  it.each([
    ['no PDF', 'hello', 400, 'The file is no PDF'],
    ['a PDF without a document', printedPdf(), 404, 'carries no FHIR document'],
  ])('refuses %s', async (_, body, status, text) => {
    const answer = await post('$extract', body, 'application/pdf')
    expect([answer.status, await issueText(answer)]).toEqual([status, expect.stringContaining(text)])
  })

  it('takes PDFs alone', async () => {
    expect((await post('$extract', spaced, 'application/fhir+json')).status).toBe(415)
  })
})

describe('a PDF that is sent to the service', () => {
  it('is read in a thread of its own, to extract its document and to verify it', async () => {
    const { extract, close } = archiveThreads(readSettings({}))
    atEnd(close)
    const read: Promise<Extracted>[] = []
    const aside = await documentService({
      extract: (pdf, signal) => {
        const reading = extract(pdf, signal)
        read.push(reading)
        return reading
      },
    })
    const pdf = await (await post('Bundle/$render?_format=pdf', spaced, 'application/fhir+json')).bytes()
    expect(await (await post('$extract', pdf, 'application/pdf', aside)).text()).toBe(spaced)
    expect(read).toHaveLength(1)
    expect((await post('Bundle/$verify', pdf, 'application/pdf', aside)).status).toBe(200)
    const names = (await Promise.all(read)).map(({ name }) => name)
    expect([names.length > 1, new Set(names)]).toEqual([true, new Set(['document.json'])])
  })

  it('is refused where that takes longer than it may, also by $verify: this thread does not try it', async () => {
    const aside = await documentService({
      extract: () => Promise.reject(fail('timeout', 'The PDF was not read within 1 seconds')),
    })
    for (const path of ['$extract', 'Bundle/$verify']) {
      const answer = await post(path, printedPdf(), 'application/pdf', aside)
      expect([answer.status, await issueText(answer)]).toEqual([504, 'The PDF was not read within 1 seconds'])
    }
  })
})
