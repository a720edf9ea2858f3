/**
 * Faults of form that a record brings along: mended where that takes and adds no meaning, each told for the receipt. What
 * modifies a meaning is never taken away.
 */

import { isError, type Issue } from '../../fhir/issue.ts'
import type { Library } from '../../fhir/library.ts'
import type { Model } from '../../fhir/model.ts'
import { isObject, type Expression, type Json, type Resource } from '../../fhir/types.ts'
import { expressionOf, rewrite, type Node } from '../../fhir/walk.ts'
import type { Mended } from './mend.ts'
import { GONE, repairFor, type Repair } from './repairs.ts'

/** Every fault of a resource by itself, expressions beginning with its type. */
export type Faults = (resource: Resource) => readonly Issue[]

export interface RepairDefinitions {
  readonly model: Model
  readonly library: Library
}

/** A mend may show what lies below it, and no more often than this. */
const MOST_ROUNDS = 4

/** The resource with the fewest faults that mending leads to; the very same where none can be mended. */
export function repaired(resource: Resource, faults: Faults, definitions: RepairDefinitions): Mended {
  let best: Mended & { readonly left: readonly Issue[] } = { resource, mended: [], left: errorsOf(resource, faults) }
  let now = best
  for (let round = 0; round < MOST_ROUNDS && now.left.length > 0; round += 1) {
    const { resource: next, mended } = mendedOnce(now.resource, now.left, definitions)
    if (next === now.resource) break
    now = { resource: next, mended: [...now.mended, ...mended], left: errorsOf(next, faults) }
    if (now.left.length < best.left.length) best = now
  }
  return withoutClaims(best, best.left)
}

function errorsOf(resource: Resource, faults: Faults): readonly Issue[] {
  return faults(resource).filter(isError)
}

interface Task {
  readonly repair: Repair
  readonly issue: Issue
}

/** What can be mended of these faults at once. */
function mendedOnce(resource: Resource, faults: readonly Issue[], definitions: RepairDefinitions): Mended {
  const tasks = faults.flatMap((issue): readonly (Task & { readonly at: Expression })[] => {
    const repair = repairFor(issue)
    return repair === undefined ? [] : [{ repair, issue, at: placeOf(issue.expression ?? '', repair) }]
  })
  if (tasks.length === 0) return { resource, mended: [] }
  const byPlace = Map.groupBy(tasks, ({ at }) => at)
  const mended: string[] = []
  const changed = rewrite(resource, definitions.model, (node) => {
    const own = node.isShadow ? undefined : byPlace.get(expressionOf(node))
    return own === undefined ? undefined : mendedNode(node, own, { definitions, mended })
  })
  return { resource: changed === resource ? resource : (pruned(changed) as Resource), mended: [...new Set(mended)] }
}

/** The place of the element that a repair changes: that of the fault, or what holds it. */
function placeOf(expression: Expression, { at }: Repair): Expression {
  if (at === undefined) return expression
  return at === 'holder'
    ? expression.replace(/\.\w+(?:\[\d+\])?$/, '')
    : expression.replace(/^((?:.*\.)?text)\b.*$/, '$1')
}

interface Mending {
  readonly definitions: RepairDefinitions
  readonly mended: string[]
}

/** The last fault of a list first, so that the places of the others stay as they are. */
function mendedNode(node: Node, tasks: readonly Task[], { definitions, mended }: Mending): Json | undefined {
  let { value } = node
  for (const { repair, issue } of tasks.toReversed()) {
    const result = value === GONE ? undefined : repair.mend({ ...node, value }, issue, definitions)
    if (result === undefined) continue
    value = result.value
    mended.push(result.told)
  }
  return value === node.value ? undefined : value
}

/** A value without what is gone, and without what is empty by that. */
function pruned(value: Json): Json {
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map(pruned)
    const left = items.filter((item) => item !== GONE)
    return left.length === 0 && items.length > 0 ? GONE : left
  }
  if (value === GONE || !isObject(value)) return value
  const entries = Object.entries(value).map(
    ([name, member]) => [name, member === undefined ? GONE : pruned(member)] as const,
  )
  const left = entries.filter(([, member]) => member !== GONE)
  if (left.length === entries.length && left.every(([name, member]) => member === value[name])) return value
  return left.length === 0 ? GONE : Object.fromEntries(left)
}

/** Profiles that a resource claims and does not keep are claimed no more. */
function withoutClaims({ resource, mended }: Mended, faults: readonly Issue[]): Mended {
  const claims = resource.meta?.profile ?? []
  const broken = new Set(faults.flatMap(({ profile }) => profile?.split('|')[0] ?? []))
  const kept = claims.filter((claim) => !broken.has(claim.split('|')[0] ?? ''))
  if (kept.length === claims.length) return { resource, mended }
  const { profile: _claims, ...others } = resource.meta ?? {}
  const meta = { ...others, ...(kept.length > 0 && { profile: kept }) }
  const { meta: _meta, ...rest } = resource
  const told = claims
    .filter((claim) => !kept.includes(claim))
    .map((claim) => `it does not keep the profile ${claim} and claims it no more`)
  const named = Object.keys(meta).length === 0 ? rest : { ...resource, meta }
  return { resource: named, mended: [...mended, ...told] }
}
