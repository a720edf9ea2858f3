/** Forms with files: the parts of a multipart body. @see https://www.rfc-editor.org/rfc/rfc7578 */

import { fail, type FhirError } from '../fhir/error.ts'
import type { Original } from '../ports.ts'

export interface Part {
  readonly name: string
  /** Absent where the part is a field and no file. */
  readonly filename?: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

const MOST_PARTS = 1_000
const MOST_HEAD_BYTES = 8_192
const LINE = '\r\n'

/** The parts in their order. @throws FhirError `invalid` where the body is none, `too-long` where it has too many parts */
export function partsOf({ bytes, mediaType }: Original): readonly Part[] {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(mediaType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw malformed()
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Part[] = []
  let at = startOf(body, boundary)
  while (body.toString('latin1', at, at + 2) !== '--') {
    if (parts.length === MOST_PARTS) throw fail('too-long', `The form has more than ${MOST_PARTS} parts`)
    const end = body.indexOf(`${LINE}--${boundary}`, at)
    if (end < 0 || body.toString('latin1', at, at + 2) !== LINE) throw malformed()
    parts.push(partOf(body.subarray(at + 2, end)))
    at = end + LINE.length + 2 + boundary.length
  }
  return parts
}

/** Behind the first delimiter, which nothing stands before in the forms of browsers. */
function startOf(body: Buffer, boundary: string): number {
  const delimiter = `--${boundary}`
  if (body.toString('latin1', 0, delimiter.length) !== delimiter) throw malformed()
  return delimiter.length
}

function partOf(bytes: Buffer): Part {
  const end = bytes.subarray(0, MOST_HEAD_BYTES).indexOf(LINE + LINE)
  if (end < 0) throw malformed()
  const head = bytes.toString('utf8', 0, end)
  const disposition = headerIn(head, 'content-disposition')
  const name = parameterIn(disposition, 'name')
  if (name === undefined) throw malformed()
  const filename = parameterIn(disposition, 'filename')
  return {
    name,
    ...(filename !== undefined && { filename }),
    mediaType: headerIn(head, 'content-type') || 'text/plain',
    bytes: bytes.subarray(end + LINE.length * 2),
  }
}

function headerIn(head: string, name: string): string {
  const line = head.split(LINE).find((one) => one.toLowerCase().startsWith(`${name}:`)) ?? ''
  return line.slice(name.length + 1).trim()
}

/** Browsers write quotes and line ends in names as percent escapes. */
function parameterIn(header: string, name: string): string | undefined {
  const [, value] = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(header) ?? []
  return value?.replaceAll(/%22|%0D|%0A/gi, (escape) => (escape === '%22' ? '"' : ' '))
}

function malformed(): FhirError {
  return fail('invalid', 'The form cannot be read, expected one as browsers send it')
}
