/** Pages that ask for more than there is end in a clear error within the limit, and the pool prints on. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../../../src/fhir/error.ts'
import { noBrowser, table, withPrinter, xhtml } from './browser.ts'

const row = '<tr><td>1</td><td>2</td></tr>'
const cell = (inner: string): string => `<table><tr><td>${inner}</td><td>x</td></tr></table>`
const svg = (attributes: string, inner: string): string => {
  const image = `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inner}</svg>`
  return `<img alt="" src="data:image/svg+xml;base64,${Buffer.from(image).toString('base64')}"/>`
}
const nested = (levels: number): string => Array.from({ length: levels }).reduce<string>((inner) => cell(inner), 'deep')

/** What is printed, and what it may end in: nothing where it is printed after all. */
const BOMBS: readonly (readonly [string, string])[] = [
  ['a million rows', `<table>${row.repeat(1_000_000)}</table>`],
  ['tables in tables', nested(90)],
  ['tables in tables, too deep', nested(300)],
  ['an image of a million pixels a side', svg('width="1000000" height="1000000"', '<rect width="1" height="1"/>')],
  ['a filter over a giant image', svg('width="9000" height="9000"', '<filter id="f"><feTurbulence numOctaves="9"/></filter><rect width="9000" height="9000" filter="url(#f)"/>')],
  ['a page that is kilometres long', '<div style="height: 30000000px">x</div>'],
  ['columns without end', `<div style="columns: 1000; column-width: 1px">${'word '.repeat(100_000)}</div>`],
  ['a grid of a million tracks', '<div style="display: grid; grid-template-columns: repeat(1000, 1px) / repeat(1000, 1px); grid-auto-rows: 1px"><p style="grid-area: 1000000 / 1000000">x</p></div>'],
  ['shadows upon shadows', `<p style="text-shadow: ${Array.from({ length: 2_000 }, (_, at) => `0 0 ${at % 90}px red`).join()}">${'word '.repeat(2_000)}</p>`],
  ['one word of ten million letters', 'w'.repeat(10_000_000)],
] // prettier-ignore

describe.skipIf(noBrowser !== undefined)('a rendering bomb', { timeout: 240_000 }, () => {
  it.each(BOMBS)('%s ends in time, and the pool is well', async (_, body) => {
    await withPrinter({ pages: 1, timeoutMs: 8_000, maxPages: 100, printsPerBrowser: 1_000 }, async (printer) => {
      await printer.print(table(1))
      const start = performance.now()
      const outcome = await printer.print(xhtml(body)).then(
        () => 'printed',
        (thrown: unknown) => (thrown instanceof FhirError ? thrown.issues[0].code : thrown),
      )
      expect(['printed', 'too-costly', 'timeout', 'transient']).toContain(outcome)
      expect(performance.now() - start).toBeLessThan(20_000)
      expect(Buffer.from(await printer.print(table(1))).toString('latin1', 0, 5)).toBe('%PDF-')
    })
  })
})
