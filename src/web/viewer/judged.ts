/** What is found of a document before it is shown: whatever page shows it, it was verified at that moment. */

import type { Bundle } from '../../fhir/types.ts'
import type { StoredBesides } from '../../http/operations/sidecars.ts'
import { knownOf } from '../../http/operations/stored.ts'
import { modelOf, type Call } from '../../http/route.ts'
import { verdictFor, type Reader, type Verdict } from '../../pages.ts'
import { judge } from '../../pipeline.ts'
import type { Successor } from '../../ports.ts'
import { documentIn, judgePdf } from '../../signed-pdf.ts'
import { HOME } from '../page.ts'

/** What is told of a verification; what is said of a later document leads to it. */
export interface LinkedVerdict extends Verdict {
  readonly banners: readonly (Verdict['banners'][number] & { readonly path?: string })[]
}

export interface Judged {
  readonly verdict: LinkedVerdict
  readonly successors: readonly Successor[]
  /** Absent where a PDF carries no document that can be read. */
  readonly bundle?: Bundle
}

type Asked = Pick<Call, 'service'>

/** A document with the Provenances and sidecars that stand beside it. */
export async function judged(
  bundle: Bundle,
  reader: Reader,
  { service }: Asked,
  { provenances, sidecars }: Pick<StoredBesides, 'provenances' | 'sidecars'> = { provenances: [], sidecars: [] },
): Promise<Judged> {
  const at = service.edge.now()
  const { successors } = await knownOf(bundle, service)
  const beside = { provenances, sidecars }
  const request = { ...service.trust, model: modelOf({ design: service.design }), at, successors, ...beside }
  const report = await judge(bundle, request, service.edge)
  return { verdict: linked(verdictFor(report, { bundle, at }, reader, service.design), successors), successors, bundle }
}

/** The banners of later documents are the first, in their order. */
function linked(verdict: Verdict, successors: readonly Successor[] = []): LinkedVerdict {
  const banners = verdict.banners.map((banner, at) => {
    const [type, id] = successors[at]?.reference.split('/') ?? []
    return type === 'Bundle' && id !== undefined ? { ...banner, path: `${HOME}/document/${id}` } : banner
  })
  return { ...verdict, banners }
}

/** A PDF, with the document that it carries. */
export async function judgedPdf(pdf: Uint8Array, reader: Reader, { service }: Asked): Promise<Judged> {
  const at = service.edge.now()
  const carried = await documentIn(pdf, service.design, service.edge)
  const successors = carried === undefined ? undefined : (await knownOf(carried, service)).successors
  const request = {
    ...service.trust,
    model: modelOf({ design: service.design }),
    at,
    ...(successors && { successors }),
  }
  const { report, bundle } = await judgePdf(pdf, request, service.design, service.edge)
  return {
    verdict: linked(verdictFor(report, { bundle, at }, reader, service.design), successors),
    successors: successors ?? [],
    ...(bundle !== undefined && { bundle }),
  }
}
