/** The finished inpatient stays of the records of the corpus, and the discharge report of each. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dischargeRequest, stayIn } from '../../src/discharge.ts'
import { bundleSource } from '../../src/edge/store/bundle.ts'
import { parseJson } from '../../src/fhir/json.ts'
import type { Bundle, JsonObject, Resource } from '../../src/fhir/types.ts'
import { compose, type Design, type Edge, type Product } from '../../src/pipeline.ts'
import { guideNamed } from '../guides.ts'
import { corpusDir } from './corpus.ts'

const PACK = 'synthea/synthea-r4/pack-40.ndjson.gz'

export interface Report {
  readonly id: string
  /** The record that the stay is in. */
  readonly record: readonly Resource[]
  readonly stay: Resource
  readonly product: Product
}

/** The report of each finished inpatient stay, with a course. */
export async function reportsOf(design: Design, edge: Edge): Promise<readonly Report[]> {
  const guide = guideNamed('eu-hdr-1.0', design)
  const reports: Report[] = []
  for (const bundle of records()) {
    const record = (bundle.entry ?? []).flatMap(({ resource }) => resource ?? [])
    const source = bundleSource('record', bundle)
    for (const stay of record.filter(isFinishedStay)) {
      const found = await stayIn({ by: 'id', type: 'Encounter', id: stay.id ?? '' }, [source])
      const wishes = { course: 'Admitted and **treated**.\n\n- without complication' }
      const settings = { guide, emptySections: 'emptyReason', version: '1.2.3' } as const
      const request = await dischargeRequest(found, wishes, settings, { design, edge })
      reports.push({ id: stay.id ?? '', record, stay, product: await compose(request, design, edge) })
    }
  }
  return reports
}

function records(): readonly Bundle[] {
  const lines = gunzipSync(readFileSync(join(corpusDir ?? '', PACK))).toString('utf8').split('\n') // prettier-ignore
  return lines.filter((line) => line !== '').map((line) => parseJson(line) as unknown as Bundle)
}

function isFinishedStay({ resourceType, status, class: kind }: Resource): boolean {
  return resourceType === 'Encounter' && status === 'finished' && (kind as JsonObject | undefined)?.['code'] === 'IMP'
}
