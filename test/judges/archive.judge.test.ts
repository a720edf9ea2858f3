/** Real documents as archive PDFs before the judges of others: the standards, the fonts, the document inside, the text in its order. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import decode from 'jsqr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archivePdf } from '../../src/archive.ts'
import { chromiumPrinter } from '../../src/edge/browser/chromium.ts'
import { isComposition, type Bundle, type Section } from '../../src/fhir/types.ts'
import { inflated } from '../../src/pdf/deflate.ts'
import { pdfDict, pdfName, PdfStream } from '../../src/pdf/objects.ts'
import { noBrowser } from '../edge/browser/browser.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { openDesign, stillEdge } from '../design.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly profile: string
  readonly verdict: string
}

interface Facts {
  readonly file: string
  readonly verdict: string
  readonly notEmbedded: number
  readonly type3: number
  readonly attachments: readonly { readonly name: string; readonly sha256: string; readonly relationship: string }[]
}

/** Every so many of the documents, from one of the first; ARCHIVE_STEP=1 takes them all, steps from each offset do so in parts. */
const step = Number(process.env['ARCHIVE_STEP'] ?? 6)
const offset = Number(process.env['ARCHIVE_OFFSET'] ?? 0)
const isReady = corpusDir !== undefined && judgesDir !== undefined && noBrowser === undefined

describe.skipIf(!isReady)('archive PDFs of real documents', { timeout: 3_600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'))
  const made: { readonly path: string; readonly file: string; readonly bundle: Bundle; readonly digest: string }[] = []
  const refused: string[] = []

  beforeAll(async () => {
    const design = await openDesign()
    const printer = chromiumPrinter()
    for (const [index, { path, bundle }] of documents().entries()) {
      if (index % step !== offset) continue
      const bytes = readFileSync(join(corpusDir ?? '', path))
      const file = join(folder, `${String(index).padStart(3, '0')}.pdf`)
      try {
        const received = { bundle, bytes, mediaType: 'application/fhir+json' }
        writeFileSync(file, (await archivePdf(received, design, stillEdge(printer))).pdf)
        made.push({ path, file, bundle, digest: createHash('sha256').update(bytes).digest('hex') })
      } catch (error) {
        refused.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    await printer.close()
  }, 3_600_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are made of every document that has a Composition', () => {
    console.log(`${made.length} archive PDFs, ${refused.length} documents refused`)
    expect(made.length).toBeGreaterThan(100 / step)
    expect(refused.filter((line) => !line.includes('The first entry is no Composition'))).toEqual([])
  })

  it('pass PDF/A-3a and PDF/UA-1', () => {
    const verdicts = ask<Verdict>('verapdf', [folder])
    expect(verdicts).toHaveLength(2 * made.length)
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  })

  it('have every font embedded, none of Type 3, and their document byte for byte', () => {
    const facts = new Map(ask<Facts>('pdf', [folder]).map((one) => [one.file, one]))
    const faults = made.filter(({ file, digest }) => {
      const { verdict, notEmbedded, type3, attachments } = facts.get(file) ?? {}
      const [first] = attachments ?? []
      return verdict !== 'pass' || notEmbedded !== 0 || type3 !== 0 || first?.sha256 !== digest
    })
    expect(faults.map(({ path }) => path)).toEqual([])
  })

  it('show the text of every section, one after the other', () => {
    const lost = made.flatMap(({ path, file, bundle }) => {
      const shown = execFileSync(join(judgesDir ?? '', 'pdf'), ['--text', file], { encoding: 'utf8' })
      return faultsOf(textsOf(bundle), shown).map((fault) => `${path}: ${fault}`)
    })
    expect(lost).toEqual([])
  })

  it('bear a code that a reader of codes reads from the page', () => {
    const one = made.find(({ bundle }) => bundle.identifier?.value !== undefined)
    if (one === undefined) throw new TypeError('No document has an identifier')
    execFileSync(join(judgesDir ?? '', 'pdf'), ['--png', folder, one.file])
    const pages = readdirSync(folder).filter((name) => name.endsWith('.png'))
    const codes = pages.map((name) => codeIn(readFileSync(join(folder, name))))
    expect(codes).toContainEqual(expect.stringContaining(String(one.bundle.identifier?.value)))
  })
})

/** Letters and digits alone: lines are broken anywhere, and a hyphen at the end of one is no letter. */
function lettersOf(text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '')
}

/** Of each section, in their order, its pieces of text: what stands between two tags. */
function textsOf(bundle: Bundle): readonly (readonly string[])[] {
  const composition = bundle.entry?.[0]?.resource
  return isComposition(composition) ? (composition.section ?? []).flatMap(textsOfSection) : []
}

function textsOfSection({ text, section = [] }: Section): readonly (readonly string[])[] {
  const div = String(text?.div ?? '').replace(/<!--[\s\S]*?-->/g, '')
  const own = div.split(/<[^>]*>/).map((piece) => decoded(piece).trim())
  return [own.filter((piece) => lettersOf(piece) !== ''), ...section.flatMap(textsOfSection)]
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

function decoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, digits?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole
    return String.fromCodePoint(hex === undefined ? Number(digits) : Number.parseInt(hex, 16))
  })
}

/** The words that are not shown, and the pieces that stand before those of an earlier section. */
function faultsOf(sections: readonly (readonly string[])[], text: string): readonly string[] {
  const lines = text.split('\n').map(lettersOf)
  const shown = lines.join('')
  const words = sections.flat().flatMap((piece) => piece.split(/\s+/).map(lettersOf))
  const missing = [...new Set(words)].filter((word) => !shown.includes(word) && !isBroken(word, lines))
  const source = lettersOf(sections.flat().join(' '))
  const early: string[] = []
  let end = 0
  for (const pieces of sections) {
    const placed = pieces
      .map((piece) => ({
        piece,
        at: onlyPlace(lettersOf(piece), source) < 0 ? -1 : onlyPlace(lettersOf(piece), shown),
      }))
      .filter(({ at }) => at >= 0)
    early.push(...placed.filter(({ at }) => at < end).map(({ piece }) => piece))
    end = Math.max(end, ...placed.map(({ at }) => at))
  }
  return [...missing.map((word) => `missing ${word}`), ...early.map((piece) => `early ${piece}`)]
}

/** A word in a narrow column: one line ends with its beginning, another begins with its end. */
function isBroken(word: string, lines: readonly string[]): boolean {
  return Array.from({ length: word.length - 1 }, (_, at) => at + 1).some(
    (at) =>
      lines.some((line) => line.endsWith(word.slice(0, at))) && lines.some((line) => line.startsWith(word.slice(at))),
  )
}

/** Where a long text stands; negative for one that stands nowhere or twice, and tells nothing. */
function onlyPlace(letters: string, shown: string): number {
  const at = shown.indexOf(letters)
  return letters.length > 20 && at === shown.lastIndexOf(letters) ? at : -1
}

/** What a QR code on a picture says; a PNG packs its rows as PDF does. */
function codeIn(png: Buffer): string | undefined {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const data: Buffer[] = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const parms = pdfDict({ Predictor: 15, Colors: 3, BitsPerComponent: 8, Columns: width })
  const stream = new PdfStream(pdfDict({ Filter: pdfName('FlateDecode'), DecodeParms: parms }), Buffer.concat(data))
  const rgb = inflated({ objects: new Map(), trailer: new Map() }, stream)
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255)
  for (let pixel = 0; pixel < width * height; pixel += 1) rgba.set(rgb.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel)
  return (decode as unknown as typeof decode.default)(rgba, width, height)?.data
}
