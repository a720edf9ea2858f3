/** The two formats of FHIR as one: read whichever it is, written in the one that is asked for. @see https://hl7.org/fhir/R4/formats.html */

import { fail } from './error.ts'
import { parseJson, stringify } from './json.ts'
import type { Model } from './model.ts'
import type { Json, Resource } from './types.ts'
import { parseXml } from './xml.ts'
import { stringifyXml } from './xml-write.ts'

/** The formats that a resource is written in, by name. */
export const WRITERS = {
  json: (resource: Resource, _model: Model, indent: 'pretty' | 'none'): string =>
    indent === 'pretty' ? `${stringify(resource, 2)}\n` : stringify(resource),
  xml: stringifyXml,
} as const

export interface ReadOptions {
  /** The definitions that XML is read by; asked for only where it is XML. */
  readonly model: () => Model | Promise<Model>
  readonly maxBytes?: number
}

/**
 * What a file of FHIR holds, JSON or XML by its first character.
 * @throws FhirError `structure` with line and column, `too-long`, `not-supported` for a PDF
 */
export async function parseFhir(bytes: Uint8Array, { model, ...limits }: ReadOptions): Promise<Json> {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).replace(/^ï»¿/, '')
  if (start.startsWith('%PDF-')) throw fail('not-supported', 'The input is a PDF, expected FHIR as JSON or XML')
  return isXml(start) ? parseXml(bytes, await model(), limits) : parseJson(bytes, limits)
}

/** Whether a text is XML rather than JSON. */
export function isXml(start: string): boolean {
  return /^\s*</.test(start)
}
