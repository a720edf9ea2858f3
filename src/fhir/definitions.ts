/** The published definitions of a FHIR version, in the compact form that the build makes of them. */

import type { Compartment } from './compartment.ts'
import type { Library } from './library.ts'
import type { Model } from './model.ts'
import type { PathContext } from './path.ts'

export interface Definitions {
  readonly model: Model
  /** Of the patient. */
  readonly compartment: Compartment
  readonly invariants: readonly Invariant[]
  readonly bindings: Bindings
  /** By the path of an element (`Composition.author`), the resource types that its reference may name; any where absent. */
  readonly targets: Readonly<Record<string, readonly string[]>>
  /** By type, whether a value has the JSON shape of it. */
  readonly shapes: Readonly<Record<string, Shape>>
  /** What FHIRPath knows of the types; that of R4 where it is left out. */
  readonly paths?: PathContext
  /** Profiles, extensions, value sets and code systems of the packages in use, and the base types in full. */
  readonly library: Library
}

/** A constraint as published. @see https://hl7.org/fhir/R4/conformance-rules.html#constraints */
export interface Invariant {
  readonly key: string
  readonly severity: 'error' | 'warning' | 'information'
  readonly human: string
  readonly expression?: string
  /** Types (`Bundle`), elements (`Bundle.entry`, `Organization.address`), or `Element` for every element. */
  readonly at: readonly string[]
  /** The type that publishes it: `DomainResource`. */
  readonly owner: string
}

/** Required bindings whose value set the definitions list in full. */
export interface Bindings {
  /** By the URL of the value set, its codes by code system. */
  readonly valueSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** By the path of an element, the URL of its value set. */
  readonly elements: Readonly<Record<string, string>>
}

/** A compiled schema; what it answers false for is in `errors` until it is asked again. */
export interface Shape {
  (value: unknown): boolean
  errors?: readonly ShapeError[] | null
}

/** One error of a schema, in the words of JSON Schema. */
export interface ShapeError {
  readonly keyword: string
  /** A JSON pointer: `/name/0/given`. */
  readonly instancePath: string
  readonly params: {
    readonly type?: unknown
    readonly additionalProperty?: string
    readonly allowedValues?: readonly (string | null)[]
    /** The element that is missing. */
    readonly name?: string
    /** The choice of which none is there, or of which these are. */
    readonly stem?: string
    readonly found?: readonly string[]
  }
}
