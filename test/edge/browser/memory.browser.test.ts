/** A page that takes too much memory is refused, and the next one is printed. */

import { describe, expect, it } from 'vitest'
import { noBrowser, table, withPrinter } from './browser.ts'

const isWatched = noBrowser === undefined && process.platform === 'linux'

describe.skipIf(!isWatched)('a page that takes more memory than it may', { timeout: 120_000 }, () => {
  it('is refused with the limit, and leaves the pool well', async () => {
    await withPrinter({ maxMemoryBytes: 160 * 1024 ** 2 }, async (printer) => {
      expect((await printer.print(table(1))).length).toBeGreaterThan(1_000)
      await expect(printer.print(table(40_000))).rejects.toMatchObject({
        issues: [{ code: 'too-costly', text: expect.stringContaining('at most 160 MiB') as string }],
      })
      const after = await Promise.all(Array.from({ length: 4 }, () => printer.print(table(1))))
      expect(after.every(({ length }) => length > 1_000)).toBe(true)
    })
  })
})
