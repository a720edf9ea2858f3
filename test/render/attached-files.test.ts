/** PDFs that a document carries become files of its archive PDF. */

import { expect, it } from 'vitest'
import type { Resource } from '../../src/fhir/types.ts'
import { attachedPdfs } from '../../src/render/attached-files.ts'
import { design, documentOf } from './reader.ts'

const data = (text: string): string => Buffer.from(text).toString('base64')

it('each attached PDF is a file once, by what it is and not by what it is said to be', () => {
  const attachment = { contentType: 'text/plain', title: 'Old letter', data: data('%PDF-1.4 a') }
  const resources: readonly Resource[] = [
    { resourceType: 'DocumentReference', id: 'r', status: 'current', content: [{ attachment }] },
    { resourceType: 'Binary', id: 'b', contentType: 'application/pdf', data: `${data('%PDF-1.7 b').slice(0, 8)}\n${data('%PDF-1.7 b').slice(8)}` },
    { resourceType: 'Binary', id: 'same', contentType: 'application/pdf', data: data('%PDF-1.4 a') },
    { resourceType: 'Binary', id: 'c', contentType: 'application/pdf', data: data('no PDF') },
  ] // prettier-ignore
  const files = attachedPdfs(documentOf({}, ...resources), design.model)
  expect(files.map(({ name, description, bytes }) => [name, description, Buffer.from(bytes).toString()])).toEqual([
    ['enclosure-1.pdf', 'Old letter', '%PDF-1.4 a'],
    ['enclosure-2.pdf', 'Attachment 2 of the document', '%PDF-1.7 b'],
  ])
})
