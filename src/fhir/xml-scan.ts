/**
 * The scanner of XML, and the only door to saxes: a text as events, with namespaces resolved and nothing doubtful in it: no
 * document type, no entities beyond the five, no other encoding than UTF-8.
 * @see https://www.w3.org/TR/xml/
 */

import { SaxesParser, type SaxesTagNS } from 'saxes'
import { fail, FhirError } from './error.ts'
import type { IssueCode } from './issue.ts'
import { XMLNS } from './xml-names.ts'

export interface XmlLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
  /** Of one element. */
  readonly maxAttributes?: number
}

const MEBIBYTE = 1024 * 1024
export const defaultXmlLimits = { maxBytes: 256 * MEBIBYTE, maxDepth: 200, maxAttributes: 100 } as const

/** An attribute, or, in the namespace of declarations, the declaration of a prefix: `local` of the default one is empty. */
export interface XmlAttribute {
  /** As it was written: `xml:lang`. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
  readonly value: string
}

/** A start tag. */
export interface XmlTag {
  /** As it was written: `ds:Signature`. */
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly uri: string
  /** In the order in which they were written. */
  readonly attributes: readonly XmlAttribute[]
  readonly declarations: readonly XmlAttribute[]
}

/** Makes the error of the place in hand. */
export type XmlFault = (what: string, code?: IssueCode) => FhirError

/** What is done with each part of a text; offsets are those of its characters. */
export interface XmlHandlers {
  readonly open: (tag: XmlTag, offset: number) => void
  readonly close: (offset: number) => void
  /** Of CDATA sections too; what stands in one piece may come in several. */
  readonly text: (characters: string) => void
  readonly comment?: (text: string) => void
  readonly instruction?: (target: string, body: string) => void
}

/**
 * Reads a text to its end, each part given to the handlers that are made for it.
 * @throws FhirError `structure` with line and column, or `too-long` where a limit is passed
 */
export function scanXml(
  input: string | Uint8Array,
  limits: XmlLimits,
  handlersFor: (text: string, fault: XmlFault) => XmlHandlers,
): void {
  const { maxBytes, maxDepth, maxAttributes } = { ...defaultXmlLimits, ...limits }
  const size = typeof input === 'string' ? input.length : input.byteLength
  if (size > maxBytes) throw fail('too-long', `The XML text has ${size} bytes, at most ${maxBytes} are allowed`)
  const text = (typeof input === 'string' ? input : decode(input)).replace(/^\uFEFF/, '')
  const parser = new SaxesParser({ xmlns: true })
  const fault: XmlFault = (what, code = 'structure') =>
    fail(code, `${what} (line ${parser.line}, column ${parser.column})`)
  const handlers = handlersFor(text, fault)
  let depth = 0
  let attributes = 0
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
  parser.on('opentagstart', () => {
    attributes = 0
    depth += 1
    if (depth > maxDepth) throw fault(`Nesting is deeper than ${maxDepth} levels`, 'too-long')
  })
  parser.on('opentag', (tag) => {
    handlers.open(tagOf(tag), text.lastIndexOf('<', parser.position - 1))
  })
  parser.on('closetag', () => {
    depth -= 1
    handlers.close(parser.position)
  })
  parser.on('text', handlers.text)
  parser.on('cdata', handlers.text)
  const { comment, instruction } = handlers
  if (comment !== undefined) parser.on('comment', comment)
  if (instruction !== undefined)
    parser.on('processinginstruction', ({ target, body }) => {
      instruction(target, body)
    })
  try {
    parser.write(text).close()
  } catch (thrown) {
    if (thrown instanceof FhirError) throw thrown
    throw fail('structure', 'The XML is not well-formed', { cause: thrown })
  }
}

function tagOf({ name, prefix, local, uri, attributes }: SaxesTagNS): XmlTag {
  const all = Object.values(attributes)
  return {
    name,
    prefix,
    local,
    uri,
    attributes: all.filter((one) => one.uri !== XMLNS),
    declarations: all.filter((one) => one.uri === XMLNS).map(declarationOf),
  }
}

/** The scanner calls the declaration without prefix after its whole name. */
function declarationOf(declaration: XmlAttribute): XmlAttribute {
  return declaration.name === 'xmlns' ? { ...declaration, local: '' } : declaration
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fail('structure', 'The XML text is not UTF-8', { cause })
  }
}
