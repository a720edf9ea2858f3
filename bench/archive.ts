/** The archive PDF measured against the browser's own `printToPDF` of the same page, in one run: `npm run bench -- pdf`. */

import { chromiumPrinter } from '../src/edge/browser/chromium.ts'
import { pageCount, type Tab } from '../src/edge/browser/warm-page.ts'
import { threads, type Threads } from '../src/edge/threads.ts'
import type { Printer } from '../src/ports.ts'
import type { Design } from '../src/pipeline.ts'
import { packedFiles, type archived, type AssociatedFile } from '../src/render/pdf/archive.ts'
import { filling, fourInFlight, loadedIn, putWindow, timed } from './printing.ts'
import { collectGarbage, figure, median, tableOf } from './measure.ts'
import { syntheticRecord } from './record.ts'
import { pageOf } from './stages.ts'

/** A page and the document that it shows. */
export interface Sheet {
  readonly xhtml: string
  readonly document: Uint8Array
}

export interface ArchiveResult {
  readonly pages: number
  readonly runs: number
  readonly kB: number
  /** From the page's text to the archive PDF with the document embedded. */
  readonly archiveMs: number
  /** The PDF alone, of the page already loaded in the same tab, whose window is shown as that of any page. */
  readonly bareMs: number
  readonly ratio: number
  /** With four in flight. */
  readonly perSecond: number
  /** As many at once as the printer has pages, each loaded and printed by the browser alone. */
  readonly barePerSecond: number
}

export interface EnduranceResult {
  readonly prints: number
  /** Of this process: after the first half of them, by when every thread has taken its room, and at the end. */
  readonly residentMB: readonly [number, number]
  readonly heapMB: readonly [number, number]
}

type Archive = Threads<Parameters<typeof archived>, Uint8Array>

function openThreads(): Archive {
  const module = new URL('../src/render/pdf/archive.ts', import.meta.url).href
  return threads({ module, name: 'archived', timeoutMs: 60_000, maxMegabytes: 2_048 })
}

/** What an archive PDF of the page costs. */
export async function measureArchive({ xhtml, document }: Sheet, runs = 30): Promise<ArchiveResult> {
  const tabs: Tab[] = []
  const printer = chromiumPrinter({ onTab: (tab) => Promise.resolve(void tabs.push(tab)) })
  const archive = openThreads()
  const make = (): Promise<Uint8Array> => made({ xhtml, document }, printer, archive)
  try {
    const first = await make()
    // one after the other, so that there is one tab, in which both are done
    for (let warmUp = 0; warmUp < 8; warmUp++) await make()
    const [tab] = tabs
    if (tab === undefined) throw new TypeError('A print without a tab')
    const [archives, bares]: [number[], number[]] = [[], []]
    for (let run = 0; run < runs; run++) {
      archives.push((await timed(make)).ms)
      await putWindow(tab, 'normal')
      const bare = await loadedIn(tab, xhtml)
      await bare()
      bares.push((await timed(bare)).ms)
      await putWindow(tab, 'minimized')
    }
    await Promise.all(fourInFlight(8, make))
    const many = await timed(() => Promise.all(fourInFlight(runs, make)))
    await Promise.all(tabs.map((one) => putWindow(one, 'normal')))
    const bare = await timed(() => Promise.all(bareInFlight(runs, tabs, xhtml)))
    const [archiveMs, bareMs] = [median(archives), median(bares)]
    return {
      pages: pageCount(await printer.print(xhtml)),
      runs,
      kB: first.length / 1024,
      archiveMs,
      bareMs,
      ratio: archiveMs / bareMs,
      perSecond: (1000 * runs) / many.ms,
      barePerSecond: (1000 * runs) / bare.ms,
    }
  } finally {
    await Promise.all([printer.close(), archive.close()])
  }
}

/** The browser's own printing on as many tabs as the printer has, each page loaded and printed. */
function bareInFlight(total: number, tabs: readonly Tab[], xhtml: string): readonly Promise<void>[] {
  let left = total
  return tabs.map(async (tab) => {
    while (left-- > 0) await (await loadedIn(tab, xhtml))()
  })
}

/** What many archive PDFs in a row leave behind. */
export async function measureEndurance(sheet: Sheet, prints = 1_000): Promise<EnduranceResult> {
  const printer = chromiumPrinter()
  const archive = openThreads()
  const held: { rss: number; heapUsed: number }[] = []
  try {
    for (let print = 1; print <= prints; print++) {
      await made(sheet, printer, archive)
      if (print !== prints / 2 && print !== prints) continue
      collectGarbage()
      held.push(process.memoryUsage())
    }
    const [before, after] = held.map(({ rss, heapUsed }) => [rss / 2 ** 20, heapUsed / 2 ** 20] as const)
    if (before === undefined || after === undefined) throw new TypeError('Too few prints, expected an even number')
    return { prints, residentMB: [before[0], after[0]], heapMB: [before[1], after[1]] }
  } finally {
    await Promise.all([printer.close(), archive.close()])
  }
}

async function made({ xhtml, document }: Sheet, printer: Printer, archive: Archive): Promise<Uint8Array> {
  const source: AssociatedFile = {
    name: 'document.json',
    mediaType: 'application/fhir+json',
    description: 'made up',
    relationship: 'Source',
    bytes: document,
  }
  const facts = { title: 'made up', authors: [], producer: 'bench', rendering: {}, date: '2026-01-01T00:00:00Z' }
  const [printed, files] = await Promise.all([printer.print(xhtml), packedFiles([source])])
  return archive.run([printed, { facts, level: '3a', files }])
}

/** The first page, of documents that grow, that fills so many sheets, with a document of some 30 KB for each of them. */
export async function sheetOf(pages: number, design: Design): Promise<Sheet> {
  const xhtml = await filling(pages, (entries) => pageOf(entries, design), pages > 10 ? 40 : 2)
  const { composition, resources } = syntheticRecord(13 * pages)
  return { xhtml, document: Buffer.from(`[${[composition, ...resources].join(',')}]`) }
}

export function archiveTable(results: readonly ArchiveResult[]): string {
  const row = (name: string, of: (result: ArchiveResult) => number): readonly string[] => [
    name,
    ...results.map((result) => figure(of(result))),
  ]
  return tableOf([
    [`archive PDF, median of ${results[0]?.runs ?? 0}`, ...results.map(({ pages }) => `${pages} pages`)],
    row('archive ms', ({ archiveMs }) => archiveMs),
    row('bare printToPDF ms', ({ bareMs }) => bareMs),
    row('ratio', ({ ratio }) => ratio),
    row('documents per second, four in flight', ({ perSecond }) => perSecond),
    row('bare documents per second, on all pages', ({ barePerSecond }) => barePerSecond),
    row('share of the bare ones', ({ perSecond, barePerSecond }) => perSecond / barePerSecond),
    row('kB', ({ kB }) => kB),
  ])
}

export function enduranceTable({ prints, residentMB, heapMB }: EnduranceResult): string {
  return tableOf([
    [`${prints} in a row`, 'after half', 'at the end'],
    ['RSS MB', ...residentMB.map(figure)],
    ['heap MB', ...heapMB.map(figure)],
  ])
}
