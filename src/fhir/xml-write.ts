/**
 * The XML writers: a resource as FHIR XML, with its numbers and narrative as they are, and its canonical form.
 * @see https://hl7.org/fhir/R4/xml.html
 */

import { decimalText, isDecimal } from './decimal.ts'
import { fail } from './error.ts'
import type { ElementModel, Model } from './model.ts'
import {
  isObject,
  isResource,
  type Expression,
  type Json,
  type JsonArray,
  type JsonObject,
  type Resource,
} from './types.ts'
import { canonicalDiv, xmlDiv } from './xml-div.ts'
import { isAttribute, NUMBERS } from './xml-element.ts'
import { attributeText, FHIR, isXmlText } from './xml-names.ts'

interface Style {
  /** The narrative of the expression given. */
  readonly div: (markup: string, expression: Expression) => string
  /** An element without children, of the start of its tag. */
  readonly empty: (start: string, name: string) => string
  /** What stands before an element of the depth given. */
  readonly indent: (depth: number) => string
}

const PLAIN: Style = { div: xmlDiv, empty: (start) => `${start}/>`, indent: () => '' }
const PRETTY: Style = { ...PLAIN, indent: (depth) => `\n${'  '.repeat(depth)}` }
const CANONICAL: Style = { ...PLAIN, div: canonicalDiv, empty: (start, name) => `${start}></${name}>` }

/**
 * The XML text of a resource, which reads back as the same JSON.
 * @throws FhirError `structure` where the resource has what FHIR XML cannot say: elements that the definitions do not know,
 * characters that XML has not, a narrative that is not well-formed
 */
export function stringifyXml(resource: Resource, model: Model, indent: 'pretty' | 'none' = 'none'): string {
  const style = indent === 'pretty' ? PRETTY : PLAIN
  return `<?xml version="1.0" encoding="UTF-8"?>${indent === 'none' ? '\n' : ''}${written(resource, model, style)}\n`
}

/**
 * The canonical XML of a resource, without XML declaration: FHIR XML without white space between elements, as C14N 1.0
 * writes it; the root's members named in `omit` left out.
 * @see https://hl7.org/fhir/R4/xml.html#canonical
 * @see https://www.w3.org/TR/2001/REC-xml-c14n-20010315
 * @throws FhirError as {@link stringifyXml}
 */
export function canonicalXml(resource: Resource, model: Model, omit: readonly string[] = []): string {
  const kept = Object.entries(resource).filter(([name]) => !omit.includes(name.replace(/^_/, '')))
  return written(Object.fromEntries(kept) as Resource, model, CANONICAL)
}

function written(resource: Resource, model: Model, style: Style): string {
  const out: string[] = []
  writerTo(out, model, style).resource(resource, 0, resource.resourceType, ` xmlns="${FHIR}"`)
  return out.join('')
}

interface Writer {
  readonly resource: (resource: Resource, depth: number, expression: Expression, namespace: string) => void
}

function writerTo(out: string[], model: Model, style: Style): Writer {
  function resource(value: Resource, depth: number, expression: Expression, namespace: string): void {
    const { resourceType } = value
    mustBeKnown(value, resourceType, model, expression)
    const place = { name: resourceType, type: resourceType, kind: 'resource', depth, expression, namespace }
    children(value, place)
  }

  /** An element of members: its attributes, then its other elements in the order of the definitions. */
  function children(value: JsonObject, place: Place, primitive?: string): void {
    const { name, type, depth, expression, namespace = '' } = place
    const start = `${style.indent(depth)}<${name}${namespace}${attributesOf(value, place, primitive)}`
    const length = out.push(start)
    for (const [member, element] of Object.entries(model.types[type]?.elements ?? {})) {
      if (isAttribute(place, member) || (primitive !== undefined && member === 'value')) continue
      const [one, shadow] = [value[member], value[`_${member}`]]
      if (one !== undefined || shadow !== undefined) members(member, element, { one, shadow }, place)
    }
    if (out.length > length) {
      out[length - 1] = `${start}>`
      out.push(`${style.indent(depth)}</${name}>`)
    } else if (primitive === undefined && start.endsWith(`<${name}`)) {
      throw refusal(expression, 'is empty, expected a value or children')
    } else out[length - 1] = style.empty(start, name)
  }

  function members(name: string, element: ElementModel, { one, shadow }: Both, parent: Place): void {
    const place = {
      name,
      type: element.type,
      kind: '',
      depth: parent.depth + 1,
      expression: `${parent.expression}.${name}`,
    }
    if (element.list !== true) return member(place, one, shadow)
    if (![one, shadow].every((list) => list === undefined || Array.isArray(list)))
      throw refusal(place.expression, 'is no list, expected one')
    if ([one, shadow].some((list) => Array.isArray(list) && list.length === 0))
      throw refusal(place.expression, 'is an empty list, expected none or one with items')
    const [ones, shadows] = [one as JsonArray | undefined, shadow as JsonArray | undefined]
    const count = Math.max(ones?.length ?? 0, shadows?.length ?? 0)
    for (let index = 0; index < count; index += 1)
      member({ ...place, expression: `${place.expression}[${index}]` }, ones?.[index], shadows?.[index])
  }

  function member(place: Place, one: Json | undefined, shadow: Json | undefined): void {
    const { type, expression } = place
    if (type === 'xhtml') {
      if (typeof one !== 'string') throw refusal(expression, 'is no text, expected the markup of a div')
      out.push(style.indent(place.depth), style.div(one, expression))
    } else if (type === 'Resource' || type === 'DomainResource') {
      if (!isResource(one)) throw refusal(expression, 'is no resource, expected one')
      out.push(style.indent(place.depth), `<${place.name}>`)
      resource(one, place.depth + 1, expression, '')
      out.push(style.indent(place.depth), `</${place.name}>`)
    } else if (model.types[type]?.kind === 'primitive-type') primitive(place, one, shadow)
    else {
      if (!isObject(one)) throw refusal(expression, 'is no object, expected one')
      mustBeKnown(one, type, model, expression)
      children(one, { ...place, kind: 'complex' })
    }
  }

  function primitive(place: Place, one: Json | undefined, shadow: Json | undefined): void {
    const { expression } = place
    const beside = shadow ?? {}
    if (!isObject(beside)) throw refusal(expression, 'has beside it what is no object')
    mustBeKnown(beside, 'Element', model, expression)
    const value =
      one === undefined || one === null ? '' : ` value="${attributeText(scalarText(one, place.type, expression))}"`
    if (value === '' && Object.keys(beside).length === 0)
      throw refusal(expression, 'is empty, expected a value or an extension')
    children(beside, { ...place, type: 'Element', kind: 'primitive' }, value)
  }

  return { resource }
}

interface Place {
  readonly name: string
  readonly type: string
  readonly kind: string
  readonly depth: number
  readonly expression: Expression
  readonly namespace?: string
}

interface Both {
  readonly one: Json | undefined
  readonly shadow: Json | undefined
}

/** In the order of C14N: id, url, value. */
function attributesOf(value: JsonObject, place: Place, primitive = ''): string {
  const own = ['id', 'url'].filter((name) => isAttribute(place, name) && value[name] !== undefined)
  const texts = own.map((name) => {
    if (value[`_${name}`] !== undefined)
      throw refusal(`${place.expression}.${name}`, 'has extensions, which an attribute of XML cannot have')
    return ` ${name}="${attributeText(scalarText(value[name], 'string', `${place.expression}.${name}`))}"`
  })
  return texts.join('') + primitive
}

/** XML would make a number of what is a text, and a signature over it would cover both alike. */
function scalarText(value: Json | undefined, type: string, expression: Expression): string {
  const kind = type === 'boolean' ? 'boolean' : NUMBERS.has(type) ? 'number' : 'text'
  if (kind === 'number' && isDecimal(value)) return decimalText(value)
  if (kind === 'boolean' && typeof value === 'boolean') return String(value)
  if (kind !== 'text' || typeof value !== 'string') throw refusal(expression, `is no ${kind}, expected one`)
  if (!isXmlText(value)) throw refusal(expression, 'has a character that XML does not allow')
  return value
}

function mustBeKnown(value: JsonObject, type: string, model: Model, expression: Expression): void {
  const elements = model.types[type]?.elements
  if (elements === undefined) throw refusal(expression, `is a ${type}, which the definitions do not know`)
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || (name === 'resourceType' && model.types[type]?.kind === 'resource')) continue
    const own = name.startsWith('_') ? name.slice(1) : name
    if (!Object.hasOwn(elements, own))
      throw refusal(expression, `has a member ${name} that the definitions do not know`)
  }
}

function refusal(expression: Expression, what: string): Error {
  return fail('structure', `${expression} ${what}, so it cannot be written as XML`, { expression })
}
