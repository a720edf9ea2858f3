/** `$render` compares versions and embeds further files where it is asked to. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { embeddedFiles } from '../../../src/pdf/embedded.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { documentOf } from '../../render/reader.ts'
import { issueText } from '../serving.ts'
import { documentService, type DocumentService } from './document-service.ts'

const [older, newer] = ['A letter', 'A better letter'].map((title) => documentOf({ title }))
let service: DocumentService
let stored = ''
beforeAll(async () => {
  service = await documentService()
  stored = /Bundle\/[^/]+/.exec((await post('Bundle', older)).headers.get('Location') ?? '')?.[0] ?? ''
})

function post(path: string, body: object | undefined): Promise<Response> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/fhir+json' } }
  return fetch(`${service.base}/${path}`, init)
}

describe('$render with diff', () => {
  const parts = (diff: JsonObject): object => ({
    resourceType: 'Parameters',
    parameter: [
      { name: 'content', resource: newer },
      { name: 'diff', ...diff },
    ],
  })

  it.each([
    ['a stored document', () => post(`Bundle/$render?_format=xhtml&diff=${stored}`, newer)],
    ['its URL', () => post(`Bundle/$render?_format=xhtml&diff=${service.base}/${stored}`, newer)],
    ['a Bundle beside it', () => post('Bundle/$render?_format=xhtml', parts({ resource: older }))],
    ['its reference beside it', () => post('Bundle/$render?_format=xhtml', parts({ valueString: stored }))],
    ['itself', () => fetch(`${service.base}/${stored}/$render?_format=xhtml&diff=${stored}`)],
  ])('tells what changed since %s', async (name, send) => {
    const answer = await send()
    const text = await answer.text()
    expect([answer.status, text.includes('class="versions"') || text.includes('comparison')]).toEqual([200, true])
    expect(text.includes('A better letter')).toBe(name !== 'itself')
  })

  it('is a PDF that is no archive of a document', async () => {
    const pdf = await (await post(`Bundle/$render?_format=pdf&diff=${stored}`, newer)).bytes()
    expect(embeddedFiles(readPdf(pdf))).toEqual([])
  })

  it.each([
    ['Bundle/none', 404, 'There is no Bundle/none'],
    ['Patient/p', 400, 'expected a stored Bundle'],
    ['https://elsewhere.example/fhir/Bundle/1', 400, 'expected a stored Bundle'],
    ['{"resourceType":"Patient"}', 400, 'The input is a Patient'],
  ])('refuses %s', async (diff, status, text) => {
    const answer = await post(`Bundle/$render?diff=${encodeURIComponent(diff)}`, newer)
    expect([answer.status, await issueText(answer)]).toEqual([status, expect.stringContaining(text)])
  })
})

describe('$render with attach', () => {
  it('embeds another form and the report beside the document', async () => {
    const answer = await post('Bundle/$render?_format=pdf&attach=xml,report', newer)
    const files = embeddedFiles(readPdf(await answer.bytes()))
    expect(files.map(({ name, relationship }) => [name, relationship])).toEqual([
      ['document.json', 'Source'],
      ['document.xml', 'Alternative'],
      ['verification.json', 'Supplement'],
    ])
  })

  it.each([
    ['_format=pdf&attach=json', 'embedded as such already'],
    ['_format=pdf&attach=xml&archive=2a', 'of use in PDF/A-3a alone'],
    ['_format=pdf&attach=all', 'expected json | xml | report'],
  ])('refuses %s', async (query, text) => {
    const answer = await post(`Bundle/$render?${query}`, newer)
    expect([answer.status, await issueText(answer)]).toEqual([400, expect.stringContaining(text)])
  })
})
