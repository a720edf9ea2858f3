/** The tokens of pages: where in the order a page begins, so that what is added meanwhile moves nothing. */

import { fail } from '../../../fhir/error.ts'
import { fromBase64url, sha256, toBase64url } from '../../../fhir/digest.ts'
import type { SearchRequest } from '../../../ports.ts'
import type { Plan } from './request.ts'
import type { Sort } from './sorting.ts'
import { storable } from './texts.ts'

/** The keys of a resource in the order; the last is its number. */
export interface Position {
  readonly keys: readonly (string | number | null)[]
  readonly rid: number
}

export interface Page {
  /** Whether the page lies behind the position, or before it; without one it is the first. */
  readonly direction: 'after' | 'before'
  readonly position?: Position
}

/** What is not part of the question: it may differ from page to page. */
const FREE: ReadonlySet<string> = new Set(['_count', '_total', '_format', '_pretty', '_summary', '_elements'])

/** Which search a token belongs to. */
function digestOf({ type, compartment, concerning, parameters }: SearchRequest): string {
  const asked = parameters.filter(([name]) => !FREE.has(name))
  return toBase64url(
    sha256(JSON.stringify([type, compartment, asked, ...(concerning === undefined ? [] : [concerning])])),
  ).slice(0, 12)
}

/** The token of a page. */
export function pageToken(request: SearchRequest, { direction, position }: Page): string {
  return toBase64url(JSON.stringify([digestOf(request), direction, position?.rid ?? 0, position?.keys ?? []]))
}

/** The page that a token names; the first without one. @throws FhirError `invalid` where it is not one of this search */
export function pageOf(request: SearchRequest, { sorts }: Pick<Plan, 'sorts'>): Page {
  if (request.page === undefined) return { direction: 'after' }
  const [digest, direction, rid, keys] = listOf(request.page)
  const isOurs = digest === digestOf(request) && (direction === 'after' || direction === 'before')
  if (!isOurs || !Number.isSafeInteger(rid) || !Array.isArray(keys)) throw unknownPage()
  if (rid === 0) return { direction }
  const values = keys as readonly unknown[]
  if (values.length !== sorts.length || !sorts.every((sort, index) => isKey(values[index], sort))) throw unknownPage()
  return { direction, position: { rid: rid as number, keys: values as Position['keys'] } }
}

function listOf(token: string): readonly unknown[] {
  const bytes = token.length <= 8000 ? fromBase64url(token) : undefined
  if (bytes === undefined) throw unknownPage()
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    return Array.isArray(value) ? (value as readonly unknown[]) : []
  } catch (cause) {
    throw unknownPage(cause)
  }
}

function isKey(key: unknown, { kind }: Sort): boolean {
  if (key === null) return true
  return kind === 'number'
    ? typeof key === 'number' && Number.isFinite(key)
    : typeof key === 'string' && storable(key) === key
}

function unknownPage(cause?: unknown): Error {
  return fail('invalid', 'The page is not one of this search, expected a link of an earlier answer', { cause })
}
