/** Real documents with our XML signatures before the judges of others, and the XML signatures of others before us. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKey } from '../../src/edge/keys/open.ts'
import { openTimeStamper } from '../../src/edge/timestamps.ts'
import { readTrust } from '../../src/edge/trust.ts'
import { fromBase64 } from '../../src/fhir/digest.ts'
import { FhirError } from '../../src/fhir/error.ts'
import type { Bundle, Checked } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import { stringifyXml } from '../../src/fhir/xml-write.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type VerifyRequest } from '../../src/sign/verify.ts'
import { xmlOctets } from '../../src/sign/xml/octets.ts'
import { stampXades } from '../../src/sign/xml/stamp.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { model } from '../model.ts'
import { bundleOf } from '../signing.ts'
import { tampered, tamperings } from '../tampering.ts'
import { withXml, xmlOf } from '../xml-signing.ts'
import { ask, judgesDir } from './judge.ts'
import { servePki, type ServedPki } from './pki.ts'

interface Verdict {
  readonly file: string
  readonly verdict: string
  readonly xmlsec1?: string
  readonly errors?: readonly string[]
  readonly why?: string
}

const KEYS = { RS256: 'rsa', PS256: 'rsa', ES256: 'p256', ES384: 'p384' } as const
const ALGS = Object.keys(KEYS) as readonly (keyof typeof KEYS)[]
const MOST_DOCUMENTS = 10
const MOST_BYTES = 200_000

/** One document of each source, which is a country or a guide of its own, that XML can say. */
function samples(): readonly Bundle[] {
  const bySource = new Map<string, Bundle>()
  for (const { path, bundle } of documents()) {
    const [, source = ''] = path.split('/')
    const octets = bundle.signature === undefined && !bySource.has(source) ? octetsOf(bundle) : undefined
    if (octets !== undefined && octets.length < MOST_BYTES && (bundle.entry?.length ?? 0) > 1)
      bySource.set(source, bundle)
  }
  return [...bySource.values()].slice(0, MOST_DOCUMENTS)
}

function octetsOf(bundle: Bundle): Uint8Array | undefined {
  try {
    return xmlOctets(bundle, model)
  } catch (error) {
    if (error instanceof FhirError) return undefined
    throw error
  }
}

/** What only an XML signature can be tampered with; the first eight are those of any document. */
const OWN: Readonly<Record<string, (text: string) => string>> = {
  'another value of the signature': (text) => text.replace(/(<ds:SignatureValue[^>]*>).{4}/, '$1AAAA'),
  'another purpose in the signature': (text) => text.replace('12.1.1<', '12.1.7<'),
}

function forgeries(bundle: Bundle): readonly Bundle[] {
  const ofDocument = Object.keys(tamperings).slice(0, 8)
  return [
    ...ofDocument.map((how) => tampered(bundle, how)),
    ...Object.values(OWN).map((forge) => withXml(bundle, forge(xmlOf(bundle)))),
  ]
}

describe.skipIf(judgesDir === undefined || corpusDir === undefined)('documents signed in XML', () => {
  const bundles = samples()
  let folder: string
  let pki: ServedPki
  let trust: VerifyRequest
  let judgedBy: readonly string[]
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fhirdoc-xml-'))
    pki = await servePki(join(folder, 'pki'))
    const files = ['trust.pem', 'ca.crl.der', 'root.crl.der'].map((name) => join(pki.folder, name))
    const { anchors, crls } = await readTrust(files)
    trust = { trust: anchors, crls, model }
    judgedBy = files.flatMap((file, index) => [index === 0 ? '--trust' : '--crl', file])
  })
  afterAll(() => {
    pki.stop()
    rmSync(folder, { recursive: true })
  })

  it('are of ten sources at least', () => {
    expect(bundles.length).toBeGreaterThanOrEqual(10)
  })

  it.each(ALGS)(
    'by %s pass dss as XAdES baseline B and T, fhirsig with xmlsec1, and us; ten tamperings of each pass nobody',
    async (alg) => {
      const key = await openKey({ key: join(pki.folder, `${KEYS[alg]}.p12`) }, { password: 'test-only', alg })
      const [sound, forged]: [string[], string[]] = [[], []]
      for (const [index, bundle] of bundles.entries()) {
        const when = `${new Date().toISOString().slice(0, 19)}Z`
        const bare = await sign(bundle as Checked, key, { when, xml: model })
        const stamper = openTimeStamper(`${pki.url}/tsa`)
        const stamped = await stampXades(bare, { ...trust, model, stamper, at: when })
        for (const [level, signed] of Object.entries({ B: bare, T: stamped })) {
          const at = new Date(Date.now() + 2000).toISOString()
          expect(await verify(signed, { ...trust, at })).toMatchObject({
            indication: 'TOTAL_PASSED',
            signatures: [{ format: 'XAdES', level: `B-${level}` }],
          })
          const own = join(folder, `${alg}-${index}-${level}`)
          mkdirSync(own)
          writeFileSync(join(own, 'document.xml'), xmlOctets(bundle, model))
          writeFileSync(join(own, 'signature.xml'), fromBase64(String(signed.signature?.data)) ?? '')
          const file = join(own, 'bundle.xml')
          writeFileSync(file, stringifyXml(signed, model, 'pretty'))
          sound.push(file)
          const format = ['--format', `XAdES_BASELINE_${level}`]
          const detached = ['--detached', join(own, 'document.xml'), join(own, 'signature.xml')]
          const [verdict] = ask<Verdict>('dss', [...judgedBy, ...format, ...detached])
          expect(verdict).toMatchObject({ verdict: 'pass', errors: [] })
        }
        for (const [how, forgery] of forgeries(bare).entries()) {
          expect([how, (await verify(forgery, { ...trust, at: new Date().toISOString() })).indication]).toEqual([
            how,
            'TOTAL_FAILED',
          ])
          const file = join(folder, `${alg}-${index}-forged-${how}.xml`)
          writeFileSync(file, stringifyXml(forgery, model))
          forged.push(file)
        }
      }
      const verdicts = ask<Verdict>('fhirsig', sound)
      expect(verdicts.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
      // xmlsec1 of this judge does not know RSASSA-PSS
      expect(new Set(verdicts.map((one) => one.xmlsec1))).toEqual(
        new Set([alg === 'PS256' ? 'not applicable' : 'pass']),
      )
      expect(ask<Verdict>('fhirsig', forged).filter(({ verdict }) => verdict !== 'fail')).toEqual([])
      console.log(`${alg}: ${sound.length} signatures pass, ${forged.length} tampered documents are refused`)
    },
    1_800_000,
  )
})

/** What the signers of `dss --samples` that may not pass are. */
const BAD: Readonly<Record<string, string>> = {
  expired: 'OUT_OF_BOUNDS_NO_POE',
  revoked: 'REVOKED_NO_POE',
  stranger: 'NO_CERTIFICATE_CHAIN_FOUND',
  wrongusage: 'CHAIN_CONSTRAINTS_FAILURE',
}

describe.skipIf(judgesDir === undefined)('the XML signatures that dss makes', () => {
  it('pass or not as their signers deserve, detached and in a Bundle', async () => {
    const made = mkdtempSync(join(tmpdir(), 'fhirdoc-dss-'))
    ask('dss', ['--samples', made])
    const { anchors, crls } = await readTrust(
      ['trust.pem', 'ca.crl.der', 'root.crl.der'].map((name) => join(made, 'pki', name)),
    )
    const file = readFileSync(join(made, 'document.xml'))
    const request = { trust: anchors, crls, at: new Date().toISOString(), model }
    const judge = async (path: string): Promise<readonly [string, string | undefined, string | undefined]> => {
      const content = readFileSync(join(made, path))
      const isBundle = path.includes('bundle.')
      const bundle = bundleOf(parseXml(isBundle ? content : file, model))
      const report = await verify(bundle, { ...request, ...(!isBundle && { sidecars: [content], file }) })
      return [report.indication, report.subIndication, report.signatures[0]?.level]
    }
    const named = (folder: string): readonly string[] =>
      readdirSync(join(made, folder)).filter((name) => /^xades-|^bundle\..*\.xml$/.test(name))
    const [good, bad] = [named('.'), named('not-passing')]
    for (const name of good) {
      const level = /^xades-(\w+)/.exec(name)?.[1]?.toUpperCase() ?? 'B'
      expect([name, ...(await judge(name))]).toEqual([name, 'TOTAL_PASSED', undefined, `B-${level}`])
    }
    for (const name of bad) {
      const [, signer = ''] = name.split('.')
      const [indication, subIndication] = await judge(join('not-passing', name))
      expect([name, indication, subIndication]).toEqual([name, 'INDETERMINATE', BAD[signer]])
    }
    rmSync(made, { recursive: true })
    console.log(`${good.length} of dss pass, ${bad.length} do not`)
    expect([good.length, bad.length]).toEqual([21, 12])
  }, 300_000)
})
