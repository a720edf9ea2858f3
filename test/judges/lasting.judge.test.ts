/** Lasting signatures before EU DSS and ours before DSS's own: every level and key over real documents, and what was tampered with. */

import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openKey } from '../../src/edge/keys/open.ts'
import { openRevocations } from '../../src/edge/revocation.ts'
import { openTimeStamper } from '../../src/edge/timestamps.ts'
import { readTrust } from '../../src/edge/trust.ts'
import type { Bundle, Checked } from '../../src/fhir/types.ts'
import { augment } from '../../src/sign/augment.ts'
import { alteredNumbers } from '../../src/sign/numbers.ts'
import { octets } from '../../src/sign/octets.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, verifyFile, type VerifyRequest } from '../../src/sign/verify.ts'
import { corpusDir, documents } from '../corpus/corpus.ts'
import { bundleOf, copyOf } from '../signing.ts'
import { ask, judgesDir } from './judge.ts'

interface Verdict {
  readonly file: string
  readonly verdict: string
  readonly format: string
  readonly indication: string
}

const KEYS = ['rsa', 'p256', 'p384'] as const
const LEVELS = ['T', 'LT', 'LTA'] as const
const MOST_DOCUMENTS = 10
const MOST_BYTES = 200_000
const PORT = 8_352
const SERVICE = `http://127.0.0.1:${PORT}`

/** One document of each source, which is a country or a guide of its own. */
function samples(): readonly Bundle[] {
  const bySource = new Map<string, Bundle>()
  for (const { path, bundle } of documents()) {
    const [, source = ''] = path.split('/')
    const isFit = bundle.signature === undefined && alteredNumbers(bundle).length === 0
    if (isFit && octets(bundle).length < MOST_BYTES && (bundle.entry?.length ?? 0) > 1 && !bySource.has(source))
      bySource.set(source, bundle)
  }
  return [...bySource.values()].slice(0, MOST_DOCUMENTS)
}

interface Written {
  readonly protected: string
  readonly header: { readonly etsiU: readonly string[] }
  readonly signature: string
}

/** Ways to tamper with a sidecar of the level LTA. */
const TAMPERINGS: Readonly<Record<string, (sidecar: Written) => object>> = {
  'another header': (own) => ({
    ...own,
    protected: Buffer.from(Buffer.from(own.protected, 'base64url').toString().replace('desc', 'Desc')).toString(
      'base64url',
    ),
  }),
  'another value': (own) => ({ ...own, signature: turned(own.signature) }),
  'another time-stamp': (own) =>
    withMembers(own, (members) => members.map((one, index) => (index === 0 ? turned(one, 40) : one))),
  'other revocation data': (own) =>
    withMembers(own, (members) => members.map((one) => ('rVals' in decoded(one) ? encoded({ rVals: {} }) : one))),
  'no revocation data': (own) => withMembers(own, (members) => members.filter((one) => !('rVals' in decoded(one)))),
  'a member more': (own) =>
    withMembers(own, (members) => [...members.slice(0, -1), encoded({ arVals: {} }), ...members.slice(-1)]),
}

function withMembers(own: Written, change: (members: readonly string[]) => readonly string[]): object {
  return { ...own, header: { etsiU: change(own.header.etsiU) } }
}

function decoded(member: string): object {
  return JSON.parse(Buffer.from(member, 'base64url').toString()) as object
}

function encoded(member: object): string {
  return Buffer.from(JSON.stringify(member)).toString('base64url')
}

/** Base64url with a bit turned so many octets before the end. */
function turned(text: string, before = 1): string {
  const bytes = Buffer.from(text, 'base64url')
  bytes.writeUInt8(bytes.readUInt8(bytes.length - before) ^ 1, bytes.length - before)
  return bytes.toString('base64url')
}

/** Ways to tamper with the document. */
const CHANGES: Readonly<
  Record<string, (document: { [name: string]: unknown; entry: { fullUrl?: string }[] }) => void>
> = {
  'another date': (document) => void (document['timestamp'] = '2001-01-01T00:00:00Z'),
  'an entry less': (document) => void document.entry.pop(),
  'another fullUrl': (document) => void document.entry.forEach((entry) => (entry.fullUrl = `${entry.fullUrl ?? ''}0`)),
  'two entries exchanged': (document) => void document.entry.push(...document.entry.splice(-2, 1)),
}

describe.skipIf(judgesDir === undefined || corpusDir === undefined)('lasting signatures', () => {
  const bundles = samples()
  let folder: string
  let pki: string
  let server: ChildProcess
  let trust: VerifyRequest
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fhirdoc-lasting-'))
    pki = join(folder, 'pki')
    server = spawn(join(judgesDir ?? '', 'pki'), [pki, '--urls', SERVICE, '--serve', String(PORT)])
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (chunk: Buffer) => chunk.includes('ready') && resolve())
      server.once('exit', (code) => reject(new Error(`The judge pki ended with ${code}`)))
    })
    const { anchors } = await readTrust([join(pki, 'trust.pem')])
    trust = { trust: anchors }
  })
  afterAll(() => {
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true })
  })

  const crls = (): readonly string[] => ['ca', 'root'].flatMap((name) => ['--crl', join(pki, `${name}.crl.der`)])

  async function now(): Promise<VerifyRequest> {
    const { crls: lists } = await readTrust(['ca.crl.der', 'root.crl.der'].map((name) => join(pki, name)))
    return { ...trust, crls: lists, at: new Date().toISOString() }
  }

  it.each(bundles.map((bundle, index) => [index, bundle] as const))(
    'over document %s pass dss and us at every level by every key, and neither after tampering',
    async (index, bundle) => {
      const own = join(folder, String(index))
      mkdirSync(own)
      const stamper = openTimeStamper(`${SERVICE}/tsa`)
      const revocations = openRevocations([`${SERVICE}/`])
      const forged: string[] = []
      const sidecars: { readonly name: string; readonly content: Uint8Array; readonly bundle: Bundle }[] = []
      for (const name of KEYS) {
        const key = await openKey({ key: join(pki, `${name}.p12`) }, { password: 'test-only' })
        const at = new Date().toISOString()
        const signed = await sign(bundle as Checked, key, { when: at })
        for (const level of LEVELS) {
          const request = { level, stamper, revocations, at, ...(trust.trust && { trust: trust.trust }) }
          const content = Buffer.from(await augment(signed, request))
          const file = `${name}.${level}.json`
          writeFileSync(join(own, file), content)
          sidecars.push({ name: file, content, bundle: signed })
          if (level === 'LTA') forged.push(...forge(own, name, content))
        }
      }
      const payload = join(own, 'payload.json')
      writeFileSync(payload, octets(bundle))
      const files = sidecars.map(({ name }) => join(own, name))
      const anchors = ['--trust', join(pki, 'trust.pem'), '--detached', payload]
      const verdicts = [
        ...ask<Verdict>('dss', [...anchors, ...crls(), ...files.filter((file) => file.includes('.T.'))]),
        ...ask<Verdict>('dss', [...anchors, ...files.filter((file) => !file.includes('.T.'))]),
      ]
      expect(verdicts.map(({ file, verdict, format }) => [basename(file), verdict, format]).sort()).toEqual(
        sidecars.map(({ name }) => [name, 'pass', `JAdES_BASELINE_${name.split('.')[1] ?? ''}`]).sort(),
      )
      for (const { name, content, bundle: signed } of sidecars) {
        const report = await verify(signed, { ...(await now()), sidecars: [content] })
        expect([name, report.indication]).toEqual([name, 'TOTAL_PASSED'])
        expect(report.signatures[0]?.level).toBe(`B-${name.split('.')[1] ?? ''}`)
      }
      await expectRefused(own, bundle, sidecars, forged)
    },
    600_000,
  )

  function forge(own: string, name: string, content: Uint8Array): readonly string[] {
    return Object.entries(TAMPERINGS).map(([how, change]) => {
      const file = join(own, `${name}.${how}.json`)
      writeFileSync(file, JSON.stringify(change(JSON.parse(Buffer.from(content).toString()) as Written)))
      return file
    })
  }

  async function expectRefused(
    own: string,
    bundle: Bundle,
    sidecars: readonly { readonly name: string; readonly content: Uint8Array; readonly bundle: Bundle }[],
    forged: readonly string[],
  ): Promise<void> {
    const files = sidecars.map(({ name }) => join(own, name))
    const anchors = ['--trust', join(pki, 'trust.pem')]
    const passing: unknown[] = ask<Verdict>('dss', [...anchors, '--detached', join(own, 'payload.json'), ...forged])
      .filter(({ verdict }) => verdict === 'pass')
      .map(({ file }) => `dss: ${file}`)
    for (const file of forged) {
      const signed = sidecars.find(({ name }) => basename(file).startsWith(name.split('.')[0] ?? ''))?.bundle ?? bundle
      const report = await verify(signed, { ...trust, at: new Date().toISOString(), sidecars: [readFileSync(file)] })
      if (report.indication === 'TOTAL_PASSED') passing.push(`fhirdoc: ${file}`)
    }
    for (const [how, change] of Object.entries(CHANGES)) {
      const altered = (one: Bundle): Bundle => {
        const document = copyOf(one)
        change(document as never)
        return bundleOf(document as never)
      }
      const payload = join(own, `${how}.payload`)
      writeFileSync(payload, octets(altered(bundle)))
      const verdicts = ask<Verdict>('dss', [...anchors, ...crls(), '--detached', payload, ...files])
      passing.push(...verdicts.filter(({ verdict }) => verdict === 'pass').map(({ file }) => `dss: ${how} ${file}`))
      for (const { name, content, bundle: signed } of sidecars) {
        const report = await verify(altered(signed), { ...(await now()), sidecars: [content] })
        if (report.indication === 'TOTAL_PASSED') passing.push(`fhirdoc: ${how} ${name}`)
      }
    }
    expect(passing).toEqual([])
  }
})

/** What the signers of dss's own samples deserve. */
const DESERVED: Readonly<Record<string, string>> = {
  expired: 'OUT_OF_BOUNDS_NO_POE',
  revoked: 'REVOKED_NO_POE',
  stranger: 'NO_CERTIFICATE_CHAIN_FOUND',
  wrongusage: 'CHAIN_CONSTRAINTS_FAILURE',
}

describe.skipIf(judgesDir === undefined)('signatures that dss made', () => {
  it('pass where they are good, and never where they are not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-samples-'))
    ask('dss', ['--samples', folder])
    const { anchors, crls } = await readTrust(
      ['trust.pem', 'ca.crl.der', 'root.crl.der'].map((name) => join(folder, 'pki', name)),
    )
    const file = readFileSync(join(folder, 'document.json'))
    const judge = (path: string): ReturnType<typeof verifyFile> =>
      verifyFile(file, {
        trust: anchors,
        crls,
        at: new Date().toISOString(),
        sidecars: [readFileSync(join(folder, path))],
      })
    const good = readdirSync(folder).filter((name) => name.startsWith('jades-'))
    for (const name of good) {
      const level = /^jades-(\w+)\./.exec(name)?.[1]?.toUpperCase() ?? ''
      const { indication, signatures } = await judge(name)
      expect([name, indication, signatures[0]?.level]).toEqual([name, 'TOTAL_PASSED', `B-${level}`])
    }
    const bad = readdirSync(join(folder, 'not-passing')).filter((name) => name.startsWith('jades-'))
    for (const name of bad) {
      const { indication, subIndication } = await judge(join('not-passing', name))
      expect([name, indication, subIndication]).toEqual([name, 'INDETERMINATE', DESERVED[name.split('.')[1] ?? '']])
    }
    expect([good.length, bad.length]).toEqual([17, 8])
    rmSync(folder, { recursive: true })
  })
})
