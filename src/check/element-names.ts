/** The names that definitions may call an element by: its paths below each type that holds it, and its own types. */

import type { Definitions } from '../fhir/definitions.ts'
import type { Node } from '../fhir/walk.ts'

/** The path from the nearest resource first, then those from the types between, then the types and what they derive from. */
export function namesOf(node: Node, definitions: Definitions): readonly string[] {
  const paths: string[] = []
  let below: readonly string[] = ['']
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    const isResource = at.value === at.resource
    if (at !== node || isResource) for (const rest of below) paths.push(...stems(at).map((stem) => stem + rest))
    if (isResource) break
    const steps = stepsOf(at)
    below = steps.flatMap((step) => below.map((rest) => `.${step}${rest}`))
  }
  const own = node.isShadow ? (node.model?.type ?? node.type) : node.type
  return [...paths.toReversed(), ...typesOf(own, definitions), ...(isCanonical(node, definitions) ? CANONICAL : [])]
}

const CANONICAL = ['CanonicalResource', 'MetadataResource']

function isCanonical({ value, resource }: Node, { model }: Definitions): boolean {
  const elements = model.types[resource.resourceType]?.elements
  return value === resource && elements?.['url'] !== undefined && elements['status'] !== undefined
}

/** The type of a holder; a backbone is named by its path from the resource anyway. */
function stems({ type }: Node): readonly string[] {
  return type === undefined ? [] : [type]
}

/** An element of a choice is known by three names. */
function stepsOf({ name, model }: Node): readonly string[] {
  return model?.choice === undefined ? [name] : [`${model.choice}[x]`, name, model.choice]
}

/** A type and those that it derives from. */
function typesOf(type: string | undefined, { library }: Definitions): readonly string[] {
  const found: string[] = []
  for (let name = type; name !== undefined && !found.includes(name);) {
    found.push(name)
    const base: string | undefined = name.includes('.') ? 'BackboneElement' : library.structure(name)?.baseDefinition
    name = base?.split('/').at(-1)
  }
  return found
}
