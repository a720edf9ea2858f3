/** The viewer of any document or PDF: nothing of it is kept, so each of its forms brings it along again. */

import { archivePdf } from '../../archive.ts'
import { bytesOf } from '../../fhir/bytes.ts'
import { fromBase64url, toBase64url } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { parseFhir } from '../../fhir/format.ts'
import type { Bundle } from '../../fhir/types.ts'
import { stringifyXml } from '../../fhir/xml-write.ts'
import { FHIR_JSON, type Answer } from '../../http/answer.ts'
import { FORMATS } from '../../http/negotiation.ts'
import { knownOf } from '../../http/operations/stored.ts'
import { modelOf, type Call, type Route } from '../../http/route.ts'
import { bundleFrom } from '../../request.ts'
import { documentIn, isPdf } from '../../signed-pdf.ts'
import type { Form } from '../form.ts'
import { HOME, page, pageAnswer, readerFor, submission } from '../page.ts'
import { documentRow } from '../rows.ts'
import { judged, judgedPdf } from './judged.ts'
import { attachment, framed, languageChoice } from './shown.ts'

const PATH = `${HOME}/read`

const drop = page({
  path: PATH,
  text: 'where any document or PDF can be put to be verified and shown',
  answer: (call) => pageAnswer(call, 'web/viewer/drop', { title: readerFor(call).phrase('web.read.title') }),
})

/** The bytes that came as a file, as text that was pasted, or with a form of the page that shows them. @throws FhirError `required` */
function bytesIn(form: Form): Uint8Array {
  const file = form.file('file')
  if (file !== undefined) return file.bytes
  const again = fromBase64url(form.value('document'))
  if (again !== undefined && again.length > 0) return again
  const pasted = form.value('text').trim()
  if (pasted === '') throw fail('required', 'There is no file, expected a document in JSON or XML, or a PDF')
  return new TextEncoder().encode(pasted)
}

/** @throws FhirError where it is no document that can be read */
async function bundleIn(bytes: Uint8Array, { service }: Pick<Call, 'service'>): Promise<Bundle> {
  if (isPdf(bytes)) {
    const carried = await documentIn(bytes, service.design, service.edge)
    if (carried === undefined) throw fail('not-found', 'The PDF carries no document that can be read')
    return carried
  }
  return bundleFrom(await parseFhir(bytes, { model: () => Promise.resolve(modelOf(service)) }))
}

const view = submission({
  path: PATH,
  text: 'what the signatures of the document or PDF that was put here are worth, and itself',
  answer: async (call, form) => {
    const bytes = bytesIn(form)
    const reader = readerFor(call)
    const isFile = isPdf(bytes)
    const found = isFile
      ? await judgedPdf(bytes, reader, call)
      : await judged(await bundleIn(bytes, call), reader, call)
    const { bundle, verdict } = found
    const row = bundle && documentRow({ id: '', resource: bundle }, reader)
    return pageAnswer(call, 'web/viewer/document', {
      ...row,
      title: row?.title ?? reader.phrase('web.read.pdf'),
      patientPath: undefined,
      verdict,
      ...languageChoice(form.value('lang'), call),
      isPdf: isFile,
      isUnread: bundle === undefined,
      document: toBase64url(bytes),
    })
  },
})

const frame = submission({
  path: `${PATH}/page`,
  text: 'the rendering of the document that was put here, for a frame',
  answer: async (call, form) => {
    const bundle = await bundleIn(bytesIn(form), call)
    const { successors } = await knownOf(bundle, call.service)
    const lang = form.value('lang')
    return framed(bundle, { successors, ...(lang !== '' && { lang }) }, call)
  },
})

/** What a document can be taken along as. */
const FILES: Readonly<Record<string, (bundle: Bundle, bytes: Uint8Array, call: Call) => Promise<Answer['body']>>> = {
  json: (bundle, bytes) => Promise.resolve(/^\s*\{/.test(head(bytes)) ? bytes : bytesOf(bundle)),
  xml: (bundle, _, { service }) => Promise.resolve(stringifyXml(bundle, modelOf(service), 'none')),
  pdf: async (bundle, _, { service: { design, edge }, signal }) =>
    (await archivePdf({ bundle, bytes: bytesOf(bundle), mediaType: FHIR_JSON }, design, edge, { signal })).pdf,
}

const file = submission({
  path: `${PATH}/file`,
  text: 'the document that was put here in another format',
  answer: async (call, form) => {
    const as = form.value('as')
    const made = Object.hasOwn(FILES, as) ? FILES[as] : undefined
    if (made === undefined) throw fail('value', 'The format is not known, expected json, xml or pdf')
    const bytes = bytesIn(form)
    const bundle = await bundleIn(bytes, call)
    const { mediaTypes } = { json: FORMATS.json, xml: FORMATS.xml, pdf: FORMATS.pdf }[as as 'json' | 'xml' | 'pdf']
    const headers = { 'Content-Type': mediaTypes[0], ...attachment(bundle, as) }
    return { status: 200, headers, body: await made(bundle, bytes, call) }
  },
})

function head(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 64))
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
}

export const droppedRoutes: readonly Route[] = [drop, view, frame, file]
