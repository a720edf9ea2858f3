/** A GraphDefinition, read: what comes into a document beside what its Composition refers to. @see https://hl7.org/fhir/R4/graphdefinition.html */

import { fail, type FhirError } from '../fhir/error.ts'
import { one } from '../fhir/issue.ts'
import { compilePath, type Path } from '../fhir/path.ts'
import { isObject, type Expression, type Json, type JsonObject, type Resource } from '../fhir/types.ts'

export interface Graph {
  /** Its canonical URL, else its id, for messages. */
  readonly name: string
  readonly links: readonly GraphLink[]
}

/** A link of one node of the graph to others. */
export interface GraphLink {
  /** The element of the definition: `GraphDefinition.link[0]`. */
  readonly expression: Expression
  /** The references that are followed; absent where targets are searched for. */
  readonly path?: Path
  /** How many targets each resource at the node has at least and at most. */
  readonly min: number
  readonly max: number
  readonly targets: readonly GraphTarget[]
}

export interface GraphTarget {
  readonly type: string
  /** A query with `{ref}` in the place of the resource at the node: `patient={ref}`. */
  readonly params?: string
  /** What resources of it are said to conform to. */
  readonly profile?: string
  readonly compartments: readonly CompartmentRule[]
  readonly links: readonly GraphLink[]
}

/** How the patients of the resource and of its target must go together. */
export interface CompartmentRule {
  readonly use: 'condition' | 'requirement'
  readonly isSame: boolean
}

/** Every target of the links and of what they lead to. */
export function targetsIn(links: readonly GraphLink[]): readonly GraphTarget[] {
  return links.flatMap(({ targets }) => targets.flatMap((target) => [target, ...targetsIn(target.links)]))
}

/**
 * The graph of a definition in the shape of R4.
 * @throws FhirError `value`, `structure`, `not-supported` with the element that cannot be read
 */
export function compileGraph(definition: Resource): Graph {
  const { resourceType, url, id, start } = definition
  if (resourceType !== 'GraphDefinition')
    throw fail('value', `The graph is ${one(resourceType)}, expected a GraphDefinition`)
  if (start !== 'Composition')
    throw fail('value', `The graph starts at ${textOf(start) ?? 'nothing'}, expected Composition`, {
      expression: 'GraphDefinition.start',
    })
  const name = textOf(url) ?? textOf(id) ?? 'without url'
  return { name, links: linksIn(definition, 'GraphDefinition') }
}

function linksIn(holder: JsonObject, above: Expression): readonly GraphLink[] {
  return objectsIn(holder, 'link', above).map(([link, expression]) => linkOf(link, expression))
}

function linkOf(link: JsonObject, expression: Expression): GraphLink {
  if (link['sliceName'] !== undefined) throw unsupported('A link to a slice', `${expression}.sliceName`)
  const path = textOf(link['path'])
  const targets = objectsIn(link, 'target', expression).map(([target, place]) => targetOf(target, place))
  const hasNoWay = path === undefined && targets.some(({ params }) => params === undefined)
  if (targets.length === 0 || hasNoWay)
    throw fail('structure', 'The link leads nowhere, expected targets, and a path or params', { expression })
  return {
    expression,
    ...(path !== undefined && { path: pathAt(path, `${expression}.path`) }),
    min: countOf(link['min'], 0, `${expression}.min`),
    max: link['max'] === '*' ? Infinity : countOf(link['max'], Infinity, `${expression}.max`),
    targets,
  }
}

function pathAt(text: string, expression: Expression): Path {
  try {
    return compilePath(text)
  } catch (cause) {
    throw fail('value', 'The path is no FHIRPath', { cause, expression })
  }
}

function countOf(value: Json | undefined, absent: number, expression: Expression): number {
  if (value === undefined) return absent
  const count = Number(value)
  if (Number.isInteger(count) && count >= 0) return count
  throw fail('value', 'The number of targets is none, expected digits', { expression })
}

function targetOf(target: JsonObject, expression: Expression): GraphTarget {
  const [type, params, profile] = [target['type'], target['params'], target['profile']].map(textOf)
  if (type === undefined) throw fail('structure', 'The target has no type', { expression })
  if (params !== undefined && !params.includes('{ref}'))
    throw fail('value', 'The params do not say {ref}, expected it in the place of the resource', {
      expression: `${expression}.params`,
    })
  return {
    type,
    ...(params !== undefined && { params }),
    ...(profile !== undefined && { profile }),
    compartments: objectsIn(target, 'compartment', expression).map(([rule, place]) => ruleOf(rule, place)),
    links: linksIn(target, expression),
  }
}

/** Whether a rule wants the same patient: those of the two resources are compared by whom they name. */
const SAME: Readonly<Record<string, boolean>> = { identical: true, matching: true, different: false }

function ruleOf({ use, code, rule }: JsonObject, expression: Expression): CompartmentRule {
  if (code !== 'Patient')
    throw unsupported(`The compartment ${textOf(code) ?? ''}`, `${expression}.code`, ', supported: Patient')
  const isSame = typeof rule === 'string' && Object.hasOwn(SAME, rule) ? SAME[rule] : undefined
  if (isSame === undefined)
    throw unsupported(
      `The rule ${textOf(rule) ?? ''}`,
      `${expression}.rule`,
      ', supported: identical, matching, different',
    )
  if (use !== 'condition' && use !== 'requirement')
    throw fail('value', 'The use of the rule is none, expected condition or requirement', {
      expression: `${expression}.use`,
    })
  return { use, isSame }
}

function unsupported(what: string, expression: Expression, supported = ''): FhirError {
  return fail('not-supported', `${what} is not supported in a graph${supported}`, { expression })
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function objectsIn(
  holder: JsonObject,
  name: string,
  above: Expression,
): readonly (readonly [JsonObject, Expression])[] {
  const list = holder[name]
  if (list === undefined) return []
  if (!Array.isArray(list) || !(list as readonly Json[]).every(isObject))
    throw fail('structure', `${name} is no list of objects`, { expression: `${above}.${name}` })
  return (list as readonly JsonObject[]).map((one, index) => [one, `${above}.${name}[${index}]`])
}
