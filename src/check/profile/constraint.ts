/** The invariants that a profile publishes; those of the base definitions are rules already. */

import { errata } from './errata.ts'
import type { Definitions } from '../../fhir/definitions.ts'
import type { Constraint } from '../../fhir/library.ts'
import { compilePath, type Path, type PathContext } from '../../fhir/path.ts'
import type { Place } from './place.ts'
import type { Check, Run } from './run.ts'
import type { TreeNode } from './tree.ts'

/** The checks of a row's constraints. */
export function constraintChecks({ row, structure, forms, parent }: TreeNode): readonly Check[] {
  // a root is a resource, which names its type, or a datatype such as Extension
  const base = parent === undefined ? structure.type : forms[0]?.place
  return (row.constraint ?? []).flatMap((constraint) =>
    constraint.expression === undefined ? [] : [constraintCheck(constraint, constraint.source ?? structure.url, base)],
  )
}

function constraintCheck(
  { key, severity, human, expression = '' }: Constraint,
  profile: string,
  base: string | undefined,
): Check {
  const paths = new Map<string | undefined, Path | undefined>()
  const pathFor = (place: Place, { paths: context }: Definitions): Path | undefined => {
    // a choice is of the type that it has, and not of its first
    const own =
      base === undefined || place.value === place.resource ? undefined : /^[A-Z]\w*\./.test(base) ? base : place.type
    if (!paths.has(own)) paths.set(own, compiled(expression, own, context))
    return paths.get(own)
  }
  return (place, run, found) => {
    const path = pathFor(place, run.document.definitions)
    if (path === undefined || place.value === undefined || isTrue(path, place, run)) return
    found.push({ severity, code: 'invariant', rule: key, text: human.replace(/\.$/, ''), place, profile })
  }
}

/** A constraint that is no FHIRPath asks nothing. */
function compiled(published: string, base: string | undefined, context: PathContext | undefined): Path | undefined {
  const expression = byValue(errata.find((row) => row.published === published)?.corrected ?? published)
  try {
    return compilePath(expression, base, context)
  } catch {
    return undefined
  }
}

/** Right of an equals sign: `(extension('…').value as string)`. */
const AS_STRING = /(?<== )\((?:[^()]|\([^()]*\))*\bas string\)(?!\.)/g

/**
 * Primitives are equal where their values are; the engine compares their extensions too, unless one is a string of its own.
 * @see https://hl7.org/fhir/R4/fhirpath.html#types
 */
function byValue(expression: string): string {
  return expression.replaceAll(AS_STRING, '$&.toString()')
}

/** Whether the one result is true; what cannot be evaluated is not. */
function isTrue(path: Path, place: Place, run: Run): boolean {
  const { value, resource, container } = place
  try {
    const result = path(value, {
      resource,
      rootResource: container,
      resolve: (reference) => run.resolveText(reference, place)?.value,
    })
    return result.length === 1 && result[0] === true
  } catch {
    return false
  }
}
