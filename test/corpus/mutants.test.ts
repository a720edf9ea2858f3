/** Each defect that was planted in a clean document is found, and named by its rule. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle } from '../../src/fhir/types.ts'
import { corpusDir } from './corpus.ts'

interface Mutant {
  readonly file: string
  readonly mutation: string
  /** In words, beginning with the key where HL7 gave one. */
  readonly rule: string
  /** The document that it was made of. */
  readonly base: string
}

const folder = 'derived/invariant-mutants'

function read(path: string): string {
  return readFileSync(join(corpusDir ?? '', path), 'utf8')
}

const mutants = corpusDir === undefined ? [] : (JSON.parse(read(`${folder}/expect.json`)) as readonly Mutant[])

/** Our rule for a defect that HL7 has no key for. */
const RULES: Readonly<Record<string, string>> = {
  'two-compositions': 'one-composition',
  'type-collection': 'document-type',
  'dangling-section-entry': 'composition-reference',
  'dangling-author': 'composition-reference',
  'attester-dangling': 'composition-reference',
  'no-author': 'missing-element',
  'no-date': 'missing-element',
  'no-type': 'missing-element',
  'no-status': 'missing-element',
  'bad-status': 'required-code',
  'bad-fullUrl-uuid': 'uuid',
  'fullUrl-id-mismatch': 'full-url-id',
  'unknown-element': 'unknown-element',
  'wrong-reference-type': 'reference-target',
}

describe.skipIf(mutants.length === 0)('a planted defect', async () => {
  const checks = compileChecks(await loadDefinitions())
  const found = (path: string): readonly string[] => {
    const bundle = parseJson(read(path))
    if (!isBundle(bundle)) throw new TypeError(`${path} is no Bundle`)
    return check(bundle, checks).map(({ rule, expression, text }) => `${rule} ${expression} ${text}`)
  }

  it.each(mutants)('$mutation is found: $rule', ({ file, mutation, rule, base }) => {
    const key = RULES[mutation] ?? /^[a-z]+-\d+/.exec(rule)?.[0]
    const before = new Set(found(base))
    const planted = found(`${folder}/${file}`).filter((one) => !before.has(one))
    expect(planted.filter((one) => one.startsWith(`${key} `))).not.toEqual([])
  })
})
