/** Routes as rows: a method, a path, what may be asked, and the answer. */

import type { Model } from '../fhir/model.ts'
import type { Bundle, JsonObject, Resource } from '../fhir/types.ts'
import type { Guide } from '../drafting.ts'
import type { Design, Edge, judge, Signing } from '../pipeline.ts'
import type { Need } from './access/need.ts'
import type { Caller, Original, Source, Store, StoreReader, TimeStamper } from '../ports.ts'
import type { Authority, Login } from '../ports/login.ts'
import type { Audit, Trail } from '../audit/trail.ts'
import type { Periods } from '../retention.ts'
import type { Answer } from './answer.ts'
import type { Choice, Format, Readable } from './negotiation.ts'
import type { Pairs, ParameterTable, Values } from './parameters.ts'

/** What the answers are made with; decided at start. */
export interface Service {
  readonly design: Design
  /** The same for another version of FHIR. */
  readonly designOf?: (fhirVersion: '4.3.0' | '5.0.0') => Promise<Design>
  readonly edge: Edge
  /** Where resources and documents are kept; while a request is answered, only what its caller may read and write of it. */
  readonly store: Store
  /** Establishes who asks; absent where no authentication is configured, so that everything is allowed. */
  readonly door?: Door
  /** What becomes of a document that something is withheld from its caller (`refuse`). */
  readonly withheld?: 'refuse' | 'section'
  /** What counts where no consent of a patient says anything (`permit`). */
  readonly consentDefault?: 'permit' | 'deny'
  /** What an entry of a batch needs beside what the batch itself needs. @throws Refusal 403; absent where all is allowed */
  readonly mustAllow?: (asked: Asking) => void
  /** What a reader of the store holds, as the source of the resources below a base. */
  readonly storeSource: (reader: StoreReader, base: string) => Source
  /** Servers that are read from for what the store does not hold. */
  readonly upstream?: readonly Source[]
  /** The parameters by which a type is searched; none named where it is all types. */
  readonly searchParameters: (type?: string) => readonly SearchParameter[]
  /** A Bundle that came with a request, as the source of its resources. */
  readonly sourceOf: (bundle: Bundle) => Source
  /** How the service signs, where it has a key: by a seal. */
  readonly seal?: Signing
  /** What the deployment decides of signatures, whoever makes them. */
  readonly signing?: Pick<Signing, 'time' | 'policy' | 'signers'>
  /** Who time-stamps the signatures of levels above B, where the deployment names somebody. */
  readonly stamper?: TimeStamper
  /** What signatures are trusted by. */
  readonly trust: Parameters<typeof judge>[1]
  /** The FHIR base as clients see it. */
  readonly base: string
  readonly version: string
  readonly startedAt: string
  /** What the service counts and times, as a page of this media type. */
  readonly metrics?: { readonly contentType: string; readonly page: () => Promise<string> }
  /** Where acts are recorded; absent where the audit is off. */
  readonly audit?: Audit
  /** How long documents must be kept, by their type. */
  readonly retention?: Periods
  /** What the issuer of tokens says of itself, where there is one. @throws FhirError `transient` */
  readonly authority?: () => Promise<Authority>
  /** Login of people, where it is configured. */
  readonly login?: Login
  /** The kinds of documents that are drafted from a record. */
  readonly guides?: readonly Guide[]
  /** What a newcomer is offered where nobody has to log in. */
  readonly example?: { readonly record: () => Promise<readonly Resource[]>; readonly seal: () => Signing }
  /** How a section stands that has nothing to list. */
  readonly emptySections?: 'emptyReason' | 'absent-unknown'
  /** Whether new work is taken. */
  readonly isReady: () => boolean
}

/** Where a request shows who it is from. */
export interface Door {
  /**
   * Who asks; undefined where the request does not say. Whoever it is is told to `known` before anything is refused them.
   * @throws Refusal 401 where what it says does not hold, 403 where it asks for more than the caller may
   */
  readonly callerOf: (knock: Knock, known?: (caller: Caller) => void) => Promise<Caller | undefined>
}

/** What is asked, as far as it decides what the caller must be allowed. */
export interface Asking extends Pick<Route, 'method' | 'path'> {
  readonly type: string
  /** What is there already decides what is done: it is searched for. */
  readonly isConditional?: boolean
}

/** What of a request tells who it is from. */
export interface Knock {
  readonly header: (name: string) => string | undefined
  readonly method: string
  /** Without the query. */
  readonly path: string
}

/** A search parameter as the CapabilityStatement names it. */
export interface SearchParameter {
  readonly name: string
  /** `token`, `reference` … */
  readonly type: string
  /** The canonical URL of its definition. */
  readonly definition?: string
}

/** The model of the FHIR version that the service speaks. */
export function modelOf({ design }: Pick<Service, 'design'>): Model {
  return design.collect.model
}

/** A request that was let in and read. */
export interface Call<P extends ParameterTable = ParameterTable> {
  readonly values: Values<P>
  /** The variables of the path; empty where it has none. */
  readonly type: string
  readonly id: string
  readonly vid: string
  /** The path as it came, with its query. */
  readonly path: string
  /** What was asked, the common parameters such as `_format` left out. */
  readonly query: Pairs
  /** A header of the request. */
  readonly header: (name: string) => string | undefined
  /** The body, as JSON where it is FHIR; empty where there was none or the row reads none. */
  readonly body: Original
  /** The very bytes that came. */
  readonly received: Original
  readonly wanted: Choice
  readonly pretty: { readonly pretty?: true }
  readonly service: Service
  /** Who asks; absent where no authentication is configured, or where nobody needs to be known. */
  readonly caller?: Caller
  /** What of the call is recorded; absent where the audit is off. */
  readonly trail?: Trail
  readonly dispatch: Dispatch
  readonly signal: AbortSignal
}

/** The answer to an operation that the same caller asks within a request; undefined where there is none at the address. */
export type Dispatch = (asked: Dispatched, signal: AbortSignal) => Promise<Answer | undefined>

export interface Dispatched {
  readonly method: string
  /** From the root, with its query: `/fhir/Patient/1/$everything`. */
  readonly url: string
  readonly content?: Resource
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** Where a route stands: on the whole system, on a type, or on a resource. */
export type Level = 'system' | 'type' | 'instance'

interface Row<P extends ParameterTable> {
  /** The answer, in one phrase. */
  readonly text: string
  /** The formats of the answer; the first is sent to those who do not care. */
  readonly formats: readonly Format[]
  readonly parameters: P
  /** Parameters that have a meaning to come. */
  readonly later: readonly string[]
}

/** A row that the service answers. */
export interface Route extends Row<ParameterTable> {
  readonly method: Method
  /** Segments that are literal, or one of the variables `:type`, `:id`, `:vid`. */
  readonly path: string
  /** The query is criteria of a search, whose names no table lists. */
  readonly isFree?: true
  /** The media types of a body that is read; absent where none is. */
  readonly reads?: Readable
  /** Where a body may as well be absent. */
  readonly isBodyOptional?: true
  /** What is answered with may be of any type: a format that is not offered is no refusal. */
  readonly isOfAnyType?: true
  /** The body may be of R4B or R5, as its media type says. */
  readonly isOfAnyVersion?: true | undefined
  /** Answered at once, however much the service has to do. */
  readonly isUngated?: true
  readonly operation?: Operation
  readonly interaction?: Interaction
  /** What its caller must be allowed, where the table of needs does not say it. */
  readonly need?: Need
  /** The kind of act that it is in the audit, where its operation or interaction does not say it. */
  readonly act?: string
  /** Whether the service can do it as it was started. */
  readonly isAvailable?: ((service: Service) => boolean) | undefined
  readonly answer: (call: Call) => Answer | Promise<Answer>
}

/** A FHIR operation at one of its levels. @see https://hl7.org/fhir/R4/operations.html */
export interface Operation {
  /** Without the dollar sign. */
  readonly code: string
  readonly level: Level
  /** The type of resources that it is on; `Resource` for all of them. */
  readonly type?: string
  /** The part of a Parameters body that holds the resource it is about; absent where none is posted. */
  readonly part?: 'content' | 'resource'
  /** The canonical URL of its definition, where it is not one of ours. */
  readonly definition?: string
  /** What the output parameter `return` is, or the output parameters. */
  readonly output: readonly Output[]
  /** It writes, so it is never a GET. */
  readonly affectsState?: true
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

/** An interaction of the RESTful API at one of its levels. @see https://hl7.org/fhir/R4/http.html */
export interface Interaction {
  /** As the CapabilityStatement names them. */
  readonly codes: readonly string[]
  readonly level: Level
  /** What the CapabilityStatement says of a type besides, such as `conditionalCreate`. */
  readonly capability?: JsonObject
}

/** A row of the service itself to read, its values typed by its parameters. */
export function reading<const P extends ParameterTable>(
  row: Row<P> & {
    readonly path: string
    readonly isUngated?: true
    readonly isAvailable?: (service: Service) => boolean
    readonly answer: (call: Call<P>) => Answer | Promise<Answer>
  },
): Route {
  return { ...row, method: 'GET' } as unknown as Route
}

/** A row of the RESTful API, its values typed by its parameters. */
export function interaction<const P extends ParameterTable>(
  row: Row<P> &
    Pick<Route, 'method' | 'path' | 'isFree' | 'reads' | 'isOfAnyType' | 'operation'> & {
      readonly interaction?: Interaction
      readonly answer: (call: Call<P>) => Answer | Promise<Answer>
    },
): Route {
  return row as unknown as Route
}
