/** An element's value where it stands: what profile checkers are asked about. */

import { isObject, isResource, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import { formOf, type Form } from './form.ts'

export interface Place {
  /** Undefined of a primitive that has only an id or extensions. */
  readonly value: Json | undefined
  /** The id and extensions beside a primitive. */
  readonly shadow: JsonObject | undefined
  /** The datatype or resource type. */
  readonly type: string | undefined
  /** The FHIRPath name; empty of a root. */
  readonly step: string
  readonly index: number | undefined
  readonly up: Place | undefined
  /** The nearest resource around it, or itself. */
  readonly resource: Resource
  /** The resource that contains `resource`, else `resource`. */
  readonly container: Resource
}

/** The FHIRPath below the root, which is an entry's resource or the Bundle: `.subject`. */
export function stepsTo({ step, index, up }: Place): string {
  if (up === undefined) return ''
  return index === undefined ? `${stepsTo(up)}.${step}` : `${stepsTo(up)}.${step}[${index}]`
}

/** The place that a place lies in, which lies in none. */
export function rootOf(place: Place): Place {
  let root = place
  while (root.up !== undefined) root = root.up
  return root
}

/** A resource that no other contains. */
export function rootPlace(resource: Resource): Place {
  const { resourceType: type } = resource
  return {
    value: resource,
    shadow: undefined,
    type,
    step: '',
    index: undefined,
    up: undefined,
    resource,
    container: resource,
  }
}

/** The members of an object; of a primitive what stands beside it. */
export function objectOf({ value, shadow }: Place): JsonObject | undefined {
  return isObject(value) ? value : shadow
}

/** Every value of an element below an owner, in order. */
export function placesOf(owner: Place, forms: readonly Form[]): readonly Place[] {
  const object = objectOf(owner)
  if (object === undefined) return NONE
  let found: Place[] | undefined
  for (const form of forms) {
    const value = object[form.name]
    const shadow = object[form.shadow]
    if (value === undefined && shadow === undefined) continue
    found ??= []
    if (!Array.isArray(value) && !Array.isArray(shadow)) add(found, placed(owner, form, { value, shadow }))
    else addItems(owner, form, { values: listOf(value), shadows: listOf(shadow) }, found)
  }
  return found ?? NONE
}

const NONE: readonly Place[] = []

function add(found: Place[], place: Place | undefined): void {
  if (place !== undefined) found.push(place)
}

interface Items {
  readonly values: readonly (Json | undefined)[]
  readonly shadows: readonly (Json | undefined)[]
}

function addItems(owner: Place, form: Form, { values, shadows }: Items, found: Place[]): void {
  const length = Math.max(values.length, shadows.length)
  for (let index = 0; index < length; index++) {
    add(found, placed(owner, form, { value: values[index], shadow: shadows[index], index }))
  }
}

function listOf(member: Json | undefined): readonly (Json | undefined)[] {
  return Array.isArray(member) ? (member as readonly Json[]) : member === undefined ? NOTHING : [member]
}

const NOTHING: readonly Json[] = []

interface Own {
  readonly value: Json | undefined
  readonly shadow: Json | undefined
  readonly index?: number
}

function placed(up: Place, { step, type }: Form, { value, shadow, index }: Own): Place | undefined {
  const beside = isObject(shadow) ? shadow : undefined
  if ((value === undefined || value === null) && beside === undefined) return undefined
  return childOf(up, { value: value ?? undefined, shadow: beside, type, step, index })
}

/** A place below another; a resource that is not contained is a root. */
export function childOf(up: Place, own: Pick<Place, 'value' | 'shadow' | 'type' | 'step' | 'index'>): Place {
  const { value, shadow, type, step, index } = own
  if ((type !== 'Resource' && type !== undefined) || !isResource(value)) {
    return { value, shadow, type, step, index, up, resource: up.resource, container: up.container }
  }
  if (step !== 'contained') return rootPlace(value)
  return { value, shadow, type: value.resourceType, step, index, up, resource: value, container: up.container }
}

/** The values of an element whose datatype is not at hand: by its name, or by those that a choice may have. */
export function membersOf(owner: Place, name: string): readonly Place[] {
  const object = objectOf(owner)
  if (object === undefined) return NONE
  const forms =
    object[name] === undefined && object[`_${name}`] === undefined ? choiceForms(object, name) : plainForm(name)
  return placesOf(owner, forms)
}

function plainForm(name: string): readonly Form[] {
  let forms = plain.get(name)
  if (forms === undefined) plain.set(name, (forms = [formOf({ name, step: name, type: undefined, place: '' })]))
  return forms
}

const plain = new Map<string, readonly Form[]>()

/** Primitive datatypes begin with a small letter where they stand alone. */
const PRIMITIVES = new Map(
  [
    'base64Binary', 'boolean', 'canonical', 'code', 'date', 'dateTime', 'decimal', 'id', 'instant', 'integer', 'integer64',
    'markdown', 'oid', 'positiveInt', 'string', 'time', 'unsignedInt', 'uri', 'url', 'uuid',
  ].map((type) => [type.charAt(0).toUpperCase() + type.slice(1), type]),
) // prettier-ignore

function choiceForms(object: JsonObject, stem: string): readonly Form[] {
  const names = Object.keys(object).filter((key) => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length)))
  return names.map((name) => {
    const own = name.slice(stem.length)
    return formOf({ name, step: stem, type: PRIMITIVES.get(own) ?? own, place: '' })
  })
}
