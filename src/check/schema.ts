/**
 * JSON Schemas of the types of a FHIR version, from its element model: what JSON may stand where, one schema per type.
 * @see https://hl7.org/fhir/R4/json.html
 */

import type { Bindings } from '../fhir/definitions.ts'
import type { ElementModel, Model, TypeModel } from '../fhir/model.ts'

/** A JSON Schema with two keywords of ours: `needs` (present, itself or its `_` member) and `choice` (at most one of a group). */
export type Schema = Readonly<Record<string, unknown>>

export interface SchemaSource {
  readonly model: Model
  readonly bindings: Bindings
  /** The published regular expressions of the primitive datatypes. */
  readonly formats: Readonly<Record<string, string>>
}

/** A schema for each type and backbone; `$id` is the type's name. */
export function schemas(source: SchemaSource): readonly Schema[] {
  const { types } = source.model
  return Object.entries(types)
    .filter(([name]) => !ABSTRACT.has(name))
    .flatMap(([name, type]) =>
      type.kind === 'primitive-type' ? primitives(name, source) : [complex(name, type, source)],
    )
}

const ABSTRACT = new Set(['Resource', 'DomainResource'])

/**
 * Where the published expression does not serve: those that need time or stack without bound on long text (their type is
 * checked by a rule instead), and that of `string`, whose \S would exclude the no-break space.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  base64Binary: '\\S',
  xhtml: '\\S',
  string: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f]+$',
  markdown: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f]+$',
}

/** R5 allows control characters in text, and advises against them. */
const ANYTHING = '^[\\s\\S]+$'

const NUMBERS: Readonly<Record<string, Schema>> = {
  boolean: { type: 'boolean' },
  decimal: { type: 'number' },
  integer: { type: 'integer', minimum: -2147483648, maximum: 2147483647 },
  positiveInt: { type: 'integer', minimum: 1, maximum: 2147483647 },
  unsignedInt: { type: 'integer', minimum: 0, maximum: 2147483647 },
}

/** The schema of a primitive, and of its place in a list, where null stands for one that has only extensions. */
function primitives(name: string, { formats }: SchemaSource): readonly Schema[] {
  const schema = NUMBERS[name] ?? { type: 'string', pattern: pattern(name, formats[name]) }
  const { type } = schema
  return [
    { $id: name, ...schema },
    { $id: `${name}-or-null`, ...schema, type: [type, 'null'] },
  ]
}

/** The published expressions are for the whole text and mean ASCII by \s and \S. */
function pattern(name: string, published: string | undefined): string {
  if (published === ANYTHING) return published
  const instead = INSTEAD[name]
  if (instead !== undefined) return instead
  if (published === undefined) throw new TypeError(`The primitive ${name} has no published format`)
  const ascii = published
    .replaceAll('[^\\s]', '[^ \\t\\r\\n]')
    .replaceAll('\\S', '[^ \\t\\r\\n]')
    .replaceAll(/(?<!\[\^)\\s/g, '[ \\t\\r\\n]')
    .replaceAll('\\-', '-')
  return `^(?:${ascii.replaceAll(/\]\*$/g, ']+')})$`
}

function complex(name: string, type: TypeModel, source: SchemaSource): Schema {
  const members = Object.entries(type.elements)
  const isResource = type.kind === 'resource'
  const properties = Object.assign(
    { ...(isResource && { resourceType: { type: 'string' } }) },
    ...members.map(([element, model]) => property(name, element, model, source)),
  ) as Schema
  const needs = members
    .filter(([, { required, choice }]) => required === true && choice === undefined)
    .map(([element]) => element)
  const choices = Object.entries(
    Object.groupBy(
      members.filter(([, { choice }]) => choice),
      ([, { choice = '' }]) => choice,
    ),
  )
  return {
    $id: name,
    type: 'object',
    properties,
    additionalProperties: false,
    ...(needs.length > 0 && { needs }),
    ...(choices.length > 0 && {
      choice: choices.map(([stem, group = []]) => ({
        stem,
        names: group.map(([element]) => element),
        needed: group.some(([, { required }]) => required === true),
      })),
    }),
  }
}

function property(owner: string, name: string, model: ElementModel, source: SchemaSource): Schema {
  const type =
    owner !== 'Element' && name === 'id' && source.model.types[owner]?.kind === 'resource' ? 'id' : model.type
  if (type === 'Resource') return { [name]: listed(model, { type: 'object', needs: ['resourceType'] }) }
  if (source.model.types[type]?.kind !== 'primitive-type') return { [name]: listed(model, { $ref: type }) }
  const codes = enumeration(`${owner}.${name}`, type, source.bindings)
  const value = {
    $ref: model.list === true ? `${type}-or-null` : type,
    ...(codes && { enum: model.list === true ? [...codes, null] : codes }),
  }
  const shadow =
    model.list === true ? { type: 'array', minItems: 1, items: { $ref: 'Element-or-null' } } : { $ref: 'Element' }
  return { [name]: listed(model, value), [`_${name}`]: shadow }
}

function enumeration(path: string, type: string, { elements, valueSets }: Bindings): readonly string[] | undefined {
  const url = elements[path]
  return type !== 'code' || url === undefined ? undefined : Object.values(valueSets[url] ?? {}).flat()
}

function listed({ list }: ElementModel, schema: Schema): Schema {
  return list === true ? { type: 'array', minItems: 1, items: schema } : schema
}
