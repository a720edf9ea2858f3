/** Signatures of PDFs: made, made to last, verified; and none of the tricks that PDF allows after signing passes. */

import { beforeAll, describe, expect, it } from 'vitest'
import { plain } from '../../../src/pdf/deflate.ts'
import { dictOf, pdfDict, pdfName, PdfRef, PdfString, type PdfDocument } from '../../../src/pdf/objects.ts'
import { readPdf } from '../../../src/pdf/read.ts'
import { augmentPdf, type PdfLastingRequest } from '../../../src/sign/pdf/augment.ts'
import { addField } from '../../../src/sign/pdf/field.ts'
import { embedPdf, preparePdf, signPdf } from '../../../src/sign/pdf/sign.ts'
import { verifyPdf, type Report, type VerifyRequest } from '../../../src/sign/verify.ts'
import { AT, keyOf, SIGNERS, subordinate, testAuthority, testKey, testTrust, WHEN } from '../../signing.ts'
import { testTsa } from '../../stamping.ts'
import { NUMBERS, overlaid, overwritten, replaced, smallPdf, updated } from './document.ts'

const root = testAuthority('Root')
const between = testAuthority('Between')
const key = keyOf(between.issue({}), subordinate(root, between), root.anchor)
const tsa = testTsa(root, '2026-03-01T10:30:00Z')
const crls = [root.list(), between.list()]
const trust: VerifyRequest = { trust: [root.anchor], crls, at: AT }
const bare = smallPdf(Buffer.from('{}'))

function outlasting(level: PdfLastingRequest['level']): PdfLastingRequest {
  return { level, stamper: tsa.stamper, trust: [root.anchor], crls, at: AT }
}

function judge(pdf: Uint8Array, request: VerifyRequest = trust): Promise<Report> {
  return verifyPdf(pdf, undefined, request)
}

let signed: Uint8Array
let lasting: Uint8Array
beforeAll(async () => {
  signed = await signPdf(bare, key, { when: WHEN })
  lasting = await augmentPdf(signed, outlasting('LTA'))
})

describe('a signature of a PDF', () => {
  it.each(SIGNERS)('by a key %s passes, with its time and what it is for', async (name) => {
    const pdf = await signPdf(bare, await testKey(name), { when: WHEN })
    const { indication, signatures } = await judge(pdf, await testTrust())
    expect(indication).toBe('TOTAL_PASSED')
    expect(signatures).toMatchObject([
      { where: 'pdf', format: 'PAdES', level: 'B-B', signingTime: WHEN, notCovered: [] },
    ])
    expect(signatures[0]?.checks.find((one) => one.name === 'purpose')?.text).toContain("Author's Signature")
  })

  it('leaves the bytes of the PDF as they are and comes after them', () => {
    expect(Buffer.compare(signed.subarray(0, bare.length), bare)).toBe(0)
  })

  it('is the same in two steps, the key elsewhere', async () => {
    const prepared = preparePdf(bare, key, { when: WHEN })
    const made = embedPdf(prepared, await key.sign(prepared.input))
    expect((await judge(made)).indication).toBe('TOTAL_PASSED')
    expect(() => embedPdf(prepared, Buffer.alloc(64))).toThrow('no signature by the key')
  })

  it('as a seal verifies, and no person seals', async () => {
    const pdf = await signPdf(bare, key, { when: WHEN, seal: true })
    expect((await judge(pdf)).signatures).toMatchObject([{ seal: true }])
    await expect(signPdf(bare, key, { when: WHEN, seal: true, type: '1.2.840.10065.1.12.1.1' })).rejects.toThrow(
      'A seal',
    )
    const person = keyOf(root.issue({ subject: { CN: 'Ada', SN: 'Lovelace' } }))
    await expect(signPdf(bare, person, { when: WHEN, seal: true })).rejects.toThrow('not by the person')
  })

  it('comes once: a second one would break it', async () => {
    await expect(signPdf(signed, key, { when: WHEN })).rejects.toThrow('signed already')
  })

  it('needs an anchor, and revocation data', async () => {
    expect(await judge(signed, { at: AT })).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
    expect(await judge(signed, { at: AT, trust: [root.anchor] })).toMatchObject({ subIndication: 'TRY_LATER' })
  })
})

describe('a signature of a PDF that is made to last', () => {
  it.each(['T', 'LT', 'LTA'] as const)('has the level %s, and passes by what it brings along', async (level) => {
    const pdf = await augmentPdf(signed, outlasting(level))
    const report = await judge(pdf, level === 'T' ? trust : { trust: [root.anchor], crls: [root.list()], at: AT })
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.signatures).toMatchObject([{ level: `B-${level}`, bestSignatureTime: '2026-03-01T10:30:00Z' }])
  })

  it('climbs no rung twice but the last, which is renewed', async () => {
    await expect(augmentPdf(lasting, outlasting('LT'))).rejects.toThrow('has the level B-LTA already')
    const again = await augmentPdf(lasting, outlasting('LTA'))
    expect(Buffer.compare(again.subarray(0, lasting.length), lasting)).toBe(0)
    expect((await judge(again)).indication).toBe('TOTAL_PASSED')
  })

  it('must hold over the PDF', async () => {
    const other = overwritten(signed, /MediaBox|\/FlateDecode/, (found) => found.toLowerCase())
    await expect(augmentPdf(other, outlasting('T'))).rejects.toThrow()
    await expect(augmentPdf(bare, outlasting('T'))).rejects.toThrow('not exactly one signature')
  })
})

/** What is done after signing, and what is said of it. */
type Trick = readonly [what: string, make: (pdf: Uint8Array) => Uint8Array, text: RegExp]

const AFTER_SIGNING: readonly Trick[] = [
  ['incremental saving: the text of the page is replaced', (pdf) => updated(pdf, replaced(NUMBERS.contents, plain(Buffer.from('BT (Take ten) Tj ET')))), /object 4 was changed/],
  ['incremental saving: another page is put before', (pdf) => updated(pdf, replaced(NUMBERS.pages, pdfDict({ Type: pdfName('Pages'), Kids: [], Count: 0 }))), /object 2 was changed/],
  ['shadow by hiding: an annotation is drawn over the page', (pdf) => updated(pdf, overlaid), /object 3 was changed/],
  ['shadow by replacing: the font is another', (pdf) => updated(pdf, replaced(NUMBERS.font, pdfDict({ Type: pdfName('Font'), Subtype: pdfName('Type3') }))), /object 5 was changed/],
  ['shadow by adding: an object that was missing comes to be', (pdf) => updated(pdf, replaced(NUMBERS.missing, plain(Buffer.from('BT (ten) Tj ET')))), /object 90, which was missing/],
  ['the embedded document is replaced', (pdf) => updated(pdf, replaced(NUMBERS.file, plain(Buffer.from('{"a":1}')))), /object 6 was changed/],
  ['an object is set free', freed, /object 5 was taken away/],
  ['an object is written anew and no table names it', unnamed, /another object 4/],
  ['another signature is added', (pdf) => updated(pdf, (document) => addField(document, copied(document), 'Signature')), /two signatures|leaves out more|ByteRange/],
  ['a signature field with a size is added', (pdf) => updated(pdf, visibleField), /was changed/],
  ['the catalog gets an action', (pdf) => updated(pdf, opening), /object 1 was changed/],
  ['something stands after the end', (pdf) => Buffer.concat([pdf, Buffer.from('9 0 obj\n(x)\nendobj\n')]), /after its end/],
] // prettier-ignore

function freed(pdf: Uint8Array): Uint8Array {
  const previous = /startxref\s+(\d+)\s+%%EOF\s*$/.exec(Buffer.from(pdf).toString('latin1'))?.[1] ?? ''
  const table = `xref\n5 1\n0000000000 00001 f \ntrailer\n<</Root 1 0 R /Size 95 /Prev ${previous}>>\n`
  return Buffer.concat([pdf, Buffer.from(`${table}startxref\n${pdf.length}\n%%EOF\n`)])
}

function unnamed(pdf: Uint8Array): Uint8Array {
  const object = '4 0 obj\n<</Length 18>> stream\nBT (Take ten) Tj ET\nendstream\nendobj\n'
  return updated(Buffer.concat([pdf, Buffer.from(object), tailOf(pdf)]), (document) => {
    document.objects.set(80, null)
    return [80]
  })
}

function tailOf(pdf: Uint8Array): Buffer {
  return Buffer.from(/startxref\s+\d+\s+%%EOF\s*$/.exec(Buffer.from(pdf).toString('latin1'))?.[0] ?? '')
}

/** The signature of the document once more. */
function copied(document: PdfDocument): Map<string, never> {
  const found = [...document.objects.values()].find((value) => value instanceof Map && value.has('ByteRange'))
  return new Map(found instanceof Map ? (found as Map<string, never>) : [])
}

function visibleField(document: PdfDocument): readonly number[] {
  const changed = addField(document, copied(document), 'Timestamp')
  const field = changed
    .map((number) => document.objects.get(number))
    .find((one) => one instanceof Map && one.has('Rect'))
  if (field instanceof Map) {
    field.set('Rect', [0, 0, 300, 300])
    field.delete('V')
  }
  return changed
}

function opening(document: PdfDocument): readonly number[] {
  dictOf(document, new PdfRef(NUMBERS.catalog))?.set('OpenAction', pdfDict({ S: pdfName('JavaScript') }))
  return [NUMBERS.catalog]
}

describe('what is done to a PDF after it was signed', () => {
  it.each(AFTER_SIGNING)('is found: %s', async (_, make, text) => {
    for (const pdf of [signed, lasting]) {
      const report = await judge(make(pdf))
      expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
      expect(report.signatures[0]?.checks[0]?.text).toMatch(text)
    }
  })
})

const RANGE = /\/ByteRange \[0 \d+ \d+ \d+\s*\]/

/** The numbers of the range, changed, in the same room. */
function ranged(change: (numbers: readonly number[]) => readonly (number | string)[]): Trick[1] {
  return (pdf) =>
    overwritten(pdf, RANGE, (found) => {
      const numbers = (found.match(/\d+/g) ?? []).map(Number)
      return `/ByteRange [${change(numbers).join(' ')}`.padEnd(found.length - 1).slice(0, found.length - 1) + ']'
    })
}

const OF_THE_RANGE: readonly Trick[] = [
  ['ranges that overlap', ranged(([, one = 0, two = 0, three = 0]) => [0, one, one - 9, three + two - one + 9]), /not two ranges/],
  ['a range that leaves out more than the value', ranged(([, one = 0, two = 0, three = 0]) => [0, one - 9, two, three]), /leaves out more/],
  ['a range that begins later', ranged(([, one = 0, two = 0, three = 0]) => [1, one, two, three]), /not two ranges/],
  ['a range that ends before the end', ranged(([, one = 0, two = 0, three = 0]) => [0, one, two, three - 40]), /does not reach the end/],
  ['a range that ends after the file', ranged(([, one = 0, two = 0, three = 0]) => [0, one, two, three + 1]), /not two ranges/],
  ['a negative range', ranged(([, one = 0, two = 0]) => [0, one, two, -1]), /not two ranges/],
  ['a range of two numbers', ranged(([, one = 0]) => [0, one]), /not two ranges/],
  ['no range', (pdf) => overwritten(pdf, /\/ByteRange/, () => '/ByteRanje'), /not two ranges/],
  ['no value', (pdf) => overwritten(pdf, /\/Contents <30/, () => '/Kontents <30'), /has no value/],
  ['an empty value', (pdf) => overwritten(pdf, /\/Contents <[0-9a-f]+/, (found) => `/Contents <${'0'.repeat(found.length - 11)}`), /not DER/],
  ['a value with something in it', (pdf) => overwritten(pdf, /(?<=\/Contents <[0-9a-f]{40})[0-9a-f]{4}/, () => '> (z'), /.*/],
  ['a value of another kind', (pdf) => overwritten(pdf, /ETSI\.CAdES\.detached/, () => 'adbe.x509.rsa_sha1.'), /of the kind/],
] // prettier-ignore

describe('a PDF whose signature lies about what it is over', () => {
  it.each(OF_THE_RANGE)('is refused: %s', async (_, make, text) => {
    const report = await judge(make(signed))
    expect(report.indication).toBe('TOTAL_FAILED')
    expect(report.signatures[0]?.checks[0]?.text).toMatch(text)
  })
})

describe('a PDF that was tampered with', () => {
  it('is not what was signed, whichever of its octets is another', async () => {
    const [, before = '', after = ''] = /ByteRange \[0 (\d+) (\d+)/.exec(Buffer.from(signed).toString('latin1')) ?? []
    const passing: number[] = []
    for (let at = 0; at < signed.length; at += 7) {
      if (at >= Number(before) && at < Number(after)) continue
      const other = Buffer.from(signed)
      other.writeUInt8(other.readUInt8(at) ^ 1, at)
      const { indication, signatures } = await judge(other)
      // a signature that no field has any more is none
      if (indication === 'TOTAL_PASSED' || (indication !== 'TOTAL_FAILED' && signatures.length > 0)) passing.push(at)
    }
    expect(passing).toEqual([])
  })

  it('does not hold with the value of another signature', async () => {
    const other = await signPdf(smallPdf(Buffer.from('[]')), key, { when: WHEN })
    const value = /\/Contents (<[0-9a-f]+>)/.exec(Buffer.from(other).toString('latin1'))?.[1] ?? ''
    const report = await judge(overwritten(signed, /(?<=\/Contents )<[0-9a-f]+>/, () => value))
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' })
  })

  it('without its archive time-stamp or its store has a lower level, and no more', async () => {
    const [stored, stamped] = [await augmentPdf(signed, outlasting('LT')), await augmentPdf(signed, outlasting('T'))]
    expect((await judge(stored)).signatures).toMatchObject([{ level: 'B-LT' }])
    expect((await judge(stamped)).signatures).toMatchObject([{ level: 'B-T' }])
  })
})

describe('a PDF that nobody signed', () => {
  it('has nothing that could pass', async () => {
    expect(await judge(bare)).toMatchObject({ indication: 'INDETERMINATE', signatures: [] })
  })

  it('that cannot be read is refused, not passed over', async () => {
    const report = await judge(Buffer.from('%PDF-1.7\nnothing'))
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
    expect(report.signatures[0]?.checks[0]?.text).toContain('startxref')
  })

  it('with a signature that no field has is unsigned', async () => {
    const pdf = updated(bare, (document) => {
      document.objects.set(40, pdfDict({ Type: pdfName('Sig'), Contents: new PdfString('x') }))
      return [40]
    })
    expect((await judge(pdf)).signatures).toEqual([])
    expect(readPdf(pdf).objects.has(40)).toBe(true)
  })
})
