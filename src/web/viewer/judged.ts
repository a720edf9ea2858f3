/** What is found of a document before it is shown: whatever page shows it, it was verified at that moment. */

import type { Bundle, Resource } from '../../fhir/types.ts'
import { knownOf } from '../../http/operations/stored.ts'
import { modelOf, type Call } from '../../http/route.ts'
import { verdictFor, type Reader, type Verdict } from '../../pages.ts'
import { judge } from '../../pipeline.ts'
import type { Successor } from '../../ports.ts'
import { documentIn, judgePdf } from '../../signed-pdf.ts'

export interface Judged {
  readonly verdict: Verdict
  readonly successors: readonly Successor[]
  /** Of a PDF: whether its pages show the document that it carries, in the words of the report. */
  readonly pages?: { readonly tone: 'good' | 'warning' | 'error'; readonly text: string }
  /** Absent where a PDF carries no document that can be read. */
  readonly bundle?: Bundle
}

type Asked = Pick<Call, 'service'>

/** A document with the Provenances that stand beside it. */
export async function judged(
  bundle: Bundle,
  reader: Reader,
  { service }: Asked,
  provenances: readonly Resource[] = [],
): Promise<Judged> {
  const at = service.edge.now()
  const { successors } = await knownOf(bundle, service)
  const request = { ...service.trust, model: modelOf({ design: service.design }), at, successors, provenances }
  const report = await judge(bundle, request, service.edge)
  return { verdict: verdictFor(report, { bundle, at }, reader, service.design), successors, bundle }
}

const TONES = { passed: 'good', failed: 'error', 'not-checked': 'warning' } as const

/** A PDF, with the document that it carries. */
export async function judgedPdf(pdf: Uint8Array, reader: Reader, { service }: Asked): Promise<Judged> {
  const at = service.edge.now()
  const carried = await documentIn(pdf, service.design)
  const successors = carried === undefined ? undefined : (await knownOf(carried, service)).successors
  const request = {
    ...service.trust,
    model: modelOf({ design: service.design }),
    at,
    ...(successors && { successors }),
  }
  const { report, bundle } = await judgePdf(pdf, request, service.design, service.edge)
  return {
    verdict: verdictFor(report, { bundle, at }, reader, service.design),
    successors: successors ?? [],
    ...(bundle !== undefined && { bundle }),
    ...(report.pages !== undefined && { pages: { tone: TONES[report.pages.verdict], text: report.pages.text } }),
  }
}
