/** The PDF of an archive with a signature of its own, and what can be said of one: of its signatures, its document and its pages. */

import { archivePdf, documentDigest, extractAside, type Received } from './archive.ts'
import { FhirError } from './fhir/error.ts'
import { parseFhir } from './fhir/format.ts'
import { isBundle, type Bundle } from './fhir/types.ts'
import type { EmbeddedDocument } from './pdf/embedded.ts'
import { readPdf } from './pdf/read.ts'
import { pageTexts } from './pdf/text.ts'
import type { Design, Edge, Signing } from './pipeline.ts'
import { readRendering } from './render/pdf/rendering.ts'
import { augmentPdf, type PdfLastingRequest } from './sign/pdf/augment.ts'
import { isOnlySigned } from './sign/pdf/pades.ts'
import { withPages } from './sign/pdf/pages.ts'
import { embedPdfValue, preparePdfFor } from './sign/pdf/prepare.ts'
import type { Absent, Answered, ToSign } from './sign/prepare.ts'
import { signPdf } from './sign/pdf/sign.ts'
import { found, type Finding } from './sign/finding.ts'
import type { PagesCheck, Report } from './sign/report.ts'
import { verifyPdf, type VerifyRequest } from './sign/verify.ts'

/** How a PDF is signed. */
export type PdfSigning = Pick<Signing, 'key' | 'type' | 'seal'>

/** The level of a signature in a PDF and where what it needs comes from. */
export type PdfLasting = Omit<PdfLastingRequest, 'at'>

/**
 * The PDF with a signature over all of it, of level B where no other is asked for.
 * @throws FhirError `business-rule` where it is signed already or what the level needs is not to be had, `security` for the key
 */
export function signedPdf(
  pdf: Uint8Array,
  { key, type, seal }: PdfSigning,
  edge: Edge,
  lasting?: PdfLasting,
): Promise<Uint8Array> {
  return edge.observe('sign', async () => {
    const request = { when: edge.now(), ...(type !== undefined && { type }), ...(seal !== undefined && { seal }) }
    const signed = await signPdf(pdf, (await key.current?.()) ?? key, request)
    return lasting === undefined ? signed : augmentPdf(signed, { ...lasting, at: edge.now() })
  })
}

/** A signed PDF with its signature at a higher level, or with a further time-stamp. @throws FhirError `business-rule` */
export function outlastPdf(pdf: Uint8Array, lasting: PdfLasting, edge: Edge): Promise<Uint8Array> {
  return edge.observe('sign', () => augmentPdf(pdf, { ...lasting, at: edge.now() }))
}

/** What is to be signed of a PDF elsewhere: its signature has no protected header. */
export type PdfToSign = Omit<ToSign, 'protected'>

/** What a key elsewhere is to sign of a PDF. @throws FhirError as `signedPdf` */
export function preparePdfElsewhere(
  pdf: Uint8Array,
  { signer, type }: Pick<Signing, 'type'> & { readonly signer: Absent },
  edge: Edge,
): PdfToSign {
  return edge.observe('sign', () =>
    preparePdfFor(pdf, signer, { when: edge.now(), ...(type !== undefined && { type }) }),
  )
}

/** The PDF with the value that the key elsewhere gave, at the level asked for. @throws FhirError as `embedValueIn` */
export function embedValueInPdf(
  pdf: Uint8Array,
  answered: Omit<Answered, 'settings'>,
  edge: Edge,
  lasting?: PdfLasting,
): Promise<Uint8Array> {
  return edge.observe('sign', async () => {
    const signed = embedPdfValue(pdf, answered)
    return lasting === undefined ? signed : augmentPdf(signed, { ...lasting, at: edge.now() })
  })
}

/** Whether the bytes are a PDF. */
export function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-'
}

/** What was found of a PDF, and the document that it carries; undefined where it carries none that can be read. */
export interface JudgedPdf {
  readonly report: Report
  readonly bundle: Bundle | undefined
}

/** What can be said of a PDF: of its own signatures, of those of its document, and whether its pages show that document. */
export async function judgePdf(
  pdf: Uint8Array,
  request: VerifyRequest,
  design: Design,
  edge: Edge,
): Promise<JudgedPdf> {
  const embedded = await embeddedIn(pdf, edge)
  const bundle = await bundleOf(embedded, design)
  const report = await edge.observe('verify', () => verifyPdf(pdf, bundle, request))
  const pages = await pagesOf({ pdf, embedded, bundle }, design, edge)
  return { report: withPages(report, pages), bundle }
}

/**
 * The document that a PDF carries; undefined where it carries none that can be read.
 * @throws FhirError `timeout`, `too-costly` where reading it takes more than it may
 */
export async function documentIn(pdf: Uint8Array, design: Design, edge: Edge): Promise<Bundle | undefined> {
  return bundleOf(await embeddedIn(pdf, edge), design)
}

/** Too much for a thread is too much for this one: such a PDF is not read here either. */
const COSTLY: ReadonlySet<string> = new Set(['timeout', 'too-costly', 'transient'])

async function embeddedIn(pdf: Uint8Array, edge: Edge): Promise<EmbeddedDocument | undefined> {
  try {
    return await extractAside(pdf, edge)
  } catch (error) {
    if (error instanceof FhirError && !error.issues.some(({ code }) => COSTLY.has(code))) return undefined
    throw error
  }
}

async function bundleOf(
  embedded: EmbeddedDocument | undefined,
  { collect: { model } }: Design,
): Promise<Bundle | undefined> {
  if (embedded === undefined) return undefined
  try {
    const content = await parseFhir(embedded.bytes, { model: () => Promise.resolve(model) })
    return isBundle(content) ? content : undefined
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

/** What the work gives; undefined where it cannot, which is told where the PDF itself is. */
function unless<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

interface Carried {
  readonly pdf: Uint8Array
  readonly embedded: EmbeddedDocument | undefined
  readonly bundle: Bundle | undefined
}

/** Whether the pages show the document: it is rendered anew, with the very same templates or not at all (H-14). */
async function pagesOf({ pdf, embedded, bundle }: Carried, design: Design, edge: Edge): Promise<PagesCheck> {
  if (embedded === undefined)
    return unchecked('The PDF carries no document that its pages could show', found('pages.none'))
  if (bundle === undefined)
    return failed('What the PDF carries as its document is none that can be read', found('pages.unreadable'))
  const rendering = unless(() => readRendering(pdf))
  if (rendering === undefined)
    return unchecked('The PDF does not say what its pages were rendered with', found('pages.unsaid'))
  const { renderer, templates, digest, template, language, zone } = rendering
  const own = design.render
  if (renderer !== (own.producer ?? 'fhirdoc') || templates !== own.templates.digest)
    return unchecked(
      `The pages were rendered by ${renderer} with templates that are not at hand`,
      found('pages.elsewhere', { renderer }),
    )
  if (digest !== Buffer.from(documentDigest(bundle)).toString('hex'))
    return failed(
      'The pages were rendered from another document than the one that the PDF carries',
      found('pages.other'),
    )
  const document = { bundle, bytes: embedded.bytes, mediaType: embedded.mediaType }
  const designs = [undefined, language].map((lang) => ({ ...design, render: { ...own, template, lang, zone } }))
  try {
    return await comparedWith(pdf, document, designs, edge)
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    return unchecked(`The pages could not be rendered anew: ${error.message}`, found('pages.failed'))
  }
}

/** The document's own language is what most pages have; where one was asked for, its page may differ in more than words. */
async function comparedWith(
  pdf: Uint8Array,
  document: Received,
  designs: readonly Design[],
  edge: Edge,
): Promise<PagesCheck> {
  const texts = pageTexts(readPdf(pdf))
  for (const design of designs) {
    const made = (await archivePdf(document, design, edge)).pdf
    if (isOnlySigned(made, pdf))
      return passed(
        'The pages are what the document renders to, to the last line: nothing but signatures came to them',
        found('pages.same'),
      )
    const expected = pageTexts(readPdf(made))
    if (expected.length === texts.length && expected.every((text, index) => text === texts[index]))
      return passed(
        'The text of the pages is that of the document as it renders here; how it is drawn was not compared',
        found('pages.text'),
      )
  }
  return failed('The pages have another text than the document has where it is rendered anew', found('pages.differ'))
}

function passed(text: string, finding: Finding): PagesCheck {
  return { name: 'pages', verdict: 'passed', text, findings: [finding] }
}

function failed(text: string, finding: Finding): PagesCheck {
  return { name: 'pages', verdict: 'failed', text, findings: [finding] }
}

function unchecked(text: string, finding: Finding): PagesCheck {
  return { name: 'pages', verdict: 'not-checked', text, findings: [finding] }
}
