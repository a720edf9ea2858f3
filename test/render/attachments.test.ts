/** Images are shown, all else is listed; what an attachment is counts, not what it says it is (H-17). */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable, text } from './reader.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = 'JVBERi0xLjQK'
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').toString('base64')

function reference(...attachments: readonly JsonObject[]): Resource {
  return {
    resourceType: 'DocumentReference',
    id: 'x',
    status: 'current',
    content: attachments.map((attachment) => ({ attachment })),
  }
}

const binary: Resource = { resourceType: 'Binary', id: 'b', contentType: 'image/png', data: PNG }
const section = { title: 'S', text: text('<p>See below.</p>'), entry: [{ reference: 'DocumentReference/x' }] }

function shown(
  resource: Resource,
  ...others: readonly Resource[]
): { readonly images: readonly string[]; readonly told: string } {
  const { xhtml } = page(documentOf({ section: [section] }, resource, ...others), design)
  return {
    images: [...xhtml.matchAll(/<img[^>]* src="([^"]*)"/g)].map(([, src]) => (src ?? '').replaceAll('&#x3D;', '=')),
    told: readable(xhtml),
  }
}

describe('an attachment of an entry', () => {
  it.each([
    ['embedded', reference({ contentType: 'image/png', data: PNG, title: 'Wound' })],
    [
      'embedded with white space',
      reference({ contentType: 'image/png', data: `${PNG.slice(0, 20)}\n ${PNG.slice(20)}`, title: 'Wound' }),
    ],
    ['of a wrong content type', reference({ contentType: 'application/pdf', data: PNG, title: 'Wound' })],
    ['at the address of a Binary', reference({ contentType: 'image/png', url: 'Binary/b', title: 'Wound' })],
    ['at its fullUrl', reference({ contentType: 'image/png', url: 'https://h.example/fhir/Binary/b', title: 'Wound' })],
  ])('that is an image, %s, is shown once', (_, resource) => {
    const isElsewhere = JSON.stringify(resource).includes('Binary/b')
    const { images, told } = shown(resource, ...(isElsewhere ? [binary] : []))
    expect(images).toEqual([`data:image/png;base64,${PNG}`])
    expect(told).toContain('Image: Wound')
  })

  it.each([
    ['a PDF', { contentType: 'application/pdf', data: PDF, title: 'Letter' }, 'Letter (application/pdf, 9 bytes)'],
    [
      'one that claims to be an image',
      { contentType: 'image/png', data: PDF, title: 'Letter' },
      'Letter (image/png, 9 bytes)',
    ],
    ['markup', { contentType: 'image/svg+xml', data: SVG, title: 'Drawing' }, 'Drawing (image/svg+xml'],
    ['bytes that are none', { contentType: 'image/png', data: '%%%', title: 'Broken' }, 'Broken (image/png'],
    [
      'what is elsewhere',
      { url: 'https://a.example/x.pdf', title: 'Letter' },
      'Letter (https://a.example/x.pdf) is not in this document',
    ],
  ])('that is %s is listed', (_, attachment, words) => {
    const { images, told } = shown(reference(attachment))
    expect(images).toEqual([])
    expect(told).toContain(words)
  })

  it('in a resource that the entry contains is shown', () => {
    const media: Resource = {
      resourceType: 'Media',
      id: 'm',
      status: 'completed',
      content: { contentType: 'image/png', data: PNG },
    }
    const { images } = shown({ ...reference(), contained: [media] })
    expect(images).toHaveLength(1)
  })

  it('that the narrative shows is not shown twice', () => {
    const own = { title: 'S', text: text('<img src="Binary/b" alt="Wound"/>'), entry: [{ reference: 'Binary/b' }] }
    const { xhtml } = page(documentOf({ section: [own] }, binary), design)
    expect(xhtml.match(/<img/g)).toHaveLength(1)
  })

  it('that is a Binary itself bears the name that the entry gives it', () => {
    const { xhtml } = page(
      documentOf({ section: [{ ...section, entry: [{ reference: 'Binary/b', display: 'Wound, left arm' }] }] }, binary),
      design,
    )
    expect(readable(xhtml)).toContain('Image: Wound, left arm')
  })
})

describe('attachments that no section names', () => {
  const report: Resource = {
    resourceType: 'DiagnosticReport',
    id: 'r',
    status: 'final',
    code: { text: 'X-ray' },
    presentedForm: [{ contentType: 'image/png', url: 'Binary/b', title: 'X-ray' }],
  }

  it('stand at the end, each once', () => {
    const { xhtml } = page(documentOf({ section: [{ title: 'S', text: text('<p>x</p>') }] }, report, binary), design)
    const told = readable(xhtml)
    expect(told.slice(told.indexOf('Further attachments of the document'))).toContain('Image: X-ray')
    expect(xhtml.match(/<img/g)).toHaveLength(1)
  })

  it('are none that a narrative shows', () => {
    const { xhtml } = page(
      documentOf({ section: [{ title: 'S', text: text('<img src="Binary/b" alt="X-ray"/>') }] }, report, binary),
      design,
    )
    expect(xhtml.match(/<img/g)).toHaveLength(1)
    expect(readable(xhtml)).not.toContain('Further attachments')
  })

  it('are none where there are none, and style sheets are none', () => {
    const css: Resource = { resourceType: 'Binary', id: 's', contentType: 'text/css', data: 'cHt9' }
    expect(readable(page(documentOf({}, css), design).xhtml)).not.toContain('Further attachments')
  })
})
