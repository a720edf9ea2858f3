/** `$extract` gives back what `$render` put in, byte for byte, and refuses what is no such PDF. */

import { beforeAll, describe, expect, it } from 'vitest'
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

function post(path: string, body: string | Uint8Array, type: string): Promise<Response> {
  return fetch(`${service.base}/${path}`, {
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
