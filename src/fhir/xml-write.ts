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
  return writerOf(model, style)(resource, ` xmlns="${FHIR}"`)
}

type Trail = (string | number)[]

/** Where a member stands: shared by all visits, as an expression is wanted of few of them. */
function expressionOf([root = '', ...steps]: Trail): Expression {
  return root + steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
}

/** The writer of a whole text: each part gives its own text, so that an element without any is known by that. */
function writerOf(model: Model, style: Style): (resource: Resource, namespace: string) => string {
  const { indent } = style
  const trail: Trail = []
  const layouts = layoutsOf(model)

  function refused(what: string, ...further: Trail): Error {
    return refusal(expressionOf([...trail, ...further]), what)
  }

  function resource(value: Resource, depth: number, namespace: string): string {
    const { resourceType } = value
    const layout = layouts(resourceType)
    if (layout === undefined) throw refused(`is of the type ${resourceType}, which the definitions do not know`)
    const inner = members(value, layout, depth)
    if (inner === '' && namespace === '') throw refused('is empty, expected a value or children')
    const tag = `${indent(depth)}<${resourceType}${namespace}`
    return inner === '' ? style.empty(tag, resourceType) : `${tag}>${inner}${indent(depth)}</${resourceType}>`
  }

  /** The members of an object as elements, in the order of the definitions. */
  function members(value: JsonObject, layout: Layout, depth: number): string {
    let text = ''
    for (const place of placesIn(value, layout)) {
      const row = layout.rows[place]
      if (row === undefined || row.isAttribute) continue
      trail.push(row.name)
      text += member(row, value[row.name], value[row.shadow], depth + 1)
      trail.pop()
    }
    return text
  }

  /** The places of the members that an object has, each once. */
  function placesIn(value: JsonObject, { places, isResource: isWhole }: Layout): readonly number[] {
    const found: number[] = []
    let isSorted = true
    let last = -1
    for (const name of Object.keys(value)) {
      if (value[name] === undefined || (isWhole && name === 'resourceType')) continue
      const place = places.get(name)
      if (place === undefined) throw refused(`has a member ${name} that the definitions do not know`)
      isSorted &&= place > last
      last = place
      found.push(place)
    }
    return isSorted ? found : [...new Set(found)].sort((one, other) => one - other)
  }

  function member(row: Row, one: Json | undefined, shadow: Json | undefined, depth: number): string {
    if (!row.isList) return single(row, one, shadow, depth)
    if (![one, shadow].every((list) => list === undefined || Array.isArray(list)))
      throw refused('is no list, expected one')
    if ([one, shadow].some((list) => Array.isArray(list) && list.length === 0))
      throw refused('is an empty list, expected none or one with items')
    const [ones, shadows] = [one as JsonArray | undefined, shadow as JsonArray | undefined]
    const count = Math.max(ones?.length ?? 0, shadows?.length ?? 0)
    let text = ''
    for (let index = 0; index < count; index += 1) {
      trail.push(index)
      text += single(row, ones?.[index], shadows?.[index], depth)
      trail.pop()
    }
    return text
  }

  function single(row: Row, one: Json | undefined, shadow: Json | undefined, depth: number): string {
    if (row.kind === 'primitive') return primitive(row, one, shadow, depth)
    if (row.kind === 'complex') return complex(row, one, depth)
    if (row.kind === 'markup') {
      if (typeof one !== 'string') throw refused('is no text, expected the markup of a div')
      return indent(depth) + style.div(one, expressionOf(trail))
    }
    if (!isResource(one)) throw refused('is no resource, expected one')
    return `${indent(depth)}<${row.name}>${resource(one, depth + 1, '')}${indent(depth)}</${row.name}>`
  }

  function complex({ name, type }: Row, one: Json | undefined, depth: number): string {
    if (!isObject(one)) throw refused('is no object, expected one')
    const layout = layouts(type)
    if (layout === undefined) throw refused(`is of the type ${type}, which the definitions do not know`)
    const inner = members(one, layout, depth)
    const attributes = layout.attributes.length === 0 ? '' : attributesOf(one, layout)
    const tag = `${indent(depth)}<${name}${attributes}`
    if (inner !== '') return `${tag}>${inner}${indent(depth)}</${name}>`
    if (attributes === '') throw refused('is empty, expected a value or children')
    return style.empty(tag, name)
  }

  function primitive({ name, type }: Row, one: Json | undefined, shadow: Json | undefined, depth: number): string {
    const value = one === undefined || one === null ? '' : ` value="${scalarText(one, type)}"`
    if (shadow === undefined || shadow === null) {
      if (value === '') throw refused('is empty, expected a value or an extension')
      return style.empty(`${indent(depth)}<${name}${value}`, name)
    }
    if (!isObject(shadow)) throw refused('has beside it what is no object')
    const layout = layouts('Element')
    if (layout === undefined) throw refused('is an Element, which the definitions do not know')
    if (value === '' && Object.keys(shadow).length === 0) throw refused('is empty, expected a value or an extension')
    const inner = members(shadow, layout, depth)
    const tag = `${indent(depth)}<${name}${attributesOf(shadow, layout)}${value}`
    return inner === '' ? style.empty(tag, name) : `${tag}>${inner}${indent(depth)}</${name}>`
  }

  /** In the order of C14N: id, url, value. */
  function attributesOf(value: JsonObject, { attributes }: Layout): string {
    let text = ''
    for (const { name, shadow } of attributes) {
      const one = value[name]
      if (value[shadow] !== undefined) throw refused('has extensions, which an attribute of XML cannot have', name)
      if (one === undefined) continue
      trail.push(name)
      text += ` ${name}="${scalarText(one, 'string')}"`
      trail.pop()
    }
    return text
  }

  /** XML would make a number of what is a text, and a signature over it would cover both alike. */
  function scalarText(value: Json, type: string): string {
    const kind = type === 'boolean' ? 'boolean' : NUMBERS.has(type) ? 'number' : 'text'
    if (kind === 'number' && isDecimal(value)) return decimalText(value)
    if (kind === 'boolean' && typeof value === 'boolean') return String(value)
    if (kind !== 'text' || typeof value !== 'string') throw refused(`is no ${kind}, expected one`)
    if (!isSpecial(value)) return value
    if (!isXmlText(value)) throw refused('has a character that XML does not allow')
    return attributeText(value)
  }

  return (value, namespace) => {
    trail.push(value.resourceType)
    return resource(value, 0, namespace)
  }
}

/** Whether a text has a character that XML may not have, or that is escaped. */
function isSpecial(text: string): boolean {
  return /[^ !#-%'-;=-\uD7FF\uE000-\uFFFD]/.test(text)
}

/** An element of a type. */
interface Row {
  readonly name: string
  /** The member with its id and extensions. */
  readonly shadow: string
  readonly type: string
  readonly kind: 'primitive' | 'complex' | 'markup' | 'resource'
  readonly isList: boolean
  readonly isAttribute: boolean
}

/** The elements of a type in their order. */
interface Layout {
  readonly isResource: boolean
  readonly rows: readonly Row[]
  readonly attributes: readonly Row[]
  /** The places of members, those beside primitives too. */
  readonly places: ReadonlyMap<string, number>
}

type Layouts = (type: string) => Layout | undefined

const known = new WeakMap<Model, Layouts>()

/** The layouts of a model's types, each made on first need. */
function layoutsOf(model: Model): Layouts {
  const made = new Map<string, Layout | undefined>()
  const layouts: Layouts =
    known.get(model) ??
    ((type) => {
      if (!made.has(type)) made.set(type, layoutOf(model, type))
      return made.get(type)
    })
  known.set(model, layouts)
  return layouts
}

function layoutOf(model: Model, type: string): Layout | undefined {
  const { elements, kind } = (Object.hasOwn(model.types, type) ? model.types[type] : undefined) ?? {}
  if (elements === undefined) return undefined
  const isWhole = kind === 'resource'
  const place = { type, kind: isWhole ? 'resource' : '' }
  const rows = Object.entries(elements).map(([name, element]): Row => ({
    name,
    shadow: `_${name}`,
    type: element.type,
    kind: kindOf(element, model),
    isList: element.list === true,
    isAttribute: isAttribute(place, name),
  }))
  const places = rows.flatMap(({ name, shadow }, index): [string, number][] => [
    [name, index],
    [shadow, index],
  ])
  const attributes = rows.filter((row) => row.isAttribute)
  return { isResource: isWhole, rows, attributes, places: new Map(places) }
}

function kindOf({ type }: ElementModel, model: Model): Row['kind'] {
  if (type === 'xhtml') return 'markup'
  if (type === 'Resource' || type === 'DomainResource') return 'resource'
  return model.types[type]?.kind === 'primitive-type' ? 'primitive' : 'complex'
}

function refusal(expression: Expression, what: string): Error {
  return fail('structure', `${expression} ${what}, so it cannot be written as XML`, { expression })
}
