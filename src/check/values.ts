/** Rules about the form of single values that no regular expression of a datatype covers. */

import { isObject, type Json, type JsonObject } from '../fhir/types.ts'
import { expressionOf, type Node } from '../fhir/walk.ts'
import type { ElementRule, Finding } from './rule.ts'

const DATATYPES = 'https://hl7.org/fhir/R4/datatypes.html'
const URIS = ['uri', 'url', 'canonical', 'uuid', 'oid'] as const

function text({ value }: Node): string {
  return typeof value === 'string' ? value : ''
}

const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:#.*)?$/
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/

/** A date that the calendar has: not 30 February. */
function isInCalendar(date: string): boolean {
  const [year = 0, month = 1, day = 1] = date.slice(0, 10).split('-').map(Number)
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function isBase64(value: string): boolean {
  const plain = value.replace(/\s+/g, '')
  return plain.length % 4 === 0 && !/[^0-9A-Za-z+/=]/.test(plain) && !/=[^=]|={3}/.test(plain)
}

/** The value of a node in the resource as it was given: only there do numbers have their own text. */
function asGiven({ parent, name, index }: Node, given: Json): Json | undefined {
  if (parent === undefined) return given
  const above = asGiven(parent, given)
  const member = isObject(above) ? above[name] : undefined
  return index === undefined ? member : Array.isArray(member) ? (member as readonly Json[])[index] : undefined
}

export const valueRules: readonly ElementRule[] = [
  {
    id: 'integer',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'An integer is written in digits alone',
    source: `${DATATYPES}#integer`,
    looks: 'resource',
    at: ['integer', 'positiveInt', 'unsignedInt'],
    breaks: (node, { given }) => {
      const written = asGiven(node, given)
      return JSON.isRawJSON(written)
        ? `There is ${written.rawJSON}, expected digits without fraction and exponent`
        : false
    },
  },
  {
    id: 'uuid',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A URN of a UUID has the digits of one, in lower case',
    source: `${DATATYPES}#uuid`,
    looks: 'resource',
    at: URIS,
    breaks: (node) => {
      const value = text(node)
      return value.startsWith('urn:uuid:') && !UUID.test(value)
        ? `There is ${value}, expected urn:uuid: and a UUID in lower case`
        : false
    },
  },
  {
    id: 'oid',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A URN of an OID has numbers without leading zeros, separated by dots, the first of them 0, 1 or 2',
    source: `${DATATYPES}#oid`,
    looks: 'resource',
    at: URIS,
    breaks: (node) => {
      const value = text(node)
      return value.startsWith('urn:oid:') && !OID.test(value)
        ? `There is ${value}, expected urn:oid: and an OID`
        : false
    },
  },
  {
    id: 'system-absolute',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'The system of an identifier or a code is an absolute URI',
    source: `${DATATYPES}#Identifier`,
    looks: 'resource',
    at: ['Identifier.system', 'Coding.system', 'Quantity.system', 'ValueSet.compose.include.system'],
    breaks: (node) => {
      const value = text(node)
      return value === '' || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value)
        ? false
        : `The system ${value} is not absolute, expected a URI with a scheme`
    },
  },
  {
    id: 'canonical-absolute',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A canonical is an absolute URI, or a fragment that names a contained resource',
    source: 'https://hl7.org/fhir/R4/resource.html#canonical',
    looks: 'resource',
    at: ['canonical'],
    breaks: (node) => {
      const value = text(node)
      return value === '' || /^(?:#|[A-Za-z][A-Za-z0-9+.-]*:)/.test(value)
        ? false
        : `There is ${value}, expected a canonical URL with its scheme`
    },
  },
  {
    id: 'calendar',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A date is one that the calendar has',
    source: `${DATATYPES}#date`,
    looks: 'resource',
    at: ['date', 'dateTime', 'instant'],
    breaks: (node) => {
      const value = text(node)
      return /^\d{4}-\d\d-\d\d/.test(value) && !isInCalendar(value)
        ? `There is ${value}, expected a day that the month has`
        : false
    },
  },
  {
    id: 'base64',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'Binary data is base64: letters, digits, + and / in groups of four, with = at the end',
    source: `${DATATYPES}#base64Binary`,
    looks: 'resource',
    at: ['base64Binary'],
    breaks: (node) =>
      isBase64(text(node))
        ? false
        : 'The text is no base64, expected groups of four letters, digits, + or /, with = at the end',
  },
  {
    id: 'markup-in-text',
    severity: 'warning',
    code: 'security',
    scope: 'resource',
    human: 'A text has no markup in it: where it is shown as it is, that would be run',
    source: 'https://hl7.org/fhir/R4/security.html#narrative',
    looks: 'resource',
    at: ['string'],
    breaks: (node) =>
      /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?\/?>/i.test(text(node))
        ? 'The text has tags of HTML in it, expected plain text'
        : false,
  },
  {
    id: 'required-coding',
    severity: 'error',
    code: 'code-invalid',
    scope: 'resource',
    human: 'A concept with a required binding has a coding of its value set',
    source: 'https://hl7.org/fhir/R4/terminologies.html#required',
    looks: 'resource',
    at: ['CodeableConcept', 'Coding'],
    breaks: ({ parent, name, value }, { definitions: { bindings } }) => {
      const url = bindings.elements[`${parent?.type}.${name}`]
      const codes = url === undefined ? undefined : bindings.valueSets[url]
      if (codes === undefined || !isObject(value)) return false
      const codings = Array.isArray(value['coding'])
        ? (value['coding'] as readonly Json[])
        : 'coding' in value
          ? []
          : [value]
      const isIn = codings.some((one) => isObject(one) && isCoded(one, codes))
      return isIn ? false : `No coding is of the value set ${url}, expected ${examples(codes)}`
    },
  },
  {
    id: 'element-id',
    severity: 'error',
    code: 'duplicate',
    scope: 'resource',
    human: 'The id of an element is its own within the resource',
    source: 'https://hl7.org/fhir/R4/element.html#id',
    looks: 'resource',
    at: ['Resource'],
    breaks: (node) => duplicateIds(node),
  },
]

function isCoded({ system, code }: JsonObject, codes: Readonly<Record<string, readonly string[]>>): boolean {
  return (
    typeof system === 'string' &&
    Object.hasOwn(codes, system) &&
    typeof code === 'string' &&
    codes[system]?.includes(code) === true
  )
}

function examples(codes: Readonly<Record<string, readonly string[]>>): string {
  const all = Object.entries(codes).flatMap(([system, list]) => list.map((code) => `${system}|${code}`))
  return `one such as ${all.slice(0, 3).join(', ')}`
}

/** The elements of a snapshot and of a differential have the ids of what they define. */
const ELEMENT_DEFINITION = /\.(?:snapshot|differential)\.element\[\d+\]$/

/** The elements whose id another element of the same resource has; contained resources count by themselves. */
function duplicateIds(node: Node): readonly Finding[] {
  const seen = new Set<string>()
  const found: Finding[] = []
  const look = (value: Json | undefined, expression: string, isRoot: boolean): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries()) look(item, `${expression}[${index}]`, false)
      return
    }
    if (!isObject(value) || (!isRoot && typeof value['resourceType'] === 'string')) return
    if (!isRoot && typeof value['id'] === 'string' && !ELEMENT_DEFINITION.test(expression)) {
      if (seen.has(value['id']))
        found.push({ expression, text: `The id ${value['id']} is on another element too, expected one of its own` })
      seen.add(value['id'])
    }
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'object') look(member, `${expression}.${name.replace(/^_/, '')}`, false)
    }
  }
  look(node.value, expressionOf(node), true)
  return found
}
