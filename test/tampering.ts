/** Ten ways to tamper with a signed document, each of which every verifier must refuse. */

import { fromBase64, toBase64 } from '../src/fhir/digest.ts'
import type { Bundle } from '../src/fhir/types.ts'
import { bundleOf, copyOf } from './signing.ts'

interface MutableEntry {
  fullUrl: string
  resource: { [name: string]: unknown; resourceType: string }
}

interface MutableDocument {
  [name: string]: unknown
  identifier?: { value?: string }
  timestamp?: string
  entry: MutableEntry[]
  signature: { [name: string]: unknown; when: string; data: string }
}

/** By what is done to the document. */
export const tamperings: Readonly<Record<string, (document: MutableDocument) => void>> = {
  'another date of the document': (document) => {
    document.timestamp = '2001-01-01T00:00:00Z'
  },
  'another identifier': (document) => {
    document.identifier = { ...document.identifier, value: 'urn:uuid:00000000-0000-4000-8000-00000000dead' }
  },
  'another word in a resource': (document) => {
    last(document).resource['language'] = 'tlh'
  },
  'another fullUrl': (document) => {
    last(document).fullUrl += '0'
  },
  'an entry less': (document) => {
    document.entry.pop()
  },
  'an entry more': (document) => {
    document.entry.push({
      fullUrl: 'urn:uuid:00000000-0000-4000-8000-00000000beef',
      resource: { resourceType: 'Basic', code: { text: 'added' } },
    })
  },
  'two entries exchanged': (document) => {
    document.entry.push(...document.entry.splice(-2, 1))
  },
  'another time of the signature': (document) => {
    document.signature.when = '2001-01-01T00:00:00Z'
  },
  'another value of the signature': (document) => {
    const parts = compact(document)
    const value = Buffer.from(parts[2] ?? '', 'base64url')
    value.writeUInt8(value.readUInt8(0) ^ 1, 0)
    document.signature.data = toBase64([parts[0], parts[1], value.toString('base64url')].join('.'))
  },
  'another header of the signature': (document) => {
    const parts = compact(document)
    const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString()) as { [name: string]: unknown }
    header['srCms'] = [{ commId: { id: 'urn:oid:1.2.840.10065.1.12.1.7' } }]
    document.signature.data = toBase64(
      [Buffer.from(JSON.stringify(header)).toString('base64url'), '', parts[2]].join('.'),
    )
  },
}

/** A signed document after a tampering; the one given is left as it is. */
export function tampered(bundle: Bundle, name: string): Bundle {
  const document = copyOf(bundle) as unknown as MutableDocument
  tamperings[name]?.(document)
  return bundleOf(document as never)
}

function last({ entry }: MutableDocument): MutableEntry {
  const found = entry.at(-1)
  if (found === undefined) throw new TypeError('The document has no entries')
  return found
}

function compact({ signature }: MutableDocument): readonly string[] {
  return Buffer.from(fromBase64(signature.data) ?? [])
    .toString('latin1')
    .split('.')
}
