/** Signed PDFs before EU DSS, pyHanko, veraPDF and qpdf, and DSS's own before us: every level and key over real documents, and what was tampered with. */

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { archivePdf } from '../../src/archive.ts'
import { chromiumPrinter } from '../../src/edge/browser/chromium.ts'
import { openKey } from '../../src/edge/keys/open.ts'
import { openRevocations } from '../../src/edge/revocation.ts'
import { openTimeStamper } from '../../src/edge/timestamps.ts'
import { readTrust } from '../../src/edge/trust.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { plain } from '../../src/pdf/deflate.ts'
import { nameOf, pdfDict, pdfName, PdfRef, type PdfDict, type PdfDocument } from '../../src/pdf/objects.ts'
import { judgePdf, signedPdf } from '../../src/signed-pdf.ts'
import { verifyPdf, type VerifyRequest } from '../../src/sign/verify.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { openDesign, stillEdge } from '../design.ts'
import { noBrowser } from '../edge/browser/browser.ts'
import { overwritten, updated } from '../sign/pdf/document.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly verdict: string
  readonly format: string
  readonly profile: string
}

const KEYS = ['rsa', 'p256', 'p384'] as const
const LEVELS = ['B', 'T', 'LT', 'LTA'] as const
/** PDFS=1 takes one document. */
const mostDocuments = Number(process.env['PDFS'] ?? 10)
const MOST_BYTES = 200_000
const PORT = 8_353
const SERVICE = `http://127.0.0.1:${PORT}`

interface Sample {
  readonly bundle: Bundle
  readonly bytes: Uint8Array
}

/** One document of each source, which is a country or a guide of its own. */
function samples(): readonly Sample[] {
  const bySource = new Map<string, Sample>()
  for (const { path, bundle } of documents()) {
    const [, source = ''] = path.split('/')
    const bytes = readFileSync(join(corpusDir ?? '', path))
    const isFit = bundle.signature === undefined && bytes.length < MOST_BYTES && (bundle.entry?.length ?? 0) > 1
    if (isFit && !bySource.has(source)) bySource.set(source, { bundle, bytes })
  }
  return [...bySource.values()].slice(0, mostDocuments)
}

function turned(pdf: Uint8Array, at: number): Uint8Array {
  const other = Buffer.from(pdf)
  other.writeUInt8(other.readUInt8(at) ^ 1, at)
  return other
}

function firstPage({ objects }: PdfDocument): readonly [number, PdfDict] {
  for (const [number, value] of objects)
    if (value instanceof Map && nameOf({ objects, trailer: new Map() }, value, 'Type') === 'Page')
      return [number, value]
  throw new Error('The PDF has no page')
}

function withPage(change: (page: PdfDict, document: PdfDocument) => void): (pdf: Uint8Array) => Uint8Array {
  return (pdf) =>
    updated(pdf, (document) => {
      const [number, page] = firstPage(document)
      change(page, document)
      document.objects.set(9_000, plain(Buffer.from('BT /F4 40 Tf 50 500 Td (x) Tj ET'), pdfDict({ Subtype: pdfName('Form'), BBox: [0, 0, 500, 800] }))) // prettier-ignore
      return [9_000, number]
    })
}

/** Where the hexadecimal digits of a value begin, by its place among the values. */
function valueAt(pdf: Uint8Array, index: number): number {
  const found = [
    ...Buffer.from(pdf)
      .toString('latin1')
      .matchAll(/\/Contents <30/g),
  ][index]
  return (found?.index ?? 0) + '/Contents <'.length
}

function digitTurned(pdf: Uint8Array, at: number): Uint8Array {
  const other = Buffer.from(pdf)
  other.write(other.toString('latin1', at, at + 1) === '0' ? '1' : '0', at, 'latin1')
  return other
}

/** Ways to tamper with a PDF of the level LTA. */
const TAMPERINGS: Readonly<Record<string, (pdf: Uint8Array) => Uint8Array>> = {
  'an octet at its beginning': (pdf) => turned(pdf, 2_000),
  'an octet in its middle': (pdf) => turned(pdf, 30_000),
  'another time': (pdf) => overwritten(pdf, /\/M \(D:\d{4}/, () => '/M (D:2001'),
  'another name': (pdf) => overwritten(pdf, /\/Name \(fhirdoc/, () => '/Name (fhirdoq'),
  'another digest in the value': (pdf) => digitTurned(pdf, Buffer.from(pdf).indexOf('06092a864886f70d010904', valueAt(pdf, 0)) + 40), // prettier-ignore
  'a range that leaves out more': (pdf) => overwritten(pdf, /\/ByteRange \[0 \d+/, (found) => found.replace(/\d$/, (digit) => String(9 - Number(digit)))), // prettier-ignore
  'another content of the page': withPage((page) => page.set('Contents', new PdfRef(9_000))),
  'an annotation over the page': withPage((page) =>
    page.set('Annots', [
      pdfDict({
        Type: pdfName('Annot'),
        Subtype: pdfName('Stamp'),
        Rect: [0, 0, 500, 800],
        AP: pdfDict({ N: new PdfRef(9_000) }),
      }),
    ]),
  ),
  'an octet near its signature': (pdf) => turned(pdf, valueAt(pdf, 0) - 300),
  'another page size': withPage((page) => page.set('MediaBox', [0, 0, 100, 100])),
}

const isReady = corpusDir !== undefined && judgesDir !== undefined && noBrowser === undefined

describe.skipIf(!isReady)('signed PDFs', { timeout: 3_600_000 }, () => {
  const chosen = isReady ? samples() : []
  const printer = chromiumPrinter()
  let folder: string
  let pki: string
  let server: ChildProcess
  let anchors: readonly Uint8Array[]
  const files: string[] = []
  const forged: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fhirdoc-pdf-'))
    pki = join(folder, 'pki')
    server = spawn(join(judgesDir ?? '', 'pki'), [pki, '--urls', SERVICE, '--serve', String(PORT)])
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (chunk: Buffer) => chunk.includes('ready') && resolve())
      server.once('exit', (code) => reject(new Error(`The judge pki ended with ${code}`)))
    })
    anchors = (await readTrust([join(pki, 'trust.pem')])).anchors
    await makeAll()
  }, 3_600_000)
  afterAll(async () => {
    await printer.close()
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true })
  })

  async function makeAll(): Promise<void> {
    const design = await openDesign()
    const edge = { ...stillEdge(printer), now: () => new Date().toISOString() }
    const services = { stamper: openTimeStamper(`${SERVICE}/tsa`), revocations: openRevocations([`${SERVICE}/`]) }
    for (const [index, { bundle, bytes }] of chosen.entries()) {
      const own = join(folder, String(index))
      mkdirSync(own)
      const { pdf } = await archivePdf({ bundle, bytes, mediaType: 'application/fhir+json' }, design, edge)
      for (const [order, name] of KEYS.entries()) {
        const key = await openKey({ key: join(pki, `${name}.p12`) }, { password: 'test-only' })
        for (const level of LEVELS) {
          const lasting = level === 'B' ? undefined : { level, ...services, trust: anchors }
          const made = await signedPdf(pdf, { key }, edge, lasting)
          files.push(join(own, `${index}.${name}.${level}.pdf`))
          writeFileSync(files.at(-1) ?? '', made)
          if (level === 'LTA' && order === index % KEYS.length) forge(own, `${index}.${name}`, made)
        }
      }
    }
  }

  function forge(own: string, name: string, pdf: Uint8Array): void {
    for (const [how, change] of Object.entries(TAMPERINGS)) {
      forged.push(join(own, `${name}.${how.replaceAll(' ', '-')}.pdf`))
      writeFileSync(forged.at(-1) ?? '', change(pdf))
    }
  }

  const levelOf = (file: string): string => basename(file).split('.')[2] ?? ''
  const trusted = (): readonly string[] => ['--trust', join(pki, 'trust.pem')]
  const lists = (): readonly string[] => ['ca', 'root'].flatMap((name) => ['--crl', join(pki, `${name}.crl.der`)])
  /** The levels that bring no revocation data along need lists. */
  const askBoth = (judge: string): readonly Verdict[] => {
    const isShort = (file: string): boolean => ['B', 'T'].includes(levelOf(file))
    return [
      ...ask<Verdict>(judge, [...trusted(), ...lists(), ...files.filter(isShort)]),
      ...ask<Verdict>(judge, [...trusted(), ...files.filter((file) => !isShort(file))]),
    ]
  }

  it('pass dss at their level', () => {
    expect(
      askBoth('dss')
        .map(({ file, verdict, format }) => [basename(file), verdict, format])
        .sort(),
    ).toEqual(files.map((file) => [basename(file), 'pass', `PAdES_BASELINE_${levelOf(file)}`]).sort())
  })

  it('pass pyHanko', () => {
    const verdicts = ask<Verdict>('pyhanko', [...trusted(), ...lists(), ...files])
    expect(verdicts.map(({ file, verdict }) => [basename(file), verdict]).sort()).toEqual(
      files.map((file) => [basename(file), 'pass']).sort(),
    )
  })

  it('are still PDF/A-3a and PDF/UA-1, and undamaged', () => {
    const standards = ask<Verdict>('verapdf', files)
    expect(standards.filter(({ verdict }) => verdict !== 'pass').map(({ file, profile }) => [file, profile])).toEqual(
      [],
    )
    expect(standards).toHaveLength(2 * files.length)
    expect(ask<Verdict>('pdf', files).filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  })

  it('pass us, and the pages show the document', async () => {
    const design = await openDesign()
    const { crls } = await readTrust(['ca.crl.der', 'root.crl.der'].map((name) => join(pki, name)))
    const edge = stillEdge(printer)
    for (const file of files) {
      const needs = ['B', 'T'].includes(levelOf(file)) ? { crls } : {}
      const request = { trust: anchors, at: new Date().toISOString(), ...needs }
      const { report } = await judgePdf(readFileSync(file), request, design, edge)
      const { indication, signatures, pages } = report
      expect([basename(file), indication, signatures[0]?.level, pages?.verdict]).toEqual([
        basename(file),
        'TOTAL_PASSED',
        `B-${levelOf(file)}`,
        'passed',
      ])
    }
  })

  it('pass nobody after tampering', async () => {
    const { crls } = await readTrust(['ca.crl.der', 'root.crl.der'].map((name) => join(pki, name)))
    const passing: string[] = []
    for (const judge of ['dss', 'pyhanko']) {
      const verdicts = ask<Verdict>(judge, [...trusted(), ...lists(), ...forged])
      passing.push(
        ...verdicts.filter(({ verdict }) => verdict === 'pass').map(({ file }) => `${judge}: ${basename(file)}`),
      )
    }
    for (const file of forged) {
      const request: VerifyRequest = { trust: anchors, crls, at: new Date().toISOString() }
      const { indication } = await verifyPdf(readFileSync(file), undefined, request)
      if (indication !== 'TOTAL_FAILED') passing.push(`fhirdoc: ${basename(file)} ${indication}`)
    }
    expect(forged).toHaveLength(Object.keys(TAMPERINGS).length * chosen.length)
    expect(passing).toEqual([])
  })
})

/** What the signers of dss's own samples deserve. */
const DESERVED: Readonly<Record<string, string>> = {
  expired: 'OUT_OF_BOUNDS_NO_POE',
  revoked: 'REVOKED_NO_POE',
  stranger: 'NO_CERTIFICATE_CHAIN_FOUND',
  wrongusage: 'CHAIN_CONSTRAINTS_FAILURE',
}

describe.skipIf(judgesDir === undefined)('PDFs that dss signed', () => {
  it('pass where they are good, and never where they are not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-samples-'))
    ask('dss', ['--samples', folder])
    const names = ['trust.pem', 'ca.crl.der', 'root.crl.der'].map((name) => join(folder, 'pki', name))
    const { anchors, crls } = await readTrust(names)
    const judge = (path: string): ReturnType<typeof verifyPdf> =>
      verifyPdf(readFileSync(join(folder, path)), undefined, { trust: anchors, crls, at: new Date().toISOString() })
    const good = readdirSync(folder).filter((name) => name.startsWith('pades-'))
    for (const name of good) {
      const level = /^pades-(\w+)\./.exec(name)?.[1]?.toUpperCase() ?? ''
      const { indication, signatures } = await judge(name)
      expect([name, indication, signatures[0]?.level]).toEqual([name, 'TOTAL_PASSED', `B-${level}`])
    }
    const bad = readdirSync(join(folder, 'not-passing')).filter((name) => name.startsWith('pades-'))
    for (const name of bad) {
      const { indication, subIndication } = await judge(join('not-passing', name))
      expect([name, indication, subIndication]).toEqual([name, 'INDETERMINATE', DESERVED[name.split('.')[1] ?? '']])
    }
    expect([good.length, bad.length]).toEqual([17, 8])
    rmSync(folder, { recursive: true })
  }, 600_000)
})
