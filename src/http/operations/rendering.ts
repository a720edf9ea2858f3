/** `Bundle/$render`: a document as a page for people. */

import { archivePdf, type ArchiveLevel, type Printed } from '../../archive.ts'
import { attached, ATTACHMENTS, type Attachment } from '../../attaching.ts'
import { bytesOf } from '../../fhir/bytes.ts'
import { fail } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { parseJson } from '../../fhir/json.ts'
import { parseReference } from '../../fhir/reference.ts'
import type { Bundle } from '../../fhir/types.ts'
import type { Original, Successor } from '../../ports.ts'
import { OPTIONS } from '../../options.ts'
import { present, type Design } from '../../pipeline.ts'
import { bundleFrom, withPage, type PageChoice } from '../../request.ts'
import { excerpt, listOf, oneOf, text, yesNo } from '../../shape.ts'
import { signedPdf } from '../../signed-pdf.ts'
import { bytesAnswer, FHIR_JSON, issuesHeader, type Answer, type Headers } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, storedOperation } from '../operation.ts'
import type { Call } from '../route.ts'
import { lastingOf } from './lasting.ts'
import { knownOf, storedDocument } from './stored.ts'

const { lang, template, archive } = OPTIONS

/** What is known of a document beside what it says itself. */
export interface Known {
  /** Its bytes as they were received; where there are none, they are those that it would be answered with. */
  readonly original?: Original
  readonly issues?: readonly Issue[]
  readonly successors?: readonly Successor[]
  readonly headers?: Headers
}

/** The page of a document in the format wanted; the number of errors, those of its making too, in the header. */
export async function rendering(bundle: Bundle, call: Rendering, known: Known = {}): Promise<Answer> {
  const { wanted, values, service } = call
  const { issues = [], successors, headers } = known
  const older = values.diff === undefined ? undefined : await olderBundle(values.diff, service)
  const design = withPage(service.design, { ...values, successors, older })
  const made = wanted.format === 'pdf' ? await printed(bundle, design, call, known.original) : undefined
  const page = made ?? present(bundle, design, service.edge)
  const told = issuesHeader([...issues, ...page.issues])
  return bytesAnswer('pdf' in page ? page.pdf : page.xhtml, wanted.contentType, { ...told, ...headers })
}

async function printed(bundle: Bundle, design: Design, call: Rendering, original?: Original): Promise<Printed> {
  const { values, service, signal } = call
  const { bytes, mediaType } = original ?? { bytes: bytesOf(bundle), mediaType: FHIR_JSON }
  if (values.level !== undefined && values.signPdf !== true)
    throw fail('value', 'The parameter level is of use with signPdf alone, expected signPdf=true beside it')
  if (values.signPdf === true && service.seal === undefined)
    throw fail('not-supported', 'This service has no signing key, expected signPdf to be left out')
  // a comparison is no document: its PDF is no archive of one
  const archive = values.archive ?? (values.diff === undefined ? '3a' : 'none')
  if (values.attach !== undefined && archive !== '3a')
    throw fail('value', 'The parameter attach is of use in PDF/A-3a alone, expected archive=3a')
  const document = { bundle, bytes, mediaType }
  const further = await attached(values.attach ?? [], document, service)
  const made = await archivePdf(document, design, service.edge, { level: archive, further, signal })
  if (values.signPdf !== true || service.seal === undefined) return made
  return { ...made, pdf: await signedPdf(made.pdf, service.seal, service.edge, lastingOf(values, service)) }
}

type Rendering = Pick<Call, 'wanted' | 'service' | 'signal'> & {
  readonly values: PageChoice & {
    readonly archive?: ArchiveLevel | undefined
    readonly attach?: readonly Attachment[] | undefined
    readonly diff?: string | undefined
    readonly signPdf?: boolean | undefined
    readonly level?: 'B' | 'T' | 'LT' | 'LTA' | undefined
  }
}

const level = { ...OPTIONS.lastingLevel, text: 'with signPdf: the baseline level of that seal' } as const
const signPdf = { shape: yesNo, type: 'boolean', text: 'a PDF with the seal of the service over all of it' } as const

const attach = {
  shape: listOf(oneOf(ATTACHMENTS)),
  type: 'string',
  text: 'what a PDF/A-3a carries beside its document: another form of it, the verification report',
} as const

/** What a page is asked for with. */
export const PAGE_OPTIONS = { lang, template, archive, attach, signPdf, level } as const

const diff = {
  shape: text('Bundle/id, or a Bundle as a part of Parameters'),
  type: 'string',
  text: 'what changed since an older version, in the place of the document',
} as const

/** A stored document by its reference, else the one that came in the request. @throws FhirError `not-found`, `deleted` */
async function olderBundle(given: string, service: Call['service']): Promise<Bundle> {
  if (given.startsWith('{')) return bundleFrom(parseJson(Buffer.from(given)))
  const parsed = parseReference(given)
  const isOurs = parsed.form === 'relative' || (parsed.form === 'rest' && parsed.base === service.base)
  if (!isOurs || parsed.type !== 'Bundle')
    throw fail('value', `The parameter diff names ${excerpt(given)}, expected a stored Bundle`)
  return (await storedDocument({ id: parsed.id, service })).bundle
}

const row = {
  code: 'render',
  type: 'Bundle',
  text: 'the document as a page for people',
  formats: [FORMATS.xhtml, FORMATS.pdf],
  parameters: { ...PAGE_OPTIONS, diff },
  isOfAnyVersion: true,
  later: [],
  output: [{ name: 'return', type: 'Binary', least: 1, most: '1', text: 'the page, sent as it is' }],
} as const

export const renderRoute = operation({
  ...row,
  part: 'content',
  answer: (call) => pageAnswer({ bundle: bundleFrom(call.content), original: call.posted }, call),
})

export const renderStoredRoutes = storedOperation({
  ...row,
  levels: ['instance'],
  answer: async (call) => pageAnswer(await storedDocument(call), call),
})

interface Shown {
  readonly bundle: Bundle
  readonly original: Original
}

async function pageAnswer({ bundle, original }: Shown, call: Rendering): Promise<Answer> {
  return rendering(bundle, call, { ...(await knownOf(bundle, call.service)), original })
}
