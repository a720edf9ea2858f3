/** Tables fit their sheets, and no text of a print is missed silently (H-12). */

import { describe, expect, it } from 'vitest'
import type { Tab } from '../../../src/edge/browser/warm-page.ts'
import type { Clipped } from '../../../src/ports.ts'
import { noBrowser, normalised, withPrinter } from './browser.ts'

const STYLE = `<style>
@page { size: A4; margin: 22mm 17mm } @page wide { size: A4 landscape; margin: 22mm 17mm }
:root { --page-width: 176mm; --wide-width: 263mm; font: 9.5pt "Noto Sans" }
body { margin: 0 } table { width: 100%; font-size: 8.5pt } th, td { overflow-wrap: anywhere }
</style>`

function sectioned(...bodies: readonly string[]): string {
  const sections = bodies.map((body, index) => {
    const title = `Part ${index + 1}`
    return `<section id="section-${index + 1}"><h2>${title}</h2><div class="narrative"><div>${body}</div></div></section>`
  })
  const head = `<head><meta charset="utf-8"/><title>A page</title>${STYLE}</head>`
  return `<html xmlns="http://www.w3.org/1999/xhtml" lang="en">${head}<body><main>${sections.join('')}</main></body></html>`
}

function row(columns: number, word: string): string {
  return `<table><tr>${Array.from({ length: columns }, () => `<td>${word}</td>`).join('')}</tr></table>`
}

const TEXT = `<p>${'Words of an attested text that goes on. '.repeat(60)}</p>`

interface Fitted {
  readonly pdf: Uint8Array
  readonly clipped: readonly Clipped[]
  /** What was done to each table, and whether anything is left of what it was measured with. */
  readonly fits: readonly string[]
}

/** The prints of pages on one warm page, each with what was done to it. */
async function fitted(pages: readonly string[]): Promise<readonly Fitted[]> {
  const fits: string[][] = []
  const onTab = (tab: Tab): Promise<void> => {
    const send = tab.send.bind(tab)
    const script = `[...document.querySelectorAll('table')].map((table) => (table.dataset.fit ?? '') + (table.style.width || document.documentElement.hasAttribute('style') ? ' left' : ''))`
    tab.send = async <T>(method: string, parameters?: object): Promise<T> => {
      if (method === 'Page.printToPDF') {
        const request = { expression: script, returnByValue: true }
        fits.push((await send<{ result: { value: string[] } }>('Runtime.evaluate', request)).result.value)
      }
      return send<T>(method, parameters)
    }
    return Promise.resolve()
  }
  const results: Fitted[] = []
  await withPrinter({ pages: 1, onTab }, async (printer) => {
    for (const page of pages) {
      let clipped: readonly Clipped[] = []
      const pdf = await printer.print(page, { onClipped: (found) => void (clipped = found) })
      results.push({ pdf, clipped, fits: fits.at(-1) ?? [] })
    }
  })
  return results
}

/** How the sheets of a PDF lie, in their order: upright or on their side, those that follow each other once. */
function sheets(pdf: Uint8Array): string {
  const boxes = Buffer.from(pdf)
    .toString('latin1')
    .matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)
  const lies = Array.from(boxes, ([, width, height]) => (Number(width) > Number(height) ? 'wide' : 'upright'))
  return lies.filter((one, index) => one !== lies[index - 1]).join(' ')
}

describe.skipIf(noBrowser !== undefined)('a page that is printed', { timeout: 60_000 }, () => {
  it('keeps the words of its tables whole: upright, else on a wide sheet, else smaller to 7 pt, else broken', async () => {
    const fit = (columns: number): string => sectioned(TEXT, row(columns, 'Laboratory'), TEXT)
    const [few, many, more, most, countless] = await fitted([6, 13, 17, 19, 40].map(fit))
    expect([few?.fits, sheets(few?.pdf ?? Buffer.alloc(0))]).toEqual([[''], 'upright'])
    expect([many?.fits, sheets(many?.pdf ?? Buffer.alloc(0))]).toEqual([[''], 'upright wide upright'])
    expect(more?.fits).toEqual(['small'])
    expect(most?.fits).toEqual(['small smallest'])
    expect(countless?.fits).toEqual(['small smallest wrap'])
    expect([few, many, more, most, countless].map((print) => print?.clipped)).toEqual([[], [], [], [], []])
  })

  it('breaks what is too long for a word, and takes no wide sheet for it', async () => {
    const [print] = await fitted([sectioned(row(4, `urn:oid:${'1.2.3.'.repeat(30)}`))])
    expect([print?.fits, print?.clipped]).toEqual([[''], []])
    expect(sheets(print?.pdf ?? Buffer.alloc(0))).toBe('upright')
  })

  it('turns a little text beside a wide table with it: no sheet stands there half empty', async () => {
    const [print] = await fitted([sectioned('<p>Few words</p>', row(13, 'Laboratory'), '<p>Few words</p>')])
    expect(sheets(print?.pdf ?? Buffer.alloc(0))).toBe('wide')
  })

  it('tells the section of each text that has no box, a tiny one, or one that is cut off', async () => {
    const hidden = [
      '<p style="display:none">gone</p>',
      '<p><span style="visibility:hidden">gone</span></p>',
      '<p><b style="opacity:0">gone</b></p>',
      '<p style="font-size:1px">gone</p>',
      '<p style="position:absolute;left:-999px">gone</p>',
      '<p style="margin-left:190mm;width:9mm">gone</p>',
      '<div style="overflow:hidden;height:3px"><p>gone</p></div>',
    ]
    const [plain, ...prints] = await fitted([sectioned(TEXT), ...hidden.map((body) => sectioned(TEXT, body))])
    expect(plain?.clipped).toEqual([])
    for (const { clipped } of prints) expect(clipped).toEqual([{ section: 'section-2', title: 'Part 2', text: 'gone' }])
  })

  it('is the same whenever it is printed', async () => {
    const page = sectioned(TEXT, row(17, 'Laboratory'), '<table style="margin:0"><tr><td>a</td></tr></table>')
    const prints = await fitted([page, sectioned(TEXT), page])
    expect(normalised(prints[2]?.pdf ?? Buffer.alloc(0))).toBe(normalised(prints[0]?.pdf ?? Buffer.alloc(1)))
  })
})
