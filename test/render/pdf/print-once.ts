/** Run as a process of its own: prints a page, makes it fit for an archive, says the digest. */

import { createHash } from 'node:crypto'
import { archived, sourceFile } from '../../../src/render/pdf/archive.ts'
import type { Printer } from '../../../src/ports.ts'
import { table, withPrinter } from '../../edge/browser/browser.ts'

const SOURCE = Buffer.from('{"resourceType":"Bundle","type":"document"}')

/** The digest of the archive PDF of always the same page. */
export async function printedOnce(printer: Printer): Promise<string> {
  const page = table(60).replace(
    '<table>',
    '<p>Ω µ → ≥ <a href="#x">there</a></p><table><caption>c</caption><thead><tr><th>a</th><th>b</th><th>c</th></tr></thead>',
  )
  const facts = { title: 'A page', authors: [], producer: 'fhirdoc', rendering: {}, date: '2026-01-01T00:00:00Z' }
  const files = [sourceFile(SOURCE, 'application/fhir+json')]
  const pdf = archived(await printer.print(page), { facts, level: '3a', files })
  return createHash('sha256').update(pdf).digest('hex')
}

if (process.argv[1] === import.meta.filename) process.stdout.write(await withPrinter({}, printedOnce))
