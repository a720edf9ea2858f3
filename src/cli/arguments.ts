/** Arguments of a command read by its table: nothing unknown, nothing twice, nothing ignored. */

import { excerpt, hint, mismatch, type Shape } from '../shape.ts'
import { misuse } from './answer.ts'

export interface Option<T> {
  readonly shape: Shape<T>
  /** What it is for, in one phrase. */
  readonly text: string
  /** It may be given several times. */
  readonly many?: true
}

/** An option without a value. */
export interface Flag {
  readonly shape: 'flag'
  readonly text: string
}

export type Options = Readonly<Record<string, Option<unknown> | Flag>>

/** The values of the options given, by their names. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Flag
    ? true | undefined
    : O[K] extends { readonly many: true; readonly shape: Shape<infer T> }
      ? readonly T[] | undefined
      : O[K] extends { readonly shape: Shape<infer T> }
        ? T | undefined
        : never
}

/** What an argument list is read by. */
export interface Grammar {
  readonly operands: { readonly label: string; readonly least: number; readonly most: number }
  readonly options: Options
  /** Options that have a meaning to come: refused by name. */
  readonly later: readonly string[]
}

export interface Arguments {
  readonly operands: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
}

/** `fullUrl` as it is written on the command line: `--full-url`. */
export function written(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/**
 * Operands and values of an argument list.
 * @throws Stop 2 for an unknown, repeated or incomplete option, a bad value, or a wrong number of operands
 */
export function readArguments(grammar: Grammar, args: readonly string[]): Arguments {
  const operands: string[] = []
  const values: Record<string, unknown> = {}
  const queue = [...args]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') operands.push(...queue.splice(0))
    else if (word.startsWith('-') && word !== '-') readOption(grammar, word, { queue, values })
    else operands.push(word)
  }
  mustBeInBounds(grammar, operands)
  return { operands, values }
}

interface Reading {
  readonly queue: string[]
  readonly values: Record<string, unknown>
}

function readOption(grammar: Grammar, word: string, { queue, values }: Reading): void {
  const [name = '', inline] = splitAtEquals(word)
  const [key, option] = Object.entries(grammar.options).find(([candidate]) => written(candidate) === name) ?? []
  if (key === undefined || option === undefined) throw unknownOption(grammar, name)
  if (values[key] !== undefined && !('many' in option)) throw misuse(`${name} is given twice, expected once`)
  if (option.shape === 'flag') {
    if (inline !== undefined) throw misuse(`${name} takes no value, found ${JSON.stringify(excerpt(inline))}`)
    values[key] = true
    return
  }
  const value = inline ?? nextValue(queue)
  if (value === undefined) throw misuse(`${name} has no value, expected ${option.shape.label}`)
  const read = option.shape.read(value)
  if (read === undefined) throw misuse(mismatch(name, value, option.shape))
  values[key] = 'many' in option ? [...((values[key] as unknown[] | undefined) ?? []), read] : read
}

function splitAtEquals(word: string): readonly [string, string?] {
  const at = word.indexOf('=')
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/** The word that follows, unless it is an option itself; a value that begins with hyphens is written after `=`. */
function nextValue(queue: string[]): string | undefined {
  const [next] = queue
  return next === undefined || next.startsWith('--') ? undefined : queue.shift()
}

function unknownOption({ options, later }: Grammar, name: string): Error {
  const known = Object.keys(options).map(written)
  if (later.includes(name)) return misuse(`${name} is not supported yet, supported: ${known.join(', ')}`)
  const allowed = known.length === 0 ? ', expected none' : `, expected one of ${known.join(', ')}`
  return misuse(`The option ${excerpt(name)} is unknown${hint(name, known) || allowed}`)
}

function mustBeInBounds({ operands: { label, least, most } }: Grammar, operands: readonly string[]): void {
  if (operands.length < least) throw misuse(`${label} is missing, expected ${least === most ? 'one' : 'at least one'}`)
  if (operands.length <= most) return
  const extra = JSON.stringify(excerpt(operands[most] ?? ''))
  throw misuse(
    most === 0
      ? `The argument ${extra} is one too many, expected none`
      : `The argument ${extra} is one too many, expected one ${label}`,
  )
}
