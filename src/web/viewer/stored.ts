/** The page of a stored document: verified, shown, and to be taken along. */

import { archivePdf } from '../../archive.ts'
import { bytesOf } from '../../fhir/bytes.ts'
import { fail } from '../../fhir/error.ts'
import { stringify } from '../../fhir/json.ts'
import { isComposition } from '../../fhir/types.ts'
import { stringifyXml } from '../../fhir/xml-write.ts'
import type { Answer, Headers } from '../../http/answer.ts'
import { FORMATS, type Format } from '../../http/negotiation.ts'
import { isJson, knownOf, storedDocument, type StoredDocument } from '../../http/operations/stored.ts'
import { besides } from '../../http/operations/verify.ts'
import { modelOf, type Call, type Route } from '../../http/route.ts'
import { asked } from '../asked.ts'
import { HOME, mayDo, page, pageAnswer, readerFor } from '../page.ts'
import { documentRow } from '../rows.ts'
import { deedsFor } from '../draft/documents.ts'
import { sealFor } from '../draft/example.ts'
import { judged } from './judged.ts'
import { attachment, framed, languageChoice } from './shown.ts'

const PATH = `${HOME}/document/:id`

const view = page({
  path: PATH,
  text: 'a stored document: what its signatures are worth, and itself',
  answer: async (call) => {
    const { id, service } = call
    const { bundle, version } = await storedDocument(call)
    const reader = readerFor(call)
    const { verdict } = await judged(bundle, reader, call, await besides(version, call))
    const row = documentRow(version, reader)
    const composition = bundle.entry?.[0]?.resource
    const path = `${HOME}/document/${id}`
    const choice = languageChoice(asked('lang', call), call)
    const receipt = await service.store.snapshot((store) => store.receipt(version))
    return pageAnswer(call, 'web/viewer/document', {
      ...row,
      path,
      title: row.title,
      verdict,
      ...choice,
      frame: `${path}/page`,
      translated: choice.chosen && `${path}/page?lang=${choice.chosen.language}`,
      isStored: true,
      deeds: isComposition(composition) ? deedsFor({ version, bundle, composition }, call, reader) : [],
      hasReceipt: receipt !== undefined,
      sealsPdf: sealFor(call) !== undefined && mayDo('sign', call),
    })
  },
})

/** A part of a document's page that is no page by itself. */
function part(
  [name, format, text]: readonly [string, Format, string],
  answer: (document: StoredDocument, call: Call) => Answer | Promise<Answer>,
): Route {
  return {
    method: 'GET',
    path: `${PATH}/${name}`,
    text,
    formats: [format],
    // browsers say what they would rather have, and take what they are given
    isOfAnyType: true,
    isFree: true,
    parameters: {},
    later: [],
    need: {},
    answer: async (call) => answer(await storedDocument(call), call),
  }
}

const frame = part(
  ['page', FORMATS.html, 'the rendering of a stored document, for a frame'],
  async ({ bundle }, call) => {
    const { successors } = await knownOf(bundle, call.service)
    const lang = asked('lang', call)
    return framed(bundle, { successors, ...(lang !== '' && { lang }) }, call)
  },
)

function file(body: Uint8Array | string, contentType: string, headers: Headers): Answer {
  return { status: 200, headers: { ...headers, 'Content-Type': contentType }, body }
}

const json = part(['json', FORMATS.json, 'a stored document as JSON'], ({ bundle, original }) =>
  file(isJson(original) ? original.bytes : bytesOf(bundle), FORMATS.json.mediaTypes[0], attachment(bundle, 'json')),
)

const xml = part(['xml', FORMATS.xml, 'a stored document as XML'], ({ bundle, original }, { service }) => {
  const body = isJson(original) ? stringifyXml(bundle, modelOf(service), 'none') : original.bytes
  return file(body, FORMATS.xml.mediaTypes[0], attachment(bundle, 'xml'))
})

const pdf = part(['pdf', FORMATS.pdf, 'a stored document as PDF'], async ({ bundle, original }, call) => {
  const { design, edge } = call.service
  const { bytes, mediaType } = original
  const made = await archivePdf({ bundle, bytes, mediaType }, design, edge, { signal: call.signal })
  return file(made.pdf, FORMATS.pdf.mediaTypes[0], attachment(bundle, 'pdf'))
})

const receipt = part(
  ['receipt', FORMATS.data, 'what closure did for a stored document'],
  async ({ bundle, version }, { service }) => {
    const found = await service.store.snapshot((store) => store.receipt(version))
    if (found === undefined) throw fail('not-found', 'There is no receipt of this document')
    return file(stringify(found, 2), FORMATS.data.mediaTypes[0], attachment(bundle, 'receipt.json'))
  },
)

export const storedRoutes: readonly Route[] = [view, frame, json, xml, pdf, receipt]
