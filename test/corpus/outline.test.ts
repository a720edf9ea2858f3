/**
 * Of real documents: rules that see only an outline say the same of every change that leaves the outline as it is. What is
 * remembered by an outline is never told of a document to which it does not belong.
 */

import { describe, expect, it } from 'vitest'
import { compileChecks } from '../../src/check/check.ts'
import type { OutlineRule } from '../../src/check/rule.ts'
import { subjectOf } from '../../src/check/subject.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import { frozen } from '../../src/fhir/memo.ts'
import { isBundle, isObject, type Bundle, type Json } from '../../src/fhir/types.ts'
import { documents } from './corpus.ts'

const MOST_ENTRIES = 80
/** Of each document so many changes, spread over all that it has. */
const CHANGES = 15

const checks = compileChecks(await loadDefinitions())
const rules = checks.documentRules.filter((rule): rule is OutlineRule => rule.looks === 'outline')
const all = documents().filter(({ bundle }) => (bundle.entry ?? []).length <= MOST_ENTRIES)

describe.skipIf(all.length === 0)('the outline of a document', () => {
  it('is all that its rules see', () => {
    let [same, others] = [0, 0]
    for (const { path, bundle } of all) {
      const document = subjectOf(copyOf(bundle), checks.definitions)
      const said = saidOf(document)
      for (const changed of changesOf(bundle)) {
        const other = subjectOf(changed, checks.definitions)
        if (other.outline !== document.outline) others += 1
        else {
          same += 1
          expect(saidOf(other), path).toEqual(said)
        }
      }
    }
    console.log(`${rules.length} rules, ${all.length} documents: ${same} changes leave the outline, ${others} do not`)
    expect(same).toBeGreaterThan(1000)
    expect(others).toBeGreaterThan(1000)
  }, 600_000)
})

function saidOf(document: ReturnType<typeof subjectOf>): readonly unknown[] {
  return rules.map(({ id, broken }) => [id, broken(document)])
}

function copyOf(bundle: Bundle): Bundle {
  const copy = parseJson(stringify(bundle))
  if (!isBundle(copy)) throw new TypeError('The copy is no Bundle')
  for (const { resource } of copy.entry ?? []) if (resource !== undefined) frozen(resource)
  return copy
}

/** Where a value stands: the names and places that lead to it. */
type Path = readonly (string | number)[]

/** The document with one value changed or left out, again and again. */
function* changesOf(bundle: Bundle): Generator<Bundle> {
  const paths = (bundle.entry ?? []).flatMap(({ resource }, at) => pathsIn(resource, ['entry', at, 'resource']))
  const step = Math.max(1, Math.floor(paths.length / CHANGES))
  for (let at = 0; at < paths.length; at += step) {
    const path = paths[at] ?? []
    for (const change of [(): undefined => undefined, changedValue]) {
      const copy = parseJson(stringify(bundle)) as Record<string, unknown>
      const holder = path.slice(0, -1).reduce((value: unknown, name) => (value as Record<string, unknown>)[name], copy)
      const own = holder as Record<string | number, unknown>
      const name = path.at(-1) ?? ''
      const value = change(own[name] as Json)
      if (value !== undefined) own[name] = value
      else if (Array.isArray(own)) own.splice(Number(name), 1)
      else delete own[name]
      yield copyOf(copy as unknown as Bundle)
    }
  }
}

function pathsIn(value: Json | undefined, path: Path): readonly Path[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, at) => pathsIn(item, [...path, at]))
  if (isObject(value)) return Object.entries(value).flatMap(([name, member]) => pathsIn(member, [...path, name]))
  return path.at(-1) === 'resourceType' ? [] : [path]
}

function changedValue(value: Json): Json {
  if (typeof value === 'string')
    return value.startsWith('<') ? value.replace(/>([^<>]+)</, '>Another text<') : `${value}1`
  return typeof value === 'boolean' ? !value : 17
}
