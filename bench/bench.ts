/**
 * `npm run bench`: what each stage and the whole cost by the size of the document, printing against the bare browser, and
 * the service measured from outside. Prints tables and writes out/bench.json. Sections may be given, and sizes for the
 * stages: `npm run bench -- stages 40 1000`, `npm run bench -- service start`.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { openDesign } from '../test/design.ts'
import {
  archiveTable,
  enduranceTable,
  measureArchive,
  measureEndurance,
  sheetOf,
  type ArchiveResult,
} from './archive.ts'
import { measureAccess, type AccessResult } from './access.ts'
import { onEach, onSqlite } from './backends.ts'
import { checkingTable, measureChecking } from './checking.ts'
import { measureLoad, type LoadResult } from './load.ts'
import { figure, growth, tableOf } from './measure.ts'
import { filling, measurePrinting, type PrintResult } from './printing.ts'
import { measureService, measureStart, type ServiceResult, type StartResult } from './service.ts'
import { measureSigning, type SigningResult } from './signing.ts'
import { measureSummary, summaryTable } from './summary.ts'
import { measureSize, pageOf, type SizeResult, type Timed } from './stages.ts'

const STAGES: readonly Timed[] = ['collect', 'narrate', 'check', 'sign', 'render', 'whole']

/** Each section prints what it measured, and gives it to be written. */
const SECTIONS: Readonly<Record<string, (numbers: readonly number[]) => Promise<unknown>>> = {
  stages: async (numbers) => {
    const design = await openDesign()
    const sizes: SizeResult[] = []
    for (const size of numbers.length > 0 ? numbers : [1, 40, 1_000, 10_000])
      sizes.push(await measureSize(size, design))
    const grown = growthOf(sizes)
    console.log(stageTable(sizes, grown))
    return { sizes, growth: grown }
  },
  checking: async () => {
    const result = await measureChecking()
    console.log(checkingTable(result))
    return result
  },
  signing: async ([documents]) => {
    const result = await measureSigning(documents)
    console.log(signingTable(result))
    return result
  },
  printing: async () => {
    const design = await openDesign()
    const printing = await measurePrinting(await filling(3, (entries) => pageOf(entries, design)))
    console.log(printTable(printing))
    return printing
  },
  pdf: async ([prints = 1_000]) => {
    const design = await openDesign()
    const sheets = [await sheetOf(3, design), await sheetOf(38, design)]
    const archives: ArchiveResult[] = []
    for (const sheet of sheets) archives.push(await measureArchive(sheet))
    console.log(archiveTable(archives))
    const endurance = await measureEndurance(sheets[0] ?? (await sheetOf(3, design)), prints)
    console.log(`\n${enduranceTable(endurance)}`)
    return { archives, endurance }
  },
  service: async ([documents = 2_000]) => {
    const results = await onEach((backend) => measureService(backend, { documents, reads: 4 * documents }))
    for (const result of results) console.log(`${serviceTable(result)}\n`)
    return results
  },
  access: async ([rounds]) => {
    const results = await onEach((backend) => measureAccess(backend, rounds))
    console.log(accessTable(results))
    return results
  },
  summary: async ([resources]) => {
    const result = await measureSummary(resources)
    console.log(summaryTable(result))
    return result
  },
  start: async () => {
    const result = await onSqlite((backend) => measureStart(backend))
    console.log(startTable(result))
    return result
  },
  load: async ([patients]) => {
    const results = await onEach((backend) => measureLoad(backend, patients))
    for (const result of results) console.log(`${loadTable(result)}\n`)
    return results
  },
}

const given = process.argv.slice(2)
const names = given.filter((name) => !/^\d+$/.test(name))
const unknown = names.find((name) => !Object.hasOwn(SECTIONS, name))
if (unknown !== undefined) throw new TypeError(`No section ${unknown}, expected ${Object.keys(SECTIONS).join(', ')}`)
const results: Record<string, unknown> = {}
for (const name of names.length > 0 ? names : Object.keys(SECTIONS)) {
  console.log(`\n${name}, with a load of ${figure(loadavg()[0] ?? NaN)} at its beginning`)
  results[name] = await SECTIONS[name]?.(given.filter((text) => /^\d+$/.test(text)).map(Number))
}

const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model, load: loadavg() }
mkdirSync('out', { recursive: true })
writeFileSync('out/bench.json', `${JSON.stringify({ machine, ...results }, null, 2)}\n`)

/** Over the sizes of 40 and more: below, what a run costs by itself hides what an entry costs. */
function growthOf(all: readonly SizeResult[]): Partial<Record<Timed, number>> {
  const large = all.filter(({ entries }) => entries >= 40)
  const exponent = (stage: Timed): number =>
    growth(large.map(({ entries, ms }) => ({ size: entries, ms: ms[stage] ?? NaN })))
  return Object.fromEntries(STAGES.map((stage) => [stage, exponent(stage)]))
}

function signingTable(result: SigningResult): string {
  const { documents, kB, canonicalMs, canonicalMBs, signMs, keyMs, signOwnMs, verifyMs, verifyOwnMs } = result
  return tableOf([
    [`${documents} documents of ${figure(kB)} kB, ES256, median`, 'ms', 'our own'],
    ['canonical JSON', figure(canonicalMs), `${figure(canonicalMBs)} MB/s`],
    ['the key', figure(keyMs), ''],
    ['sign', figure(signMs), figure(signOwnMs)],
    ['verify', figure(verifyMs), figure(verifyOwnMs)],
  ])
}

function stageTable(all: readonly SizeResult[], exponents: Partial<Record<Timed, number>>): string {
  const head = ['median, warm', ...all.map(({ entries }) => `${entries} entries`), 'growth']
  const rows = STAGES.map((stage) => [
    `${stage === 'render' ? 'XHTML' : stage} ms`,
    ...all.map(({ ms }) => figure(ms[stage] ?? NaN)),
    (exponents[stage] ?? NaN).toFixed(2),
  ])
  const facts = [
    ['document kB', ...all.map(({ kB }) => figure(kB)), ''],
    ['held MB', ...all.map(({ heldMB }) => figure(heldMB)), ''],
    ['peak RSS MB', ...all.map(({ peakMB }) => figure(peakMB)), ''],
    ['runs', ...all.map(({ runs }) => String(runs)), ''],
  ]
  return tableOf([head, ...rows, ...facts])
}

function printTable({ pages, runs, printMs, bareMs, ratio, coldMs, perSecond }: PrintResult): string {
  return tableOf([
    [`plain PDF of ${pages} pages, median of ${runs}`, ''],
    ['print ms', figure(printMs)],
    ['bare printToPDF ms', figure(bareMs)],
    ['ratio', ratio.toFixed(2)],
    ['first print, browser started, ms', figure(coldMs)],
    ['documents per second, four in flight', figure(perSecond)],
  ])
}

function serviceTable({ store, entries, kB, documents, writeCpuMs, ...rest }: ServiceResult): string {
  const row = (name: string, of: (result: ServiceResult['documents'][number]) => number): readonly string[] => [
    name,
    ...documents.map((one) => figure(of(one))),
  ]
  const fact = (name: string, value: string): readonly string[] => [name, value, ...documents.slice(1).map(() => '')]
  return tableOf([
    [
      `${store}: documents of ${entries} entries, ${figure(kB)} kB`,
      ...documents.map(({ clients }) => `${clients} clients`),
    ],
    row('documents per second', ({ perSecond }) => perSecond),
    row('p50 ms', ({ p50Ms }) => p50Ms),
    row('p99 ms', ({ p99Ms }) => p99Ms),
    row('CPU ms each, the database included', (one) => one.cpuMs),
    row('the same with a write before every second', ({ cpuWithWritesMs }) => cpuWithWritesMs),
    fact('CPU ms of a write', figure(writeCpuMs)),
    fact('reads per second, 8 clients', figure(rest.readsPerSecond)),
    fact('CPU ms of a read', figure(rest.readCpuMs)),
    fact('RSS MB of each process', rest.residentMB.map(figure).join(', ')),
    fact('PSS MB of each process', rest.proportionalMB.map(figure).join(', ')),
  ])
}

function accessTable(results: readonly AccessResult[]): string {
  const row = (
    store: string,
    way: string,
    { bareMs, checkedMs, ratio }: AccessResult['changed'],
  ): readonly string[] => [
    `${store}, ${way}`,
    figure(bareMs),
    figure(checkedMs),
    figure(checkedMs - bareMs),
    ratio.toFixed(2),
  ]
  const head = [`CPU ms of a document of ${results[0]?.entries ?? 0} entries`, 'bare', 'checked', 'more', 'ratio']
  const rows = results.flatMap(({ store, changed, unchanged, mixed }) => [
    row(store, 'after a write to it', changed),
    row(store, 'unchanged', unchanged),
    row(store, 'one of each', mixed),
  ])
  return tableOf([head, ...rows])
}

function startTable({ metadataMs, documentMs }: StartResult): string {
  return tableOf([
    ['start, middle of five', ''],
    ['to the first answer, ms', figure(metadataMs)],
    ['to the first document, ms', figure(documentMs)],
  ])
}

function loadTable({
  store,
  patients,
  resources,
  seconds,
  resourcesPerSecond,
  searches,
  residentMB,
}: LoadResult): string {
  return tableOf([
    [`${store}: ${patients} patients, ${resources} resources`, 'p50', 'p99'],
    ['loaded in seconds', figure(seconds), ''],
    ['resources per second', figure(resourcesPerSecond), ''],
    ['RSS MB of each process', residentMB.map(figure).join(', '), ''],
    ...searches.map(({ query, p50Ms, p99Ms }) => [`${query} ms`, figure(p50Ms), figure(p99Ms)]),
  ])
}
