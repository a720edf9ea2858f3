/** The words of the vocabulary as types: FHIR JSON as it is, never wrapped. @see https://hl7.org/fhir/R4/json.html */

/** A number's text that a JavaScript number would not print back: trailing zeros, an exponent, more digits than a double. */
export interface Decimal {
  readonly rawJSON: string
}

declare global {
  interface JSON {
    rawJSON(text: string): Decimal
    isRawJSON(value: unknown): value is Decimal
  }
}

/** Any JSON value; a number whose own text a double would lose is a {@link Decimal}. */
export type Json = null | boolean | number | string | Decimal | JsonArray | JsonObject
export type JsonArray = readonly Json[]
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** A date and time with offset, as FHIR writes it: `2026-03-01T10:00:00Z`. */
export type Instant = string
/** An absolute, version-independent URI that names an entry of a Bundle. */
export type FullUrl = string
/** A FHIRPath with indexes from the root resource: `Bundle.entry[3].resource.subject`. */
export type Expression = string

export interface Coding extends JsonObject {
  readonly system?: string
  readonly version?: string
  readonly code?: string
  readonly display?: string
}

export interface CodeableConcept extends JsonObject {
  readonly coding?: readonly Coding[]
  readonly text?: string
}

export interface Identifier extends JsonObject {
  readonly use?: string
  readonly type?: CodeableConcept
  readonly system?: string
  readonly value?: string
}

export interface Reference extends JsonObject {
  readonly reference?: string
  readonly type?: string
  readonly identifier?: Identifier
  readonly display?: string
}

export interface Narrative extends JsonObject {
  readonly status?: string
  readonly div?: string
}

export interface Period extends JsonObject {
  readonly start?: string
  readonly end?: string
}

export interface Meta extends JsonObject {
  readonly versionId?: string
  readonly lastUpdated?: Instant
  readonly source?: string
  readonly profile?: readonly string[]
  readonly security?: readonly Coding[]
  readonly tag?: readonly Coding[]
}

export interface Resource extends JsonObject {
  readonly resourceType: string
  readonly id?: string
  readonly meta?: Meta
  readonly implicitRules?: string
  readonly language?: string
  readonly text?: Narrative
  readonly contained?: readonly Resource[]
}

export interface Section extends JsonObject {
  readonly id?: string
  readonly title?: string
  readonly code?: CodeableConcept
  readonly author?: readonly Reference[]
  readonly focus?: Reference
  readonly text?: Narrative
  readonly mode?: string
  readonly orderedBy?: CodeableConcept
  readonly entry?: readonly Reference[]
  readonly emptyReason?: CodeableConcept
  readonly section?: readonly Section[]
}

export interface Attester extends JsonObject {
  readonly mode?: string
  readonly time?: string
  readonly party?: Reference
}

export interface Composition extends Resource {
  readonly resourceType: 'Composition'
  readonly identifier?: Identifier
  readonly status?: string
  readonly type?: CodeableConcept
  readonly category?: readonly CodeableConcept[]
  readonly subject?: Reference
  readonly encounter?: Reference
  readonly date?: string
  readonly author?: readonly Reference[]
  readonly title?: string
  readonly confidentiality?: string
  readonly attester?: readonly Attester[]
  readonly custodian?: Reference
  readonly relatesTo?: readonly JsonObject[]
  readonly event?: readonly JsonObject[]
  readonly section?: readonly Section[]
}

export interface Signature extends JsonObject {
  readonly type?: readonly Coding[]
  readonly when?: Instant
  readonly who?: Reference
  readonly onBehalfOf?: Reference
  readonly targetFormat?: string
  readonly sigFormat?: string
  readonly data?: string
}

export interface Entry extends JsonObject {
  readonly link?: readonly JsonObject[]
  readonly fullUrl?: FullUrl
  readonly resource?: Resource
  readonly search?: JsonObject
  readonly request?: JsonObject
  readonly response?: JsonObject
}

export interface BundleLink extends JsonObject {
  readonly relation?: string
  readonly url?: string
}

export interface Bundle extends Resource {
  readonly resourceType: 'Bundle'
  readonly identifier?: Identifier
  readonly type?: string
  readonly timestamp?: Instant
  readonly total?: number
  readonly link?: readonly BundleLink[]
  readonly entry?: readonly Entry[]
  readonly signature?: Signature
}

declare const stage: unique symbol
/** A document Bundle that went through collect: Composition first, every reference consistent. A compile-time mark only. */
export type Collected = Bundle & { readonly [stage]: 'collected' }
/** A document Bundle that nothing blocking was found in. */
export type Checked = Bundle & { readonly [stage]: 'checked' | 'signed' }
/** A document Bundle that bears a signature; it may go wherever a Checked one may. */
export type Signed = Bundle & { readonly [stage]: 'signed' }

/** Whether a JSON value is an object (not null, an array or a decimal). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
}

/** Whether a JSON value is a resource of the type named, or of any type. */
export function isResource(value: Json | undefined, type?: string): value is Resource {
  if (!isObject(value)) return false
  const { resourceType } = value
  return typeof resourceType === 'string' && (type === undefined || resourceType === type)
}

export function isBundle(value: Json | undefined): value is Bundle {
  return isResource(value, 'Bundle')
}

export function isComposition(value: Json | undefined): value is Composition {
  return isResource(value, 'Composition')
}
