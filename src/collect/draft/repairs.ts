/** How each kind of fault is mended, by the rule that tells it: rows, and what they have in common. */

import type { Issue } from '../../fhir/issue.ts'
import { parseJson, stringify } from '../../fhir/json.ts'
import type { Library } from '../../fhir/library.ts'
import type { Model } from '../../fhir/model.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import type { Node } from '../../fhir/walk.ts'
import { absence } from './absent.ts'
import { conceptsIn } from './mend.ts'
import { asPanel, asText, withoutAnnotation, withUnitCode } from './vital-units.ts'

/** What stands in the place of an element that is taken away. */
export const GONE: JsonObject = Object.freeze({})

export interface Repair {
  /** The rules whose faults it mends. */
  readonly rules: readonly string[]
  /** Only where the text of the fault has this form. */
  readonly when?: RegExp
  /** What it changes: the place of the fault, what holds it, or the narrative around it. */
  readonly at?: 'holder' | 'narrative'
  /** Undefined where it cannot be mended without a change of meaning. */
  readonly mend: (
    node: Node,
    issue: Issue,
    definitions: { readonly model: Model; readonly library: Library },
  ) => { readonly value: Json; readonly told: string } | undefined
}

/** The row for a fault. */
export function repairFor({ rule = '', text }: Issue): Repair | undefined {
  return REPAIRS.find(({ rules, when }) => rules.includes(rule) && (when === undefined || when.test(text)))
}

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation'

const REPAIRS: readonly Repair[] = [
  {
    rules: ['extension-known', 'extension-context', 'extension-value'],
    at: 'holder',
    mend: (node, { expression = '' }) => {
      const [, name, at] = /\.(\w+)\[(\d+)\]$/.exec(expression) ?? []
      const list = isObject(node.value) ? node.value['extension'] : undefined
      const extension = name === 'extension' && Array.isArray(list) ? (list as readonly Json[])[Number(at)] : undefined
      if (!isObject(extension) || !isObject(node.value)) return undefined
      const left = (list as readonly Json[]).filter((one) => one !== extension)
      const value: JsonObject = { ...node.value, extension: left.length === 0 ? GONE : left }
      if (node.type === 'Coding' && extension['url'] === TRANSLATION && typeof value['display'] === 'string')
        return { value: translated(value, extension), told: `a translation stands with the display that it translates` }
      return { value, told: `the extension ${said(extension)}, which FHIR does not have there, is left out` }
    },
  },
  {
    rules: ['system-absolute', 'system-known', 'required-system'],
    at: 'holder',
    mend: (node, _, { library }) => {
      const system = isObject(node.value) ? node.value['system'] : undefined
      if (!isObject(node.value) || typeof system !== 'string') return undefined
      const named = namesOf(system).find((name) => hasCode(library, name, node.value as JsonObject))
      if (named !== undefined)
        return { value: { ...node.value, system: named }, told: `the system ${system} is written ${named}` }
      if (isModifying(node)) return undefined
      const told = `the system ${system}, which is none, is left out`
      if (node.type !== 'Identifier' || node.value['type'] !== undefined)
        return { value: { ...node.value, system: GONE }, told }
      return { value: { ...node.value, system: GONE, type: { text: system } }, told: `${told} and told as the type` }
    },
  },
  {
    rules: ['qty-3'],
    mend: ({ value }) => {
      if (!isObject(value) || typeof value['code'] !== 'string') return undefined
      const { code, ...others } = value
      return {
        value: { ...others, unit: others['unit'] ?? code },
        told: `the code ${code} of a unit names no system and is left out`,
      }
    },
  },
  {
    rules: ['required-code'],
    mend: (node, { text }) => {
      if (typeof node.value !== 'string') return undefined
      const code = node.value
      const clean = code.toLowerCase().replaceAll(/[^a-z0-9-]/g, '')
      const isMeant = clean !== code && new RegExp(`expected .*(?<![\\w-])${clean}(?![\\w-])`).test(text)
      return isMeant ? { value: clean, told: `the code ${code} is written ${clean}` } : taken(node)
    },
  },
  {
    rules: ['code-known'],
    at: 'holder',
    mend: ({ value }, _, { library }) => {
      const { system, code } = isObject(value) ? value : {}
      if (!isObject(value) || typeof system !== 'string' || typeof code !== 'string') return undefined
      const meant = code.toLowerCase()
      if (meant === code || !hasCode(library, system, { code: meant })) return undefined
      return { value: { ...value, code: meant }, told: `the code ${code} is written ${meant}` }
    },
  },
  {
    rules: ['format', 'calendar', 'base64', 'oid', 'uuid', 'integer', 'datatype', 'language-tag'],
    mend: (node) => {
      const { value, type, model } = node
      if (value === '') return { value: GONE, told: `an empty ${node.name} is left out` }
      const read = typeof value === 'string' ? READERS[type ?? '']?.(value) : undefined
      if (read !== undefined) return { value: read, told: `the ${node.name} is written without quotes` }
      if (model?.list === true && node.index === undefined && isObject(value))
        return { value: [value], told: `the ${node.name} is written as a list` }
      return taken(node)
    },
  },
  {
    rules: ['ele-1'],
    at: 'holder',
    mend: ({ value }) => {
      if (!isObject(value)) return undefined
      const empty = Object.keys(value).filter((name) => isEmpty(value[name]))
      const left = Object.fromEntries(Object.entries(value).filter(([name]) => !empty.includes(name)))
      return empty.length === 0 ? undefined : { value: left, told: `an empty ${empty.join(', ')} is left out` }
    },
  },
  {
    rules: ['unknown-element'],
    mend: (node) =>
      // what an older version said by an element that is true may be a negation
      node.value === true ? undefined : taken(node, ', which FHIR does not have there,'),
  },
  {
    rules: ['missing-element'],
    mend: (node, { text }, { model }) => {
      const name = /^The element (\S+) is missing/.exec(text)?.[1] ?? ''
      return withAbsence(node, name, model)
    },
  },
  {
    rules: ['ref-1', 'reference-fragment'],
    mend: (node) => {
      const { reference, ...others } = isObject(node.value) ? node.value : {}
      if (typeof reference !== 'string') return undefined
      return {
        value: { ...others, display: others['display'] ?? reference },
        told: `the reference ${reference}, which leads nowhere, is told by its words`,
      }
    },
  },
  {
    rules: ['dom-3'],
    mend: ({ value }) => {
      const contained = isObject(value) ? value['contained'] : undefined
      if (!isObject(value) || !Array.isArray(contained)) return undefined
      const { contained: all, ...holder } = value as JsonObject & { contained: readonly JsonObject[] }
      const kept = reachedOf(all, stringify(holder))
      const told = all.filter((one) => !kept.includes(one)).map(said)
      return told.length === 0
        ? undefined
        : {
            value: { ...holder, contained: kept.length === 0 ? GONE : kept },
            told: `contained and nowhere named, so left out: ${told.join('; ')}`,
          }
    },
  },
  {
    rules: ['narrative-well-formed', 'narrative-root', 'narrative-structure', 'narrative-safe', 'narrative-link', 'link-fragment', 'txt-1', 'txt-2'], // prettier-ignore
    at: 'narrative',
    mend: ({ name }) =>
      name === 'text' ? { value: GONE, told: 'its own text, which cannot be shown, is left out' } : undefined,
  },
  { rules: ['profile-max'], at: 'holder', when: /by the profile Observation Blood Pressure/, mend: asPanel },
  // a dateTime of a vital sign must be a day
  {
    rules: ['profile-min'],
    when: /^The element effective is missing.*by the profile Observation /,
    mend: (node, _, { model }) => withAbsence(node, 'effectivePeriod', model),
  },
  { rules: ['profile-min'], when: /by the profile Observation /, mend: withUnitCode },
  { rules: ['profile-fixed'], when: /by the profile Observation /, mend: withoutAnnotation },
  { rules: ['profile-type'], at: 'holder', when: /^There is a string.*by the profile Observation /, mend: asText },
]

function withAbsence({ type, value }: Node, element: string, model: Model): ReturnType<Repair['mend']> {
  const missing = type === undefined ? undefined : absence(element, type, model)
  if (missing === undefined || !isObject(value)) return undefined
  return { value: { ...value, [missing.member]: missing.value }, told: `${element} is told as absent` }
}

function isEmpty(value: Json | undefined): boolean {
  return value === '' || (isObject(value) && Object.values(value).every(isEmpty))
}

/** By datatype, a value that was put into quotes. */
const READERS: Readonly<Record<string, (text: string) => Json | undefined>> = {
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  decimal: numberIn,
  integer: numberIn,
  positiveInt: numberIn,
  unsignedInt: numberIn,
}

function numberIn(text: string): Json | undefined {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? parseJson(text) : undefined
}

/** What cannot be read is told in the receipt alone; never what modifies a meaning, nor a part of what only the whole says. */
function taken(
  node: Node,
  why = ', which cannot be read,',
): { readonly value: Json; readonly told: string } | undefined {
  return isModifying(node) || isPartOfWhole(node)
    ? undefined
    : { value: GONE, told: `the ${node.name} ${said(node.value)}${why} is left out` }
}

function isModifying({ model, name, parent }: Node): boolean {
  if (model?.modifier === true || name === 'modifierExtension') return true
  return parent !== undefined && isModifying(parent)
}

/**
 * Datatypes that say one thing by several elements: without one of them what is left says another, such as a dose each day
 * for one on Mondays, or a treatment that goes on for one that has ended.
 */
const WHOLES = new Set([
  'Dosage', 'Timing', 'MedicationAdministration.dosage', 'Period', 'Quantity', 'SimpleQuantity', 'Age', 'Duration', 'Count',
  'Distance', 'Range', 'Ratio', 'SampledData',
]) // prettier-ignore

/** Whether an element is such a value, a part of one, or what was found: a result without its value says nothing. */
function isPartOfWhole({ type = '', model, parent }: Node): boolean {
  if (WHOLES.has(type) || (parent?.type?.startsWith('Observation') === true && model?.choice === 'value')) return true
  return parent !== undefined && isPartOfWhole(parent)
}

/** A value in words of bounded length. */
function said(value: Json): string {
  const text = typeof value === 'string' ? value : stringify(value)
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`
}

function translated(coding: JsonObject, extension: JsonObject): JsonObject {
  const beside = isObject(coding['_display']) ? coding['_display'] : {}
  const own = Array.isArray(beside['extension']) ? (beside['extension'] as readonly Json[]) : []
  return { ...coding, _display: { ...beside, extension: [...own, extension] } }
}

/** The names that a code system may have had, or been mistaken by, as that which it has now. */
function namesOf(system: string): readonly string[] {
  const [bare = ''] = system.replace(/\.html$/, '').split('|')
  const [, version, table] = /^http:\/\/hl7\.org\/fhir\/v([23])\/([\w-]+)/.exec(bare) ?? []
  const [, last] =
    /^http:\/\/(?:terminology\.)?hl7\.org\/(?:fhir\/)?(?:(?:ValueSet|CodeSystem)\/)?([\w-]+)$/.exec(bare) ?? []
  return [
    ...(bare === system ? [] : [bare]),
    ...(table === undefined ? [] : [`http://terminology.hl7.org/CodeSystem/v${version}-${table}`]),
    ...(last === undefined ? [] : [`http://terminology.hl7.org/CodeSystem/${last}`, `http://hl7.org/fhir/${last}`]),
  ].filter((name) => name !== system)
}

function hasCode(library: Library, system: string, { code }: JsonObject): boolean {
  for (const [one] of conceptsIn(library.codeSystem(system)?.['concept'])) if (one === code) return true
  return false
}

/** The contained resources that the text of their holder names, and those that these name; what names the holder stays. */
function reachedOf(contained: readonly JsonObject[], holder: string): readonly JsonObject[] {
  const isNamedIn = (text: string, { id }: JsonObject): boolean => typeof id === 'string' && text.includes(`"#${id}"`)
  let kept = contained.filter((one) => isNamedIn(holder, one) || stringify(one).includes('"reference":"#"'))
  for (let count = -1; count < kept.length;) {
    count = kept.length
    const text = kept.map((one) => stringify(one)).join(' ')
    kept = contained.filter((one) => kept.includes(one) || isNamedIn(text, one))
  }
  return kept
}
