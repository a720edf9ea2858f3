/** The same document gives the same bytes: on any page of the pool, after others, from another browser and another process. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { noBrowser, table, withPrinter } from '../../edge/browser/browser.ts'
import { printedOnce } from './print-once.ts'

describe.skipIf(noBrowser !== undefined)('an archive PDF', { timeout: 120_000 }, () => {
  it('is the same bytes each time', async () => {
    const digests = await withPrinter({ pages: 2 }, async (printer) => {
      const first = await printedOnce(printer)
      const others = [table(3), table(200), table(1).replace('Medicine', 'Лекарство ₂')]
      await Promise.all([...others, ...others, ...others].map((page) => printer.print(page)))
      return [first, ...(await Promise.all([printedOnce(printer), printedOnce(printer), printedOnce(printer)]))]
    })
    const elsewhere = await promisify(execFile)(process.execPath, [new URL('print-once.ts', import.meta.url).pathname])
    expect(new Set([...digests, elsewhere.stdout])).toEqual(new Set([digests[0]]))
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/)
  })
})
