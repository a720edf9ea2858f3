/**
 * `npm run bench`: what each stage and the whole cost by the size of the document, and printing against the bare
 * browser. Prints tables and writes out/bench.json. Sizes may be given: `npm run bench -- 40 1000`.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { openDesign } from '../test/design.ts'
import { figure, growth, tableOf } from './measure.ts'
import { filling, measurePrinting, type PrintResult } from './printing.ts'
import { measureSize, pageOf, type SizeResult, type Timed } from './stages.ts'

const STAGES: readonly Timed[] = ['collect', 'narrate', 'check', 'sign', 'render', 'whole']

const given = process.argv.slice(2).map(Number)
if (given.some((size) => !Number.isSafeInteger(size) || size < 1)) throw new TypeError('Sizes are whole numbers from 1')
const sizes = given.length > 0 ? given : [1, 40, 1_000, 10_000]

const design = await openDesign()
const results: SizeResult[] = []
for (const size of sizes) results.push(await measureSize(size, design))
const grown = growthOf(results)
console.log(stageTable(results, grown))
const printing = await measurePrinting(await filling(3, (entries) => pageOf(entries, design)))
console.log(`\n${printTable(printing)}`)

const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model }
mkdirSync('out', { recursive: true })
writeFileSync('out/bench.json', `${JSON.stringify({ machine, stages: results, growth: grown, printing }, null, 2)}\n`)

/** Over the sizes of 40 and more: below, what a run costs by itself hides what an entry costs. */
function growthOf(all: readonly SizeResult[]): Partial<Record<Timed, number>> {
  const large = all.filter(({ entries }) => entries >= 40)
  const exponent = (stage: Timed): number =>
    growth(large.map(({ entries, ms }) => ({ size: entries, ms: ms[stage] ?? NaN })))
  return Object.fromEntries(STAGES.map((stage) => [stage, exponent(stage)]))
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
