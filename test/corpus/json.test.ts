/** The JSON reader and the canonical form agree with the public suites of the corpus. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonical } from '../../src/fhir/canonical.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { corpusDir } from './corpus.ts'

describe.skipIf(corpusDir === undefined)('public suites of JSON', () => {
  const files = (folder: string): readonly string[] =>
    corpusDir === undefined ? [] : readdirSync(join(corpusDir, folder))
  const bytes = (...path: readonly string[]): Uint8Array => readFileSync(join(corpusDir ?? '', ...path))

  const suite = files('hostile/json').flatMap((name) => {
    const [, expected] = /^test_parsing__([yni])_/.exec(name) ?? []
    return expected === undefined ? [] : [{ name, expected }]
  })

  it('is large', () => {
    expect(suite.length).toBeGreaterThan(50)
  })

  it.each(suite)('$name', ({ name, expected }) => {
    const isAccepted = accepts(bytes('hostile/json', name))
    // Suite names: y must be accepted, n must be refused, i is left to the reader. Duplicate names are refused here on purpose.
    if (expected === 'n' || name.includes('duplicated')) expect(isAccepted).toBe(false)
    else if (expected === 'y') expect(isAccepted).toBe(true)
    else expect(typeof isAccepted).toBe('boolean')
  })

  const vectors = files('signatures/rfc8785-jcs').filter((name) => name.endsWith('.input.json'))
  it.each(vectors)('the canonical form of %s is that of the vector', (name) => {
    const folder = 'signatures/rfc8785-jcs'
    const expected = Buffer.from(bytes(folder, name.replace('.input.', '.output.'))).toString('utf8')
    expect(canonical(parseJson(bytes(folder, name)))).toBe(expected.trimEnd())
    const hex = Buffer.from(bytes(folder, name.replace('.input.json', '.outhex.txt')))
      .toString('utf8')
      .replace(/\s+/g, '')
    expect(Buffer.from(canonical(parseJson(bytes(folder, name)))).toString('hex')).toBe(hex)
  })
})

/** Whether a text is read; anything but a FhirError is a fault of the reader. */
function accepts(text: Uint8Array): boolean {
  try {
    parseJson(text)
    return true
  } catch (error) {
    if (error instanceof FhirError) return false
    throw error
  }
}
