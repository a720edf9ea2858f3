/** The public signed examples come out as their README says, and none of them is called passed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { Bundle, Checked } from '../../src/fhir/types.ts'
import { parseXml } from '../../src/fhir/xml.ts'
import { coveredOctets } from '../../src/sign/placement.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify } from '../../src/sign/verify.ts'
import type { Report } from '../../src/sign/report.ts'
import { SIGNERS, testKey, testTrust, WHEN } from '../signing.ts'
import { model } from '../model.ts'
import { corpusDir } from './corpus.ts'

const AT = '2026-09-01T00:00:00Z'

interface Expected {
  readonly integrity: 'passed' | 'failed' | 'not-checked'
  readonly outcome: Partial<Report>
  /** Words that the text of a check must have. */
  readonly words: RegExp
}

const noChain = { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' } as const
const PLAIN = /json$/
const DOCUMENT = /json#document$/

const EXPECTED: Readonly<Record<string, Expected>> = {
  'signed-examples/bundle-signed-good.json': { integrity: 'passed', outcome: noChain, words: PLAIN },
  'signed-examples/r6-page-jws-example.json': { integrity: 'passed', outcome: noChain, words: PLAIN },
  'signed-examples/example-1.json': { integrity: 'passed', outcome: noChain, words: DOCUMENT },
  'signatures/davinci-cdex/in_files_signed_object.json': { integrity: 'passed', outcome: noChain, words: DOCUMENT },
  'signed-examples/example-2.json': {
    integrity: 'failed',
    outcome: { indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' },
    words: /is not this document/,
  },
  'signatures/davinci-cdex/input_examples_cdex-document-digital-sig-example.json': {
    integrity: 'failed',
    outcome: { indication: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' },
    words: /was changed after signing/,
  },
  'signed-examples/bundle-signed-nob64.json': {
    integrity: 'not-checked',
    outcome: { indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' },
    words: /refused/,
  },
}

describe.skipIf(corpusDir === undefined)('the public signed examples', () => {
  it.each(Object.entries(EXPECTED))('%s', async (path, { integrity, outcome, words }) => {
    const bundle = parseJson(readFileSync(join(corpusDir ?? '', path))) as Bundle
    const report = await verify(bundle, { at: AT })
    const checks = report.signatures[0]?.checks ?? []
    expect(report).toMatchObject(outcome)
    expect(checks.find(({ name }) => name === 'integrity')).toMatchObject({
      verdict: integrity,
      text: expect.stringMatching(words) as string,
    })
  })

  it.each(['bundle-signed-good.json', 'r6-page-jws-example.json'])(
    '%s: its certificate has expired, and the report says so',
    async (name) => {
      const bundle = parseJson(readFileSync(join(corpusDir ?? '', 'signed-examples', name))) as Bundle
      const { signatures } = await verify(bundle, { at: AT })
      expect(signatures[0]?.checks.find((check) => check.name === 'certificate')).toMatchObject({
        verdict: 'failed',
        text: expect.stringContaining('has expired') as string,
      })
    },
  )

  it('the XML signature of HL7 holds over the form that it declares, and fails over another document', async () => {
    const file = readFileSync(join(corpusDir ?? '', 'signed-examples/bundle-sign-xml.xml'), 'utf8')
    const read = (xml: string): Bundle => parseXml(xml, model) as Bundle
    const report = await verify(read(file), { at: AT, model })
    expect(report).toMatchObject({ ...noChain, signatures: [{ format: 'XML-DSig (HL7)' }] })
    expect(report.signatures[0]?.checks.find(({ name }) => name === 'integrity')).toMatchObject({
      verdict: 'passed',
      text: expect.stringMatching(/xml#document$/) as string,
    })
    expect(await verify(read(file.replace('something2', 'something3')), { at: AT, model })).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })

  it.each(['HL7_fhir-ips/Bundle-IPS-examples-Bundle-01.json'])(
    '%s takes several Provenance signatures over the same octets, each of which holds and breaks by itself',
    async (name) => {
      const bundle = parseJson(readFileSync(join(corpusDir ?? '', 'documents', name))) as Checked
      const signers = await Promise.all(SIGNERS.map(testKey))
      let signed = bundle
      for (const key of signers) signed = await sign(signed, key, { when: WHEN, as: 'provenance' })
      const report = await verify(signed, await testTrust())
      expect(report.signatures.map(({ indication }) => indication)).toEqual(SIGNERS.map(() => 'TOTAL_PASSED'))
      expect(
        new Set(report.signatures.map(({ where }) => Buffer.from(coveredOctets(signed, { where })).toString())).size,
      ).toBe(1)
      const changed = { ...signed, timestamp: '2000-01-01T00:00:00Z' }
      expect((await verify(changed, await testTrust())).signatures.map(({ indication }) => indication)).toEqual(
        SIGNERS.map(() => 'TOTAL_FAILED'),
      )
    },
  )

  it('images of signatures are shown as what they are', async () => {
    const file = join(corpusDir ?? '', 'fhir-test-cases/input/bundle-india.xml')
    const { signatures } = await verify(parseXml(readFileSync(file), model) as Bundle, { at: AT })
    expect(signatures).toMatchObject([{ where: 'Bundle.signature', format: 'image', indication: 'INDETERMINATE' }])
  })
})
