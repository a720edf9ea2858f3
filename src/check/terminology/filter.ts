/** The filters of value sets, as far as a code system at hand can answer them. @see https://hl7.org/fhir/R4/valueset-filter-operator.html */

import type { JsonObject } from '../../fhir/types.ts'
import type { Concept, Concepts } from './code-system.ts'

/** Whether a concept passes; undefined where that cannot be told here. */
export type Filter = (concept: Concept) => boolean | undefined

type Operator = (property: string, value: string, concepts: Concepts) => Filter

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': (property, value) => has(property, (own) => own === value),
  in: (property, value) => has(property, (own) => value.split(',').some((one) => one.trim() === own)),
  'not-in': (property, value) => not(has(property, (own) => value.split(',').some((one) => one.trim() === own))),
  regex: (property, value) => {
    const pattern = patternOf(value)
    return pattern === undefined ? () => undefined : has(property, (own) => pattern.test(own))
  },
  exists: (property, value) => (concept) => valuesOf(concept, property).length > 0 === (value === 'true'),
  'is-a': (property, value, { isA }) => hierarchical(property, ({ code }) => isA(code, value)),
  'descendent-of': (property, value, { isA }) =>
    hierarchical(property, ({ code }) => code !== value && isA(code, value)),
  'is-not-a': (property, value, { isA }) => hierarchical(property, ({ code }) => !isA(code, value)),
  generalizes: (property, value, { isA }) => hierarchical(property, ({ code }) => isA(value, code)),
}

/** A filter row as a question to a concept. */
export function filterOf({ property, op, value }: JsonObject, concepts: Concepts): Filter {
  if (typeof property !== 'string' || typeof op !== 'string' || typeof value !== 'string') return () => undefined
  return OPERATORS[op]?.(property, value, concepts) ?? (() => undefined)
}

/** The hierarchy of a system is asked by its concepts. */
function hierarchical(property: string, passes: (concept: Concept) => boolean): Filter {
  return property === 'concept' || property === 'code' ? passes : () => undefined
}

function has(property: string, passes: (value: string) => boolean): Filter {
  return (concept) => valuesOf(concept, property).some(passes)
}

function not(filter: Filter): Filter {
  return (concept) => {
    const answer = filter(concept)
    return answer === undefined ? undefined : !answer
  }
}

function valuesOf({ code, displays, parents, properties }: Concept, property: string): readonly string[] {
  if (property === 'code' || property === 'concept') return [code]
  if (property === 'display') return displays.slice(0, 1)
  if (property === 'parent') return parents
  return properties.get(property) ?? []
}

/** A whole match; none for a pattern that JavaScript does not know, or that is longer than any that is meant. */
function patternOf(source: string): RegExp | undefined {
  if (source.length > 200) return undefined
  try {
    return new RegExp(`^(?:${source})$`, 'u')
  } catch {
    return undefined
  }
}
