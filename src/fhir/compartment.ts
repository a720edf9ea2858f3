/**
 * The compartment of a patient: which elements of each resource type say whose data it is, compiled from the published
 * CompartmentDefinition and its search parameters.
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */

import { isObject, type Json, type JsonObject, type Reference, type Resource } from './types.ts'

export interface Compartment {
  /** `Patient` */
  readonly code: string
  /** By resource type, the elements whose reference puts a resource into the compartment: `participant.actor`. */
  readonly elements: Readonly<Record<string, readonly string[]>>
}

/** A reference that puts the resource into a compartment. */
export interface Membership {
  readonly reference: Reference
  /** The element without indexes: `participant.actor`. */
  readonly element: string
  /** The place below the resource, with indexes: `participant[0].actor`. */
  readonly expression: string
}

/** The references by which a resource belongs to compartments, in the order of the definition; none for types outside it. */
export function memberships(resource: Resource, { elements }: Compartment): readonly Membership[] {
  if (!Object.hasOwn(elements, resource.resourceType)) return []
  return (elements[resource.resourceType] ?? []).flatMap((element) =>
    descend(resource, element.split('.'), '').flatMap(({ value, expression }) =>
      isObject(value) ? [{ reference: value, element, expression }] : [],
    ),
  )
}

interface Place {
  readonly value: Json
  readonly expression: string
}

function descend(holder: JsonObject, [name = '', ...rest]: readonly string[], above: string): readonly Place[] {
  const member = holder[name]
  if (member === undefined || member === null) return []
  const own = above === '' ? name : `${above}.${name}`
  const places = Array.isArray(member)
    ? (member as readonly Json[]).map((value, index) => ({ value, expression: `${own}[${index}]` }))
    : [{ value: member, expression: own }]
  if (rest.length === 0) return places
  return places.flatMap(({ value, expression }) => (isObject(value) ? descend(value, rest, expression) : []))
}

/**
 * The compartment that a CompartmentDefinition describes by search parameters.
 * @throws TypeError where a parameter is not among those given, or is no plain path
 */
export function compileCompartment(definition: Resource, searchParameters: readonly Resource[]): Compartment {
  const elements: Record<string, readonly string[]> = {}
  for (const { code: type, param } of rows(definition['resource'])) {
    if (typeof type !== 'string' || !Array.isArray(param)) continue
    const paths = (param as readonly string[])
      .filter((code) => code !== '{def}')
      .flatMap((code) => pathsOf(searchParameters, type, code))
    elements[type] = [...new Set(paths)]
  }
  return { code: textOf(definition['code']), elements }
}

const PLAIN_PATH = /^([A-Z][A-Za-z]*)\.([A-Za-z.]+?)(?:\.where\(resolve\(\) is [A-Z][A-Za-z]*\))?$/

function pathsOf(searchParameters: readonly Resource[], type: string, code: string): readonly string[] {
  const parameter = searchParameters.find(
    (one) => one['code'] === code && Array.isArray(one['base']) && (one['base'] as readonly string[]).includes(type),
  )
  const expressions = textOf(parameter?.['expression']).split('|')
  const paths = expressions.flatMap((expression) => {
    const [, owner, path] = PLAIN_PATH.exec(inJson(expression.trim())) ?? []
    return owner === type && path !== undefined ? [path] : []
  })
  if (paths.length === 0) throw new TypeError(`The search parameter ${code} of ${type} is no plain path`)
  return paths
}

/** The one type of a choice that is a reference, by its name in JSON. */
function inJson(expression: string): string {
  return expression
    .replace(/^\(([A-Za-z.]+) as Reference\)$/, '$1Reference')
    .replace(/^([A-Za-z.]+)\.ofType\(Reference\)$/, '$1Reference')
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function rows(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
