/** Every element of a resource with its datatype and its FHIRPath, contained resources and primitive extensions included. */

import { elementModel, type ElementModel, type Model } from './model.ts'
import {
  isObject,
  isResource,
  type Expression,
  type Json,
  type JsonArray,
  type JsonObject,
  type Resource,
} from './types.ts'

/** One element of a resource, or the resource itself (`parent` undefined). */
export interface Node {
  readonly value: Json
  /** The JSON name; for the `_birthDate` beside a primitive `birthDate`, with `isShadow`. Of the root: its expression. */
  readonly name: string
  /** The place in a repeating element. */
  readonly index: number | undefined
  /** `HumanName`, `Composition.section`, `Patient` …; undefined where the model does not know the element. */
  readonly type: string | undefined
  readonly model: ElementModel | undefined
  /** Whether this is the id and extensions of a primitive, from its `_` member. */
  readonly isShadow: boolean
  readonly parent: Node | undefined
  /** The nearest resource around the element, or the resource itself. */
  readonly resource: Resource
  /** The resource that holds `resource` as contained, else `resource`. */
  readonly container: Resource
}

/** The FHIRPath with indexes of an element: `Bundle.entry[3].resource.subject`. */
export function expressionOf({ parent, name, index, model }: Node): Expression {
  const own = model?.choice ?? name
  const step = index === undefined ? own : `${own}[${index}]`
  return parent === undefined ? step : `${expressionOf(parent)}.${step}`
}

/** What stands for a resource in expressions that are remembered without its place: FHIRPath's own name for it. */
export const SELF = '%resource'

/** An expression that begins with {@link SELF} as one that begins with the place of the resource. */
export function placed(expression: Expression, root: Expression): Expression {
  return expression.startsWith(SELF) ? root + expression.slice(SELF.length) : expression
}

/** Calls `visit` for the resource and each element, parents first; where it answers false, what is below is passed over. */
export function walk(
  resource: Resource,
  model: Model,
  visit: (node: Node) => boolean | undefined | void,
  root: Expression = resource.resourceType,
): void {
  walkNode(rootOf(resource, root), model, visit)
}

function walkNode(node: Node, model: Model, visit: (node: Node) => boolean | undefined | void): void {
  if (visit(node) === false || !isObject(node.value)) return
  for (const name of Object.keys(node.value)) {
    const member = node.value[name]
    if (name === 'resourceType' || member === undefined || member === null) continue
    const known = memberOf(node, name, model)
    if (!Array.isArray(member)) {
      walkNode(child(node, known, member, undefined), model, visit)
      continue
    }
    for (let index = 0; index < member.length; index += 1) {
      const item = (member as JsonArray)[index]
      if (item !== null && item !== undefined) walkNode(child(node, known, item, index), model, visit)
    }
  }
}

/**
 * The resource with what `replace` answers in the place of each element; undefined keeps the element and goes on below
 * it. Nothing is copied where nothing changes, and the input is left as it was.
 */
export function rewrite<T extends Resource>(
  resource: T,
  model: Model,
  replace: (node: Node) => Json | undefined,
  root: Expression = resource.resourceType,
): T {
  return rewriteNode(rootOf(resource, root), model, replace) as T
}

function rootOf(resource: Resource, root: Expression): Node {
  return {
    value: resource,
    name: root,
    index: undefined,
    type: resource.resourceType,
    model: undefined,
    isShadow: false,
    parent: undefined,
    resource,
    container: resource,
  }
}

function rewriteNode(node: Node, model: Model, replace: (node: Node) => Json | undefined): Json {
  const replaced = replace(node)
  if (replaced !== undefined) return replaced
  if (!isObject(node.value)) return node.value
  const object = node.value
  let copy: Record<string, Json | undefined> | undefined
  for (const name of Object.keys(object)) {
    const member = object[name]
    if (name === 'resourceType' || member === undefined || member === null) continue
    const known = memberOf(node, name, model)
    const changed = Array.isArray(member)
      ? rewriteList(member as JsonArray, (item, index) => rewriteNode(child(node, known, item, index), model, replace))
      : rewriteNode(child(node, known, member, undefined), model, replace)
    if (changed === member) continue
    copy ??= { ...object }
    copy[name] = changed
  }
  return (copy as JsonObject | undefined) ?? object
}

function rewriteList(list: JsonArray, rewritten: (item: Json, index: number) => Json): JsonArray {
  let copy: Json[] | undefined
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index]
    if (item === null || item === undefined) continue
    const changed = rewritten(item, index)
    if (changed === item) continue
    copy ??= [...list]
    copy[index] = changed
  }
  return copy ?? list
}

/** A member of an object as the model knows it: the same for each item of a repeating one. */
interface Member {
  readonly name: string
  readonly isShadow: boolean
  readonly model: ElementModel | undefined
  readonly type: string | undefined
}

const members = new WeakMap<Model, Map<string, Map<string, Member>>>()

/** One for each element that the model knows; what it does not know may have any name. */
function memberOf({ type }: Node, name: string, model: Model): Member {
  if (type === undefined) return memberNow(name, undefined)
  let ofModel = members.get(model)
  if (ofModel === undefined) members.set(model, (ofModel = new Map<string, Map<string, Member>>()))
  const known = ofModel.get(type)?.get(name)
  if (known !== undefined) return known
  const element = elementModel(model, type, name)
  const member = memberNow(name, element)
  if (element === undefined) return member
  const ofType = ofModel.get(type) ?? new Map<string, Member>()
  ofModel.set(type, ofType.set(name, member))
  return member
}

function memberNow(name: string, element: ElementModel | undefined): Member {
  const isShadow = name.startsWith('_')
  return {
    name: isShadow ? name.slice(1) : name,
    isShadow,
    model: element,
    type: isShadow ? 'Element' : element?.type,
  }
}

function child(parent: Node, { name, isShadow, model, type }: Member, value: Json, index: number | undefined): Node {
  const inner = isResource(value) && (type === 'Resource' || type === undefined) ? value : undefined
  return {
    value,
    name,
    index,
    type: inner?.resourceType ?? type,
    model,
    isShadow,
    parent,
    resource: inner ?? parent.resource,
    container: inner !== undefined && (isShadow || name !== 'contained') ? inner : parent.container,
  }
}
