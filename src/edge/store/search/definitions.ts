/** The search parameters of a FHIR version, in the compact form that the build makes of the published definitions. */

import type { Compartment } from '../../../fhir/compartment.ts'
import { sha256 } from '../../../fhir/digest.ts'
import { isResourceType, type Model } from '../../../fhir/model.ts'

/** @see https://hl7.org/fhir/R4/search.html#ptypes */
export type ParameterType = 'token' | 'string' | 'reference' | 'date' | 'number' | 'quantity' | 'uri' | 'composite'

/** A part of a composite. */
export interface Component {
  readonly type: ParameterType
  /** The parameter that the definition names. */
  readonly code: string
  /** FHIRPath from the element that the composite stands on. */
  readonly expression: string
}

/** A search parameter for one resource type. */
export interface Parameter {
  readonly type: ParameterType
  /** FHIRPath, only what concerns the type. */
  readonly expression: string
  /** The types that a reference may name; any where absent. */
  readonly target?: readonly string[]
  readonly components?: readonly Component[]
  /** The URL of the published definition. */
  readonly url: string
}

export interface SearchDefinitions {
  /** Of all that follows. */
  readonly digest: string
  /** By resource type and code; those of every type stand at `Resource`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, Parameter>>>>
  /** By the path of an element of type code (`Patient.gender`), the code system that its binding implies. */
  readonly systems: Readonly<Record<string, string>>
}

/** What indexing and searching go by. */
export interface SearchModel {
  readonly definitions: SearchDefinitions
  readonly model: Model
  readonly compartment: Compartment
  /** The REST base of the store without a slash at the end: a reference below it is one to the store. */
  readonly base?: string
}

/** The parameter that a type has by a code, its own or one of every type. */
export function parameterOf(
  { definitions: { types } }: SearchModel,
  type: string,
  code: string,
): Parameter | undefined {
  return own(own(types, type), code) ?? own(types['Resource'], code)
}

/** The parameters of a type by code: its own, then those of every type. */
export function searchParametersOf(
  { definitions: { types } }: SearchModel,
  type: string,
): readonly (readonly [code: string, parameter: Parameter])[] {
  return [...Object.entries(own(types, type) ?? {}), ...Object.entries(types['Resource'] ?? {})]
}

/** Whether there are resources of the type to be searched. */
export function isSearchable({ model }: SearchModel, type: string): boolean {
  return isResourceType(model, type)
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}

const numbers = new Map<string, number>()

/**
 * The number that stands for a parameter in the index tables, from 0 to 2³¹-1, the same for ever: `Patient.name`,
 * `Resource._tag`, or one of them with what tells its rows from the others (`Observation.code:text`).
 */
export function parameterNumber(name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  const number = firstBits(sha256(name))
  numbers.set(name, number)
  return number
}

/** The number of the same parameter for resources inside a document. */
export function innerNumber(name: string): number {
  return -1 - parameterNumber(name)
}

/** `Patient.name`; of a parameter of every type `Resource._tag`. */
export function parameterName({ definitions: { types } }: SearchModel, type: string, code: string): string {
  return own(own(types, type), code) === undefined ? `Resource.${code}` : `${type}.${code}`
}

function firstBits({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0) >>> 1
}
