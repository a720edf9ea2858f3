/**
 * The XML reader, and the only door to saxes: FHIR XML to the same resource that its JSON would be. Nothing is lost but
 * comments, and nothing doubtful is taken: no document type, no entities beyond the five, no other namespace.
 * @see https://hl7.org/fhir/R4/xml.html
 */

import { SaxesParser, type SaxesTagNS } from 'saxes'
import { fail, FhirError } from './error.ts'
import type { IssueCode } from './issue.ts'
import type { Model } from './model.ts'
import type { Resource } from './types.ts'
import { fhirBuilder } from './xml-element.ts'
import { FHIR, XHTML, XMLNS, XSI, type XmlElement } from './xml-names.ts'

export interface XmlLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
  /** Of one element. */
  readonly maxAttributes?: number
}

const MEBIBYTE = 1024 * 1024
export const defaultXmlLimits = { maxBytes: 256 * MEBIBYTE, maxDepth: 200, maxAttributes: 100 } as const

/**
 * The resource that a FHIR XML text holds, as its JSON would be: numbers with their own text, members in the order of the
 * definitions.
 * @throws FhirError `structure` with line and column, or `too-long` where a limit is passed
 */
export function parseXml(input: string | Uint8Array, model: Model, limits: XmlLimits = {}): Resource {
  const { maxBytes, maxDepth, maxAttributes } = { ...defaultXmlLimits, ...limits }
  const size = typeof input === 'string' ? input.length : input.byteLength
  if (size > maxBytes) throw fail('too-long', `The XML text has ${size} bytes, at most ${maxBytes} are allowed`)
  const text = (typeof input === 'string' ? input : decode(input)).replace(/^\uFEFF/, '')
  const parser = new SaxesParser({ xmlns: true })
  const fault = (what: string, code: IssueCode = 'structure'): FhirError =>
    fail(code, `${what} (line ${parser.line}, column ${parser.column})`)
  const builder = fhirBuilder(model, text, fault)
  let depth = 0
  parser.on('error', ({ message }) => {
    throw fault(`The XML is not well-formed: ${message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')}`)
  })
  parser.on('xmldecl', ({ encoding = 'UTF-8' }) => {
    if (!/^utf-8$/i.test(encoding)) throw fault('The XML is declared as something else than UTF-8')
  })
  parser.on('doctype', () => {
    throw fault('The XML has a document type, which is not allowed')
  })
  parser.on('attribute', () => {
    attributes += 1
    if (attributes > maxAttributes) throw fault(`An element has more than ${maxAttributes} attributes`, 'too-long')
  })
  let attributes = 0
  parser.on('opentagstart', () => {
    attributes = 0
    depth += 1
    if (depth > maxDepth) throw fault(`Nesting is deeper than ${maxDepth} levels`, 'too-long')
  })
  parser.on('opentag', (tag) => {
    builder.open(elementOf(tag, fault), text.lastIndexOf('<', parser.position - 1))
  })
  parser.on('closetag', () => {
    depth -= 1
    builder.close(parser.position)
  })
  parser.on('text', (characters) => {
    builder.text(characters)
  })
  parser.on('cdata', (characters) => {
    builder.text(characters)
  })
  try {
    parser.write(text).close()
  } catch (thrown) {
    if (thrown instanceof FhirError) throw thrown
    throw fail('structure', 'The XML is not well-formed', { cause: thrown })
  }
  return builder.resource()
}

/** An element with its namespace resolved; declarations of namespaces and places of schemas are no attributes of it. */
function elementOf({ local, uri, prefix, attributes }: SaxesTagNS, fault: (what: string) => FhirError): XmlElement {
  const own: Record<string, string> = {}
  for (const [name, { uri: space, local: key, value }] of Object.entries(attributes)) {
    if (space === XMLNS || space === XSI) continue
    if (space !== '' && uri === FHIR) throw fault(`The attribute ${name} is of another namespace than FHIR has`)
    own[space === '' ? key : name] = value
  }
  if (uri !== FHIR && uri !== XHTML)
    throw fault(`The element ${local} is in no namespace that FHIR has, expected ${FHIR}`)
  return { name: local, isXhtml: uri === XHTML, isPrefixed: prefix !== '', attributes: own }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fail('structure', 'The XML text is not UTF-8', { cause })
  }
}
