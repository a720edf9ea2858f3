/** The shapes of values that people write: settings, options of a command, parameters of a request. */

/** How a value is written, and its reading. */
export interface Shape<T> {
  /** What stands in help and messages: `rest | uuid`, `a whole number from 1 to 100`. */
  readonly label: string
  /** The value that the text stands for; undefined where the text has another shape. */
  readonly read: (text: string) => T | undefined
  /** Texts that are known and will have a meaning, but have none yet. */
  readonly later?: readonly string[]
}

/** The value type of a shape. */
export type ValueOf<S> = S extends Shape<infer T> ? T : never

/** Any text that is not empty, under the name given: `file`, `ASTM code`. */
export function text(label: string): Shape<string> {
  return { label, read: (value) => (value.trim() === '' ? undefined : value) }
}

/** One of the words given; `later` are words that are not supported yet. */
export function oneOf<const T extends string>(words: readonly T[], later: readonly string[] = []): Shape<T> {
  return { label: words.join(' | '), read: (value) => words.find((word) => word === value), later }
}

/** A whole number within bounds, in decimal digits. */
export function wholeNumber(least: number, most: number): Shape<number> {
  const read = (value: string): number | undefined => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : undefined
    return number !== undefined && number >= least && number <= most ? number : undefined
  }
  return { label: `a whole number from ${least} to ${most}`, read }
}

const factors: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }

/** A size in bytes, with or without unit: `32 MiB`, `500 KiB`, `1000000`. */
export const byteSize: Shape<number> = {
  label: 'a size such as 32 MiB',
  read: (value) => {
    const [, digits = '', unit = ''] = /^(\d{1,9})\s*([a-z]*)$/i.exec(value) ?? []
    const factor = factors[unit.toLowerCase()]
    return digits === '' || Number(digits) === 0 || factor === undefined ? undefined : Number(digits) * factor
  },
}

/** An absolute http or https URL without user, query and fragment; a slash at its end is dropped. */
export const httpUrl: Shape<string> = {
  label: 'an http or https URL',
  read: (value) => {
    const plain = /^https?:\/\/[^\s?#@]+$/i.test(value) && URL.canParse(value)
    return plain ? value.replace(/\/+$/, '') : undefined
  },
}

/** The canonical URL of a definition, with or without its version. @see https://hl7.org/fhir/R4/references.html#canonical */
export const canonical: Shape<string> = {
  label: 'a canonical URL, as url or url|version',
  read: (value) => (/^[A-Za-z][A-Za-z0-9+.-]*:[^\s|]+(?:\|[^\s|]+)?$/.test(value) ? value : undefined),
}

/** An origin as a browser sends it: scheme, host and port alone. */
export const origin: Shape<string> = {
  label: 'an origin such as https://app.example',
  read: (value) => (URL.canParse(value) && new URL(value).origin === value ? value : undefined),
}

/** A date and time with offset, as FHIR writes an instant. @see https://hl7.org/fhir/R4/datatypes.html#instant */
export const instant: Shape<string> = {
  label: 'an instant such as 2026-03-01T10:00:00Z',
  read: (value) => {
    const shaped = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value)
    return shaped && !Number.isNaN(Date.parse(value)) ? value : undefined
  },
}

/** A day, month or year, as FHIR writes a date. @see https://hl7.org/fhir/R4/datatypes.html#date */
export const date: Shape<string> = {
  label: 'a date such as 2026-03-01',
  read: (value) => (/^\d{4}(-\d{2}(-\d{2})?)?$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined),
}

/** A period of years, months, weeks or days. @see https://hl7.org/fhir/R4/datatypes.html#duration */
export const period: Shape<string> = {
  label: 'a period such as P10Y, P18M or P90D',
  read: (value) => (/^P(?=\d)(?:\d{1,4}Y)?(?:\d{1,5}M)?(?:\d{1,5}W)?(?:\d{1,6}D)?$/.test(value) ? value : undefined),
}

/** A language tag. @see https://www.rfc-editor.org/info/bcp47 */
export const language: Shape<string> = {
  label: 'a BCP 47 language tag',
  read: (value) => (/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(value) ? value : undefined),
}

/** A literal reference: relative, or a URL or URN. @see https://hl7.org/fhir/R4/references.html#literal */
export const reference: Shape<string> = {
  label: 'a reference such as Practitioner/1',
  read: (value) =>
    /^(?:[A-Z][A-Za-z]{2,63}\/[A-Za-z0-9.-]{1,64}|https?:\/\/[^\s]+|urn:(?:uuid|oid):[0-9a-z.-]+)$/.test(value)
      ? value
      : undefined,
}

/** The name of a template: a word of letters, digits and hyphens, so that it never is a path. */
export const word: Shape<string> = {
  label: 'a name',
  read: (value) => (/^[a-z0-9][a-z0-9-]{0,63}$/i.test(value) ? value : undefined),
}

export const yesNo: Shape<boolean> = {
  label: 'true | false',
  read: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
}

/** Several values of a shape, separated by commas or white space. */
export function listOf<T>({ label, read }: Shape<T>): Shape<readonly T[]> {
  const readAll = (value: string): readonly T[] | undefined => {
    const parts = value.split(/[\s,]+/).filter((part) => part !== '')
    const values = parts.map(read).filter((item) => item !== undefined)
    return parts.length > 0 && values.length === parts.length ? values : undefined
  }
  return { label: `${label}, several separated by commas`, read: readAll }
}

/** Whether a text that a shape does not read will have a meaning one day. */
export function isLater(value: string, { later }: Shape<unknown>): boolean {
  return later?.includes(value) ?? false
}

/** What to say of a text that a shape does not read: `… is not supported yet, supported: …` or what was expected. */
export function mismatch(name: string, value: string, shape: Shape<unknown>): string {
  if (isLater(value, shape)) return `${name} ${value} is not supported yet, supported: ${shape.label}`
  return `${name} has the value ${JSON.stringify(excerpt(value))}, expected ${shape.label}`
}

/** The start of a text that may be long, for a message. */
export function excerpt(value: string, length = 60): string {
  return value.length <= length ? value : `${value.slice(0, length)}…`
}

/** The name nearest to a misspelt one, where one is near enough to be meant: it begins alike, or few letters differ. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const meant = bare(name)
  const ranked = names.map((candidate) => ({ candidate, far: distance(meant, bare(candidate)) }))
  const [best] = ranked.sort((one, other) => one.far - other.far)
  if (best !== undefined && best.far <= Math.ceil(meant.length / 3)) return best.candidate
  return meant.length < 3 ? undefined : names.find((candidate) => bare(candidate).startsWith(meant))
}

/** A name as far as it can be misspelt. */
function bare(name: string): string {
  return name.replace(/^-+/, '').toLowerCase()
}

/** `, the nearest is --full-url`, or nothing where no name is near. */
export function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  return near === undefined ? '' : `, the nearest is ${near}`
}

/** The Levenshtein distance; names are cut to a length that keeps a hostile one cheap. */
function distance(from: string, to: string): number {
  const [a, b] = [from.slice(0, 64), to.slice(0, 64)]
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
