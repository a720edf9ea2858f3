/** Forms as browsers post them, with the token that only a page of ours can have put there. */

import { timingSafeEqual } from 'node:crypto'
import { sha256, toBase64url } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { refuse } from '../http/answer.ts'
import { isOfType } from '../http/negotiation.ts'
import type { Call } from '../http/route.ts'
import { cookie } from './cookies.ts'
import { partsOf, type Part } from './multipart.ts'

export const URLENCODED = 'application/x-www-form-urlencoded'
export const MULTIPART = 'multipart/form-data'

/** A file that came with a form. */
export interface DroppedFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface Form {
  /** The text of a field, its line ends as line feeds; empty where there is none. */
  readonly value: (name: string) => string
  /** All of its texts, in their order. */
  readonly values: (name: string) => readonly string[]
  /** A file that is not empty. */
  readonly file: (name: string) => DroppedFile | undefined
}

/** More fields than these are no form of ours. */
const MOST_FIELDS = 10_000

/** The form that a request posts, once it is known to be from a page of ours. @throws Refusal 403, FhirError `invalid`, `too-long` */
export function formOf(call: Call): Form {
  const form = read(call)
  mustBeOurs(form.value(TOKEN), call)
  return form
}

function read({ received }: Call): Form {
  if (isOfType(received.mediaType, [URLENCODED])) {
    const fields = [...new URLSearchParams(Buffer.from(received.bytes).toString())]
    return formWith(fields, [])
  }
  const parts = partsOf(received)
  const fields = parts.filter(({ filename }) => filename === undefined)
  const texts = fields.map(({ name, bytes }): readonly [string, string] => [name, Buffer.from(bytes).toString()])
  return formWith(texts, parts)
}

function formWith(fields: readonly (readonly [string, string])[], parts: readonly Part[]): Form {
  if (fields.length > MOST_FIELDS) throw fail('too-long', `The form has more than ${MOST_FIELDS} fields`)
  const byName = Map.groupBy(fields, ([name]) => name)
  const values = (name: string): readonly string[] =>
    (byName.get(name) ?? []).map(([, value]) => value.replaceAll(/\r\n?/g, '\n'))
  return {
    values,
    value: (name) => values(name)[0] ?? '',
    file: (wanted) => {
      const part = parts.find(({ name, filename }) => name === wanted && filename !== undefined)
      if (part?.filename === undefined || part.bytes.length === 0) return undefined
      return { name: part.filename, mediaType: part.mediaType, bytes: part.bytes }
    },
  }
}

/** The field that carries the token. */
export const TOKEN = 'token'

/**
 * The token that forms of a browser carry: made from what only that browser holds, its session where there is one, so
 * that no other site can know it, and none outlives a login. Undefined where the browser holds nothing yet.
 */
export function tokenOf(call: Pick<Call, 'header' | 'service'>, visit?: string): string | undefined {
  const secret = cookie('session', call) ?? visit ?? cookie('visit', call)
  return secret === undefined ? undefined : toBase64url(sha256(`form of ${secret}`))
}

/** @throws Refusal 403 */
function mustBeOurs(token: string, call: Call): void {
  const [given, expected] = [Buffer.from(token), Buffer.from(tokenOf(call) ?? '')]
  if (expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)) return
  throw refuse(403, 'forbidden', 'The form is not from a page of this visit, expected one that was opened anew')
}
