/** The PDF of a finished document with a signature or a seal of its own, given to whoever asks and not kept (H-4). */

import { archivePdf } from '../../archive.ts'
import { fail } from '../../fhir/error.ts'
import type { Answer } from '../../http/answer.ts'
import type { Call, Route } from '../../http/route.ts'
import { embedValueInPdf, preparePdfElsewhere, signedPdf } from '../../signed-pdf.ts'
import { submission } from '../page.ts'
import { attachment } from '../viewer/shown.ts'
import { sealFor } from './example.ts'
import { answeredFrom, PATH, read, signerFrom, telling, toSignAnswer } from './signing.ts'

/** What the PDF is made into, and given as a file. */
async function fileOf(call: Call, work: (pdf: Uint8Array) => Promise<Uint8Array>): Promise<Answer> {
  const { pdf, headers } = await plainPdf(call)
  return { status: 200, headers: { ...headers, 'Content-Type': 'application/pdf' }, body: await work(pdf) }
}

async function plainPdf(call: Call): Promise<{ readonly pdf: Uint8Array; readonly headers: Answer['headers'] }> {
  const { design, edge } = call.service
  const { bundle, original } = await read(call)
  const { bytes, mediaType } = original
  const { pdf } = await archivePdf({ bundle, bytes, mediaType }, design, edge, { signal: call.signal })
  return { pdf, headers: attachment(bundle, 'signed.pdf') }
}

const sealing = submission({
  path: `${PATH}/pdf/seal`,
  text: 'the PDF of a document with the seal of the service',
  answer: (call) =>
    telling(call, () => {
      const seal = sealFor(call)
      if (seal === undefined) throw fail('not-supported', 'This service has no key for seals')
      return fileOf(call, (pdf) => signedPdf(pdf, seal, call.service.edge))
    }),
})

const preparing = submission({
  path: `${PATH}/pdf/prepare`,
  text: 'what the card of the signer is to sign of the PDF',
  answer: (call, form) =>
    telling(call, async () => {
      const signer = signerFrom(form)
      const { pdf } = await plainPdf(call)
      return toSignAnswer(call, signer, { made: preparePdfElsewhere(pdf, { signer }, call.service.edge), part: '/pdf' })
    }),
})

const embedding = submission({
  path: `${PATH}/pdf/embed`,
  text: 'the PDF of a document with the signature of the card',
  answer: (call, form) =>
    telling(call, () => {
      const answered = answeredFrom(form)
      return fileOf(call, (pdf) => embedValueInPdf(pdf, answered, call.service.edge))
    }),
})

export const pdfSigningRoutes: readonly Route[] = [sealing, preparing, embedding].map((row) => ({
  ...row,
  need: { role: 'sign', writing: 'sign' },
}))
