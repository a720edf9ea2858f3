/** Scopes of SMART App Launch read: what a token grants. @see https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */

/** What may be done with a resource: create, read (versions too), update, delete, search (histories of types too). */
export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

export const LETTERS: readonly Letter[] = ['c', 'r', 'u', 'd', 's']

/** A scope over resources. */
export interface Scope {
  /** On whose behalf: the patient of the token, the user of the token, or the client itself. */
  readonly context: 'patient' | 'user' | 'system'
  /** A resource type; `*` for all. */
  readonly type: string
  readonly letters: readonly Letter[]
  /** Search parameters that a resource must fit, all of them. */
  readonly criteria: readonly (readonly [name: string, value: string])[]
}

const FORM = /^(patient|user|system)\/([A-Z][A-Za-z]*|\*)\.([a-z]+|\*)(?:\?(.+))?$/

/** The letters that the words of version 1 stand for. @see https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources */
const WORDS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' }

/** Letters in their order, each at most once; none is no scope. */
const IN_ORDER = /^(?=.)c?r?u?d?s?$/

/** What a text grants over resources; undefined where it is another scope (`openid`), or none that is understood: it grants nothing. */
export function parseScope(text: string): Scope | undefined {
  const [, context, type, what = '', query] = FORM.exec(text) ?? []
  if (context === undefined || type === undefined) return undefined
  const word = Object.hasOwn(WORDS, what) ? WORDS[what] : undefined
  const letters = word ?? what
  // constraints came with version 2: version 1 has none
  if (!IN_ORDER.test(letters) || (word !== undefined && query !== undefined)) return undefined
  const criteria = query === undefined ? [] : criteriaIn(query)
  if (criteria === undefined) return undefined
  return { context: context as Scope['context'], type, letters: [...letters] as Letter[], criteria }
}

/** Names and values of a query; undefined where a part of it has no name or no value: a constraint that is not understood grants nothing. */
function criteriaIn(query: string): Scope['criteria'] | undefined {
  const pairs = [...new URLSearchParams(query)]
  const isWhole = pairs.length > 0 && pairs.every(([name, value]) => name !== '' && value !== '')
  return isWhole && !query.split('&').includes('') ? pairs : undefined
}

/** The text of a scope. */
export function scopeText({ context, type, letters, criteria }: Scope): string {
  const query = new URLSearchParams(criteria.map(([name, value]): [string, string] => [name, value])).toString()
  return `${context}/${type}.${letters.join('')}${query === '' ? '' : `?${query}`}`
}

/** Result parameters are no constraints: they say nothing of a resource. */
const NO_CONSTRAINT = /^_(?!id$|lastUpdated$|tag$|profile$|security$|source$|has(?::|$))/

/** Whether all constraints of a scope are search parameters of resources, not of answers. */
export function isConstraining({ criteria }: Scope): boolean {
  return criteria.every(([name]) => !NO_CONSTRAINT.test(name))
}
