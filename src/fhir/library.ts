/** The library: StructureDefinitions, value sets and code systems of the packages in use, compact, found by canonical. */

import type { Json, JsonObject, Resource } from './types.ts'

/**
 * What is known by canonical. Each definition is read and parsed when it is first asked for and kept; answers are the
 * same object each time, so that what is compiled from one can be kept in a WeakMap beside it.
 */
export interface Library {
  /**
   * The StructureDefinition of a canonical: a base type, profile or extension. Its snapshot is whole, generated where
   * the package has a differential alone. Without `|version` the one that the package of `from` depends on, else the
   * latest; a version that is not at hand is answered by none. Type names stand for base types (`Patient`).
   */
  readonly structure: (canonical: string, from?: Origin) => Structure | undefined
  readonly valueSet: (canonical: string, from?: Origin) => ValueSet | undefined
  readonly codeSystem: (canonical: string, from?: Origin) => CodeSystem | undefined
  /** Whether a NamingSystem gives this URI to a code system or a register of identifiers. */
  readonly isNamed: (uri: string) => boolean
  /** Why a package, or a definition of it, cannot be used. */
  readonly faults: readonly PackageFault[]
  /** `hl7.fhir.r4.core#4.0.1`, in the order in which they were found. */
  readonly packages: readonly string[]
}

/** Where a definition comes from: any definition will do. */
export interface Origin {
  /** `hl7.fhir.uv.ips#2.0.0` */
  readonly package: string
}

export interface PackageFault extends Origin {
  /** The canonical of the definition at fault; absent where it is the package. */
  readonly url?: string
  /** What is wrong, then what was expected. */
  readonly text: string
}

/** A StructureDefinition without its texts. */
export interface Structure extends Origin {
  readonly url: string
  readonly version?: string
  /** For messages: the title, else the name. */
  readonly title: string
  readonly kind: 'resource' | 'complex-type' | 'primitive-type' | 'logical'
  readonly abstract?: true
  /** The type that it constrains or defines: `Patient`, `Extension`. */
  readonly type: string
  readonly derivation?: 'specialization' | 'constraint'
  readonly baseDefinition?: string
  /** Of an extension: where it may stand. */
  readonly context?: readonly ExtensionContext[]
  readonly contextInvariant?: readonly string[]
  /** The snapshot, in its order; the first element is the root. */
  readonly elements: readonly ElementDefinition[]
}

/** @see https://hl7.org/fhir/R4/structuredefinition-definitions.html#StructureDefinition.context */
export interface ExtensionContext {
  readonly type: 'fhirpath' | 'element' | 'extension'
  readonly expression: string
}

/**
 * An element of a snapshot, in FHIR's own words but for these: `fixed`, `pattern`, `minValue` and `maxValue` are
 * {type, value}; `constraint` has only those that no base definition publishes (theirs are rules already).
 * @see https://hl7.org/fhir/R4/elementdefinition.html
 */
export interface ElementDefinition {
  /** `Composition.section:sectionProblems.entry` */
  readonly id: string
  /** `Composition.section.entry`, `Observation.value[x]` */
  readonly path: string
  readonly sliceName?: string
  readonly sliceIsConstraining?: true
  readonly slicing?: Slicing
  readonly min: number
  /** `*` or a number. */
  readonly max: string
  /** The max of the base definition, where it is not 1: JSON has a list here. */
  readonly baseMax?: string
  /** `#Composition.section` of this definition, or with the canonical of another before it. */
  readonly contentReference?: string
  readonly type?: readonly ElementType[]
  readonly fixed?: TypedValue
  readonly pattern?: TypedValue
  readonly minValue?: TypedValue
  readonly maxValue?: TypedValue
  readonly maxLength?: number
  readonly binding?: Binding
  readonly constraint?: readonly Constraint[]
  readonly isModifier?: true
}

export interface ElementType {
  /** `CodeableConcept`, `Reference`; a primitive's own value is `http://hl7.org/fhirpath/System.String`. */
  readonly code: string
  readonly profile?: readonly string[]
  readonly targetProfile?: readonly string[]
  readonly aggregation?: readonly string[]
  readonly versioning?: string
}

export interface TypedValue {
  /** The datatype as in the element's name: `Uri`, `CodeableConcept`. */
  readonly type: string
  readonly value: Json
}

export interface Slicing {
  readonly discriminator?: readonly Discriminator[]
  readonly ordered?: true
  readonly rules: 'closed' | 'open' | 'openAtEnd'
}

export interface Discriminator {
  readonly type: 'value' | 'exists' | 'pattern' | 'type' | 'profile' | 'position'
  readonly path: string
}

export interface Binding {
  readonly strength: 'required' | 'extensible' | 'preferred' | 'example'
  readonly valueSet?: string
  /** R4's max value set extension, and R5's additional bindings that demand: every code must be of it. */
  readonly maxValueSet?: string
  readonly additional?: readonly AdditionalBinding[]
}

export interface AdditionalBinding {
  /** `maximum`, `minimum`, `required`, `extensible` … */
  readonly purpose: string
  readonly valueSet: string
  readonly any?: true
  readonly usage?: readonly JsonObject[]
}

export interface Constraint {
  readonly key: string
  readonly severity: 'error' | 'warning' | 'information'
  readonly human: string
  readonly expression?: string
  /** The canonical of the definition that publishes it. */
  readonly source?: string
}

/** A ValueSet with url, version, status, compose and expansion as published. */
export type ValueSet = Resource & Origin

/**
 * A CodeSystem with url, version, content, caseSensitive, hierarchyMeaning, supplements, valueSet, property, filter and
 * concepts, of which code, display, designation, property and concept.
 */
export type CodeSystem = Resource & Origin

/** What a differential says of an element: only what it changes. */
export type ElementDifference = Partial<Omit<ElementDefinition, 'id' | 'path'>> & Pick<ElementDefinition, 'id' | 'path'>

/** A StructureDefinition as a package has it: its snapshot, else its differential. */
export interface Published extends Omit<Structure, 'elements' | 'package'> {
  readonly elements?: readonly ElementDefinition[]
  readonly differential?: readonly ElementDifference[]
}
