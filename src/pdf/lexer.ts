/** The syntax of PDF objects, read from a text whose characters are bytes. @see ISO 32000-1:2008, 7.2 and 7.3 */

import { fail, type FhirError } from '../fhir/error.ts'
import { pdfName, PdfRef, PdfString, type PdfDict, type PdfValue } from './objects.ts'

const maxDepth = 200

/** By the code of a character: 1 white space, 2 a delimiter, 0 any other. */
const KINDS = new Uint8Array(256)
for (const code of [0, 9, 10, 12, 13, 32]) KINDS[code] = 1
for (const mark of '()<>[]{}/%') KINDS[mark.charCodeAt(0)] = 2

const CODE = {
  percent: 37,
  open: 40,
  close: 41,
  slash: 47,
  less: 60,
  greater: 62,
  opening: 91,
  backslash: 92,
  closing: 93,
  zero: 48,
  nine: 57,
  point: 46,
  R: 82,
}
function isDigit(code: number): boolean {
  return code >= CODE.zero && code <= CODE.nine
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

/** A reader of values; `at` is where it stands. */
export class Lexer {
  readonly text: string
  at: number
  #depth = 0

  constructor(text: string, at = 0) {
    this.text = text
    this.at = at
  }

  /** The next value. A keyword such as `endobj` is none. @throws FhirError `structure` */
  value(): PdfValue {
    const code = this.skipSpace()
    if (code === CODE.slash) return this.#name()
    if (code === CODE.open) return this.#literal()
    if (code === CODE.opening) return this.#array()
    if (code === CODE.less) return this.text.charCodeAt(this.at + 1) === CODE.less ? this.#dict() : this.#hex()
    if (isDigit(code)) return this.#wholeOrRef()
    const word = this.word()
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(word)) return Number(word)
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    throw this.fault()
  }

  /** The code of the next character that is neither white space nor in a comment. */
  skipSpace(): number {
    const { text } = this
    for (;;) {
      const code = text.charCodeAt(this.at)
      if (code === CODE.percent) {
        while (this.at < text.length && text[this.at] !== '\n' && text[this.at] !== '\r') this.at += 1
      } else if (KINDS[code] === 1) this.at += 1
      else return code
    }
  }

  /** The characters up to the next white space or delimiter. */
  word(): string {
    const start = this.at
    while (this.at < this.text.length && KINDS[this.text.charCodeAt(this.at)] === 0) this.at += 1
    return this.text.slice(start, this.at)
  }

  /** Whether the keyword stands next; then it is passed. */
  took(keyword: string): boolean {
    this.skipSpace()
    if (!this.text.startsWith(keyword, this.at)) return false
    this.at += keyword.length
    return true
  }

  fault(): FhirError {
    return fail('structure', `The PDF is not well-formed at byte ${this.at}`)
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > maxDepth) throw fail('too-long', `The PDF nests deeper than ${maxDepth} levels`)
    const value = read()
    this.#depth -= 1
    return value
  }

  #name(): PdfValue {
    this.at += 1
    const word = this.word()
    return pdfName(
      word.includes('#')
        ? word.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        : word,
    )
  }

  /** What begins with a digit: most of a PDF, so each character is looked at once. */
  #wholeOrRef(): PdfValue {
    const { text } = this
    const start = this.at
    let number = 0
    let code = text.charCodeAt(this.at)
    for (; isDigit(code); code = text.charCodeAt((this.at += 1))) number = number * 10 + code - CODE.zero
    if (code === CODE.point || KINDS[code] === 0) return this.#fraction(start)
    const end = this.at - start > 10 ? -1 : this.#endOfReference()
    if (end < 0) return number
    this.at = end
    return new PdfRef(number)
  }

  #fraction(start: number): number {
    const word = this.text.slice(start, this.at) + this.word()
    if (!/^\d+\.\d*$/.test(word)) throw this.fault()
    return Number(word)
  }

  /** Where ` 0 R` ends that stands next; negative where something else does. */
  #endOfReference(): number {
    const { text } = this
    let at = this.at
    while (KINDS[text.charCodeAt(at)] === 1) at += 1
    const generation = at
    while (isDigit(text.charCodeAt(at))) at += 1
    const space = at
    while (KINDS[text.charCodeAt(at)] === 1) at += 1
    if (space === generation || space - generation > 5 || at === space || text.charCodeAt(at) !== CODE.R) return -1
    return KINDS[text.charCodeAt(at + 1)] === 0 ? -1 : at + 1
  }

  #array(): PdfValue {
    return this.#nested(() => {
      const items: PdfValue[] = []
      this.at += 1
      while (this.skipSpace() !== CODE.closing) items.push(this.value())
      this.at += 1
      return items
    })
  }

  #dict(): PdfDict {
    return this.#nested(() => {
      const dict: PdfDict = new Map()
      this.at += 2
      for (let code = this.skipSpace(); code !== CODE.greater; code = this.skipSpace()) {
        if (code !== CODE.slash) throw this.fault()
        const key = this.#name()
        dict.set((key as { name: string }).name, this.value())
      }
      if (this.text.charCodeAt(this.at + 1) !== CODE.greater) throw this.fault()
      this.at += 2
      return dict
    })
  }

  #hex(): PdfString {
    const end = this.text.indexOf('>', this.at)
    if (end < 0) throw this.fault()
    const digits = this.text.slice(this.at + 1, end).replace(/\s/g, '')
    this.at = end + 1
    let bytes = ''
    for (let at = 0; at < digits.length; at += 2)
      bytes += String.fromCharCode(Number.parseInt(digits.slice(at, at + 2).padEnd(2, '0'), 16))
    return new PdfString(bytes)
  }

  #literal(): PdfString {
    const { text } = this
    const parts: string[] = []
    let open = 0
    let start = (this.at += 1)
    for (; this.at < text.length; this.at += 1) {
      const code = text.charCodeAt(this.at)
      if (code === CODE.open) open += 1
      else if (code === CODE.close) {
        if (open === 0) {
          parts.push(text.slice(start, this.at))
          this.at += 1
          return new PdfString(parts.join(''))
        }
        open -= 1
      } else if (code === CODE.backslash) {
        parts.push(text.slice(start, this.at), this.#escape())
        start = this.at + 1
      }
    }
    throw this.fault()
  }

  /** What the escape stands for; it ends at the last character of the escape. */
  #escape(): string {
    ESCAPE.lastIndex = this.at + 1
    const [whole = '', octal, end] = ESCAPE.exec(this.text) ?? []
    this.at += whole.length
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff)
    return end !== undefined ? '' : (ESCAPES[whole] ?? whole)
  }
}

const ESCAPE = /([0-7]{1,3})|(\r\n|\r|\n)|[\s\S]/y
