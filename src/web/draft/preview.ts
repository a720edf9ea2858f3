/** A draft as the document that it would be, as a page or as PDF; nothing of it is attested. */

import { archivePdf } from '../../archive.ts'
import { bytesOf } from '../../fhir/bytes.ts'
import type { Bundle } from '../../fhir/types.ts'
import type { Answer, Headers } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/answer.ts'
import type { Call, Route } from '../../http/route.ts'
import { present } from '../../pipeline.ts'
import { withPage } from '../../request.ts'
import { HOME, page } from '../page.ts'
import { deskOf } from './desk.ts'
import { proof } from './layout.ts'

/**
 * A document within a page of ours: without script, requests or origin, and framed by nobody else.
 * @see https://www.w3.org/TR/CSP3/
 */
export const FRAMED: Headers = {
  'Content-Type': 'application/xhtml+xml; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
}

/** The page of a document, to be framed. */
export function framed(xhtml: string): Answer {
  return { status: 200, headers: FRAMED, body: xhtml }
}

async function laidOut(call: Call): Promise<Bundle> {
  const { bundle } = await call.service.store.snapshot(async (store) =>
    proof(await deskOf(call.id, store, call.service), store, call.service),
  )
  return bundle
}

const previewPage = page({
  path: `${HOME}/draft/:id/preview`,
  text: 'a draft as the page that it would be',
  answer: async (call) => {
    const { design, edge } = call.service
    return framed(present(await laidOut(call), withPage(design, {}), edge).xhtml)
  },
})

const previewPdf = page({
  path: `${HOME}/draft/:id/preview.pdf`,
  text: 'a draft as the PDF that it would be',
  answer: async (call) => {
    const { design, edge } = call.service
    const bundle = await laidOut(call)
    const document = { bundle, bytes: bytesOf(bundle), mediaType: FHIR_JSON }
    const { pdf } = await archivePdf(document, design, edge, { level: 'none', signal: call.signal })
    return { status: 200, headers: { 'Content-Type': 'application/pdf', 'Content-Disposition': 'inline; filename="draft.pdf"' }, body: pdf } // prettier-ignore
  },
})

export const previewRoutes: readonly Route[] = [
  { ...previewPage, need: { role: 'compose' } },
  { ...previewPdf, need: { role: 'compose' } },
]
