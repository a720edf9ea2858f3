/** HL7's validator finds in a composed document no error that its parts did not bring along. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stringify } from '../../src/fhir/json.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { recompose } from '../collect/recompose.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly issues: readonly {
    readonly severity: string
    readonly messageId?: string
    readonly text: string
    readonly offline?: boolean
    readonly policy?: boolean
  }[]
}

/**
 * A narrative link to an entry follows the fullUrl of the entry, and the validator takes no `urn:` in an href: it is told
 * of documents with REST fullUrls that are named by UUID on request.
 */
const FOLLOWS_FULL_URL: Readonly<Record<'rest' | 'uuid', readonly string[]>> = {
  rest: [],
  uuid: ['TYPE_SPECIFIC_CHECKS_DT_XHTML_LITERAL_HREF'],
}

describe.skipIf(judgesDir === undefined || corpusDir === undefined)(
  'composed documents before the validator of HL7',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-judges-'))
    afterAll(() => {
      rmSync(folder, { recursive: true })
    })

    it.each(['rest', 'uuid'] as const)(
      'have no error that their parts did not bring along (fullUrl %s)',
      async (fullUrl) => {
        const definitions = await loadDefinitions()
        const before = join(folder, fullUrl, 'before')
        const after = join(folder, fullUrl, 'after')
        for (const path of [before, after]) mkdirSync(path, { recursive: true })
        let composed = 0
        for (const [index, { path, bundle }] of documents().entries()) {
          const { collection, outcome } = await recompose(bundle, definitions, { fullUrl })
          if (collection === undefined || outcome === 'error') continue
          const name = `${index}-${basename(path)}`
          writeFileSync(join(before, name), stringify(bundle))
          writeFileSync(join(after, name), stringify(collection.bundle))
          composed += 1
        }
        const kinds = kindsByFile(ask<Verdict>('hl7', [before]))
        const added = [...kindsByFile(ask<Verdict>('hl7', [after]))].flatMap(([file, own]) =>
          [...own]
            .filter((kind) => kinds.get(file)?.has(kind) !== true && !FOLLOWS_FULL_URL[fullUrl].includes(kind))
            .map((kind) => `${file}: ${kind}`),
        )
        console.log(`hl7: ${composed} composed documents (fullUrl ${fullUrl}), ${added.length} kinds of error added`)
        expect(added).toEqual([])
      },
    )
  },
)

/** The kinds of error of each file, those of missing terminology and of other policies left out. */
function kindsByFile(verdicts: readonly Verdict[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    verdicts.map(({ file, issues }) => [
      basename(file),
      new Set(
        issues
          .filter(
            ({ severity, offline, policy }) =>
              (severity === 'error' || severity === 'fatal') && offline !== true && policy !== true,
          )
          .map(({ messageId, text }) => messageId ?? text),
      ),
    ]),
  )
}
