/** What changes the meaning of a resource: modifier elements are always shown, modifiers that nobody here knows refuse it (H-9). */

import type { Issue } from '../fhir/issue.ts'
import type { Model } from '../fhir/model.ts'
import { isObject, type Expression, type Json, type JsonObject } from '../fhir/types.ts'
import { objects, plainText, withoutShadow } from './wording.ts'

const byModel = new WeakMap<Model, Map<string, readonly string[]>>()

/** The names of a type's modifier elements (`status`, `doNotPerform`), read from the definitions. @see https://hl7.org/fhir/R4/conformance-rules.html#isModifier */
export function modifierNames(type: string, model: Model): readonly string[] {
  const types = byModel.get(model) ?? new Map<string, readonly string[]>()
  byModel.set(model, types)
  let names = types.get(type)
  if (names === undefined) {
    const elements = Object.hasOwn(model.types, type) ? (model.types[type]?.elements ?? {}) : {}
    names = Object.keys(elements).filter((name) => elements[name]?.modifier === true && !REFUSING.has(name))
    types.set(type, names)
  }
  return names
}

/** These have no meaning of their own that could be printed. */
const REFUSING = new Set(['modifierExtension', 'implicitRules'])

/** A modifier that is in a resource and that this software does not know. */
export interface UnknownModifier {
  /** The address of the extension, or of the rules. */
  readonly url: string
  readonly expression: Expression
}

/**
 * The modifier extensions and implicit rules in a resource and what it contains; where there is one, nothing that the
 * resource says may be told. @see https://hl7.org/fhir/R4/extensibility.html#modifierExtension
 */
export function unknownModifiers(resource: JsonObject, expression: Expression): readonly UnknownModifier[] {
  const found: UnknownModifier[] = []
  collect(resource, expression, found)
  return found
}

function collect(value: JsonObject, expression: Expression, found: UnknownModifier[]): void {
  for (const name of Object.keys(value)) {
    const member = value[name]
    const below = `${expression}.${withoutShadow(name)}`
    if (name === 'implicitRules') found.push({ url: plainText(member), expression: below })
    if (name === 'modifierExtension')
      for (const one of objects(member)) found.push({ url: plainText(one['url']), expression: below })
    else if (Array.isArray(member)) collectList(member as readonly Json[], below, found)
    else if (isObject(member)) collect(member, below, found)
  }
}

function collectList(list: readonly Json[], expression: Expression, found: UnknownModifier[]): void {
  for (const [index, item] of list.entries()) if (isObject(item)) collect(item, `${expression}[${index}]`, found)
}

const MODIFIERS = 'https://hl7.org/fhir/R4/extensibility.html#modifierExtension'

/** The warning that a resource bears a modifier which is not known. */
export function unknownModifierIssue(resourceType: string, { url, expression }: UnknownModifier): Issue {
  const text = `${resourceType} bears a modifier that is not known (${url}), expected none: nothing is generated from it`
  return { severity: 'warning', code: 'extension', text, expression, rule: 'not-narrated', source: MODIFIERS }
}

/** Values of modifiers that leave what is said as everyone reads it. */
const USUAL = new Set([
  'active', 'available', 'completed', 'confirmed', 'current', 'final', 'finished', 'in-progress', 'order', 'plan',
  'official', 'usual', 'home', 'work', 'mobile', 'snapshot', 'actual', 'instance', 'patient-privacy', 'treatment', 'recorded',
]) // prettier-ignore

/** Names of modifiers that are usual when they are true, not when they are false. */
const TRUE_IS_USUAL = new Set(['active', 'display'])

/** Whether a modifier's value turns what is said into something else: refuted, not done, entered in error, inactive. */
export function isUnusual(name: string, value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value !== TRUE_IS_USUAL.has(name)
  if (typeof value === 'string') return !USUAL.has(value)
  if (!isObject(value)) return value !== undefined
  const codes = objects(value['coding']).map(({ code }) => plainText(code))
  return codes.length === 0 || codes.some((code) => !USUAL.has(code))
}

/** Codes of a medicine that is taken; what has another is not, or not as it is told. */
const TAKEN = new Set(['taking', 'taking-as-directed'])

/**
 * Whether a medicine is not taken as its statement tells: R5 says so here, and not by the status as R4 does.
 * @see https://hl7.org/fhir/R5/medicationstatement-definitions.html#MedicationStatement.adherence
 */
export function isNotTaken({ resourceType, adherence }: JsonObject): boolean {
  if (resourceType !== 'MedicationStatement' || !isObject(adherence)) return false
  const codes = objects(adherence['code']).flatMap(({ coding }) => objects(coding).map(({ code }) => plainText(code)))
  return codes.length === 0 || codes.some((code) => !TAKEN.has(code))
}
