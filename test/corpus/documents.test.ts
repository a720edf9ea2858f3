/** Every real R4 document composes again from its own parts, is checked without a crash, and is rendered with all its text. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPrinter } from '../../src/edge/browser/chromium.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { isError } from '../../src/fhir/issue.ts'
import { isComposition, type Bundle, type Section } from '../../src/fhir/types.ts'
import { textOf, tokenize } from '../../src/fhir/xhtml.ts'
import { inspect, present, type Design } from '../../src/pipeline.ts'
import { recompose } from '../collect/recompose.ts'
import { openDesign, stillEdge } from '../design.ts'
import { corpusDir, counts, documents } from './corpus.ts'

describe.skipIf(corpusDir === undefined)('the documents of the corpus', () => {
  const all = documents()
  let design: Design
  beforeAll(async () => {
    design = await openDesign()
  })

  it('compose again to the same set of resources, or the receipt says why not', async () => {
    const outcomes: string[] = []
    const reasons: string[] = []
    const unexplained: string[] = []
    for (const { path, bundle } of all) {
      const again = await recompose(bundle, design.checks.definitions)
      outcomes.push(again.outcome)
      reasons.push(...Object.entries(again.reasons).flatMap(([reason, count]) => Array<string>(count).fill(reason)))
      unexplained.push(...again.unexplained.map((what) => `${path}: ${what}`))
    }
    console.log(`compose: ${all.length} documents\n${counts(outcomes)}\n  reasons\n${counts(reasons)}`)
    expect(all.length).toBeGreaterThan(200)
    expect(unexplained).toEqual([])
  })

  it('are checked without a crash', async () => {
    const verdicts: string[] = []
    for (const { bundle } of all) {
      const issues = await inspect(bundle, design, stillEdge())
      verdicts.push(issues.some(isError) ? 'with errors' : 'without errors')
    }
    console.log(`check: ${all.length} documents\n${counts(verdicts)}`)
    expect(verdicts).toContain('without errors')
  })

  it('are rendered as well-formed XHTML with all their section text', () => {
    const outcomes: string[] = []
    const missing: string[] = []
    for (const { path, bundle } of all) {
      const xhtml = rendered(bundle, design)
      outcomes.push(xhtml === undefined ? 'no document: first entry is no Composition' : 'rendered')
      if (xhtml === undefined) continue
      const { faults } = tokenize(xhtml.replace(/^<!DOCTYPE html>\s*/i, ''))
      const shown = words(textOf(xhtml.replace(/^<!DOCTYPE html>\s*/i, '')))
      missing.push(...faults.map((fault) => `${path}: ${fault.text}`))
      missing.push(
        ...sectionTexts(bundle)
          .filter((text) => !shown.includes(text))
          .map((text) => `${path}: ${text.slice(0, 80)}`),
      )
    }
    console.log(`render: ${all.length} documents\n${counts(outcomes)}`)
    expect(missing).toEqual([])
  })

  describe('as PDF', () => {
    const printer = chromiumPrinter({ onWarning: () => undefined })
    const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-corpus-'))
    afterAll(async () => {
      await printer.close()
      rmSync(folder, { recursive: true })
    })

    it.skipIf(!hasPdftotext())('have all their section text in the text extracted (pdftotext at hand)', async () => {
      const missing: string[] = []
      let pages = 0
      for (const { path, bundle } of all) {
        const xhtml = rendered(bundle, design)
        if (xhtml === undefined) continue
        const pdf = await printer.print(xhtml)
        const file = join(folder, 'document.pdf')
        writeFileSync(file, pdf)
        const text = execFileSync('pdftotext', ['-raw', '-nopgbrk', file, '-'], { maxBuffer: 2 ** 28 }).toString()
        pages += 1
        const lost = sectionWords(bundle).filter((word) => LETTERS.test(word) && !letters(text).includes(letters(word)))
        if (lost.length > 0) missing.push(`${path}: ${lost.slice(0, 5).join(' ')}`)
      }
      console.log(`pdf: ${pages} documents printed, ${missing.length} with words missing from the extracted text`)
      expect(missing).toEqual([])
    })
  })
})

/** Latin, Greek and Cyrillic words: the scripts whose fonts are bundled. */
const LETTERS = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]{3,}$/u

function letters(text: string): string {
  return text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '')
}

function hasPdftotext(): boolean {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    console.log('The text of PDFs is not extracted: pdftotext is not at hand')
    return false
  }
}

/** The page, or undefined where the Bundle is no document that has one. */
function rendered(bundle: Bundle, design: Design): string | undefined {
  try {
    return present(bundle, design, stillEdge()).xhtml
  } catch (error) {
    if (error instanceof FhirError && !isComposition(bundle.entry?.[0]?.resource)) return undefined
    throw error
  }
}

/** The text of each section's narrative, white space and what no page shows left out. */
function sectionTexts(bundle: Bundle): readonly string[] {
  return narratives(bundle).map((div) => words(textOf(div)))
}

function narratives(bundle: Bundle): readonly string[] {
  const composition = bundle.entry?.[0]?.resource
  if (!isComposition(composition)) return []
  const divs = ({ text, section = [] }: Section): readonly string[] => [
    ...(text?.div === undefined ? [] : [text.div]),
    ...section.flatMap(divs),
  ]
  return (composition.section ?? []).flatMap(divs)
}

/** Each word of the sections; those of two cells or paragraphs are two words, whatever stands between their tags. */
function sectionWords(bundle: Bundle): readonly string[] {
  return narratives(bundle).flatMap((div) =>
    tokenize(div).tokens.flatMap((token) => (token.kind === 'text' ? words(token.text).split(' ') : [])),
  )
}

function words(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')
}
