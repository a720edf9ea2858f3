/** The element model of a FHIR version: what datatype each element has, compiled from the published StructureDefinitions. */

import { isObject, type Json, type JsonObject, type Resource } from './types.ts'

export interface ElementModel {
  /** A datatype (`HumanName`, `uri`), a backbone by its path (`Composition.section`), or `Resource`. */
  readonly type: string
  /** The element repeats: a JSON array. */
  readonly list?: true
  /** @see https://hl7.org/fhir/R4/conformance-rules.html#isModifier */
  readonly modifier?: true
  readonly required?: true
  /** @see https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.isSummary */
  readonly summary?: true
  /** The name in FHIRPath of an element that is one type of a choice: `value` for `valueQuantity`. */
  readonly choice?: string
}

export interface TypeModel {
  readonly kind: 'resource' | 'complex-type' | 'primitive-type' | 'backbone'
  /** By JSON name, in the order of the definitions; a choice stands once for each of its types (`valueQuantity`). */
  readonly elements: Readonly<Record<string, ElementModel>>
}

export interface Model {
  /** `4.0.1` */
  readonly fhirVersion: string
  readonly types: Readonly<Record<string, TypeModel>>
}

/** Whether the model knows a type as a resource that can be instantiated. */
export function isResourceType(model: Model, type: string): boolean {
  return Object.hasOwn(model.types, type) && model.types[type]?.kind === 'resource'
}

/** The model of an element by the type that holds it and its JSON name (`_birthDate` is found as `birthDate`). */
export function elementModel(model: Model, type: string, name: string): ElementModel | undefined {
  if (!Object.hasOwn(model.types, type)) return undefined
  const elements = model.types[type]?.elements
  const own = name.startsWith('_') ? name.slice(1) : name
  return elements !== undefined && Object.hasOwn(elements, own) ? elements[own] : undefined
}

const ABSTRACT = new Set(['Resource', 'DomainResource'])
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'

/** The model of all types that the StructureDefinitions define; profiles and logical models are left out. */
export function compileModel(fhirVersion: string, definitions: readonly Resource[]): Model {
  const types: Record<string, { kind: TypeModel['kind']; elements: Record<string, ElementModel> }> = {}
  for (const definition of definitions) {
    const { kind, type, derivation } = definition
    if (derivation === 'constraint' || typeof type !== 'string') continue
    if (kind !== 'resource' && kind !== 'complex-type' && kind !== 'primitive-type') continue
    for (const element of elementsOf(definition)) {
      const { path } = element
      if (typeof path !== 'string') continue
      const cut = path.lastIndexOf('.')
      if (cut < 0) {
        types[path] = { kind: ABSTRACT.has(path) ? 'complex-type' : kind, elements: {} }
        continue
      }
      const owner = (types[path.slice(0, cut)] ??= { kind: 'backbone', elements: {} })
      for (const [name, model] of expand(path.slice(cut + 1), path, element)) owner.elements[name] = model
      // R4 publishes Resource.id as a string, though its own page and datatype say id.
      if (owner.kind === 'resource' && path.endsWith('.id')) owner.elements['id'] = { type: 'id' }
      // R4B publishes Element.id as an id, though its page says string, as those of R4 and R5 do.
      else if (path.endsWith('.id') && owner.elements['id']?.type === 'id')
        owner.elements['id'] = { ...owner.elements['id'], type: 'string' }
    }
  }
  return { fhirVersion, types }
}

function elementsOf(definition: Resource): readonly JsonObject[] {
  const { snapshot } = definition
  const elements = isObject(snapshot) ? snapshot['element'] : undefined
  return Array.isArray(elements) ? elements.filter(isObject) : []
}

function expand(name: string, path: string, element: JsonObject): readonly (readonly [string, ElementModel])[] {
  const flags = {
    ...(element['max'] !== '1' && element['max'] !== '0' && { list: true as const }),
    ...(element['isModifier'] === true && { modifier: true as const }),
    ...(element['min'] !== 0 && { required: true as const }),
    ...(element['isSummary'] === true && { summary: true as const }),
  }
  const { contentReference } = element
  if (typeof contentReference === 'string') return [[name, { type: contentReference.slice(1), ...flags }]]
  const codes = typeCodes(element)
  if (!name.endsWith('[x]')) {
    const [code = 'Element'] = codes
    const isBackbone =
      code === 'BackboneElement' || (code === 'Element' && path.split('.').length > 1 && !path.endsWith('.extension'))
    return [[name, { type: isBackbone ? path : code, ...flags }]]
  }
  const stem = name.slice(0, -'[x]'.length)
  return codes.map(
    (code) => [stem + code.charAt(0).toUpperCase() + code.slice(1), { type: code, ...flags, choice: stem }] as const,
  )
}

function typeCodes(element: JsonObject): readonly string[] {
  const { type } = element
  if (!Array.isArray(type)) return []
  return (type as readonly Json[]).filter(isObject).map((row) => {
    const { code } = row
    if (typeof code !== 'string') throw new TypeError('A type of an element has no code')
    if (!code.startsWith('http://hl7.org/fhirpath/')) return code
    const extension = Array.isArray(row['extension']) ? (row['extension'] as readonly JsonObject[]) : []
    const named = extension.find((one) => one['url'] === FHIR_TYPE)?.['valueUrl']
    return typeof named === 'string' ? named : code.replace('http://hl7.org/fhirpath/System.', '').toLowerCase()
  })
}
