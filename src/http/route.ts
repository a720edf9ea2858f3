/** Routes as rows: a method, a path, what may be asked, and the answer. */

import type { Bundle, Resource } from '../fhir/types.ts'
import type { Design, Edge, judge, Signing } from '../pipeline.ts'
import type { Source } from '../ports.ts'
import type { Answer } from './answer.ts'
import type { Choice, Format } from './negotiation.ts'
import type { ParameterTable, Values } from './parameters.ts'

/** What the answers are made with; decided at start. */
export interface Service {
  readonly design: Design
  readonly edge: Edge
  /** A Bundle that came with a request, as the source of its resources. */
  readonly sourceOf: (bundle: Bundle) => Source
  /** How the service signs, where it has a key: by a seal. */
  readonly seal?: Signing
  /** What signatures are trusted by. */
  readonly trust: Parameters<typeof judge>[1]
  /** The FHIR base as clients see it. */
  readonly base: string
  readonly version: string
  readonly startedAt: string
  /** Whether new work is taken. */
  readonly isReady: () => boolean
}

/** A request that was let in and read. */
export interface Call<P extends ParameterTable = ParameterTable> {
  readonly values: Values<P>
  /** The variable part of the path. */
  readonly id: string
  readonly wanted: Choice
  readonly pretty: { readonly pretty?: true }
  readonly service: Service
  readonly signal: AbortSignal
}

export interface PostedCall<P extends ParameterTable = ParameterTable> extends Call<P> {
  /** The resource that the operation is about. */
  readonly content: Resource
}

interface Row<P extends ParameterTable> {
  /** As express reads it. */
  readonly path: string
  /** The answer, in one phrase. */
  readonly text: string
  /** The formats of the answer; the first is sent to those who do not care. */
  readonly formats: readonly Format[]
  readonly parameters: P
  /** Parameters that have a meaning to come. */
  readonly later: readonly string[]
}

/** Something to read. */
export interface ReadRoute<P extends ParameterTable = ParameterTable> extends Row<P> {
  readonly method: 'GET'
  readonly answer: (call: Call<P>) => Answer | Promise<Answer>
}

/** A FHIR operation on a resource that comes with the request. @see https://hl7.org/fhir/R4/operations.html */
export interface OperationRoute<P extends ParameterTable = ParameterTable> extends Row<P> {
  readonly method: 'POST'
  /** Without the dollar sign. */
  readonly code: string
  /** On the whole system, or on a type of resources. */
  readonly type?: 'Bundle'
  /** The part of a Parameters body that holds the resource. */
  readonly part: 'content' | 'resource'
  /** The canonical URL of its definition, where it is not one of ours. */
  readonly definition?: string
  /** What the output parameter `return` is, or the output parameters. */
  readonly output: readonly Output[]
  /** Whether the service can do it as it was started. */
  readonly isAvailable?: (service: Service) => boolean
  readonly answer: (call: PostedCall<P>) => Answer | Promise<Answer>
}

export interface Output {
  readonly name: string
  readonly type: string
  readonly least: 0 | 1
  readonly most: '1' | '*'
  readonly text: string
  /** The names of its parts, where it has parts instead of a type. */
  readonly parts?: readonly string[]
}

export type Route = ReadRoute | OperationRoute

/** A row to read, its values typed by its parameters. */
export function reading<const P extends ParameterTable>(row: Omit<ReadRoute<P>, 'method'>): Route {
  return { ...row, method: 'GET' } as unknown as ReadRoute
}

/** A row of an operation, its values typed by its parameters. */
export function operation<const P extends ParameterTable>(row: Omit<OperationRoute<P>, 'method'>): Route {
  return { ...row, method: 'POST' } as unknown as OperationRoute
}
