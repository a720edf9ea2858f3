/** One value of a search parameter as a condition on a row of the index. @see https://hl7.org/fhir/R4/search.html#ptypes */

import { fail, type FhirError } from '../../../fhir/error.ts'
import type { Instant } from '../../../fhir/types.ts'
import { sql, type RawBuilder } from '../sql/query.ts'
import { COMPARISONS, numberRange, prefixed, type Prefix, type Sought } from './comparing.ts'
import type { ParameterType } from './definitions.ts'
import { split, unescaped } from './escaping.ts'
import { spanOf } from './moments.ts'
import { addressOf } from './references.ts'
import { BESIDE, type Table } from './rows.ts'
import { afterAll, keyText, MAX_PREFIX_LENGTH, normalised, startOf, storable } from './texts.ts'

export type Sql = RawBuilder<unknown>
/** The columns of the row that a condition is about. */
export type Columns = (name: string) => Sql

/** Rows of one table that have a value. */
export interface Match {
  readonly table: Table
  /** What stands after the name of the parameter whose rows are meant, for each kind of them. */
  readonly beside: readonly string[]
  readonly where: (column: Columns) => Sql
}

/** What a value is read with. */
export interface ValueReading {
  /** The name of the parameter as it was asked, for messages. */
  readonly name: string
  readonly modifier: string | undefined
  /** The types that a reference may name; any where absent. */
  readonly target: readonly string[] | undefined
  readonly base: string | undefined
  readonly now: Instant
  /** The tokens are strings, of which case does not count. */
  readonly isCaseless?: boolean
}

type Reader = (value: string, reading: ValueReading) => Match

/** What is wrong with a value, then what was expected. */
export function badValue({ name }: Pick<ValueReading, 'name'>, expected: string): FhirError {
  return fail('value', `The value of the search parameter ${shown(name)} is not understood, expected ${expected}`)
}

export function badModifier(name: string, modifier: string, allowed: readonly string[]): FhirError {
  const expected = allowed.length === 0 ? 'none' : allowed.map((one) => `:${one}`).join(', ')
  const text = `The search parameter ${shown(name)} does not take the modifier :${shown(modifier)}, expected ${expected}`
  return fail('invalid', text)
}

/** As much of a name as a message needs. */
export function shown(name: string): string {
  const text = storable(name)
  return text.length <= 80 ? text : storable(`${text.slice(0, 80)}…`)
}

type Simple = Exclude<ParameterType, 'composite'>

/** By the type of parameter and modifier, how a value is read; '' is without modifier. */
const READERS: Readonly<Record<Simple, Readonly<Record<string, Reader>>>> = {
  token: { '': token, not: token, text: begins(BESIDE.text), 'of-type': ofType },
  string: { '': begins('', BESIDE.word), exact, contains },
  reference: { '': reference, identifier },
  date: { '': date },
  number: { '': number },
  quantity: { '': quantity },
  uri: { '': uri, below: uriBelow, above: uriAbove },
}

/** The modifiers that a type of parameter takes, without `missing` and the names of types. */
function modifiersOf(type: Simple): readonly string[] {
  return Object.keys(READERS[type]).filter((modifier) => modifier !== '')
}

/**
 * The rows that have a value. @throws FhirError `invalid` for a modifier that the parameter does not take, `value` for a
 * value that cannot be
 */
export function matchOf(value: string, type: Simple, reading: ValueReading): Match {
  const { modifier = '', name } = reading
  const readers = READERS[type]
  const read = Object.hasOwn(readers, modifier) ? readers[modifier] : undefined
  if (read !== undefined) return read(value, reading)
  const targets = type === 'reference' ? (reading.target ?? ['[type]']) : []
  const isTarget = /^[A-Z]/.test(modifier) && (reading.target === undefined || targets.includes(modifier))
  if (type === 'reference' && isTarget) return reference(value, reading)
  throw badModifier(name, modifier, ['missing', ...modifiersOf(type), ...targets])
}

function token(value: string, reading: ValueReading): Match {
  return { table: 'token', beside: [''], where: tokenCondition(value, reading) }
}

function identifier(value: string, reading: ValueReading): Match {
  return { table: 'token', beside: [BESIDE.identifier], where: tokenCondition(value, reading) }
}

function tokenCondition(value: string, reading: ValueReading): Match['where'] {
  const text = reading.isCaseless === true ? value.toLowerCase() : value
  const parts = split(text, '|').map((part) => keyText(unescaped(part)))
  const [first = '', second] = parts
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) {
    throw badValue(reading, 'a code, system|code, |code or system|')
  }
  if (second === undefined) return (column) => sql`${column('code')} = ${first}`
  if (second === '') return (column) => sql`${column('system')} = ${first}`
  return (column) => sql`${column('code')} = ${second} and ${column('system')} = ${first}`
}

function ofType(value: string, reading: ValueReading): Match {
  const [system, code, own, ...more] = split(value, '|').map(unescaped)
  if (system === undefined || code === undefined || own === undefined || own === '' || more.length > 0) {
    throw badValue(reading, 'the system and code of the type and the value: system|code|value')
  }
  const type = keyText(`${system}|${code}`)
  return {
    table: 'token',
    beside: [BESIDE['of-type']],
    where: (column) => sql`${column('code')} = ${keyText(own)} and ${column('system')} = ${type}`,
  }
}

function begins(...beside: readonly string[]): Reader {
  return (value, reading) => {
    const prefix = sought(value, reading)
    const start = startOf(prefix)
    const range = (column: Columns): Sql =>
      sql`${column('start')} >= ${start} and ${column('start')} < ${afterAll(start)}`
    const whole = (column: Columns): Sql =>
      sql`${range(column)} and ${column('value')} >= ${prefix} and ${column('value')} < ${afterAll(prefix)}`
    return { table: 'string', beside, where: start === prefix ? range : whole }
  }
}

function sought(value: string, reading: ValueReading): string {
  const text = normalised(unescaped(value))
  if (text === '') throw badValue(reading, 'some text')
  return text
}

function exact(value: string): Match {
  const text = storable(unescaped(value))
  const start = startOf(normalised(text))
  return {
    table: 'string',
    beside: [''],
    where: (column) => sql`${column('start')} = ${start} and ${column('exact')} = ${text}`,
  }
}

function contains(value: string, reading: ValueReading): Match {
  const pattern = `%${sought(value, reading).replace(/[!%_]/g, '!$&')}%`
  return {
    table: 'string',
    beside: [''],
    where: (column) => sql`coalesce(${column('value')}, ${column('start')}) like ${pattern} escape '!'`,
  }
}

const ID = /^[A-Za-z0-9.-]{1,64}$/

function reference(value: string, reading: ValueReading): Match {
  const text = unescaped(value)
  const { modifier, target, base } = reading
  return { table: 'reference', beside: [''], where: ID.test(text) ? byId(text, modifier, target) : byAddress(text) }

  function byAddress(literal: string): Match['where'] {
    const address = addressOf(literal, base)
    if (address === undefined || address.id === '') {
      throw badValue(reading, 'an id, Type/id or an absolute URL')
    }
    if (modifier !== undefined && address.type !== '' && address.type !== modifier) {
      throw badValue(reading, `a reference to a resource of type ${shown(modifier)}`)
    }
    const type = address.type === '' ? (modifier ?? '') : address.type
    return (column) => {
      const own = type === '' ? sql`` : sql` and ${column('type')} = ${type}`
      const version = address.version === null ? sql`` : sql` and ${column('version')} = ${address.version}`
      const located = sql`${column('id')} = ${address.id}${own}${version}`
      // A canonical keeps its URL, even one below our own base.
      return ID.test(address.id) && literal.includes(':')
        ? sql`(${located} or ${column('id')} = ${keyText(literal)})`
        : located
    }
  }
}

function byId(id: string, modifier: string | undefined, target: readonly string[] | undefined): Match['where'] {
  if (modifier !== undefined) return (column) => sql`${column('id')} = ${id} and ${column('type')} = ${modifier}`
  if (target === undefined || target.length > 8) return (column) => sql`${column('id')} = ${id}`
  return (column) => sql`${column('id')} = ${id} and ${column('type')} in (${sql.join([...target])})`
}

function columnOf(column: Columns): (name: 'low' | 'high') => Sql {
  return (name) => column(name)
}

function date(value: string, reading: ValueReading): Match {
  const { prefix, rest } = prefixed(unescaped(value))
  // A space is what a plus sign becomes in a query that was not encoded.
  const range = spanOf(rest.replace(/ (?=\d\d:\d\d$)/, '+'))
  if (range === undefined)
    throw badValue(reading, 'a date or time such as 2026-03-01, after eq, ne, gt, lt, ge, le, sa, eb or ap')
  const gap = Math.round(Math.abs(Date.parse(reading.now) - range.low) / 10)
  const about = { low: range.low - gap, high: range.high + gap }
  const whole: Sought = { ...range, about, from: range, closed: true }
  return { table: 'date', beside: [''], where: (column) => COMPARISONS[prefix](columnOf(column), whole) }
}

/** The comparison of a column that holds one moment. */
export function momentCondition(value: string, reading: ValueReading, column: Sql): Sql {
  return date(value, reading).where(() => column)
}

function number(value: string, reading: ValueReading): Match {
  const { prefix, rest } = prefixed(unescaped(value))
  return { table: 'number', beside: [''], where: numberCondition(prefix, rest, reading) }
}

function numberCondition(prefix: Prefix, text: string, reading: ValueReading): Match['where'] {
  const range = numberRange(text)
  if (range === undefined) throw badValue(reading, 'a number, after eq, ne, gt, lt, ge, le, sa, eb or ap')
  return (column) => COMPARISONS[prefix](columnOf(column), range)
}

function quantity(value: string, reading: ValueReading): Match {
  const [amount = '', system = '', given, ...more] = split(value, '|').map(unescaped)
  const code = given ?? ''
  const isCodeAbsent = given === undefined
  if (more.length > 0 || (system !== '' && isCodeAbsent)) {
    throw badValue(reading, 'a number, number|system|code, number|system| or number||code')
  }
  const { prefix, rest } = prefixed(amount)
  const inRange = numberCondition(prefix, rest, reading)
  const own = keyText(code)
  return {
    table: 'number',
    beside: [''],
    where: (column) => {
      if (system !== '') {
        const coded = code === '' ? sql`` : sql` and ${column('code')} = ${own}`
        return sql`${inRange(column)}${coded} and ${column('system')} = ${keyText(system)}`
      }
      if (code === '') return inRange(column)
      return sql`${inRange(column)} and (${column('code')} = ${own} or ${column('unit')} = ${own})`
    },
  }
}

function uri(value: string, reading: ValueReading): Match {
  const text = keyText(unescaped(value))
  if (text === '') throw badValue(reading, 'a URI')
  return { table: 'token', beside: [''], where: (column) => sql`${column('code')} = ${text}` }
}

/** The URI itself and all that continue it behind a slash. */
function uriBelow(value: string, reading: ValueReading): Match {
  const text = hierarchical(value, reading)
  const prefix = text.endsWith('/') ? text : `${text}/`
  return {
    table: 'token',
    beside: [''],
    where: (column) =>
      sql`(${column('code')} = ${text} or (${column('code')} >= ${prefix} and ${column('code')} < ${afterAll(prefix)}))`,
  }
}

function uriAbove(value: string, reading: ValueReading): Match {
  const text = hierarchical(value, reading)
  const steps = text.replace(/^[a-z]+:\/\/[^/]*/, (root) => root.replaceAll('/', '\0')).split('/')
  const above = steps.map((_step, index) =>
    steps
      .slice(0, index + 1)
      .join('/')
      .replaceAll('\0', '/'),
  )
  const all = [...new Set([...above, ...above.map((one) => `${one}/`), text])]
  return { table: 'token', beside: [''], where: (column) => sql`${column('code')} in (${sql.join(all)})` }
}

/** @see https://hl7.org/fhir/R4/search.html#uri : names such as OIDs have no above and below */
function hierarchical(value: string, reading: ValueReading): string {
  const text = storable(unescaped(value))
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(text) || text.length > MAX_PREFIX_LENGTH) {
    throw badValue(reading, `a URL of at most ${MAX_PREFIX_LENGTH} characters`)
  }
  return text
}
