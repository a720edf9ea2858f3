/**
 * A JSON reader that loses nothing and takes nothing doubtful: decimals keep their text; duplicate members, invalid
 * UTF-8, lone surrogates, and more depth or size than allowed are refused with line and column.
 * @see https://hl7.org/fhir/R4/json.html
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */

import { decimal } from './decimal.ts'
import { fail, type FhirError } from './error.ts'
import type { IssueCode } from './issue.ts'
import type { Json, JsonArray, JsonObject } from './types.ts'

export interface JsonLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
}

const MEBIBYTE = 1024 * 1024
const defaultJsonLimits = { maxBytes: 256 * MEBIBYTE, maxDepth: 100 } as const

/**
 * The value that a JSON text holds.
 * @throws FhirError `structure` with line and column, or `too-long` where a limit is passed
 */
export function parseJson(input: string | Uint8Array, limits: JsonLimits = {}): Json {
  const { maxBytes, maxDepth } = { ...defaultJsonLimits, ...limits }
  const size = typeof input === 'string' ? input.length : input.byteLength
  if (size > maxBytes) throw fail('too-long', `The JSON text has ${size} bytes, at most ${maxBytes} are allowed`)
  const text = typeof input === 'string' ? input.replace(/^\uFEFF/, '') : decode(input)
  return new Reader(text, maxDepth).document()
}

/** The same type where JSON holds all of it; where it does not (functions, dates, maps), one that no value has. */
type Writable<T> = T extends Json | undefined
  ? T
  : T extends symbol | bigint | ((...all: never) => unknown)
    ? never
    : { readonly [K in keyof T]: Writable<T[K]> }

/** The JSON text of a value; every decimal as it was read. */
export function stringify<T extends Json | object>(value: T & Writable<T>, indent?: number): string {
  return JSON.stringify(value, null, indent)
}

/** The very value, as the JSON that it is: an interface has no index signature, so the compiler must be told. */
export function jsonOf<T extends object>(
  value: T & Writable<T>,
): T extends readonly unknown[] ? JsonArray : JsonObject {
  return value as unknown as T extends readonly unknown[] ? JsonArray : JsonObject
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fail('structure', `The JSON text is not UTF-8 at byte ${invalidByte(bytes)}`, { cause })
  }
}

/** The offset of the first byte that is no UTF-8: where a lenient decoder's output departs from the bytes. */
function invalidByte(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isUtf8Prefix(bytes.subarray(0, middle + 1))) low = middle + 1
    else high = middle
  }
  return low
}

function isUtf8Prefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** The bits that say whether a code unit is half of a pair. */
const SURROGATES = 0xf800
const FIRST_SURROGATE = 0xd800

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORDS: readonly (readonly [string, Json])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

class Reader {
  readonly #text: string
  readonly #maxDepth: number
  #at = 0
  #depth = 0
  /** Whether the string in hand may have one: only then is it worth a look. */
  #hasSurrogates = false

  constructor(text: string, maxDepth: number) {
    this.#text = text
    this.#maxDepth = maxDepth
  }

  document(): Json {
    const value = this.#value()
    if (this.#next() !== undefined) throw this.#unexpected('the end')
    return value
  }

  #value(): Json {
    const code = this.#next()
    if (code === QUOTE) return this.#string()
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) return this.#nested(code)
    NUMBER.lastIndex = this.#at
    const number = NUMBER.exec(this.#text)?.[0]
    if (number !== undefined) {
      this.#at += number.length
      return decimal(number)
    }
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    throw this.#unexpected('a value')
  }

  #nested(opening: number): Json {
    this.#depth += 1
    if (this.#depth > this.#maxDepth) throw this.#fault(`Nesting is deeper than ${this.#maxDepth} levels`, 'too-long')
    this.#at += 1
    const value = opening === OPEN_OBJECT ? this.#object() : this.#array()
    this.#depth -= 1
    return value
  }

  #object(): Json {
    const members: Record<string, Json> = {}
    if (this.#took(CLOSE_OBJECT)) return members
    do {
      if (this.#next() !== QUOTE) throw this.#unexpected('a member name in quotes')
      const start = this.#at
      const name = this.#string()
      if (name === '__proto__' || Object.hasOwn(members, name)) {
        this.#at = start
        throw this.#fault(
          name === '__proto__'
            ? `The member name "${name}" is not allowed`
            : `The member "${name}" stands twice in one object`,
        )
      }
      if (!this.#took(COLON)) throw this.#unexpected('":"')
      members[name] = this.#value()
    } while (this.#took(COMMA))
    if (!this.#took(CLOSE_OBJECT)) throw this.#unexpected('"," or "}"')
    return members
  }

  #array(): Json {
    const items: Json[] = []
    if (this.#took(CLOSE_ARRAY)) return items
    do items.push(this.#value())
    while (this.#took(COMMA))
    if (!this.#took(CLOSE_ARRAY)) throw this.#unexpected('"," or "]"')
    return items
  }

  #string(): string {
    const start = this.#at
    this.#at += 1
    this.#hasSurrogates = false
    let value = this.#plain()
    while (this.#text.charCodeAt(this.#at) === BACKSLASH) value += this.#escape() + this.#plain()
    if (this.#text.charCodeAt(this.#at) !== QUOTE) throw this.#unexpected('the closing quote of a string')
    if (this.#hasSurrogates && !value.isWellFormed()) {
      this.#at = start
      throw this.#fault('The string has a lone surrogate, which is no character')
    }
    this.#at += 1
    return value
  }

  /** A string's characters up to its end or its first escape; control characters end it too, and are then refused. */
  #plain(): string {
    const text = this.#text
    const start = this.#at
    let at = start
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === QUOTE || code === BACKSLASH || code < SPACE) break
      if ((code & SURROGATES) === FIRST_SURROGATE) this.#hasSurrogates = true
    }
    this.#at = at
    return text.slice(start, at)
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#at + 1)
    const short = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (short !== undefined) {
      this.#at += 2
      return short
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6)
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits))
      throw this.#fault('The string has an escape that JSON does not know')
    this.#at += 6
    this.#hasSurrogates = true
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  /** The code of the next character that is not white space, which it moves to. */
  #next(): number | undefined {
    const text = this.#text
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
      this.#at += 1
    }
    return undefined
  }

  #took(code: number): boolean {
    if (this.#next() !== code) return false
    this.#at += 1
    return true
  }

  #unexpected(expected: string): FhirError {
    const point = this.#text.codePointAt(this.#at)
    const found = point === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(point))
    return this.#fault(`Unexpected ${found}, expected ${expected}`)
  }

  #fault(what: string, code: IssueCode = 'structure'): FhirError {
    const before = this.#text.slice(0, this.#at)
    const line = before.split('\n').length
    const column = this.#at - before.lastIndexOf('\n')
    return fail(code, `${what} (line ${line}, column ${column})`)
  }
}
