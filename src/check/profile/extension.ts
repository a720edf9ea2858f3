/** Extensions and resources inside a resource: found in one pass over the JSON, whatever the model knows. */

import { elementModel, type Model } from '../../fhir/model.ts'
import { isObject, isResource, type Json, type JsonObject } from '../../fhir/types.ts'
import { childOf, type Place } from './place.ts'

export interface Inside {
  /** Every Extension with an absolute URL. */
  readonly extensions: readonly Place[]
  /** Every resource in the resource, contained and other. */
  readonly resources: readonly Place[]
}

/** A way down from a resource: names and places in lists. */
type Way = readonly (string | number)[]

/** What stands in a resource, in its order. */
export function insideOf(root: Place, model: Model): Inside {
  const ways: { readonly way: Way; readonly isExtension: boolean }[] = []
  if (isObject(root.value)) scan(root.value, [], (way, isExtension) => ways.push({ way, isExtension }))
  const placeAt = (way: Way): Place => placeOf(root, way, model)
  return {
    extensions: ways.filter(({ isExtension }) => isExtension).map(({ way }) => placeAt(way)),
    resources: ways.filter(({ isExtension }) => !isExtension).map(({ way }) => placeAt(way)),
  }
}

type Found = (way: Way, isExtension: boolean) => void

const EXTENSIONS: ReadonlySet<string> = new Set(['extension', 'modifierExtension'])

function scan(object: JsonObject, way: (string | number)[], found: Found): void {
  for (const name of Object.keys(object)) {
    const member = object[name]
    if (typeof member !== 'object' || member === null) continue
    way.push(name)
    if (Array.isArray(member)) {
      for (const [index, item] of (member as readonly Json[]).entries()) {
        way.push(index)
        scanItem(item, name, way, found)
        way.pop()
      }
    } else scanItem(member, name, way, found)
    way.pop()
  }
}

function scanItem(value: Json, name: string, way: (string | number)[], found: Found): void {
  if (!isObject(value)) return
  if (EXTENSIONS.has(name)) {
    const { url } = value
    if (typeof url === 'string' && url.includes(':')) found([...way], true)
  } else if (isResource(value)) found([...way], false)
  scan(value, way, found)
}

/** The place at the end of a way, the steps named as FHIRPath has them. */
function placeOf(root: Place, way: Way, model: Model): Place {
  let place = root
  let owner = root.type
  for (let at = 0; at < way.length; at++) {
    const name = String(way[at])
    const next = way[at + 1]
    const index = typeof next === 'number' ? next : undefined
    if (index !== undefined) at += 1
    const member = isObject(place.value) ? place.value[name] : undefined
    const value = index === undefined ? member : (member as readonly Json[] | undefined)?.[index]
    const isShadow = name.startsWith('_')
    const element = owner === undefined ? undefined : elementModel(model, owner, name)
    const step = element?.choice ?? (isShadow ? name.slice(1) : name)
    const type = isShadow ? 'Element' : element?.type
    place = childOf(place, { value, shadow: undefined, type, step, index })
    owner = isResource(value) ? value.resourceType : type
  }
  return place
}
