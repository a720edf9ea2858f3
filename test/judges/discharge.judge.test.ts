/** HL7's validator calls the discharge report of every finished inpatient stay clean by the European profile, signed too. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { demoSigner } from '../../src/edge/keys/demo.ts'
import { canonical } from '../../src/fhir/canonical.ts'
import { stringify } from '../../src/fhir/json.ts'
import { signDocument } from '../../src/pipeline.ts'
import { corpusDir } from '../corpus/corpus.ts'
import { reportsOf, type Report } from '../corpus/stays.ts'
import { openDesign, stillEdge } from '../design.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly clean: boolean
  readonly issues: readonly {
    readonly severity: string
    readonly messageId?: string
    readonly offline?: boolean
    readonly policy?: boolean
  }[]
}

interface SignatureVerdict {
  readonly verdict: string
}

const GUIDE = 'hl7.fhir.eu.hdr#0.1.0-ballot'

/**
 * The validator's own printer of numbers (JsonNumberCanonicalizer 6.10.4) keeps fifteen digits after the first of a
 * number below ten where RFC 8785 wants the shortest text that reads back as the same number, so it calls the signature
 * over a number with more digits broken; whether it holds is for the other judge to say.
 */
const SIGNATURE = 'BUNDLE_SIGNATURE_SIG_FAIL_CERT'
const MANY_DIGITS = /(?:[1-9]\.\d{16}|0\.0*[1-9]\d{16})/

describe.skipIf(judgesDir === undefined || corpusDir === undefined)('discharge reports before their judges', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-discharge-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('are clean by the European guide, and so after signing', async () => {
    const [design, edge] = [await openDesign(), stillEdge()]
    const { key } = demoSigner({ now: edge.now() })
    const reports: readonly Report[] = await reportsOf(design, edge)
    expect(reports).toHaveLength(10)
    for (const { id, product } of reports) {
      expect(product.bundle.meta?.profile).toEqual(['http://hl7.eu/fhir/hdr/StructureDefinition/bundle-eu-hdr'])
      writeFileSync(join(folder, `${id}.json`), stringify(product.bundle))
      const signed = await signDocument(product.bundle, { key, seal: true }, design, edge)
      writeFileSync(join(folder, `${id}.signed.json`), stringify(signed))
    }
    const verdicts = ask<Verdict>('hl7', ['--ig', GUIDE, folder])
    expect(verdicts).toHaveLength(20)
    const unsigned = verdicts.filter(({ file }) => !file.endsWith('.signed.json'))
    expect(unsigned.filter(({ clean }) => !clean)).toEqual([])
    expect(verdicts.flatMap(({ issues }) => issues.filter(isOfDocument))).toEqual([])
    const distrusted = verdicts.filter(({ issues }) => issues.some(({ messageId }) => messageId === SIGNATURE))
    expect(distrusted.map(({ file }) => idOf(file)).toSorted()).toEqual(
      reports.filter(({ product }) => MANY_DIGITS.test(canonical(product.bundle))).map(({ id }) => id).toSorted(), // prettier-ignore
    )
    const signed = reports.map(({ id }) => join(folder, `${id}.signed.json`))
    const signatures = ask<SignatureVerdict>('fhirsig', signed)
    expect(signatures.map(({ verdict }) => verdict)).toEqual(signed.map(() => 'pass'))
  })
})

/** The stay that a signed report in a file is of. */
function idOf(file: string): string {
  return basename(file, '.signed.json')
}

function isOfDocument({ severity, messageId, offline, policy }: Verdict['issues'][number]): boolean {
  const isError = severity === 'error' || severity === 'fatal'
  return isError && offline !== true && policy !== true && messageId !== SIGNATURE
}
