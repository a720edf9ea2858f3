/** The real documents that the setting CORPUS_DIR names; suites over them are skipped, and say so, without it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../../src/fhir/json.ts'
import { isBundle, type Bundle } from '../../src/fhir/types.ts'

export const corpusDir = process.env['CORPUS_DIR']
if (corpusDir === undefined) console.log('The corpus suites are skipped: CORPUS_DIR names no folder')

interface Row {
  readonly path: string
  readonly category: string
  readonly fhir?: string
}

export interface CorpusDocument {
  readonly path: string
  readonly bundle: Bundle
}

/** Every R4 document Bundle in JSON, in the order of the index. */
export function documents(): readonly CorpusDocument[] {
  if (corpusDir === undefined) return []
  const index = JSON.parse(readFileSync(join(corpusDir, 'index.json'), 'utf8')) as
    readonly Row[] | { files: readonly Row[] }
  const rows = 'files' in index ? index.files : index
  return rows
    .filter(({ category, fhir, path }) => category === 'documents' && fhir === '4.0.1' && path.endsWith('.json'))
    .flatMap(({ path }) => {
      const bundle = parseJson(readFileSync(join(corpusDir, path)))
      return isBundle(bundle) ? [{ path, bundle }] : []
    })
}

/** How many documents stand behind each word, as a table for the log. */
export function counts(words: readonly string[]): string {
  const table = new Map<string, number>()
  for (const word of words) table.set(word, (table.get(word) ?? 0) + 1)
  return [...table]
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${String(count).padStart(6)}  ${word}`)
    .join('\n')
}
