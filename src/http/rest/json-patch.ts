/** The door to fast-json-patch: a JSON value changed by a JSON Patch. @see https://www.rfc-editor.org/rfc/rfc6902 */

import jsonPatch, { type Operation } from 'fast-json-patch'
import { decimal } from '../../fhir/decimal.ts'
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
  const operations = packed(operationsOf(patch)) as Operation[]
  try {
    return unpacked(jsonPatch.applyPatch<unknown>(packed(value), operations, true).newDocument)
  } catch (cause) {
    const { index = 0, name } = cause as { index?: number; name?: string }
    const reason = REASONS[name ?? ''] ?? 'it cannot be done'
    throw fail('processing', `The operation ${index} of the patch does not fit: ${reason}`, { cause })
  }
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
