/** From the tags of FHIR XML to the members of FHIR JSON, by the element model. @see https://hl7.org/fhir/R4/json.html */

import { decimal } from './decimal.ts'
import type { FhirError } from './error.ts'
import { elementModel, isResourceType, type ElementModel, type Model } from './model.ts'
import type { Json, Resource } from './types.ts'
import type { XmlElement } from './xml-names.ts'
import { narrativeReader, type NarrativeReader } from './xml-narrative.ts'

export interface FhirBuilder {
  /** A tag that stands at the offset given. */
  readonly open: (element: XmlElement, offset: number) => void
  readonly text: (characters: string) => void
  /** The end of the element in hand, at the offset given. */
  readonly close: (offset: number) => void
  /** What was built. */
  readonly resource: () => Resource
}

type Fault = (what: string) => FhirError
type Members = Record<string, Json>

/** An element whose end has not come. */
interface Frame {
  readonly name: string
  /** A datatype, a backbone's path or a resource type; `Resource` for an element that holds a resource. */
  readonly type: string
  readonly kind: 'resource' | 'holder' | 'primitive' | 'complex'
  readonly members: Members
  /** As the attribute of a primitive said it. */
  readonly value: string | undefined
  /** The places of the elements of the type, and of the one that was last. */
  readonly places: ReadonlyMap<string, number>
  last: number
  lastName: string
}

/** A builder of the resource of a text; `fault` makes the error of the place in hand. */
export function fhirBuilder(model: Model, source: string, fault: Fault): FhirBuilder {
  const placesOf = placesBy(model)
  const stack: Frame[] = []
  let narrative: NarrativeReader | undefined
  let root: Resource | undefined

  function frame(name: string, type: string, kind: Frame['kind'], attributes: XmlElement['attributes']): Frame {
    const members = membersFrom({ name, type, kind, attributes }, fault)
    const value = kind === 'primitive' ? attributes['value'] : undefined
    return { name, type, kind, members, value, places: placesOf(type), last: -1, lastName: '' }
  }

  function openResource({ name, isXhtml, attributes }: XmlElement, parent: Frame | undefined): void {
    if (isXhtml || !isResourceType(model, name)) throw fault(`The element ${name} is no resource that FHIR defines`)
    if (parent !== undefined && Object.hasOwn(parent.members, 'resourceType'))
      throw fault(`The element ${parent.name} holds two resources, expected one`)
    stack.push(frame(name, name, 'resource', attributes))
  }

  function openMember(element: XmlElement, parent: Frame, offset: number): void {
    const { name, isXhtml, attributes } = element
    const found = elementModel(model, parent.type, name)
    if (found === undefined || name.startsWith('_') || isAttribute(parent, name))
      throw fault(`${parent.type} has no element ${name}`)
    if (isXhtml !== (found.type === 'xhtml')) throw fault(`The element ${name} is in the wrong namespace`)
    mustBeNext(parent, name, found, fault)
    if (isXhtml) narrative = narrativeReader(source, element, offset)
    else stack.push(frame(name, found.type, kindOf(found.type, model), attributes))
  }

  return {
    open(element, offset) {
      const parent = stack.at(-1)
      if (narrative !== undefined) narrative.open(element)
      else if (root !== undefined) throw fault('There is more than one resource')
      else if (parent === undefined || parent.kind === 'holder') openResource(element, parent)
      else openMember(element, parent, offset)
    },
    text(characters) {
      if (narrative !== undefined) narrative.text(characters)
      else if (/[^ \t\r\n]/.test(characters)) throw fault('There is text between elements, expected elements only')
    },
    close(offset) {
      if (narrative !== undefined) {
        const div = narrative.close(offset)
        if (div === undefined) return
        narrative = undefined
        const parent = stack.at(-1)
        if (parent !== undefined) put(parent, elementModel(model, parent.type, 'div'), 'div', { value: div })
        return
      }
      const done = stack.pop()
      if (done === undefined) return
      const parent = stack.at(-1)
      if (done.kind === 'resource') {
        if (parent === undefined) root = done.members as Resource
        else Object.assign(parent.members, done.members)
      } else if (parent !== undefined) {
        put(parent, elementModel(model, parent.type, done.name), done.name, valueOf(done, fault))
      }
    },
    resource() {
      if (root === undefined) throw fault('There is no resource')
      return root
    },
  }
}

function kindOf(type: string, model: Model): Frame['kind'] {
  if (type === 'Resource' || type === 'DomainResource') return 'holder'
  return model.types[type]?.kind === 'primitive-type' ? 'primitive' : 'complex'
}

/** What XML writes as an attribute: the id of an element, and the url of an extension. */
export function isAttribute({ type, kind }: { readonly type: string; readonly kind: string }, name: string): boolean {
  return (name === 'id' && kind !== 'resource') || (name === 'url' && type === 'Extension')
}

type Opened = Pick<Frame, 'name' | 'type' | 'kind'> & Pick<XmlElement, 'attributes'>

function membersFrom(opened: Opened, fault: Fault): Members {
  const members: Members = opened.kind === 'resource' ? { resourceType: opened.type } : {}
  for (const [name, value] of Object.entries(opened.attributes)) {
    if (opened.kind === 'primitive' && name === 'value') continue
    if (opened.kind === 'holder' || !isAttribute(opened, name))
      throw fault(`The element ${opened.name} has no attribute ${name}`)
    members[name] = value
  }
  // in the order of the definitions, whichever way the attributes were written
  return members['url'] === undefined || members['id'] === undefined
    ? members
    : { id: members['id'], url: members['url'] }
}

/** Elements stand in the order of the definitions; what repeats stands together. */
function mustBeNext(parent: Frame, name: string, { list }: ElementModel, fault: Fault): void {
  const place = parent.places.get(name) ?? -1
  if (place < parent.last) throw fault(`The element ${name} stands after ${parent.lastName}, expected before it`)
  if (place === parent.last && list !== true && name === parent.lastName)
    throw fault(`The element ${name} stands twice, expected once`)
  parent.last = place
  parent.lastName = name
}

/** By type, the place of each element; the types of a choice share theirs. */
function placesBy(model: Model): (type: string) => ReadonlyMap<string, number> {
  const known = new Map<string, ReadonlyMap<string, number>>()
  return (type) => {
    let places = known.get(type)
    if (places === undefined) {
      const names = Object.entries(model.types[type]?.elements ?? {})
      const stems = [...new Set(names.map(([name, { choice }]) => choice ?? name))]
      places = new Map(names.map(([name, { choice }]) => [name, stems.indexOf(choice ?? name)]))
      known.set(type, places)
    }
    return places
  }
}

interface Value {
  readonly value: Json | undefined
  /** The id and extensions beside a primitive. */
  readonly shadow?: Members
}

function valueOf({ kind, name, type, members, value }: Frame, fault: Fault): Value {
  if (kind === 'holder' && members['resourceType'] === undefined)
    throw fault(`The element ${name} is empty, expected a resource`)
  // an element that says nothing stays what it is: that it must say something is for the rules to tell
  if (kind !== 'primitive') return { value: members }
  const converted = value === undefined ? undefined : scalar(value, type, name, fault)
  const isBare = Object.keys(members).length === 0 && value !== undefined
  return isBare ? { value: converted } : { value: converted, shadow: members }
}

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** The datatypes whose values JSON writes as numbers. */
export const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt'])

/** A value as JSON has it: numbers and booleans are no strings there. */
function scalar(value: string, type: string, name: string, fault: Fault): Json {
  if (type === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true'
    throw fault(`The value of ${name} is no boolean, expected true or false`)
  }
  if (!NUMBERS.has(type)) return value
  if (!JSON_NUMBER.test(value)) throw fault(`The value of ${name} is no number as FHIR writes it`)
  return decimal(value)
}

function put(parent: Frame, model: ElementModel | undefined, name: string, { value, shadow }: Value): void {
  const { members } = parent
  if (model?.list !== true) {
    if (value !== undefined) members[name] = value
    if (shadow !== undefined) members[`_${name}`] = shadow
    return
  }
  const place = Math.max(listed(members, name).length, listed(members, `_${name}`).length)
  if (value !== undefined) members[name] = withAt(listed(members, name), place, value)
  if (shadow !== undefined) members[`_${name}`] = withAt(listed(members, `_${name}`), place, shadow)
}

function listed(members: Members, name: string): Json[] {
  return (members[name] as Json[] | undefined) ?? []
}

/** The list with a value at its place; the places before it that have no value of their own are null. */
function withAt(list: Json[], place: number, value: Json): Json[] {
  while (list.length < place) list.push(null)
  list.push(value)
  return list
}
