/** Streams of a PDF: made small, and read again within a limit. The only place that uses zlib, which computes alone. */

import { deflate, deflateSync, inflateSync } from 'node:zlib'
import { fail } from '../fhir/error.ts'
import { pdfName, PdfName, PdfStream, resolved, type PdfDict, type PdfDocument } from './objects.ts'

/** A stream that a small one may unpack to. */
const maxBytes = 256 * 1024 * 1024

/** Takes less than half the time of the default, for a file that is a tenth larger. */
const LEVEL = 3

/** Each stream wants its memory anew: half of the default is there sooner, and packs as well. */
const MEM_LEVEL = 7

/** A stream of the data, deflated; the same data gives the same bytes. */
export function deflated(data: Uint8Array, members: PdfDict = new Map()): PdfStream {
  return ofPacked(deflateSync(data, { level: LEVEL, memLevel: MEM_LEVEL }), members)
}

/** The data deflated beside other work, and so as small as it gets. */
export function packed(data: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    deflate(data, (error, made) => (error === null ? resolve(made) : reject(error)))
  })
}

/** A stream of data that is packed already. */
export function ofPacked(data: Uint8Array, members: PdfDict): PdfStream {
  return new PdfStream(new Map([...members, ['Filter', pdfName('FlateDecode')]]), data)
}

/** A stream of the data as it is. */
export function plain(data: Uint8Array, members: PdfDict = new Map()): PdfStream {
  return new PdfStream(members, data)
}

/**
 * The data of a stream with its filter undone.
 * @throws FhirError `not-supported` for a filter other than Flate, `structure` where it is damaged, `too-costly` where it unpacks to more
 */
export function inflated(document: PdfDocument, { dict, data }: PdfStream, most = maxBytes): Uint8Array {
  const filter = resolved(document, dict.get('Filter'))
  const [only, ...others] = Array.isArray(filter) ? filter.map((one) => resolved(document, one)) : [filter]
  if (only === null || only === undefined) return data
  if (!(only instanceof PdfName) || only.name !== 'FlateDecode' || others.length > 0)
    throw fail('not-supported', 'A stream of the PDF has a filter that is not read, expected FlateDecode')
  return unpredicted(unpacked(data, most), dict, document)
}

function unpacked(data: Uint8Array, most: number): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength: Math.max(1, most) })
  } catch (cause) {
    if (cause instanceof RangeError)
      throw fail('too-costly', `The streams of the PDF unpack to more than ${maxBytes} bytes, expected at most as many`)
    throw fail('structure', 'A stream of the PDF cannot be unpacked', { cause })
  }
}

/** Rows as PNG filters them. @see ISO 32000-1:2008, 7.4.4.4 */
function unpredicted(data: Uint8Array, dict: PdfDict, document: PdfDocument): Uint8Array {
  const parms = resolved(document, dict.get('DecodeParms'))
  const member = (name: string, fallback: number): number => {
    const value = parms instanceof Map ? resolved(document, parms.get(name)) : null
    return typeof value === 'number' ? value : fallback
  }
  if (member('Predictor', 1) < 10) return data
  const pixel = Math.max(1, (member('Colors', 1) * member('BitsPerComponent', 8)) >> 3)
  const width = Math.ceil((member('Columns', 1) * member('Colors', 1) * member('BitsPerComponent', 8)) / 8)
  const rows = Math.floor(data.length / (width + 1))
  const out = new Uint8Array(rows * width)
  for (let row = 0; row < rows; row += 1) {
    const kind = data[row * (width + 1)] ?? 0
    for (let at = 0; at < width; at += 1) {
      const raw = data[row * (width + 1) + 1 + at] ?? 0
      const left = at >= pixel ? (out[row * width + at - pixel] ?? 0) : 0
      const up = row > 0 ? (out[(row - 1) * width + at] ?? 0) : 0
      const corner = row > 0 && at >= pixel ? (out[(row - 1) * width + at - pixel] ?? 0) : 0
      out[row * width + at] = raw + (PREDICTORS[kind]?.(left, up, corner) ?? 0)
    }
  }
  return out
}

type Predictor = (left: number, up: number, corner: number) => number

const PREDICTORS: readonly Predictor[] = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const [byLeft, byUp, byCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
    if (byLeft <= byUp && byLeft <= byCorner) return left
    return byUp <= byCorner ? up : corner
  },
]
