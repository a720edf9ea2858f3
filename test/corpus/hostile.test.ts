/** Hostile narrative of the corpus: nothing of it would run or fetch, all its innocent text is there, and check tells it. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentFindings } from '../../src/check/document-findings.ts'
import { narrativeRules } from '../../src/check/narrative.ts'
import { subjectOf } from '../../src/check/subject.ts'
import type { Definitions } from '../../src/fhir/definitions.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle, isComposition, type Bundle } from '../../src/fhir/types.ts'
import { escapeAttribute, escapeText } from '../../src/fhir/xhtml-text.ts'
import { harmless } from '../../src/render/narrative.ts'
import { harmOf } from '../render/harm.ts'
import { innocentText, pageText, visible } from '../render/innocent.ts'
import { corpusDir, counts } from './corpus.ts'

const context = { expression: 'Bundle.entry[0].resource.text.div', prefix: 'n', headingLevel: 2 }

/** What is wrong with the page that a div makes: harm, or text that was lost. */
function wrongWith(div: string): readonly string[] {
  const { xhtml } = harmless(div, context)
  const lost = visible(pageText(xhtml)) === visible(innocentText(div)) ? [] : [`lost: ${innocentText(div)}`]
  return [...harmOf(xhtml), ...lost]
}

describe.skipIf(corpusDir === undefined)('hostile FHIR documents', () => {
  const files =
    corpusDir === undefined ? [] : globSync('hostile/{fhir-narrative,fhir-unicode}/*.json', { cwd: corpusDir }).sort()

  /** Those that the rules let pass, since nothing in them is wrong or since they are only large. */
  const LAWFUL = new Set([
    'attr-breakout',
    'comment-conditional',
    'css-class-ok',
    'deep-div',
    'huge-table',
    'control-c1',
    'emoji-zwj',
    'homoglyph',
    'line-separators',
    'thai-nospace',
  ])

  it.each(files)('%s', (path) => {
    const name = /([^/]+)\.json$/.exec(path)?.[1] ?? ''
    const bundle = read(`${corpusDir}/${path}`)
    if (name === 'surrogate-escape-lone') expect(bundle).toBeUndefined()
    if (bundle === undefined) return
    const divs = divsOf(bundle)
    expect(divs).not.toEqual([])
    expect(divs.flatMap(wrongWith)).toEqual([])
    const subject = subjectOf(bundle, {} as Definitions)
    const found = documentFindings(subject, narrativeRules).flatMap(({ rule, findings }) =>
      findings.length > 0 ? [rule.id] : [],
    )
    console.log(`${name}: ${found.join(' ') || 'lawful'}`)
    expect(found.length === 0).toBe(LAWFUL.has(name))
  })
})

describe.skipIf(corpusDir === undefined)('hostile markup', () => {
  const files =
    corpusDir === undefined
      ? []
      : globSync('hostile/{xss/*.json,xss/files/*,unicode/blns.json}', { cwd: corpusDir }).sort()

  it.each(files)('%s as content, as text and as the value of attributes', (path) => {
    const text = readFileSync(`${corpusDir}/${path}`, 'utf8')
    const payloads = path.endsWith('.json') ? stringsIn(JSON.parse(text)) : [text]
    const divs = payloads.flatMap((payload) => [
      payload,
      `<div xmlns="http://www.w3.org/1999/xhtml">before ${payload} after</div>`,
      `<div xmlns="http://www.w3.org/1999/xhtml">before ${escapeText(payload)} after</div>`,
      ...['href', 'src', 'style', 'title', 'id', 'class', 'usemap', 'headers', 'align'].map(
        (name) =>
          `<div><a ${name}="${escapeAttribute(payload)}">a</a><img ${name}="${escapeAttribute(payload)}"/><td ${name}="${escapeAttribute(payload)}">b</td></div>`,
      ),
    ])
    const wrong = divs.flatMap((div) => wrongWith(div).map((what) => `${what} of ${div}`))
    console.log(`${path}: ${counts([`${payloads.length} payloads, ${divs.length} narratives, ${wrong.length} wrong`])}`)
    expect(payloads.length).toBeGreaterThan(0)
    expect(wrong).toEqual([])
  })
})

function read(path: string): Bundle | undefined {
  try {
    const bundle = parseJson(readFileSync(path))
    return isBundle(bundle) ? bundle : undefined
  } catch (error) {
    expect(error).toBeInstanceOf(FhirError)
    return undefined
  }
}

function divsOf({ entry }: Bundle): readonly string[] {
  const composition = entry?.[0]?.resource
  return isComposition(composition) ? (composition.section ?? []).flatMap(({ text }) => text?.div ?? []) : []
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}
