/** Printing measured against the browser's own `printToPDF` of the same page, in one run on one warm tab. */

import { chromiumPrinter } from '../src/edge/browser/chromium.ts'
import { pageCount, type Tab } from '../src/edge/browser/warm-page.ts'
import { median } from './measure.ts'

export interface PrintResult {
  readonly pages: number
  readonly runs: number
  /** From the page's text to the PDF, as the printer is used. */
  readonly printMs: number
  /** The PDF alone, of the page already loaded in the same tab. */
  readonly bareMs: number
  readonly ratio: number
  /** From nothing to the first PDF: the browser is started. */
  readonly coldMs: number
  /** With four in flight. */
  readonly perSecond: number
}

const BARE = { generateTaggedPDF: true, generateDocumentOutline: true, preferCSSPageSize: true, printBackground: true }

/** The first page, of documents that grow, that fills so many sheets. */
export async function filling(sheets: number, pageOf: (entries: number) => Promise<string>, step = 2): Promise<string> {
  const printer = chromiumPrinter()
  try {
    for (let entries = 2 * step; ; entries += step) {
      const xhtml = await pageOf(entries)
      if (pageCount(await printer.print(xhtml)) >= sheets) return xhtml
    }
  } finally {
    await printer.close()
  }
}

/** What a print of the page costs. */
export async function measurePrinting(xhtml: string, runs = 30): Promise<PrintResult> {
  const tabs: Tab[] = []
  const printer = chromiumPrinter({ onTab: (tab) => Promise.resolve(void tabs.push(tab)) })
  try {
    const cold = await timed(() => printer.print(xhtml))
    const [tab] = tabs
    if (tab === undefined) throw new TypeError('A print without a tab')
    for (let run = 0; run < 5; run++) await printer.print(xhtml)
    const [prints, bares]: [number[], number[]] = [[], []]
    for (let run = 0; run < runs; run++) {
      prints.push((await timed(() => printer.print(xhtml))).ms)
      const bare = await loadedIn(tab, xhtml)
      // The first print of a page that was just loaded does what the later ones need not do again.
      await bare()
      bares.push((await timed(bare)).ms)
    }
    const [printMs, bareMs] = [median(prints), median(bares)]
    const many = await timed(() => Promise.all(fourInFlight(runs, () => printer.print(xhtml))))
    return {
      pages: pageCount(cold.result),
      runs,
      printMs,
      bareMs,
      ratio: printMs / bareMs,
      coldMs: cold.ms,
      perSecond: (1000 * runs) / many.ms,
    }
  } finally {
    await printer.close()
  }
}

export async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const start = performance.now()
  const result = await work()
  return { result, ms: performance.now() - start }
}

/**
 * Puts the window of a tab before an eye that sees, as it is where a browser prints by itself, or out of sight, as the
 * printer has it.
 */
export async function putWindow(tab: Tab, windowState: 'normal' | 'minimized'): Promise<void> {
  const { windowId } = await tab.send<{ readonly windowId: number }>('Browser.getWindowForTarget')
  await tab.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
}

/** The page loaded, and the function that prints it as it stands. */
export async function loadedIn(tab: Tab, html: string): Promise<() => Promise<Uint8Array>> {
  const { frameTree } = await tab.send<{ readonly frameTree: { readonly frame: { readonly id: string } } }>(
    'Page.getFrameTree',
  )
  await tab.send('Page.setDocumentContent', { frameId: frameTree.frame.id, html })
  return async () => Buffer.from((await tab.send<{ readonly data: string }>('Page.printToPDF', BARE)).data, 'base64')
}

export function fourInFlight(total: number, work: () => Promise<unknown>): readonly Promise<void>[] {
  let left = total
  return Array.from({ length: 4 }, async () => {
    while (left-- > 0) await work()
  })
}
