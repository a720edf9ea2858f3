/** `fhirdoc sign` where the key is elsewhere, and where the signature stands in a Provenance; no secret gets out of it. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, Resource } from '../../../src/fhir/types.ts'
import { stringifyXml } from '../../../src/fhir/xml-write.ts'
import { model } from '../../model.ts'
import { jsonPart } from '../../part-signing.ts'
import { smallPdf } from '../../sign/pdf/document.ts'
import { keyFile, PASSWORD, testKey } from '../../signing.ts'
import { fixture, running } from '../running.ts'

const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-'))
const file = (name: string): string => join(folder, name)
const TRUST = ['--trust', keyFile('test-trust.pem'), '--no-revocation']

beforeAll(async () => {
  await running([
    'compose',
    `${fixture}composition.json`,
    '--source',
    `${fixture}resources`,
    '--out',
    file('letter.json'),
  ])
})

function read<T>(name: string): T {
  return JSON.parse(readFileSync(file(name), 'utf8')) as T
}

/** A signature by OpenSSL, as a card would make it: DER, over what is to be signed. */
function byOpenssl(input: string): string {
  writeFileSync(file('input'), Buffer.from(input, 'base64'))
  return execFileSync('openssl', ['dgst', '-sha256', '-sign', keyFile('test-p256.pem'), file('input')]).toString(
    'base64',
  )
}

describe('sign --prepare and --embed', () => {
  it.each(['bundle', 'provenance', 'beside'])('make a signature with a key elsewhere, as %s', async (as) => {
    const first = ['--cert', keyFile('test-p256.chain.pem'), '--prepare', file('prepared.json'), '--as', as]
    expect(await running(['sign', file('letter.json'), ...first])).toMatchObject({ exit: 0, out: '' })
    const { input, alg } = read<{ input: string; alg: string }>('prepared.json')
    expect(alg).toBe('ES256')
    const last = ['--prepare', file('prepared.json'), '--embed', byOpenssl(input), '--out', file('signed.json')]
    expect(await running(['sign', file('letter.json'), ...last])).toMatchObject({ exit: 0, out: '' })
    const signed = read<Resource>('signed.json')
    expect(signed.resourceType).toBe(as === 'beside' ? 'Provenance' : 'Bundle')
    if (as === 'beside') return
    const { exit, out } = await running(['verify', file('signed.json'), ...TRUST])
    expect([exit, out]).toEqual([0, expect.stringContaining(as === 'bundle' ? 'Bundle.signature: ' : 'Provenance/')])
  })

  it('make a signature of a PDF with a key elsewhere, which takes nothing of another PDF', async () => {
    writeFileSync(file('letter.pdf'), smallPdf(Buffer.from('{}')))
    writeFileSync(file('other.pdf'), smallPdf(Buffer.from('{}'), 'Take two tablets'))
    const first = ['--cert', keyFile('test-p256.chain.pem'), '--prepare', file('prepared.json')]
    expect(await running(['sign', file('letter.pdf'), ...first])).toMatchObject({ exit: 0, out: '' })
    const value = byOpenssl(read<{ input: string }>('prepared.json').input)
    const last = ['--prepare', file('prepared.json'), '--embed', value, '--out', file('signed.pdf')]
    expect(await running(['sign', file('letter.pdf'), ...last])).toMatchObject({ exit: 0, out: '' })
    const verified = await running(['verify', file('signed.pdf'), ...TRUST])
    expect(verified.out).toContain('pdf: TOTAL_PASSED, PAdES B-B')
    const { exit, err } = await running(['sign', file('other.pdf'), ...last])
    expect([exit, err]).toEqual([1, expect.stringContaining('was changed since its signature was prepared')])
  })

  it('embed nothing into a document that was changed meanwhile', async () => {
    const first = ['--cert', keyFile('test-p256.chain.pem'), '--prepare', file('prepared.json')]
    await running(['sign', file('letter.json'), ...first])
    writeFileSync(
      file('changed.json'),
      readFileSync(file('letter.json'), 'utf8').replace('2026-03-15T10:00:00Z', '2026-03-15T10:00:01Z'),
    )
    const value = byOpenssl(read<{ input: string }>('prepared.json').input)
    const { exit, err } = await running([
      'sign',
      file('changed.json'),
      '--prepare',
      file('prepared.json'),
      '--embed',
      value,
    ])
    expect([exit, err]).toEqual([1, expect.stringContaining('was changed since its signature was prepared')])
  })

  it.each([
    [['--prepare', 'p.json'], 2, /expected --cert/],
    [['--embed', 'AAAA'], 2, /expected --prepare/],
    [['--prepare', file('letter.json'), '--embed', 'AAAA'], 2, /has no handle/],
    [['--level', 'T', '--as', 'beside', '--key', 'k.p12'], 2, /not for --as beside/],
  ] as const)('say what is missing of %j', async (args, exit, text) => {
    const ran = await running(['sign', file('letter.json'), ...args])
    expect([ran.exit, ran.err]).toEqual([exit, expect.stringMatching(text)])
  })
})

describe('sign --as provenance', () => {
  it('puts several signatures over the same octets, and octets writes them', async () => {
    const key = (name: string): readonly string[] => ['--key', keyFile(`test-${name}.jwk`), '--as', 'provenance']
    await running(['sign', file('letter.json'), ...key('p256'), '--out', file('one.json')])
    const counter = read<Bundle>('one.json').entry?.at(-1)?.resource?.id
    await running(['sign', file('one.json'), ...key('rsa'), '--out', file('two.json')])
    const countering = ['--counter', `Provenance/${counter}`, '--out', file('three.json')]
    await running(['sign', file('two.json'), ...key('p384'), ...countering])
    const { exit, out } = await running(['verify', file('three.json'), ...TRUST])
    expect([exit, out.match(/^ {2}Provenance\/.*TOTAL_PASSED/gm)?.length]).toEqual([0, 3])
    const octets = await Promise.all(
      ['letter.json', 'two.json', 'three.json'].map(async (name) => (await running(['octets', file(name)])).out),
    )
    expect(new Set(octets).size).toBe(1)
  })
})

describe('a password', () => {
  const planted = 'Tr0ub4dor-planted-secret'

  it.each([
    ['a wrong one of a PKCS#12 file', 'test-p256.p12'],
    ['a wrong one of an encrypted PEM', 'test-p256.encrypted.pem'],
    ['one that a JWK does not need', 'test-p256.jwk'],
  ])('is in no output: %s', async (_, name) => {
    const args = [
      'sign',
      file('letter.json'),
      '--key',
      keyFile(name),
      '--cert',
      keyFile('test-p256.chain.pem'),
      '--json',
    ]
    const { out, err } = await running(args, { env: { FHIRDOC_SIGNING_PASSWORD: planted } })
    expect(`${out}${err}`).not.toContain(planted)
    expect(`${out}${err}`.length).toBeGreaterThan(10)
  })

  it('from a file opens the key, and neither it nor the key is in any output', async () => {
    writeFileSync(file('password'), `${PASSWORD}\n`)
    const args = ['sign', file('letter.json'), '--key', keyFile('test-p256.p12'), '--password-file', file('password')]
    const { exit, out, err } = await running(args)
    expect(exit).toBe(0)
    const jwk = JSON.parse(readFileSync(keyFile('test-p256.jwk'), 'utf8')) as { d: string }
    for (const secret of [PASSWORD, jwk.d, Buffer.from(jwk.d, 'base64url').toString('base64')])
      expect(`${out}${err}`).not.toContain(secret)
  })
})

describe('verify of a signature over single resources', () => {
  it.each(['json', 'xml'] as const)('in a Provenance beside the document in %s never passes it', async (format) => {
    const letter = read<Bundle>('letter.json')
    const [, entry] = letter.entry ?? []
    const [name, resource] = [entry?.fullUrl ?? expect.fail(), entry?.resource ?? expect.fail()]
    const key = await testKey('p256')
    const provenance = await jsonPart(letter, { key, targets: [name], signed: [resource] })
    const text = format === 'json' ? JSON.stringify(provenance) : stringifyXml(provenance, model)
    writeFileSync(file(`part.${format}`), text)
    const beside = ['--sidecar', file(`part.${format}`), '--at', '2026-03-01T11:00:00Z', ...TRUST]
    const { exit, out } = await running(['verify', file('letter.json'), ...beside])
    expect(exit).toBe(1)
    for (const words of [
      'INDETERMINATE (NO_DOCUMENT_SIGNATURE)',
      'no signature is over the document as a whole',
      'Provenance/part: TOTAL_PASSED, JAdES B-B',
      'covers alone: Bundle.entry[1].resource',
    ])
      expect(out).toContain(words)
  })
})
