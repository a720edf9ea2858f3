/** Narrative that is generated from real documents says what their data says, and is as narrative must be. */

import { describe, expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { isComposition, type Bundle, type Collected, type Composition, type Section } from '../../src/fhir/types.ts'
import { narrate } from '../../src/render/narrate.ts'
import { design } from '../render/reader.ts'
import { corpusDir, counts, documents } from './corpus.ts'

/**
 * Rules that a generated narrative, its links and what it says must keep. That it is not in the language of the document
 * is told to whoever attests it: phrases that nobody has reviewed write no narrative.
 */
const RULES = /^(?:text-link|entry-in-text|text-from-data|txt-\d|narrative-(?!language$).*|nar-.*|link-.*|id-.*)$/

function withoutText({ text: _text, section, ...rest }: Section): Section {
  return { ...rest, ...(section !== undefined && { section: section.map(withoutText) }) }
}

/** A draft of a document that nobody attested, without any text of its sections. */
function draftOf(bundle: Bundle): Collected | undefined {
  const [first, ...others] = bundle.entry ?? []
  if (first === undefined || !isComposition(first.resource)) return undefined
  const { text: _text, attester: _attester, section, ...composition } = first.resource
  if (!Array.isArray(section)) return undefined
  const draft = { ...composition, status: 'preliminary', section: section.map(withoutText) } as Composition
  return { ...bundle, entry: [{ ...first, resource: draft }, ...others] } as unknown as Collected
}

describe.skipIf(corpusDir === undefined)('narrative generated from real documents', { timeout: 600_000 }, () => {
  it('breaks no rule of narrative that the draft without it keeps', async () => {
    const checks = compileChecks(await loadDefinitions())
    const found: string[] = []
    let sections = 0
    for (const { path, bundle } of documents()) {
      const draft = draftOf(bundle)
      if (draft === undefined) continue
      const { bundle: narrated } = narrate(draft, design)
      const before = new Set(check(draft, checks).map(({ rule, expression, text }) => `${rule} ${expression} ${text}`))
      const texts = JSON.stringify(narrated.entry?.[0]).split('"status":"generated"').length - 1
      sections += texts
      for (const { rule = '', expression = '', text } of check(narrated, checks))
        if (RULES.test(rule) && !before.has(`${rule} ${expression} ${text}`))
          found.push(`${path} ${rule} ${expression} ${text}`)
    }
    console.log(counts(found.map((one) => one.split(' ')[1] ?? '')))
    expect(found).toEqual([])
    expect(sections).toBeGreaterThan(900)
  })
})
