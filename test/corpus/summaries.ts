/** Summaries of records: of the synthetic patients of the corpus, and of records that its patient summaries are taken for. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bundleSource } from '../../src/edge/store/bundle.ts'
import { draftDocument, recordOf, softwareDevice, type DraftedProduct, type Guide } from '../../src/drafting.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { frozen } from '../../src/fhir/memo.ts'
import { isBundle, type Bundle, type Composition, type Resource } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import type { Design } from '../../src/pipeline.ts'
import { stillEdge } from '../design.ts'
import { model } from '../model.ts'
import { corpusDir, documents, type CorpusDocument } from './corpus.ts'

export interface RecordBundle {
  readonly name: string
  readonly bundle: Bundle
}

/** The forty synthetic patients, each a transaction of the whole record. */
export function syntheticRecords(): readonly RecordBundle[] {
  if (corpusDir === undefined) return []
  const packed = readFileSync(join(corpusDir, 'synthea', 'synthea-r4', 'pack-40.ndjson.gz'))
  const lines = gunzipSync(packed).toString('utf8').trim().split('\n')
  return lines.map((line, at) => ({ name: `synthea-${at}`, bundle: frozen(parseJson(line)) as Bundle }))
}

/** Every R4 document in XML. */
function xmlDocuments(): readonly CorpusDocument[] {
  if (corpusDir === undefined) return []
  const folder = corpusDir
  return globSync('documents/**/*.xml', { cwd: folder })
    .toSorted()
    .map((path) => ({ path, bundle: parseXml(readFileSync(join(folder, path)), model) }))
    .filter((one): one is CorpusDocument => isBundle(one.bundle))
}

/** Every patient summary of the corpus, taken for a record. */
export function summaryRecords(): readonly RecordBundle[] {
  return [...documents(), ...xmlDocuments()].flatMap(({ path, bundle }) => {
    const composition = bundle.entry?.[0]?.resource as Composition | undefined
    const codes = composition?.type?.coding?.map(({ code }) => code) ?? []
    return codes.includes('60591-5') ? [{ name: path.replaceAll('/', '_'), bundle }] : []
  })
}

/** All resources of a record. */
export function resourcesOf({ bundle }: RecordBundle): readonly Resource[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? [])
}

/** The summary of the patient of a record, made on a day. */
export async function summaryOf(
  { bundle }: RecordBundle,
  guide: Guide,
  { design, date }: { readonly design: Design; readonly date: string },
): Promise<DraftedProduct> {
  const source = bundleSource('record', bundle)
  const all = (await source.all?.()) ?? []
  const subject = (bundle.entry?.[0]?.resource as Composition | undefined)?.subject?.reference
  const patients = all.filter(({ resource }) => resource.resourceType === 'Patient')
  const named = patients.find(({ url, resource }) => url === subject || `Patient/${resource.id}` === subject)
  const patient = named ?? patients[0]
  if (patient === undefined) throw new TypeError('The record has no patient')
  const record = await recordOf(source, patient, guide)
  const request = { date, lang: 'en', author: softwareDevice('1.2.3'), emptySections: 'emptyReason' } as const
  return draftDocument({ record, guide, sources: [source], request }, design, stillEdge())
}
