/** The rules of extensions by their definitions: known, in a place that they are for, with a value that they have. */

import type { Definitions } from '../fhir/definitions.ts'
import { FhirError } from '../fhir/error.ts'
import type { ExtensionContext, Structure } from '../fhir/library.ts'
import { isObject } from '../fhir/types.ts'
import type { Node } from '../fhir/walk.ts'
import { namesOf } from './element-names.ts'
import type { ResourceElementRule } from './rule.ts'

const EXTENSIBILITY = 'https://hl7.org/fhir/R4/extensibility.html'
const DEFINING = 'https://hl7.org/fhir/R4/defining-extensions.html'
/** Extensions that HL7 itself defines in the core namespace. */
const OFFICIAL = 'http://hl7.org/fhir/StructureDefinition/'

/** The definition of an extension; undefined for one that is relative, as parts of complex extensions are. */
function definitionOf(node: Node, definitions: Definitions): Structure | 'unknown' | undefined {
  const url = urlOf(node)
  if (url === undefined || !url.includes(':')) return undefined
  try {
    const structure = definitions.library.structure(url)
    return structure?.type === 'Extension' ? structure : 'unknown'
  } catch (error) {
    if (error instanceof FhirError) return 'unknown'
    throw error
  }
}

function urlOf({ value }: Node): string | undefined {
  const url = isObject(value) ? value['url'] : undefined
  return typeof url === 'string' ? url : undefined
}

type Finds = (structure: Structure, node: Node, definitions: Definitions) => string | false

/** What a row says of an extension whose definition is at hand. */
function defined(finds: Finds): ResourceElementRule['breaks'] {
  return (node, { definitions }) => {
    const structure = definitionOf(node, definitions)
    return structure === undefined || structure === 'unknown' ? false : finds(structure, node, definitions)
  }
}

const text = { severity: 'error', code: 'extension', scope: 'resource', looks: 'resource', at: ['Extension'] } as const

export const extensionRules: readonly ResourceElementRule[] = [
  {
    ...text,
    id: 'extension-known',
    human: 'An extension in the namespace of FHIR is one that FHIR defines',
    source: EXTENSIBILITY,
    breaks: (node, { definitions }) =>
      urlOf(node)?.startsWith(OFFICIAL) && definitionOf(node, definitions) === 'unknown'
        ? `The extension ${excerpt(urlOf(node))} is not defined, expected one that FHIR or a package at hand defines`
        : false,
  },
  {
    ...text,
    id: 'extension-context',
    human: 'An extension stands where its definition allows it',
    source: `${DEFINING}#context`,
    breaks: defined(({ context = [], url }, node, definitions) => {
      if (context.length === 0 || node.parent === undefined) return false
      const names = namesOf(node.parent, definitions)
      if (context.some((one) => isIn(one, names, node.parent))) return false
      return `The extension ${excerpt(url)} is not for ${names[0] ?? 'this element'}, expected it at ${listed(context)}`
    }),
  },
  {
    ...text,
    id: 'extension-value',
    human: 'The value of an extension is of a type that its definition allows',
    source: DEFINING,
    breaks: defined(({ elements, url }, node) => {
      const found = valueOf(node)
      const value = elements.find(({ id }) => id === 'Extension.value[x]')
      if (found === undefined || value === undefined) return false
      const allowed = value.max === '0' ? [] : (value.type ?? []).map(({ code }) => code)
      const isAllowed = allowed.some((code) => code.toLowerCase() === found.toLowerCase())
      if (isAllowed) return false
      const expected = allowed.length === 0 ? 'extensions in the place of a value' : allowed.join(' or ')
      return `The extension ${excerpt(url)} has a value of type ${found}, expected ${expected}`
    }),
  },
  {
    ...text,
    id: 'extension-modifier',
    human: 'An extension that modifies stands in modifierExtension, and no other does',
    source: `${EXTENSIBILITY}#modifierExtension`,
    breaks: defined(({ elements, url }, node) => {
      const isModifier = elements[0]?.isModifier === true
      const expected = isModifier ? 'modifierExtension' : 'extension'
      return node.name === expected
        ? false
        : `The extension ${excerpt(url)} stands in ${node.name}, expected it in ${expected}`
    }),
  },
]

/** Whether a context allows an element of these names; what only FHIRPath could tell is taken as allowed. */
function isIn({ type, expression }: ExtensionContext, names: readonly string[], parent: Node | undefined): boolean {
  if (type === 'fhirpath') return true
  if (type === 'extension') return parent !== undefined && urlOf(parent) === expression
  if (expression === 'Element' || expression.includes(':') || names.includes(expression)) return true
  // the specification itself puts what is for an element's definition beside its type
  return expression === 'ElementDefinition' && names.includes('ElementDefinition.type')
}

function listed(context: readonly ExtensionContext[]): string {
  const shown = context.slice(0, 8).map(({ expression }) => expression)
  return `${shown.join(', ')}${context.length > shown.length ? ' …' : ''}`
}

function valueOf({ value }: Node): string | undefined {
  const name = isObject(value) ? Object.keys(value).find((member) => /^_?value[A-Z]/.test(member)) : undefined
  return name?.replace(/^_?value/, '')
}

function excerpt(url = ''): string {
  return url.length <= 120 ? url : `${url.slice(0, 120)}…`
}
