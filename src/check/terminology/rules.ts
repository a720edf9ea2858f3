/** Rules of codes by themselves: each is one of its system, and says what its display says. @see https://hl7.org/fhir/R4/terminologies.html */

import type { Definitions } from '../../fhir/definitions.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import { expressionOf, type Node } from '../../fhir/walk.ts'
import type { ElementVerdict, ResourceElementRule } from '../rule.ts'
import { GRAMMARS } from './grammar.ts'
import { termsFor } from './local.ts'
import { codeOfSystem } from './value-set.ts'

const TERMINOLOGIES = 'https://hl7.org/fhir/R4/terminologies.html'
const QUANTITIES = ['Quantity', 'Age', 'Count', 'Distance', 'Duration', 'SimpleQuantity'] as const

const text = { code: 'code-invalid', scope: 'resource', looks: 'resource' } as const

/** What the elements of single codes are, where no list holds what they may be. */
const LANGUAGE = GRAMMARS['urn:ietf:bcp:47']
const MEDIA_TYPE = GRAMMARS['urn:ietf:bcp:13']

export const terminologyRules: readonly ResourceElementRule[] = [
  {
    ...text,
    id: 'code-known',
    severity: 'error',
    blocks: false,
    human: 'A code is one of its system, where the codes of that are at hand',
    source: `${TERMINOLOGIES}#system`,
    at: ['Coding', ...QUANTITIES],
    breaks: (node, { definitions }) => {
      const { system, code } = codingOf(node.value)
      if (system === undefined || code === undefined || Object.hasOwn(GRAMMARS, system)) return false
      if (codeVerdict(system, code, definitions) !== 'out') return false
      return below(node, 'code', `The system ${excerpt(system)} has no code ${excerpt(code)}`)
    },
  },
  {
    ...text,
    id: 'code-grammar',
    severity: 'warning',
    blocks: false,
    human:
      'A code of a system without a list, such as a unit of UCUM or a language, is one by the grammar of the system',
    source: `${TERMINOLOGIES}#system`,
    at: ['Coding', ...QUANTITIES],
    breaks: ({ value }, { definitions }) => {
      const { system, code } = codingOf(value)
      if (system === undefined || code === undefined || !Object.hasOwn(GRAMMARS, system)) return false
      return codeVerdict(system, code, definitions) === 'out'
        ? `There is ${excerpt(code)}, expected a code by the grammar of ${system}`
        : false
    },
  },
  {
    ...text,
    id: 'display-known',
    severity: 'error',
    blocks: false,
    human: 'The display of a code is one that its system gives it, so that code and text mean the same',
    source: 'https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.display',
    at: ['Coding'],
    breaks: (node, { definitions }) => {
      const { system, code, display } = codingOf(node.value)
      if (system === undefined || code === undefined || display === undefined) return false
      const displays = termsFor(definitions.library).concepts(system)?.find(code)?.displays ?? []
      if (displays.length === 0 || displays.some((one) => folded(one) === folded(display))) return false
      const expected = displays.slice(0, 5).join(' or ')
      return below(node, 'display', `The display of ${excerpt(code)} is ${excerpt(display)}, expected ${expected}`)
    },
  },
  {
    ...text,
    id: 'required-system',
    severity: 'error',
    human: 'Where no coding is of the value set that is required, each is at least of a code system that is known',
    source: `${TERMINOLOGIES}#required`,
    at: ['CodeableConcept'],
    breaks: (node, { definitions }) => {
      const { bindings } = definitions
      const url = bindings.elements[`${node.parent?.type}.${node.name}`]
      const codes = url === undefined ? undefined : bindings.valueSets[url]
      if (codes === undefined || !isObject(node.value) || !Array.isArray(node.value['coding'])) return false
      const codings = node.value['coding'] as readonly Json[]
      // where one coding is of the value set, others may be of any system
      if (codings.some((one) => isOf(codingOf(one), codes))) return false
      return codings.flatMap((coding, index) => {
        const { system } = codingOf(coding)
        if (system === undefined || Object.hasOwn(codes, system) || isKnownSystem(system, definitions)) return []
        const expected = Object.keys(codes).join(' or ')
        const expression = `${expressionOf(node)}.coding[${index}].system`
        return [{ expression, text: `The code system ${excerpt(system)} is not known, expected ${expected}` }]
      })
    },
  },
  {
    ...text,
    id: 'language-tag',
    severity: 'error',
    human: 'The language of a resource or an attachment is a tag of BCP 47',
    source: 'https://hl7.org/fhir/R4/resource-definitions.html#Resource.language',
    at: ['Resource', 'Attachment.language'],
    breaks: (node) => {
      if (node.value !== node.resource) return wrongTag(node.value)
      const wrong = wrongTag((node.resource as JsonObject)['language'])
      return wrong === false ? false : below(node, 'language', wrong)
    },
  },
  {
    ...text,
    id: 'media-type',
    severity: 'error',
    human: 'A media type is one by the grammar of BCP 13',
    source: 'https://hl7.org/fhir/R4/valueset-mimetypes.html',
    at: ['Attachment.contentType', 'Binary.contentType', 'Signature.targetFormat', 'Signature.sigFormat'],
    breaks: ({ value }) =>
      typeof value === 'string' && MEDIA_TYPE?.(value) === false
        ? `There is ${excerpt(value)}, expected a media type such as text/plain`
        : false,
  },
]

function wrongTag(value: Json | undefined): string | false {
  if (typeof value !== 'string' || LANGUAGE?.(value) !== false) return false
  return `There is ${excerpt(value)}, expected a language tag such as en or de-CH`
}

/** A verdict about a member of the element. */
function below(node: Node, member: string, text: string): ElementVerdict {
  return [{ expression: `${expressionOf(node)}.${member}`, text }]
}

function codeVerdict(system: string, code: string, { library }: Definitions): ReturnType<typeof codeOfSystem> {
  return codeOfSystem(system, code, termsFor(library).concepts(system))
}

function isKnownSystem(system: string, { library }: Definitions): boolean {
  return Object.hasOwn(GRAMMARS, system) || library.codeSystem(system) !== undefined || library.isNamed(system)
}

function isOf({ system = '', code = '' }: Coded, codes: Readonly<Record<string, readonly string[]>>): boolean {
  return Object.hasOwn(codes, system) && codes[system]?.includes(code) === true
}

interface Coded {
  readonly system?: string
  readonly code?: string
  readonly display?: string
}

function codingOf(value: Json | undefined): Coded {
  if (!isObject(value)) return {}
  const { system, version, code, display }: JsonObject = value
  return {
    // a version that is named need not be the one at hand
    ...(typeof system === 'string' && version === undefined && { system }),
    ...(typeof code === 'string' && { code }),
    ...(typeof display === 'string' && { display }),
  }
}

function folded(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase()
}

function excerpt(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`
}
