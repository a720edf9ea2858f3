/** Interactions as data: what is asked, and what comes of it, whether by a request of its own or as an entry of a Bundle. */

import type { Issue } from '../../fhir/issue.ts'
import type { Bundle, Json } from '../../fhir/types.ts'
import type { Key, Original, Successor, Version } from '../../ports.ts'
import type { Conditions } from './conditions.ts'
import type { Pairs } from '../parameters.ts'

/** What is asked. */
export interface Ask {
  /** The variables of the path; empty where it has none. */
  readonly type: string
  readonly id: string
  readonly vid: string
  readonly query: Pairs
  readonly conditions: Conditions
  /** What is done with a parameter that is not known. */
  readonly handling: 'strict' | 'lenient'
  readonly content?: Content
}

/** What comes with an interaction: a resource, or a patch. */
export interface Content {
  readonly value: Json
  /** The very bytes, where they came by themselves. */
  readonly received?: Original
}

/** What comes of it. */
export interface Outcome {
  readonly status: 200 | 201 | 204 | 304
  /** What was read or written: it decides ETag and Last-Modified, and Location where it was created. */
  readonly version?: Version
  /** What is answered with instead of a version. */
  readonly bundle?: Bundle
  /** What was not understood, where that is no error. */
  readonly issues?: readonly Issue[]
  /** What the store knows against the document that was read (H-7). */
  readonly successors?: readonly Successor[]
}

export function keyOf({ type, id }: Key): Key {
  return { type, id }
}
