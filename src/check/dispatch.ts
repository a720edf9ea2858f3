/** Which rules are asked for an element: found once for each kind of element, then looked up. */

import { lastingMemo } from '../fhir/memo.ts'
import type { ElementModel } from '../fhir/model.ts'
import { isObject } from '../fhir/types.ts'
import type { Node } from '../fhir/walk.ts'
import type { ElementRule } from './rule.ts'

export type Dispatch = (node: Node) => readonly ElementRule[]

/** The rules whose `at` names the node's type, its place in the definitions, or all of its kind. */
export function dispatch(rules: readonly ElementRule[]): Dispatch {
  const byPlace = new Map<string, ElementRule[]>()
  for (const rule of rules) {
    for (const place of rule.at) {
      const list = byPlace.get(place)
      if (list === undefined) byPlace.set(place, [rule])
      else list.push(rule)
    }
  }
  const rulesAt = (node: Node, kind: Kind): readonly ElementRule[] => [
    ...new Set(placesOf(node, kind).flatMap((place) => byPlace.get(place) ?? [])),
  ]
  // what no definition knows is not remembered: it may have any name
  const ofElements = lastingMemo<ElementModel, Map<Kind, readonly ElementRule[]>>()
  const ofResources = new Map<string, readonly ElementRule[]>()
  return (node) => {
    const { model, type = '' } = node
    const kind = kindOf(node)
    if (kind === 'Resource') {
      const found = ofResources.get(type) ?? rulesAt(node, kind)
      if (byPlace.has(type)) ofResources.set(type, found)
      return found
    }
    if (model === undefined) return rulesAt(node, kind)
    let known = ofElements.get(model)
    if (known === undefined) ofElements.set(model, (known = new Map<Kind, readonly ElementRule[]>()))
    let found = known.get(kind)
    if (found === undefined) known.set(kind, (found = rulesAt(node, kind)))
    return found
  }
}

type Kind = 'Resource' | 'Element' | 'shadow' | 'primitive'

function kindOf({ value, resource, isShadow }: Node): Kind {
  if (value === resource) return 'Resource'
  if (isShadow) return 'shadow'
  return isObject(value) ? 'Element' : 'primitive'
}

/** The id and extensions beside a primitive are an Element, but not what its place defines. */
function placesOf({ type = '', name, model, parent }: Node, kind: Kind): readonly string[] {
  if (kind === 'Resource') return [type, 'Resource']
  if (kind === 'shadow') return ['Element']
  const place = `${parent?.type ?? ''}.${model?.choice === undefined ? name : `${model.choice}[x]`}`
  if (kind === 'Element') return [type, place, 'Element']
  // A primitive where an object belongs is for the schemas to tell.
  return /^[a-z]/.test(type) ? [type, place] : []
}
