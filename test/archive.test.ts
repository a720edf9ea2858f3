/** A PDF is tied to its document, whatever signatures that bears and whatever the machine's zone is (H-14, H-17). */

import { describe, expect, it } from 'vitest'
import { archivePdf, documentDigest } from '../src/archive.ts'
import type { Bundle } from '../src/fhir/types.ts'
import { embeddedFiles } from '../src/pdf/embedded.ts'
import { readPdf } from '../src/pdf/read.ts'
import type { Design } from '../src/pipeline.ts'
import { readRendering } from '../src/render/pdf/rendering.ts'
import { judgePdf } from '../src/signed-pdf.ts'
import { openDesign, stillEdge } from './design.ts'
import { printedPdf } from './render/pdf/printed.ts'
import { documentOf } from './render/reader.ts'
import { smallPdf } from './sign/pdf/document.ts'

const design = await openDesign()
const printed: string[] = []
const edge = stillEdge({
  print: (xhtml) => Promise.resolve(void printed.push(xhtml)).then(() => printedPdf()),
  close: () => Promise.resolve(),
})

/** What prints another text than was printed. */
const otherEdge = stillEdge({ print: () => Promise.resolve(otherPdf()), close: () => Promise.resolve() })

function otherPdf(): Uint8Array {
  return smallPdf(Buffer.from('none'), 'Take ten tablets')
}

async function archive(bundle: Bundle, from: Design = design): Promise<Uint8Array> {
  const bytes = Buffer.from(JSON.stringify(bundle))
  return (await archivePdf({ bundle, bytes, mediaType: 'application/fhir+json' }, from, edge)).pdf
}

describe('an archive PDF', () => {
  it('bears the digest of the octets without signatures, in Bundle.signature or in a Provenance', () => {
    const bundle = documentOf({})
    const signature = { type: [], when: '2026-03-01T12:00:00Z', who: {}, sigFormat: 'application/jose', data: 'YQ==' }
    const target = [{ reference: 'Bundle/d' }]
    const resource = { resourceType: 'Provenance', id: 'v', target, signature: [signature] }
    const entry = [...(bundle.entry ?? []), { fullUrl: 'https://h.example/fhir/Provenance/v', resource }]
    const digest = documentDigest(bundle)
    expect(documentDigest({ ...bundle, signature })).toEqual(digest)
    expect(documentDigest({ ...bundle, entry })).toEqual(digest)
    expect(documentDigest(documentOf({ title: 'Another letter' }))).not.toEqual(digest)
  })

  it('says in which zone its times stand, and is judged by pages of that zone', async () => {
    const zoned = { ...design, render: { ...design.render, zone: 'Europe/Vienna' } }
    const pdf = await archive(documentOf({}), zoned)
    expect(readRendering(pdf)?.zone).toBe('Europe/Vienna')
    expect(readRendering(await archive(documentOf({})))?.zone).toBeUndefined()
    const { report } = await judgePdf(pdf, { at: '2026-03-10T08:00:00Z' }, design, edge)
    expect(report.pages?.verdict).toBe('passed')
    expect(printed.at(-1)).toContain('Europe/Vienna')
  })

  it('whose document is another than its pages were made of does not pass for it', async () => {
    const pdf = Buffer.from(await archive(documentOf({})))
    const other = await archive(documentOf({ title: 'Another letter' }))
    const { report } = await judgePdf(swapped(pdf, other), { at: '2026-03-10T08:00:00Z' }, design, edge)
    expect(report.pages).toMatchObject({
      verdict: 'failed',
      text: expect.stringContaining('another document') as string,
    })
  })

  it('with other pages than its document has does not pass for it', async () => {
    const pdf = await archive(documentOf({}))
    const { report } = await judgePdf(pdf, { at: '2026-03-10T08:00:00Z' }, design, otherEdge)
    expect(report.pages).toMatchObject({ verdict: 'failed', text: expect.stringContaining('another text') as string })
  })

  it('made with other templates is not judged by its pages', async () => {
    const templates = { ...design.render.templates, digest: '0'.repeat(64) }
    const pdf = await archive(documentOf({}), { ...design, render: { ...design.render, templates } })
    const { report } = await judgePdf(pdf, { at: '2026-03-10T08:00:00Z' }, design, edge)
    expect(report.pages).toMatchObject({ verdict: 'not-checked', text: expect.stringContaining('templates') as string })
  })

  it('carries the PDFs of its document beside it', async () => {
    const data = Buffer.from('%PDF-1.4 a').toString('base64')
    const pdf = await archive(documentOf({}, { resourceType: 'Binary', id: 'b', contentType: 'application/pdf', data }))
    expect(embeddedFiles(readPdf(pdf)).map(({ name }) => name)).toEqual(['document.json', 'enclosure-1.pdf'])
  })
})

/** The first PDF with the metadata of the second. */
function swapped(pdf: Buffer, other: Uint8Array): Uint8Array {
  const [own, foreign] = [pdf, other].map(
    (one) => /<fhirdoc:digest>([0-9a-f]{64})</.exec(Buffer.from(one).toString('latin1'))?.[1] ?? '',
  )
  return Buffer.from(pdf.toString('latin1').replace(own ?? '', foreign ?? ''), 'latin1')
}
