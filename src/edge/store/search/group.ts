/** What search criteria have in common: the parameters that a name means for several types, and the forms of values. */

import { fail } from '../../../fhir/error.ts'
import type { Instant } from '../../../fhir/types.ts'
import { parameterName, parameterOf, type Parameter, type ParameterType, type SearchModel } from './definitions.ts'
import { split } from './escaping.ts'
import { typesFound } from './expression.ts'
import type { Aliases, Findable } from './filter.ts'
import { badModifier, badValue, shown } from './matching.ts'
import { parseName } from './parameter-name.ts'
import { BESIDE } from './rows.ts'

/** One parameter of a request. */
export interface Criterion {
  /** The types that are searched; `Resource` alone for all. */
  readonly types: readonly string[]
  /** What is left of the name, behind the chain. */
  readonly name: string
  readonly value: string
  /** The name as it was asked. */
  readonly asked: string
  /** How many links of a chain lie before. */
  readonly depth: number
}

/** What filters are made with. */
export interface Filtering {
  readonly search: SearchModel
  readonly now: Instant
  readonly next: Aliases
  /** What may be found by whoever asks; all where it is absent. */
  readonly findable?: Findable
}

export const MAX_CHAIN_DEPTH = 8
export const MAX_ALTERNATIVES = 500

/** The parameters of one type among those that a code names for several resource types. */
export interface ParameterGroup {
  readonly type: ParameterType
  /** The first of them: parts and targets. */
  readonly parameter: Parameter
  /** Their names in the index. */
  readonly names: readonly string[]
  readonly types: readonly string[]
  readonly targets: readonly string[] | undefined
  /** The tokens are strings, of which case does not count. @see https://hl7.org/fhir/R4/search.html#token */
  readonly isCaseless: boolean
}

/** The parameters that a code names; undefined where none of the types has it, or at the head of a name not all have. */
export function groupsOf(
  { types, depth }: Pick<Criterion, 'types' | 'depth'>,
  code: string,
  search: SearchModel,
): readonly ParameterGroup[] | undefined {
  const groups = new Map<string, { type: ParameterType; parameter: Parameter; names: string[]; types: string[] }>()
  for (const type of types) {
    const parameter = parameterOf(search, type, code)
    if (parameter === undefined) {
      if (depth === 0) return undefined
      continue
    }
    // Composites differ in their parts from type to type.
    const key = parameter.type === 'composite' ? `composite ${parameter.url}` : parameter.type
    const group = groups.get(key) ?? { type: parameter.type, parameter, names: [], types: [] }
    groups.set(key, group)
    group.types.push(type)
    const name = parameterName(search, type, code)
    if (!group.names.includes(name)) group.names.push(name)
  }
  if (groups.size === 0) return undefined
  return [...groups.values()].map((group) => ({
    ...group,
    targets: targetsOf(group.types, code, search),
    isCaseless: group.type === 'token' && group.types.every((type) => isOfStrings(type, code, search)),
  }))
}

const ofStrings = new WeakMap<Parameter, boolean>()

function isOfStrings(type: string, code: string, search: SearchModel): boolean {
  const parameter = parameterOf(search, type, code)
  if (parameter === undefined) return true
  const known = ofStrings.get(parameter) ?? typesFound(parameter.expression, type, search.model)?.join() === 'string'
  ofStrings.set(parameter, known)
  return known
}

function targetsOf(types: readonly string[], code: string, search: SearchModel): readonly string[] | undefined {
  const lists = types.map((type) => parameterOf(search, type, code)?.target)
  return lists.includes(undefined) ? undefined : [...new Set(lists.flatMap((list) => list ?? []))]
}

/** The values of which one is enough. */
export function alternatives(value: string, asked: string): readonly string[] {
  const values = split(value, ',')
  if (values.length > MAX_ALTERNATIVES) {
    const expected = `expected at most ${MAX_ALTERNATIVES}`
    throw fail('invalid', `The search parameter ${shown(asked)} has ${values.length} values, ${expected}`)
  }
  if (values.includes('')) throw badValue({ name: asked }, 'a value on each side of every comma')
  return values
}

/** Whether `:missing` asks for those without a value. */
export function asksMissing({ value, asked }: Pick<Criterion, 'value' | 'asked'>): boolean {
  if (value !== 'true' && value !== 'false') throw badValue({ name: asked }, 'true or false')
  return value === 'true'
}

/** The rows of which one is enough for a parameter not to be missing. */
export function presences(group: ParameterGroup): readonly { readonly table: string; readonly beside: string }[] {
  if (group.type === 'composite') throw badModifier(group.parameter.url, 'missing', [])
  if (group.type === 'token') {
    return [
      { table: 'token', beside: '' },
      { table: 'string', beside: BESIDE.text },
    ]
  }
  const table = group.type === 'quantity' ? 'number' : group.type === 'uri' ? 'token' : group.type
  return [{ table, beside: '' }]
}

/** A link of a chain: the parameter, the type that it leads to where the name says one, and what follows. */
interface ChainLink {
  readonly type?: string
  readonly code: string
  readonly rest: string
}

/**
 * Where a link of a chain may lead: to the types that have the parameter after it.
 * @throws FhirError `invalid` where it cannot lead to the type that the name says
 */
export function linkedTypes(
  { type, code, rest }: ChainLink,
  { targets }: ParameterGroup,
  search: SearchModel,
): readonly string[] {
  const all = targets ?? Object.keys(search.definitions.types).filter((one) => one !== 'Resource')
  const next = parseName(rest)
  if (type === undefined)
    return next === undefined || next.kind === 'has'
      ? all
      : all.filter((one) => parameterOf(search, one, next.code) !== undefined)
  if (!all.includes(type)) {
    throw fail(
      'invalid',
      `The search parameter ${shown(code)} leads to no ${shown(type)}, expected ${shown(all.join(', '))}`,
    )
  }
  return [type]
}
