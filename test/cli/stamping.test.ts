/** `sign --format xml` on the command line, with the level T of an authority of the test's own. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toPem } from '../../src/edge/keys/pem.ts'
import { child, octetsOf, readDer, TAG } from '../../src/fhir/der.ts'
import * as der from '../../src/fhir/der-write.ts'
import { testServer } from '../edge/network/server.ts'
import { keyFile, testAuthority } from '../signing.ts'
import { testTsa } from '../stamping.ts'
import { running } from './running.ts'

const fixture = new URL('../../fixtures/documents/discharge', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'stamping-'))
const at = (name: string): string => join(folder, name)
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The time of the command line in tests. */
const NOW = '2026-03-15T10:00:00Z'
const period = { from: '2020-01-01T00:00:00Z', until: '2060-01-01T00:00:00Z' }
const root = testAuthority('Root', period)
const key = ['--key', keyFile('test-p384.jwk'), '--format', 'xml']
const compose = ['compose', join(fixture, 'composition.json'), '--source', join(fixture, 'resources')]
let known: readonly string[]
beforeAll(async () => {
  const lists = { thisUpdate: '2026-03-15T00:00:00Z', nextUpdate: '2026-03-16T00:00:00Z' }
  writeFileSync(at('root.pem'), toPem('CERTIFICATE', root.anchor))
  writeFileSync(at('root.crl.pem'), toPem('X509 CRL', root.list(lists)))
  const trust = ['test-trust.pem', 'test-root.crl.der', 'test-authority.crl.pem'].map(keyFile)
  known = [...trust, at('root.pem'), at('root.crl.pem')].flatMap((path) => ['--trust', path])
  await running([...compose, '--out', at('letter.json')])
  await running(['convert', at('letter.json'), '--to', 'xml', '--out', at('letter.xml')])
})

/** The address of an authority with that clock, for the length of a test. */
async function authority(): Promise<string> {
  const { url } = await testServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const query = readDer(Buffer.concat(chunks))
      const nonce = query.children.slice(1).find(({ tag }) => tag === TAG.integer)?.bytes ?? Buffer.of()
      const token = testTsa(root, NOW, period).token(octetsOf(child(child(query, 1), 1)), { nonce })
      response.end(der.sequence(der.sequence(der.integer(0)), token))
    })
  })
  return url
}

describe('a document in either format', () => {
  it.each(['letter.json', 'letter.xml'])('%s is signed over the same octets, and verified in either', async (name) => {
    expect(await running(['sign', at(name), ...key, '--out', at(`signed-${name}`)])).toMatchObject({ exit: 0, err: '' })
    const verified = await running(['verify', at(`signed-${name}`), ...known])
    expect([verified.exit, verified.out]).toEqual([0, expect.stringContaining('TOTAL_PASSED, XAdES B-B')])
    const octets = await running(['octets', at(`signed-${name}`)])
    expect(octets.out).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><identifier>/)
    expect((await running(['octets', at('letter.json'), '--format', 'xml'])).out).toBe(octets.out)
    expect((await running(['octets', at('letter.xml'), '--format', 'jose'])).out).toMatch(/^\{"entry"/)
  })

  it('is signed and stamped in one go, and a signature that is there is stamped later', async () => {
    const level = ['--level', 'T', '--tsa', await authority(), ...known]
    const once = [...compose, '--sign', ...key, ...level, '--out', at('once.xml')]
    expect(await running(once)).toMatchObject({ exit: 0, out: '' })
    expect(await running(['sign', at('letter.json'), ...key, '--out', at('bare.json')])).toMatchObject({ exit: 0 })
    const later = ['sign', at('bare.json'), '--format', 'xml', ...level, '--out', at('later.json')]
    expect(await running(later)).toMatchObject({ exit: 0, err: '' })
    expect(await running(['sign', at('letter.json'), ...key, ...level, '--out', at('both.json')])).toMatchObject({
      exit: 0,
    })
    for (const name of ['once.xml', 'later.json', 'both.json'])
      expect((await running(['verify', at(name), ...known])).out).toContain('TOTAL_PASSED, XAdES B-T')
    expect(readFileSync(at('later.json'), 'utf8')).toContain('application/signature+xml')
  })

  it('is signed by a key elsewhere', async () => {
    const cert = ['--cert', keyFile('test-p256.chain.pem')]
    const step = ['sign', at('letter.json'), '--format', 'xml', ...cert, '--prepare', at('prepared.json')]
    expect(await running(step)).toMatchObject({ exit: 0, err: '' })
    const { handle, input } = JSON.parse(readFileSync(at('prepared.json'), 'utf8')) as { handle: string; input: string }
    expect(Buffer.from(input, 'base64').toString()).toContain('<ds:SignedInfo')
    expect(handle).toMatch(/^[\w-]+$/)
  })

  it.each([
    [['--level', 'LT'], 'has no level LT here'],
    [['--level', 'T', '--sidecar', 's.xml'], '--sidecar is of no use for --format xml'],
    [['--level', 'T', '--as', 'provenance'], 'not for --as provenance'],
    [['--level', 'T'], 'authority is missing, expected --tsa'],
  ])('is refused with %j', async (args, text) => {
    const { exit, err } = await running(['sign', at('letter.json'), ...key, ...args])
    expect([exit, err]).toEqual([2, expect.stringContaining(text)])
  })
})
