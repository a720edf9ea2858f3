/** `$summary` of a record of a thousand resources, over HTTP: the first, one after something was written, and a repeated one. */

import { bundleSource } from '../src/edge/store/bundle.ts'
import { openStore } from '../src/edge/store/open-store.ts'
import { openSearch } from '../src/edge/store/search/open-search.ts'
import { storeSource } from '../src/edge/store/store-source.ts'
import type { Resource } from '../src/fhir/types.ts'
import { startService, type Start } from '../src/http/start.ts'
import { designOf } from '../src/main/design.ts'
import { readSettings } from '../src/settings.ts'
import { projectGuides } from '../test/guides.ts'
import { allergy, condition, medication, PATIENT, result, storing } from '../test/record.ts'

export interface SummaryResult {
  readonly resources: number
  readonly entries: number
  readonly firstMs: number
  /** After a resource of the record was changed. */
  readonly changedMs: number
  /** The same again. */
  readonly repeatedMs: number
}

/** A record of so many resources, most of them results of ten years. */
function recordOf(size: number): readonly Resource[] {
  const kinds = [
    (id: string): Resource => condition(id, `Problem ${id}`, { onsetDateTime: '2020-01-01' }),
    (id: string): Resource => allergy(id, `Substance ${id}`),
    (id: string): Resource => medication(id, `Medication ${id}`),
  ]
  const some = kinds.flatMap((kind, at) => Array.from({ length: 10 }, (_, place) => kind(`k${at}-${place}`)))
  const doctor: Resource = { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Lang' }] }
  const clinic: Resource = { resourceType: 'Organization', id: 'o', name: 'Clinic of the Lake' }
  const results = Array.from({ length: size - some.length - 3 }, (_, at) =>
    result(`r${at}`, `${1000 + (at % 40)}-1`, { effectiveDateTime: `${2016 + (at % 11)}-02-01` }),
  )
  return [PATIENT, doctor, clinic, ...some, ...results]
}

/** Before the first that counts: code is compiled as it is used. */
const WARMING = 15

/** What the summary costs; medians of the repetitions. */
export async function measureSummary(resources = 1_000, repetitions = 15): Promise<SummaryResult> {
  const settings = readSettings({ FHIRDOC_PORT: '0' })
  const design = await designOf(settings)
  const clock = { now: () => new Date().toISOString().replace(/\.\d+/, ''), uuid: () => crypto.randomUUID() }
  const store = await openStore('sqlite::memory:', await openSearch({ ...design.collect, base: 'http://127.0.0.1/fhir' }, clock)) // prettier-ignore
  const printer = { print: () => Promise.reject(new TypeError('Nothing is printed')), close: () => Promise.resolve() }
  const service: Start['service'] = {
    design,
    edge: { ...clock, printer, observe: (_, work) => work() },
    ...{ store, storeSource, guides: projectGuides(design), emptySections: 'emptyReason', trust: {} },
    searchParameters: () => [],
    sourceOf: (bundle) => bundleSource('request', bundle),
    version: '0.0.0',
    startedAt: clock.now(),
  }
  const log = { debug: () => undefined, info: () => undefined, error: () => undefined }
  const running = await startService({ settings, service, log })
  const base = `${running.url}/fhir`
  const send = (path: string, method: string, body: Resource): Promise<Response> =>
    fetch(`${base}${path}`, {
      method,
      headers: { 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(body),
    })
  await (await send('', 'POST', storing(recordOf(resources)))).text()
  const summary = async (): Promise<{ readonly ms: number; readonly text: string }> => {
    const startMs = performance.now()
    const text = await (await fetch(`${base}/Patient/p/$summary`)).text()
    return { ms: performance.now() - startMs, text }
  }
  const { ms: firstMs, text } = await summary()
  const change = async (text: string): Promise<void> => {
    await (await send('/Condition/k0-0', 'PUT', condition('k0-0', text))).text()
  }
  for (let count = 0; count < WARMING; count += 1) {
    await change(`Problem, warming ${count}`)
    await summary()
  }
  const changed: number[] = []
  const repeated: number[] = []
  for (let count = 0; count < repetitions; count += 1) {
    await change(`Problem, text ${count}`)
    changed.push((await summary()).ms)
    repeated.push((await summary()).ms)
  }
  await running.stop()
  await store.close()
  const entries = ((JSON.parse(text) as { entry: unknown[] }).entry ?? []).length
  return { resources, entries, firstMs, changedMs: median(changed), repeatedMs: median(repeated) }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** As a line. */
export function summaryTable({ resources, entries, firstMs, changedMs, repeatedMs }: SummaryResult): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  return `$summary of ${resources} resources, ${entries} entries: first ${ms(firstMs)}, after a change ${ms(changedMs)}, repeated ${ms(repeatedMs)}`
}
