/** References as the index holds them: those to the store by type and id, all others by their URL. */

import { parseReference } from '../../../fhir/reference.ts'
import { isObject, type JsonObject } from '../../../fhir/types.ts'
import type { Found } from './rows.ts'
import { keyText } from './texts.ts'

/** What a reference names, as the index and a search both say it. */
export interface Address {
  readonly type: string
  readonly id: string
  readonly version: string | null
}

/** How the references of a resource are read. */
export interface ReferenceReading {
  readonly base: string | undefined
  /** In a document: the place of the entry that the text resolves to, or the address outside that it means. */
  readonly resolve?: (text: string) => { readonly inner: number; readonly address: Address } | Address | undefined
}

/** The address of a literal reference; undefined for fragments, conditional references and what is malformed. */
export function addressOf(text: string, base: string | undefined): Address | undefined {
  const parsed = parseReference(text)
  switch (parsed.form) {
    case 'relative':
      return { type: parsed.type, id: keyText(parsed.id), version: parsed.version ?? null }
    case 'rest': {
      const id = parsed.base === base ? parsed.id : parsed.url
      return { type: parsed.type, id: keyText(id), version: parsed.version ?? null }
    }
    case 'uri':
      return { type: '', ...canonicalAddress(parsed.url) }
    case 'fragment':
    case 'conditional':
    case 'malformed':
      return undefined
  }
}

function canonicalAddress(text: string): { readonly id: string; readonly version: string | null } {
  const [url = '', version = null] = text.split('|')
  return { id: keyText(url), version: version === null ? null : keyText(version) }
}

/** The rows of a canonical or URI that stands as a reference. */
export function canonicalReference(text: string): readonly Found[] {
  const bare = text.split('#')[0] ?? ''
  const parsed = parseReference(bare.split('|')[0] ?? '')
  const type = parsed.form === 'rest' ? parsed.type : ''
  return [{ table: 'reference', type, ...canonicalAddress(bare), inner: null }]
}

/** The rows of a Reference; one without a usable address has a row without id: it is not missing. */
export function referenceRows(value: JsonObject, reading: ReferenceReading): readonly Found[] {
  const { reference, type, identifier } = value
  const named = typeof type === 'string' ? type : ''
  const found = typeof reference === 'string' ? located(reference, reading) : undefined
  const place = found ?? { address: { type: named, id: '', version: null }, inner: null }
  const { address, inner } = place
  const own: Found = { table: 'reference', ...address, type: address.type || named, inner }
  return isObject(identifier) ? [own, identifierRow(identifier)] : [own]
}

function identifierRow({ system, value }: JsonObject): Found {
  const key = (text: unknown): string => (typeof text === 'string' ? keyText(text) : '')
  return { table: 'identifier', system: key(system), code: key(value) }
}

function located(
  text: string,
  { base, resolve }: ReferenceReading,
): { readonly address: Address; readonly inner: number | null } | undefined {
  const resolved = resolve === undefined ? addressOf(text, base) : resolve(text)
  if (resolved === undefined) return undefined
  return 'inner' in resolved ? resolved : { address: resolved, inner: null }
}
