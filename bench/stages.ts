/** The stages measured as the pipeline runs them: each alone, and the whole. */

import { parseJson } from '../src/fhir/json.ts'
import { isComposition, isResource, type Resource } from '../src/fhir/types.ts'
import { demoSigner } from '../src/edge/keys/demo.ts'
import { memorySource } from '../src/edge/store/memory.ts'
import { compose, present, type Design, type Edge, type StageName } from '../src/pipeline.ts'
import { collectGarbage, median } from './measure.ts'
import { syntheticRecord } from './record.ts'

export type Timed = StageName | 'whole'

/** What one size costs. */
export interface SizeResult {
  readonly entries: number
  /** Of the document, as JSON. */
  readonly kB: number
  readonly runs: number
  /** The median of each stage, warm; the whole is collect to XHTML. */
  readonly ms: Readonly<Partial<Record<Timed, number>>>
  /** Held by the document and the page once all garbage is gone. */
  readonly heldMB: number
  /** The most that the process had in memory so far. */
  readonly peakMB: number
}

const NOW = '2027-01-01T08:00:00Z'
const BASE = 'https://fhir.example.org/r4'

/** How often a size is run: as often as a few seconds allow. */
function runsFor(entries: number): { readonly warm: number; readonly measured: number } {
  if (entries <= 100) return { warm: 15, measured: 31 }
  return entries <= 2_000 ? { warm: 3, measured: 9 } : { warm: 1, measured: 3 }
}

/** A pipeline run over a record of so many resources, and what it made. */
export async function measureSize(entries: number, design: Design): Promise<SizeResult> {
  const resources = resourcesOf(entries)
  const { key } = demoSigner({ now: NOW })
  const { warm, measured } = runsFor(entries)
  const laps = new Map<Timed, number[]>()
  const run = (): Promise<Made> => once(resources, { design, key, laps })
  for (let count = 0; count < warm; count++) await run()
  laps.clear()
  for (let count = 0; count < measured; count++) await run()
  const ms = Object.fromEntries(Array.from(laps, ([stage, times]) => [stage, median(times)]))
  const heldMB = await heldBy(run)
  const { bundle } = await run()
  const kB = JSON.stringify(bundle).length / 1e3
  const peakMB = process.resourceUsage().maxRSS / 1e3
  return { entries: bundle.entry?.length ?? 0, kB, runs: measured, ms, heldMB, peakMB }
}

/** What the second of two things that are kept adds to the heap; the first may stand where an earlier one stood. */
async function heldBy(run: () => Promise<Made>): Promise<number> {
  const kept = [await run()]
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  kept.push(await run())
  collectGarbage()
  const held = (process.memoryUsage().heapUsed - before) / 1e6
  return kept.length > 1 ? held : NaN
}

/** The page of a document of so many resources, for printing. */
export async function pageOf(entries: number, design: Design): Promise<string> {
  const { key } = demoSigner({ now: NOW })
  return (await once(resourcesOf(entries), { design, key, laps: new Map() })).xhtml
}

/** As they are read from a file: numbers keep their text. */
function resourcesOf(entries: number): readonly Resource[] {
  const { composition, resources } = syntheticRecord(entries)
  return [composition, ...resources].map((text) => {
    const resource = parseJson(text)
    if (!isResource(resource)) throw new TypeError('The synthetic record holds something else than resources')
    return resource
  })
}

interface Bench {
  readonly design: Design
  readonly key: ReturnType<typeof demoSigner>['key']
  readonly laps: Map<Timed, number[]>
}

async function once(resources: readonly Resource[], { design, key, laps }: Bench): Promise<Made> {
  const [composition] = resources
  if (!isComposition(composition)) throw new TypeError('The synthetic record does not begin with a Composition')
  const edge = stopwatch(laps)
  const start = performance.now()
  const held = resources.map((resource) => ({ resource, url: `${BASE}/${resource.resourceType}/${resource.id}` }))
  const request = {
    composition,
    sources: [memorySource('bench', held)],
    secondary: 'include',
    fullUrl: 'rest',
    base: BASE,
  } as const
  const { bundle } = await compose({ ...request, sign: { key } }, design, edge)
  const { xhtml } = present(bundle, design, edge)
  note(laps, 'whole', performance.now() - start)
  return { bundle, xhtml }
}

interface Made {
  readonly bundle: Awaited<ReturnType<typeof compose>>['bundle']
  readonly xhtml: string
}

/** An Edge that notes how long each stage takes. */
function stopwatch(laps: Map<Timed, number[]>): Edge {
  const observe: Edge['observe'] = (stage, work) => {
    const start = performance.now()
    const result = work()
    const end = (): void => note(laps, stage, performance.now() - start)
    if (result instanceof Promise) result.then(end, end)
    else end()
    return result
  }
  const noPrinter = {
    print: () => Promise.reject(new TypeError('Nothing is printed here')),
    close: () => Promise.resolve(),
  }
  return { now: () => NOW, uuid: () => '00000000-0000-4000-8000-000000000000', printer: noPrinter, observe }
}

function note(laps: Map<Timed, number[]>, stage: Timed, ms: number): void {
  laps.set(stage, [...(laps.get(stage) ?? []), ms])
}
