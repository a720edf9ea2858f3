/** The scripts that a page is written in, beside those of the bundled fonts. @see https://www.unicode.org/reports/tr24/ */

import type { Issue } from '../fhir/issue.ts'
import { textOf } from '../fhir/xhtml.ts'

const BUNDLED = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]+/gu

/** Those that clinical documents are likely to be in, by their names in Unicode. */
const OTHERS = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Gujarati',
  'Gurmukhi',
  'Han',
  'Hangul',
  'Hebrew',
  'Hiragana',
  'Kannada',
  'Katakana',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thai',
].map((name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const)

/** A warning where a page has letters that no bundled font has: in print they depend on the fonts of the machine. */
export function unbundledScripts(xhtml: string): readonly Issue[] {
  const letters = textOf(xhtml.replace(/^<!DOCTYPE[^>]*>/, '')).replaceAll(BUNDLED, '')
  if (letters === '') return []
  const named = OTHERS.filter(([, pattern]) => pattern.test(letters)).map(([name]) => name)
  const names = named.length === 0 ? 'another script' : named.join(', ')
  const text = `The text has letters of ${names}, which no bundled font has: in print they are of a font of the machine, or boxes`
  return [{ severity: 'warning', code: 'not-supported', text, rule: 'font-missing' }]
}
