/**
 * The resource of an entry by itself, as rules see it: what is found of it does not depend on the document that it stands
 * in, and is remembered by the resource.
 */

import { memberships } from '../fhir/compartment.ts'
import { plain } from '../fhir/decimal.ts'
import type { Definitions } from '../fhir/definitions.ts'
import { memoFor, remember, type Memo } from '../fhir/memo.ts'
import { occurrences } from '../fhir/occurrence.ts'
import { isObject, type Expression, type Resource } from '../fhir/types.ts'
import { placed, SELF, type Node } from '../fhir/walk.ts'
import { narrativesIn } from './narrative-read.ts'
import type { Content, Finding } from './rule.ts'

const contents = new WeakMap<Definitions, Memo<Resource, Content>>()

/** What rules need of a resource: the very same each time for a resource that cannot change. */
export function contentOf(given: Resource, definitions: Definitions): Content {
  return remember(memoFor(contents, definitions), given, () => freshContent(given, definitions))
}

/** The same, remembered by nobody: for a resource that stands in a document twice. */
export function freshContent(given: Resource, definitions: Definitions): Content {
  const resource = plain(given) as Resource
  const found = once(() => occurrences(resource, definitions.model, SELF))
  const narratives = once(() => narrativesIn(resource, SELF))
  const owners = once(() => memberships(resource, definitions.compartment))
  return {
    definitions,
    given,
    resource,
    get occurrences() {
      return found()
    },
    get narratives() {
      return narratives()
    },
    get memberships() {
      return owners()
    },
  }
}

/** A value that is made when it is first asked for. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** Findings of a content at their places in the document. */
export function placedFindings(findings: readonly Finding[], root: Expression): readonly Finding[] {
  if (findings.length === 0) return findings
  return findings.map((finding) => ({ ...finding, expression: placed(finding.expression, root) }))
}

/** The place among the entries of the root Bundle where a node is the resource of one. */
export function entryOfResource({ name, parent, value }: Node): number | undefined {
  const isIn = name === 'resource' && parent?.name === 'entry' && parent.parent?.parent === undefined && isObject(value)
  return isIn ? parent.index : undefined
}
