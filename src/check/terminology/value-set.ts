/** Value sets as questions: whether a code is of one, as far as the definitions at hand can tell. @see https://hl7.org/fhir/R4/valueset.html */

import type { Library, Origin } from '../../fhir/library.ts'
import { isObject, type Coding, type Json, type JsonObject } from '../../fhir/types.ts'
import type { CodeVerdict } from '../profile/terminology.ts'
import { conceptsOf, rows, type Concepts } from './code-system.ts'
import { filterOf } from './filter.ts'
import { GRAMMARS } from './grammar.ts'

/** Whether a coding is of the set; a coding without system is of it by any of its systems. */
export type Members = (coding: Coding) => CodeVerdict

/** What value sets are made with. */
export interface Terms {
  readonly library: Library
  readonly concepts: (system: string, from?: Origin) => Concepts | undefined
  readonly members: (valueSet: string, from?: Origin) => Members
}

/** Whether a text is a code of a system at large. */
export function codeOfSystem(system: string, code: string, concepts: Concepts | undefined): CodeVerdict {
  if (concepts?.find(code) !== undefined) return 'in'
  if (concepts?.isComplete === true) return 'out'
  return verdict(GRAMMARS[system]?.(code))
}

/** The question that a value set asks; always unknown for one that is not at hand. */
export function membersOf(canonical: string, terms: Terms, from?: Origin): Members {
  const valueSet = terms.library.valueSet(canonical, from)
  if (valueSet === undefined) return () => 'unknown'
  const { compose, expansion } = valueSet
  if (!isObject(compose)) return isObject(expansion) ? expanded(expansion) : () => 'unknown'
  const includes = rows(compose['include']).map((row) => included(row, terms, valueSet))
  const excludes = rows(compose['exclude']).map((row) => included(row, terms, valueSet))
  return (coding) => {
    const isIn = any(includes, coding)
    if (isIn === 'out' || excludes.length === 0) return isIn
    const isOut = any(excludes, coding)
    if (isOut === 'in') return 'out'
    return isOut === 'unknown' ? 'unknown' : isIn
  }
}

/** In where one says so, out where all do. */
function any(all: readonly Members[], coding: Coding): CodeVerdict {
  let found: CodeVerdict = 'out'
  for (const members of all) {
    const own = members(coding)
    if (own === 'in') return 'in'
    if (own === 'unknown') found = 'unknown'
  }
  return found
}

/** Out where one says so, in where all do. */
function every(all: readonly Members[], coding: Coding): CodeVerdict {
  let found: CodeVerdict = 'in'
  for (const members of all) {
    const own = members(coding)
    if (own === 'out') return 'out'
    if (own === 'unknown') found = 'unknown'
  }
  return found
}

/** One row of a composition: a system or a part of it, and other value sets, all of which must hold. */
function included(row: JsonObject, terms: Terms, from: Origin): Members {
  const { system, valueSet } = row
  const sets = (Array.isArray(valueSet) ? (valueSet as readonly Json[]) : []).filter((one) => typeof one === 'string')
  const all = [
    ...(typeof system === 'string' ? [ofSystem(system, row, terms, from)] : []),
    ...sets.map(
      (one): Members =>
        (coding) =>
          terms.members(one, from)(coding),
    ),
  ]
  return all.length === 0 ? () => 'unknown' : (coding) => every(all, coding)
}

function ofSystem(system: string, { concept, filter, version }: JsonObject, terms: Terms, from: Origin): Members {
  const listed = concept === undefined ? undefined : new Set(rows(concept).map(({ code }) => code))
  const canonical = typeof version === 'string' ? `${system}|${version}` : system
  const held = (): Concepts | undefined => terms.concepts(canonical, from) ?? terms.concepts(system, from)
  return (coding) => {
    const { code } = coding
    if (typeof code !== 'string' || (coding.system !== undefined && coding.system !== system)) return 'out'
    if (listed !== undefined) return listed.has(code) ? 'in' : 'out'
    const concepts = held()
    if (filter === undefined) return codeOfSystem(system, code, concepts)
    const known = concepts?.find(code)
    if (concepts === undefined || known === undefined) return concepts?.isComplete === true ? 'out' : 'unknown'
    return every(
      rows(filter).map(
        (one): Members =>
          () =>
            verdict(filterOf(one, concepts)(known)),
      ),
      coding,
    )
  }
}

/** A set that is published as its codes alone. */
function expanded(expansion: JsonObject): Members {
  const codes = new Set([...contained(expansion)])
  return ({ system, code }) => {
    if (code === undefined) return 'out'
    const isIn =
      system === undefined ? [...codes].some((key) => key.endsWith(` ${code}`)) : codes.has(`${system} ${code}`)
    return isIn ? 'in' : isPartial(expansion) ? 'unknown' : 'out'
  }
}

function isPartial({ total, contains, offset }: JsonObject): boolean {
  return offset !== undefined || (typeof total === 'number' && total > rows(contains).length)
}

function* contained(row: JsonObject): Generator<string> {
  for (const one of rows(row['contains'])) {
    const { system, code, abstract } = one
    if (typeof code === 'string' && abstract !== true) yield `${typeof system === 'string' ? system : ''} ${code}`
    yield* contained(one)
  }
}

function verdict(answer: boolean | undefined): CodeVerdict {
  return answer === undefined ? 'unknown' : answer ? 'in' : 'out'
}

/** Terms over a library: each code system and value set is made ready once, when it is first asked for. */
export function termsOf(library: Library): Terms {
  const systems = new Map<string, Concepts | undefined>()
  const sets = new Map<string, Members>()
  const terms: Terms = {
    library,
    concepts: (system, from) =>
      kept(systems, `${from?.package ?? ''} ${system}`, () => {
        const codeSystem = library.codeSystem(system, from)
        return codeSystem === undefined ? undefined : conceptsOf(codeSystem)
      }),
    members: (valueSet, from) => {
      const key = `${from?.package ?? ''} ${valueSet}`
      const known = sets.get(key)
      if (known !== undefined) return known
      // a set that includes itself asks what it does not know yet
      sets.set(key, () => 'unknown')
      const members = membersOf(valueSet, terms, from)
      sets.set(key, members)
      return members
    },
  }
  return terms
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
  if (map.has(key)) return map.get(key) as T
  const made = make()
  map.set(key, made)
  return made
}
