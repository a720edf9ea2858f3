/** Code systems at hand: their codes with displays, parents and properties. @see https://hl7.org/fhir/R4/codesystem.html */

import type { CodeSystem } from '../../fhir/library.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'

/** A concept of a code system. */
export interface Concept {
  readonly code: string
  /** The display, then its designations. */
  readonly displays: readonly string[]
  readonly parents: readonly string[]
  /** Values by the code of the property, as text. */
  readonly properties: ReadonlyMap<string, readonly string[]>
}

/** The concepts of a code system. */
export interface Concepts {
  /** Whether a code that is not among them is none of the system. */
  readonly isComplete: boolean
  /** Without regard to case where the system has none. */
  readonly find: (code: string) => Concept | undefined
  readonly all: readonly Concept[]
  /** Whether one concept is another, or below it. */
  readonly isA: (code: string, ancestor: string) => boolean
}

/** The concepts of a code system, with what its hierarchy and its properties say of their parents. */
export function conceptsOf(codeSystem: CodeSystem): Concepts {
  const { content, caseSensitive } = codeSystem
  const key = (code: string): string => (caseSensitive === false ? code.toLowerCase() : code)
  const all = [...conceptsBelow(rows(codeSystem['concept']), undefined)]
  const byCode = new Map(all.map((concept) => [key(concept.code), concept]))
  const find = (code: string): Concept | undefined => byCode.get(key(code))
  return {
    isComplete: content === 'complete',
    find,
    all,
    isA: (code, ancestor) => {
      const pending = [code]
      const seen = new Set(pending)
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (key(next) === key(ancestor)) return true
        for (const parent of find(next)?.parents ?? []) if (!seen.has(parent)) pending.push(parent)
        seen.add(next)
      }
      return false
    },
  }
}

function* conceptsBelow(concepts: readonly JsonObject[], parent: string | undefined): Generator<Concept> {
  for (const concept of concepts) {
    const { code, display } = concept
    if (typeof code !== 'string') continue
    const properties = propertiesOf(concept)
    const named = ['parent', 'subsumedBy'].flatMap((name) => properties.get(name) ?? [])
    yield {
      code,
      displays: [display, ...rows(concept['designation']).map(({ value }) => value)].filter(
        (text) => typeof text === 'string',
      ),
      parents: parent === undefined ? named : [parent, ...named],
      properties,
    }
    yield* conceptsBelow(rows(concept['concept']), code)
  }
}

function propertiesOf(concept: JsonObject): ReadonlyMap<string, readonly string[]> {
  const properties = new Map<string, string[]>()
  for (const { code, ...value } of rows(concept['property'])) {
    if (typeof code !== 'string') continue
    const [, held] = Object.entries(value).find(([name]) => name.startsWith('value')) ?? []
    const own = isObject(held) ? held['code'] : held
    const list = properties.get(code) ?? []
    if (own !== undefined && own !== null) list.push(typeof own === 'string' ? own : JSON.stringify(own))
    properties.set(code, list)
  }
  return properties
}

/** The objects of a list. */
export function rows(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
