/** Real documents signed by us before the judges of others, and ten tamperings of each before them and us. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKey } from '../../src/edge/keys/open.ts'
import { readTrust } from '../../src/edge/trust.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Bundle, Checked } from '../../src/fhir/types.ts'
import { alteredNumbers } from '../../src/sign/numbers.ts'
import { octets } from '../../src/sign/octets.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type VerifyRequest } from '../../src/sign/verify.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { tampered, tamperings } from '../tampering.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly verdict: string
  readonly signature?: string
  readonly errors?: readonly string[]
  readonly why?: string
}

/** The algorithms, and the key that each is used with. */
const KEYS = { RS256: 'rsa', PS256: 'rsa', ES256: 'p256', ES384: 'p384' } as const
const ALGS = Object.keys(KEYS) as readonly (keyof typeof KEYS)[]
const MOST_DOCUMENTS = 24
const MOST_BYTES = 200_000
// HL7's validator escapes these where RFC 8785 does not, and calls a right signature bad (24 of 313 documents).
const UNICODE_SPACES = /[\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]/

/** Signed Bundles that dss makes, and what they are. */
const SAMPLES: Readonly<Record<string, readonly [string, string | undefined]>> = {
  'bundle.rsa.json': ['TOTAL_PASSED', undefined],
  'bundle.pss.json': ['TOTAL_PASSED', undefined],
  'bundle.p256.json': ['TOTAL_PASSED', undefined],
  'bundle.p384.json': ['TOTAL_PASSED', undefined],
  'not-passing/bundle.expired.json': ['INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE'],
  'not-passing/bundle.revoked.json': ['INDETERMINATE', 'REVOKED_NO_POE'],
  'not-passing/bundle.stranger.json': ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND'],
  'not-passing/bundle.wrongusage.json': ['INDETERMINATE', 'CHAIN_CONSTRAINTS_FAILURE'],
}

/** One document of each source, which is a country or a guide of its own. */
function samples(): readonly Bundle[] {
  const bySource = new Map<string, Bundle>()
  for (const { path, bundle } of documents()) {
    const [, source = ''] = path.split('/')
    const fits =
      bundle.signature === undefined && alteredNumbers(bundle).length === 0 && octets(bundle).length < MOST_BYTES
    if (fits && (bundle.entry?.length ?? 0) > 1 && !bySource.has(source)) bySource.set(source, bundle)
  }
  return [...bySource.values()].slice(0, MOST_DOCUMENTS)
}

describe.skipIf(judgesDir === undefined || corpusDir === undefined)('signed documents', () => {
  const now = new Date().toISOString()
  const bundles = samples()
  let folder: string
  let pki: string
  let trust: VerifyRequest
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fhirdoc-signed-'))
    pki = join(folder, 'pki')
    ask('pki', [pki])
    const { anchors, crls } = await readTrust([
      join(pki, 'trust.pem'),
      join(pki, 'ca.crl.der'),
      join(pki, 'root.crl.der'),
    ])
    trust = { trust: anchors, crls, at: now }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** The documents signed by an algorithm, and the files that they were written to. */
  async function signedWith(
    alg: keyof typeof KEYS,
  ): Promise<readonly { readonly path: string; readonly bundle: Bundle }[]> {
    const key = await openKey({ key: join(pki, `${KEYS[alg]}.p12`) }, { password: 'test-only', alg })
    mkdirSync(join(folder, alg), { recursive: true })
    return Promise.all(
      bundles.map(async (bundle, index) => {
        const signed = await sign(bundle as Checked, key, { when: now })
        const path = join(folder, alg, `${index}.json`)
        writeFileSync(path, stringify(signed))
        return { path, bundle: signed }
      }),
    )
  }

  it('are twenty at least', () => {
    expect(bundles.length).toBeGreaterThanOrEqual(20)
  })

  it.each(ALGS)('by %s pass fhirsig and dss as JAdES baseline B, and us', async (alg) => {
    const signed = await signedWith(alg)
    const exported = join(folder, alg, 'exported')
    const verdicts = ask<Verdict>('fhirsig', ['--export', exported, ...signed.map(({ path }) => path)])
    expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(verdicts.length).toBe(signed.length)
    const anchors = [
      '--trust',
      join(pki, 'trust.pem'),
      '--crl',
      join(pki, 'ca.crl.der'),
      '--crl',
      join(pki, 'root.crl.der'),
    ]
    for (const { path, bundle } of signed) {
      const file = join(exported, basename(path))
      const [judged] = ask<Verdict>('dss', [
        ...anchors,
        '--detached',
        `${file}.payload.json`,
        '--format',
        'JAdES_BASELINE_B',
        `${file}.jws`,
      ])
      expect(judged).toMatchObject({ verdict: 'pass', errors: [] })
      expect(await verify(bundle, trust)).toMatchObject({ indication: 'TOTAL_PASSED' })
    }
    console.log(`fhirsig and dss: ${signed.length} documents by ${alg} pass`)
  })

  it('have a signature that the validator of HL7 finds right, Unicode spaces apart', async () => {
    const signed = (await Promise.all(ALGS.map(signedWith))).flat()
    const verdicts = new Map(
      ask<Verdict>(
        'hl7',
        signed.map(({ path }) => path),
      ).map((row) => [row.file, row.signature]),
    )
    const judged = signed.map(({ path }) => {
      return { path, signature: verdicts.get(path), isEscaped: UNICODE_SPACES.test(readFileSync(path, 'utf8')) }
    })
    expect(judged.filter(({ signature, isEscaped }) => !isEscaped && signature !== 'ok')).toEqual([])
    const apart = judged.filter(({ isEscaped }) => isEscaped).length
    console.log(`hl7: ${judged.length - apart} signatures ok, ${apart} documents with Unicode spaces apart`)
  })

  it.each(ALGS)('by %s are refused by fhirsig and us after each of ten tamperings', async (alg) => {
    const signed = await signedWith(alg)
    const files: string[] = []
    for (const [how, tampering] of Object.keys(tamperings).entries()) {
      for (const { path, bundle } of signed) {
        const forged = tampered(bundle, tampering)
        const report = await verify(forged, trust)
        expect([tampering, path, report.indication]).toEqual([tampering, path, 'TOTAL_FAILED'])
        const file = path.replace('.json', `.tampered-${how}.json`)
        writeFileSync(file, stringify(forged))
        files.push(file)
      }
    }
    const verdicts = ask<Verdict>('fhirsig', files)
    expect(verdicts.filter(({ verdict }) => verdict !== 'fail')).toEqual([])
    expect(verdicts.length).toBe(files.length)
    console.log(`fhirsig: ${files.length} tampered documents by ${alg} refused`)
  })

  it('that dss made pass or not as their signers deserve', async () => {
    const made = join(folder, 'samples')
    ask('dss', ['--samples', made])
    const { anchors, crls } = await readTrust(
      ['trust.pem', 'ca.crl.der', 'root.crl.der'].map((name) => join(made, 'pki', name)),
    )
    for (const [path, outcome] of Object.entries(SAMPLES)) {
      const report = await verify(parseJson(readFileSync(join(made, path))) as Bundle, {
        trust: anchors,
        crls,
        at: new Date().toISOString(),
      })
      expect([path, report.indication, report.subIndication]).toEqual([path, ...outcome])
    }
  })
})
