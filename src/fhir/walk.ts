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
  rewrite(resource, model, (node) => (visit(node) === false ? node.value : undefined), root)
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
  const node: Node = {
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
  return rewriteNode(node, model, replace) as T
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
    const changed = Array.isArray(member)
      ? rewriteList(member as JsonArray, child(node, name, model), (one) => rewriteNode(one, model, replace))
      : rewriteNode(child(node, name, model)(member, undefined), model, replace)
    if (changed === member) continue
    copy ??= { ...object }
    copy[name] = changed
  }
  return (copy as JsonObject | undefined) ?? object
}

function rewriteList(
  list: JsonArray,
  nodeOf: (value: Json, index: number) => Node,
  rewritten: (node: Node) => Json,
): JsonArray {
  let copy: Json[] | undefined
  for (let index = 0; index < list.length; index += 1) {
    const item = list[index]
    if (item === null || item === undefined) continue
    const changed = rewritten(nodeOf(item, index))
    if (changed === item) continue
    copy ??= [...list]
    copy[index] = changed
  }
  return copy ?? list
}

function child(parent: Node, name: string, model: Model): (value: Json, index: number | undefined) => Node {
  const element = parent.type === undefined ? undefined : elementModel(model, parent.type, name)
  const isShadow = name.startsWith('_')
  const declared = isShadow ? 'Element' : element?.type
  return (value, index) => {
    const inner = isResource(value) && (declared === 'Resource' || declared === undefined) ? value : undefined
    const resource = inner ?? parent.resource
    return {
      value,
      name: isShadow ? name.slice(1) : name,
      index,
      type: inner?.resourceType ?? declared,
      model: element,
      isShadow,
      parent,
      resource,
      container: inner !== undefined && name !== 'contained' ? inner : parent.container,
    }
  }
}
