/** The fixtures of the rules: a Bundle each, or a JSON Patch of the one base document that keeps every rule. */

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle, isObject, type Bundle, type Json } from '../../src/fhir/types.ts'

const folder = new URL('../../fixtures/rules/', import.meta.url).pathname

/** A small discharge summary in which no rule finds anything. */
export const base = read('base.json') as Bundle

export interface Fixture {
  /** The rule's id. */
  readonly rule: string
  readonly kind: 'keeps' | 'breaks'
  readonly name: string
  readonly bundle: Bundle
  /** Where the rule is broken, where the fixture says. */
  readonly expressions: readonly string[] | undefined
}

/** Every fixture, by rule and name. */
export const fixtures: readonly Fixture[] = globSync('*/{keeps,breaks}-*.json', { cwd: folder })
  .toSorted()
  .map((path) => {
    const [rule = ''] = path.split('/')
    const name = basename(path, '.json')
    const { bundle, expressions } = contentOf(read(path))
    return { rule, name, kind: name.startsWith('keeps') ? 'keeps' : 'breaks', bundle, expressions }
  })

function read(path: string): Json {
  return parseJson(readFileSync(folder + path))
}

function contentOf(content: Json): Pick<Fixture, 'bundle' | 'expressions'> {
  if (isBundle(content)) return { bundle: content, expressions: undefined }
  if (!isObject(content)) throw new TypeError('A fixture is a Bundle or a patch')
  const { patch, expression } = content as unknown as {
    readonly patch: readonly Operation[]
    readonly expression?: readonly string[]
  }
  return { bundle: patched(base, patch) as unknown as Bundle, expressions: expression }
}

interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: string
  readonly value?: Json
}

/** A copy with the operations done. @see https://www.rfc-editor.org/rfc/rfc6902 */
export function patched(document: Json, operations: readonly Operation[]): Json {
  const copy = parseJson(JSON.stringify(document))
  for (const operation of operations) apply(copy, operation)
  return copy
}

function apply(document: Json, { op, path, value = null }: Operation): void {
  const steps = path.split('/').slice(1)
  const last = steps.pop() ?? ''
  const holder = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document)
  if (typeof holder !== 'object' || holder === null) throw new TypeError(`The patch has no place ${path}`)
  if (Array.isArray(holder)) {
    const index = last === '-' ? holder.length : Number(last)
    holder.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]))
    return
  }
  const object = holder as Record<string, Json>
  if (op !== 'add' && !(last in object)) throw new TypeError(`The patch has no place ${path}`)
  if (op === 'remove') delete object[last]
  else object[last] = value
}
