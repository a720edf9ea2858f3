/** `Bundle/$verify`: what can be said of a document's signature. */

import { jsonOf } from '../../fhir/json.ts'
import { isObject, type Bundle, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { judge, presentReport } from '../../pipeline.ts'
import type { Version } from '../../ports.ts'
import { besidesIn, bundleFrom, withPage } from '../../request.ts'
import { documentIn, isPdf, judgePdf } from '../../signed-pdf.ts'
import { bytesAnswer, resourceAnswer, type Answer, type Headers } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { operation, storedOperation } from '../operation.ts'
import { modelOf, type Call, type Route } from '../route.ts'
import { SIDECAR } from './lasting.ts'
import { storedBesides, type StoredBesides } from './sidecars.ts'
import { pdfIn } from './sign-pdf.ts'
import { knownOf, storedDocument } from './stored.ts'

/** What stands beside a document that is verified. */
const BESIDE = {
  ...SIDECAR,
  text: 'what stands beside the document, as base64 or in a Binary: a JWS in JSON or compact, XAdES, or a Provenance, which may be given as it is',
}

const row = {
  code: 'verify',
  type: 'Bundle',
  text: 'the verification report of a document, or a page that tells it in plain words; what signatures are trusted by is decided by the service',
  formats: [FORMATS.json, FORMATS.xhtml],
  parameters: { lang: OPTIONS.lang, sidecar: BESIDE },
  output: [
    { name: 'indication', type: 'code', least: 1, most: '1', text: 'TOTAL_PASSED, INDETERMINATE or TOTAL_FAILED' },
    { name: 'subIndication', type: 'code', least: 0, most: '1', text: 'the reason, of EN 319 102-1' },
    { name: 'signature', type: '', least: 0, most: '*', text: 'what was found of a signature', parts: ['where', 'format', 'level', 'indication', 'subIndication', 'signer', 'seal', 'signingTime', 'bestSignatureTime', 'covers', 'checks', 'notCovered'] },
    { name: 'successor', type: '', least: 0, most: '*', text: 'a later document in the store that replaces or amends this one, or says that it is in error', parts: ['relation', 'reference', 'identifier', 'date'] },
    { name: 'pages', type: '', least: 0, most: '1', text: 'of a PDF: whether its pages show the document that it carries', parts: ['name', 'verdict', 'text', 'findings'] },
  ], // prettier-ignore
} as const

const onBundle = operation({
  ...row,
  isOfAnyVersion: true,
  later: [],
  part: 'content',
  answer: ({ content, ...call }) => {
    const pdf = pdfIn(content)
    return pdf === undefined ? reportAnswer(bundleFrom(content), call) : pdfAnswer(pdf, call)
  },
})

/** A PDF may stand for the document that it carries: its own signatures and its pages are judged too. */
export const verifyRoute: Route = {
  ...onBundle,
  reads: [...FORMATS.json.mediaTypes, ...FORMATS.pdf.mediaTypes],
  answer: (call) =>
    isPdf(call.body.bytes) ? pdfAnswer(call.body.bytes, call as Call<typeof row.parameters>) : onBundle.answer(call),
}

export const verifyStoredRoutes = storedOperation({
  ...row,
  levels: ['instance'],
  later: [],
  answer: async (call) => {
    const { bundle, version } = await storedDocument(call)
    return reportAnswer(bundle, call, await besides(version, call))
  },
})

/** What is stored beside a stored document: Provenances about it, and the sidecars of its signatures. */
export function besides(version: Pick<Version, 'id'>, { service }: Pick<Call, 'service'>): Promise<StoredBesides> {
  return service.store.snapshot((reader) => storedBesides(reader, version, service.base))
}

type Asked = Pick<Call<typeof row.parameters>, 'pretty' | 'service' | 'wanted' | 'values'>

async function reportAnswer(
  bundle: Bundle,
  { pretty, service, wanted, values }: Asked,
  { provenances, sidecars }: Pick<StoredBesides, 'provenances' | 'sidecars'> = { provenances: [], sidecars: [] },
): Promise<Answer> {
  const at = service.edge.now()
  const { successors, headers } = await knownOf(bundle, service)
  const model = modelOf(service)
  const given = await besidesIn(values.sidecar === undefined ? [] : [values.sidecar], () => model)
  const all = {
    provenances: [...provenances, ...given.provenances],
    // what is given comes first, so that an older one that is stored does not take its place
    sidecars: [...given.sidecars, ...(given.sidecars.length > 0 ? [] : sidecars)],
  }
  const request = { ...service.trust, model, at, successors, ...all }
  const report = await judge(bundle, request, service.edge)
  return toldAnswer({ report, bundle, at, headers }, { pretty, service, wanted, values })
}

/** What is stored against the document that a PDF carries is known once that is read. */
async function pdfAnswer(pdf: Uint8Array, call: Asked): Promise<Answer> {
  const { service } = call
  const at = service.edge.now()
  const request = { ...service.trust, model: modelOf(service), at }
  const { successors, headers } = await knownOfPdf(pdf, service)
  const asked = { ...request, ...(successors !== undefined && { successors }) }
  const { report, bundle } = await judgePdf(pdf, asked, service.design, service.edge)
  return toldAnswer({ report, bundle, at, headers }, call)
}

type Known = Partial<Pick<Awaited<ReturnType<typeof knownOf>>, 'successors'>> & { readonly headers: Headers }

async function knownOfPdf(pdf: Uint8Array, service: Call['service']): Promise<Known> {
  const bundle = await documentIn(pdf, service.design, service.edge)
  return bundle === undefined ? { headers: {} } : knownOf(bundle, service)
}

interface Told {
  readonly report: Awaited<ReturnType<typeof judge>>
  readonly bundle: Bundle | undefined
  readonly at: string
  readonly headers: Headers
}

function toldAnswer({ report, bundle, at, headers }: Told, { pretty, service, wanted, values }: Asked): Answer {
  if (wanted.format === 'xhtml') {
    const page = presentReport(report, { bundle, at }, withPage(service.design, values), service.edge)
    return bytesAnswer(page, wanted.contentType, headers)
  }
  const { signatures, successors, pages, ...verdict } = report
  const parameters = parametersOf({
    ...verdict,
    signature: jsonOf(signatures),
    successor: jsonOf(successors ?? []),
    ...(pages !== undefined && { pages: jsonOf(pages) }),
  })
  return resourceAnswer(parameters, { ...pretty, headers })
}

/** The FHIR type of a member that is text, where it is not `string`. */
const TYPES: Readonly<Record<string, string>> = {
  indication: 'Code',
  subIndication: 'Code',
  format: 'Code',
  level: 'Code',
  verdict: 'Code',
  relation: 'Code',
  date: 'DateTime',
  signingTime: 'Instant',
  bestSignatureTime: 'Instant',
}

/** An object as Parameters: members as parameters of the same names, several values as several parameters. */
export function parametersOf(value: JsonObject): Resource {
  return { resourceType: 'Parameters', parameter: partsOf(value) }
}

function partsOf(value: JsonObject): JsonObject[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const values = Array.isArray(member) ? (member as readonly Json[]) : [member]
    return values.map((each) => ({ name, ...partOf(name, each) }))
  })
}

function partOf(name: string, value: Json | undefined): JsonObject {
  if (isObject(value)) return { part: partsOf(value) }
  if (typeof value === 'boolean') return { valueBoolean: value }
  return { [`value${TYPES[name] ?? 'String'}`]: value }
}
