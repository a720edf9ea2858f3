/** The JSON shape of resources as rules: what the schemas find, in words. @see https://hl7.org/fhir/R4/json.html */

import type { ShapeError } from '../fhir/definitions.ts'
import { lastingMemo } from '../fhir/memo.ts'
import { elementModel, type Model } from '../fhir/model.ts'
import { isObject, type Json, type Resource } from '../fhir/types.ts'
import { expressionOf, type Node } from '../fhir/walk.ts'
import type { ElementRule, Finding, ResourceElementRule, Subject } from './rule.ts'

const JSON_PAGE = 'https://hl7.org/fhir/R4/json.html'

/** A place of the JSON, with what the model says of it. */
interface Place {
  readonly expression: string
  readonly value: Json | undefined
  /** The type of the object that holds the element, and of the element itself. */
  readonly owner: string | undefined
  readonly type: string | undefined
}

/** A kind of shape error and how it is told. */
interface Row {
  readonly id: string
  readonly code: ElementRule['code']
  readonly human: string
  readonly source: string
  readonly finding: (error: ShapeError, place: Place, model: Model) => Finding | undefined
}

const PRIMITIVE_KEYWORDS = new Set(['pattern', 'minimum', 'maximum'])

const rows: readonly Row[] = [
  {
    id: 'unknown-element',
    code: 'structure',
    human: 'A resource has only the elements that its definition names',
    source: JSON_PAGE,
    finding: ({ keyword, params }, { expression, type }) => {
      if (keyword !== 'additionalProperties') return undefined
      const { additionalProperty: name = '' } = params
      return {
        expression: `${expression}.${name}`,
        text: `The element ${excerpt(name)} is not known, expected one of those that ${type} defines`,
      }
    },
  },
  {
    id: 'missing-element',
    code: 'required',
    human: 'An element that is required is there',
    source: 'https://hl7.org/fhir/R4/conformance-rules.html#cardinality',
    finding: ({ keyword, params }, { expression, type = '' }, model) => {
      const { name: own, stem = '', found = [] } = params
      const isMissingChoice = keyword === 'choice' && found.length === 0
      if (keyword !== 'needs' && !isMissingChoice) return undefined
      const name = own ?? `${stem}[x]`
      const isList = elementModel(model, type, name)?.list === true
      return { expression, text: `The element ${name} is missing, expected ${isList ? 'at least one' : 'one'}` }
    },
  },
  {
    id: 'one-choice',
    code: 'structure',
    human: 'Of the types of a choice only one is there',
    source: 'https://hl7.org/fhir/R4/formats.html#choice',
    finding: ({ keyword, params }, { expression }) => {
      const { stem = '', found = [] } = params
      if (keyword !== 'choice' || found.length < 2) return undefined
      return {
        expression: `${expression}.${stem}`,
        text: `There are ${found.join(' and ')}, expected one of them`,
      }
    },
  },
  {
    id: 'datatype',
    code: 'structure',
    human: 'A value has the JSON form of its datatype: a list where the element repeats, else an object or a primitive',
    source: JSON_PAGE,
    finding: ({ keyword, params }, { expression, value, type }, model) => {
      if (keyword === 'minItems')
        return { expression, text: 'The list is empty, expected at least one item, or no list' }
      if (keyword !== 'type' || isWrongPrimitive(value, type, params.type, model)) return undefined
      return { expression, text: `There is ${describe(value)}, expected ${asked(params.type, type)}` }
    },
  },
  {
    id: 'format',
    code: 'value',
    human: 'A primitive value is written as its datatype says',
    source: 'https://hl7.org/fhir/R4/datatypes.html#primitive',
    finding: ({ keyword, params }, { expression, value, type = '' }, model) => {
      const isWrong =
        keyword === 'type' ? isWrongPrimitive(value, type, params.type, model) : PRIMITIVE_KEYWORDS.has(keyword)
      return isWrong
        ? { expression, text: `There is ${describe(value)}, expected ${FORMS[type] ?? `a ${type}`}` }
        : undefined
    },
  },
  {
    id: 'required-code',
    code: 'code-invalid',
    human: 'An element with a required binding has one of the codes of its value set',
    source: 'https://hl7.org/fhir/R4/terminologies.html#required',
    finding: ({ keyword, params }, { expression, value }) =>
      keyword === 'enum'
        ? {
            expression,
            text: `There is ${describe(value)}, expected ${listed(params.allowedValues ?? [])}`,
          }
        : undefined,
  },
]

/** How each primitive is written, for messages. */
const FORMS: Readonly<Record<string, string>> = {
  base64Binary: 'base64 text that is not empty',
  boolean: 'true or false, without quotes',
  canonical: 'a URL without white space',
  code: 'a code: text without white space at its ends',
  date: 'a date: YYYY, YYYY-MM or YYYY-MM-DD',
  dateTime: 'a date (YYYY, YYYY-MM, YYYY-MM-DD), or a date and time with seconds and offset (2026-03-01T10:00:00Z)',
  decimal: 'a number, without quotes',
  id: 'an id: 1 to 64 letters, digits, hyphens and dots',
  instant: 'a date and time with seconds and offset (2026-03-01T10:00:00Z)',
  integer: 'a whole number, without quotes',
  markdown: 'text that is not empty and has no control characters',
  oid: 'an OID (urn:oid:1.2.3)',
  positiveInt: 'a whole number from 1, without quotes',
  string: 'text that is not empty and has no control characters',
  time: 'a time: hh:mm:ss',
  unsignedInt: 'a whole number from 0, without quotes',
  uri: 'a URI without white space',
  url: 'a URL without white space',
  uuid: 'a UUID in lower case (urn:uuid:…)',
  xhtml: 'a div that is not empty',
}

/** Whether one primitive stands where another is expected: "5" for 5, or a number for text. */
function isWrongPrimitive(value: Json | undefined, type: string | undefined, expected: unknown, model: Model): boolean {
  const isPrimitive = type !== undefined && model.types[type]?.kind === 'primitive-type'
  return isPrimitive && expected !== 'array' && value !== null && typeof value !== 'object'
}

function asked(expected: unknown, type: string | undefined): string {
  if (expected === 'array') return 'a list, as the element repeats'
  if (expected === 'object') return type === undefined ? 'an object' : `an object, as ${type} is none of the primitives`
  return (type === undefined ? undefined : FORMS[type]) ?? 'a single value'
}

function describe(value: Json | undefined): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'an object'
  return typeof value === 'string' ? `the text "${excerpt(value)}"` : JSON.stringify(value)
}

function excerpt(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`
}

function listed(codes: readonly (string | null)[]): string {
  const shown = codes.filter((code) => code !== null).slice(0, 12)
  return `${shown.join(', ')}${codes.length > shown.length + 1 ? ' …' : ''}`
}

/** One rule a row; the schemas are run once for all of them. */
export const structureRules: readonly ElementRule[] = [
  ...rows.map(({ finding, ...text }): ResourceElementRule => ({
    ...text,
    severity: 'error',
    scope: 'resource',
    looks: 'resource',
    at: ['Resource'],
    breaks: (node, document) =>
      errorsOf(node, document).flatMap((error) => {
        const found = finding(error, placeOf(error, node, document.definitions.model), document.definitions.model)
        return found === undefined ? [] : [found]
      }),
  })),
  {
    id: 'resource-type',
    severity: 'error',
    code: 'structure',
    scope: 'resource',
    human: 'A resource is of a type that FHIR defines',
    source: 'https://hl7.org/fhir/R4/resourcelist.html',
    looks: 'resource',
    at: ['Resource'],
    breaks: ({ resource }, { definitions }) =>
      Object.hasOwn(definitions.shapes, resource.resourceType)
        ? false
        : `The type ${excerpt(String(resource.resourceType))} is unknown, expected one that FHIR R4 defines`,
  },
]

const NONE: readonly ShapeError[] = []
const known = lastingMemo<Resource, readonly ShapeError[]>()

function errorsOf({ resource }: Node, { definitions }: Pick<Subject, 'definitions'>): readonly ShapeError[] {
  const found = known.get(resource)
  if (found !== undefined) return found
  const shape = Object.hasOwn(definitions.shapes, resource.resourceType)
    ? definitions.shapes[resource.resourceType]
    : undefined
  const errors =
    shape === undefined || shape(resource) ? NONE : (shape.errors ?? NONE).filter(({ keyword }) => keyword !== 'anyOf')
  known.set(resource, errors)
  return errors
}

/** The element that a JSON pointer names. */
function placeOf({ instancePath }: ShapeError, node: Node, model: Model): Place {
  let place: Place = {
    expression: expressionOf(node),
    value: node.resource,
    owner: undefined,
    type: node.resource.resourceType,
  }
  for (const step of instancePath.split('/').slice(1)) place = below(place, unescape(step), model)
  return place
}

function below({ expression, value, owner, type }: Place, step: string, model: Model): Place {
  if (Array.isArray(value)) {
    return { expression: `${expression}[${step}]`, value: (value as readonly Json[])[Number(step)], owner, type }
  }
  const element = type === undefined ? undefined : elementModel(model, type, step)
  const name = step.startsWith('_') ? step.slice(1) : step
  return {
    expression: `${expression}.${element?.choice ?? name}`,
    value: isObject(value) ? value[step] : undefined,
    owner: type,
    type: step.startsWith('_') ? 'Element' : element?.type,
  }
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
