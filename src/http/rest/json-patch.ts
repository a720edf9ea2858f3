/** The door to fast-json-patch: a JSON value changed by a JSON Patch. @see https://www.rfc-editor.org/rfc/rfc6902 */

import jsonPatch, { type Operation } from 'fast-json-patch'
import { decimal, decimalText, exactText, isDecimal } from '../../fhir/decimal.ts'
import { fail } from '../../fhir/error.ts'
import { isObject, type Json, type JsonObject } from '../../fhir/types.ts'
import { excerpt } from '../../shape.ts'

/** More operations than these are not done at once. */
const MAX_OPERATIONS = 1000
const WORDS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test']

/**
 * A copy of the value, changed; the value itself is left as it was. Decimals keep their text.
 * @throws FhirError `structure` where the patch is none, `processing` where it does not fit the value
 */
export function patched(value: JsonObject, patch: Json): Json {
  let document = packed(value)
  for (const [index, operation] of operationsOf(patch).entries()) {
    try {
      document = applied(document, operation)
    } catch (cause) {
      const reason = REASONS[(cause as { name?: string }).name ?? ''] ?? 'it cannot be done'
      throw fail('processing', `The operation ${index} of the patch does not fit: ${reason}`, { cause })
    }
  }
  return unpacked(document)
}

function applied(document: unknown, operation: JsonObject): unknown {
  const { op, path, value } = operation
  if (op === 'test' && typeof path === 'string' && isAlike(valueAt(document, path), value)) return document
  return jsonPatch.applyOperation<unknown>(document, packed(operation) as Operation, true).newDocument
}

/** What a packed value has at a JSON Pointer. */
function valueAt(document: unknown, path: string): Json | undefined {
  let found = document
  for (const step of path.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name]
  }
  return unpacked(found)
}

/** Whether two values are the same; of numbers their value counts, not their text. @see https://www.rfc-editor.org/rfc/rfc6902#section-4.6 */
function isAlike(one: Json | undefined, other: Json | undefined): boolean {
  if (isDecimal(one) && isDecimal(other)) return exactText(decimalText(one)) === exactText(decimalText(other))
  if (Array.isArray(one) && Array.isArray(other)) {
    const [ones, others] = [one as readonly Json[], other as readonly Json[]]
    return ones.length === others.length && ones.every((item, index) => isAlike(item, others[index]))
  }
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => isAlike(one[name], other[name]))
}

const REASONS: Readonly<Record<string, string>> = {
  OPERATION_PATH_CANNOT_ADD: 'what should hold the new value is not there',
  OPERATION_PATH_UNRESOLVABLE: 'there is nothing at its path',
  OPERATION_FROM_UNRESOLVABLE: 'there is nothing at its from',
  OPERATION_PATH_ILLEGAL_ARRAY_INDEX: 'its path names no place of the list',
  OPERATION_VALUE_OUT_OF_BOUNDS: 'its path is beyond the end of the list',
  TEST_OPERATION_FAILED: 'what it tests is otherwise',
}

/** The paths that a patch writes to. */
export function pathsOf(patch: Json): readonly string[] {
  const writing = operationsOf(patch).filter(({ op }) => op !== 'test')
  return writing
    .flatMap(({ op, path, from }) => (op === 'move' ? [path, from] : [path]))
    .filter((each) => typeof each === 'string')
}

/** The operations of a patch that is well-formed. @throws FhirError `structure`, `too-costly` */
function operationsOf(patch: Json): readonly JsonObject[] {
  if (!Array.isArray(patch)) throw fail('structure', 'The body is no JSON Patch, expected a list of operations')
  const operations = patch as readonly Json[]
  if (operations.length > MAX_OPERATIONS) {
    throw fail('too-costly', `The patch has ${operations.length} operations, at most ${MAX_OPERATIONS} are allowed`)
  }
  return operations.map((operation, index) => {
    if (isObject(operation) && isWellFormed(operation)) return operation
    throw fail(
      'structure',
      `The operation ${index} of the patch is not well-formed: ${excerpt(JSON.stringify(operation))}`,
    )
  })
}

function isWellFormed({ op, path, from, value }: JsonObject): boolean {
  if (!WORDS.includes(op) || !isPointer(path)) return false
  if (op === 'move' || op === 'copy') return isPointer(from)
  return op === 'remove' || value !== undefined
}

function isPointer(value: Json | undefined): boolean {
  return typeof value === 'string' && /^(?:\/(?:[^~]|~[01])*)?$/s.test(value)
}

const MARK = '\u0000'

/** A mutable copy in which a decimal with a text of its own is a string that only {@link unpacked} knows. */
function packed(value: Json | undefined): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}s${value.slice(1)}` : value
  if (typeof value !== 'object' || value === null) return value
  if (JSON.isRawJSON(value)) return `${MARK}n${value.rawJSON}`
  if (Array.isArray(value)) return (value as readonly Json[]).map(packed)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, packed(member)]))
}

function unpacked(value: unknown): Json {
  if (typeof value === 'string') {
    if (!value.startsWith(MARK)) return value
    return value.startsWith(`${MARK}n`) ? decimal(value.slice(2)) : MARK + value.slice(2)
  }
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  if (Array.isArray(value)) return value.map(unpacked)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unpacked(member)]))
}
