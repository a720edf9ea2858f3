/** Published definitions in the compact form of the library: what checkers read, without texts for people. */

import type { Invariant } from './definitions.ts'
import type {
  AdditionalBinding,
  Binding,
  Constraint,
  ElementDefinition,
  ElementDifference,
  ElementType,
  ExtensionContext,
  Published,
  TypedValue,
} from './library.ts'
import type { Model } from './model.ts'
import { isObject, type Json, type JsonObject, type Resource } from './types.ts'

/** What the base definitions of a FHIR version publish: their constraints are rules already. */
export interface BaseConstraints {
  readonly isType: (name: string) => boolean
  readonly has: (key: string, expression: string) => boolean
}

/** The types of a model and the constraints published for them. */
export function baseConstraints(model: Model, invariants: readonly Invariant[]): BaseConstraints {
  const known = new Set(invariants.map(({ key, expression = '' }) => `${key} ${expression}`))
  return {
    isType: (name) => Object.hasOwn(model.types, name),
    has: (key, expression) => known.has(`${key} ${expression}`),
  }
}

/** A StructureDefinition, but for the constraints that the base has. */
export function compactStructure(definition: Resource, base: BaseConstraints): Published {
  const { url, version, title, name, kind, abstract, type, derivation, baseDefinition } = definition
  const context = { url: textOf(url), base }
  const snapshot = elementsOf(definition['snapshot'])
  const differential = elementsOf(definition['differential'])
  return {
    url: textOf(url),
    ...(typeof version === 'string' && { version }),
    title: textOf(title) || textOf(name) || textOf(url),
    kind: textOf(kind) as Published['kind'],
    ...(abstract === true && { abstract }),
    type: textOf(type),
    ...(typeof derivation === 'string' && { derivation: derivation as 'constraint' }),
    ...(typeof baseDefinition === 'string' && { baseDefinition }),
    ...(type === 'Extension' && { context: rows(definition['context']).map(extensionContext) }),
    ...(strings(definition['contextInvariant']).length > 0 && {
      contextInvariant: strings(definition['contextInvariant']),
    }),
    ...(snapshot.length > 0
      ? { elements: snapshot.map((element) => completeElement(element, context)) }
      : { differential: differential.map((element) => difference(element, context)) }),
  }
}

interface Context {
  readonly url: string
  readonly base: BaseConstraints
}

function extensionContext({ type, expression }: JsonObject): ExtensionContext {
  return { type: textOf(type) as 'element', expression: textOf(expression) }
}

function completeElement(element: JsonObject, context: Context): ElementDefinition {
  const { min = 0, max = '1' } = difference(element, context)
  return { ...difference(element, context), min, max }
}

/** What an ElementDefinition says, and nothing of what it leaves out. */
function difference(element: JsonObject, context: Context): ElementDifference {
  const { id, path, sliceName, sliceIsConstraining, min, max, base, contentReference, maxLength, isModifier } = element
  const baseMax = isObject(base) ? base['max'] : undefined
  return {
    id: textOf(id) || textOf(path),
    path: textOf(path),
    ...(typeof sliceName === 'string' && { sliceName }),
    ...(sliceIsConstraining === true && { sliceIsConstraining }),
    ...slicingOf(element),
    ...(typeof min === 'number' && { min }),
    ...(typeof max === 'string' && { max }),
    ...(typeof baseMax === 'string' && baseMax !== '1' && { baseMax }),
    ...(typeof contentReference === 'string' && { contentReference }),
    ...typesOf(element),
    ...typedValue(element, 'fixed'),
    ...typedValue(element, 'pattern'),
    ...typedValue(element, 'minValue'),
    ...typedValue(element, 'maxValue'),
    ...(typeof maxLength === 'number' && { maxLength }),
    ...bindingOf(element),
    ...constraintsOf(element, context),
    ...(isModifier === true && { isModifier }),
  }
}

function slicingOf({ slicing }: JsonObject): Pick<ElementDifference, 'slicing'> {
  if (!isObject(slicing)) return {}
  const discriminator = rows(slicing['discriminator']).map(({ type, path }) => ({
    type: textOf(type) as 'value',
    path: textOf(path),
  }))
  return {
    slicing: {
      ...(discriminator.length > 0 && { discriminator }),
      ...(slicing['ordered'] === true && { ordered: true }),
      rules: (textOf(slicing['rules']) || 'open') as 'open',
    },
  }
}

function typesOf({ type }: JsonObject): Pick<ElementDifference, 'type'> {
  const types = rows(type).map((row): ElementType => {
    const [profile, targetProfile, aggregation] = [row['profile'], row['targetProfile'], row['aggregation']].map(
      strings,
    )
    return {
      code: codeOf(row),
      ...(profile !== undefined && profile.length > 0 && { profile }),
      ...(targetProfile !== undefined && targetProfile.length > 0 && { targetProfile }),
      ...(aggregation !== undefined && aggregation.length > 0 && { aggregation }),
      ...(typeof row['versioning'] === 'string' && { versioning: row['versioning'] }),
    }
  })
  return types.length > 0 ? { type: types } : {}
}

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'

/** The FHIR type that the definition names beside the FHIRPath one, else the code. */
function codeOf({ code, extension }: JsonObject): string {
  const named = rows(extension).find(({ url }) => url === FHIR_TYPE)?.['valueUrl']
  return typeof named === 'string' ? named : textOf(code)
}

function typedValue<Name extends 'fixed' | 'pattern' | 'minValue' | 'maxValue'>(
  element: JsonObject,
  name: Name,
): { readonly [N in Name]?: TypedValue } {
  const found = Object.entries(element).find(([key]) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length)))
  if (found === undefined) return {}
  const [key, value = null] = found
  return { [name]: { type: key.slice(name.length), value } } as { readonly [N in Name]?: TypedValue }
}

const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet'
const ADDITIONAL = 'http://hl7.org/fhir/tools/StructureDefinition/additional-binding'

function bindingOf({ binding }: JsonObject): { readonly binding?: Binding } {
  if (!isObject(binding)) return {}
  const { strength, valueSet, extension } = binding
  const max = rows(extension).find(({ url }) => url === MAX_VALUE_SET)
  const maxValueSet = max?.['valueCanonical'] ?? max?.['valueUri']
  const additional = [
    ...rows(binding['additional']).map(additionalBinding),
    ...rows(extension)
      .filter(({ url }) => url === ADDITIONAL)
      .map((one) => additionalBinding(fromExtension(one))),
  ]
  return {
    binding: {
      strength: textOf(strength) as Binding['strength'],
      ...(typeof valueSet === 'string' && { valueSet }),
      ...(typeof maxValueSet === 'string' && { maxValueSet }),
      ...(additional.length > 0 && { additional }),
    },
  }
}

/** The parts of an extension as an object. */
function fromExtension({ extension }: JsonObject): JsonObject {
  return Object.fromEntries(
    rows(extension).map((part) => [
      textOf(part['url']),
      Object.entries(part).find(([name]) => name.startsWith('value'))?.[1],
    ]),
  )
}

function additionalBinding({ purpose, valueSet, any, usage }: JsonObject): AdditionalBinding {
  const uses = isObject(usage) ? [usage] : rows(usage)
  return {
    purpose: textOf(purpose),
    valueSet: textOf(valueSet),
    ...(any === true && { any }),
    ...(uses.length > 0 && { usage: uses }),
  }
}

const BEST_PRACTICE = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

/** As published; a constraint that is marked as best practice advises, and finds no fault. */
export function severityOf({ severity, extension }: JsonObject): Constraint['severity'] {
  if (rows(extension).some(({ url, valueBoolean }) => url === BEST_PRACTICE && valueBoolean === true))
    return 'information'
  return severity === 'warning' ? 'warning' : 'error'
}

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

function constraintsOf({ constraint }: JsonObject, { url, base }: Context): Pick<ElementDifference, 'constraint'> {
  const own = rows(constraint).filter(
    ({ key, expression, source }) =>
      !base.isType((textOf(source) || url).replace(BASE, '')) && !base.has(textOf(key), textOf(expression)),
  )
  if (own.length === 0) return {}
  return {
    constraint: own.map((row) => ({
      key: textOf(row['key']),
      severity: severityOf(row),
      human: textOf(row['human']),
      ...(typeof row['expression'] === 'string' && { expression: row['expression'] }),
      source: textOf(row['source']) || url,
    })),
  }
}

const VALUE_SET = ['resourceType', 'id', 'url', 'version', 'status', 'compose', 'expansion'] as const
const CODE_SYSTEM = [
  'resourceType', 'id', 'url', 'version', 'status', 'content', 'caseSensitive', 'hierarchyMeaning', 'compositional',
  'versionNeeded', 'supplements', 'valueSet', 'property', 'filter', 'concept',
] as const // prettier-ignore
const TEXTS: ReadonlySet<string> = new Set(['definition', 'description', 'extension'])

/** A ValueSet or CodeSystem without its texts. */
export function compactTerminology(resource: Resource): Resource {
  const names: readonly string[] = resource.resourceType === 'ValueSet' ? VALUE_SET : CODE_SYSTEM
  const kept = Object.fromEntries(names.flatMap((name) => (name in resource ? [[name, bare(resource[name])]] : [])))
  return kept as Resource
}

function bare(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => bare(one) ?? null)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !TEXTS.has(name) && !name.startsWith('_'))
      .map(([name, member]) => [name, bare(member)]),
  )
}

function elementsOf(view: Json | undefined): readonly JsonObject[] {
  return isObject(view) ? rows(view['element']) : []
}

function rows(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}

function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === 'string') : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
