/** `sign --level` and `verify --sidecar` on the command line, with an authority of the test's own. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { toPem } from '../../src/edge/keys/pem.ts'
import { child, octetsOf, readDer, TAG } from '../../src/fhir/der.ts'
import * as der from '../../src/fhir/der-write.ts'
import { testServer } from '../edge/network/server.ts'
import { keyFile, testAuthority } from '../signing.ts'
import { testTsa } from '../stamping.ts'
import { running } from './running.ts'

const fixture = new URL('../../fixtures/documents/discharge', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'lasting-'))
const at = (name: string): string => join(folder, name)
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The time of the command line in tests. */
const NOW = '2026-03-15T10:00:00Z'
const root = testAuthority('Root', { until: '2060-01-01T00:00:00Z', from: '2020-01-01T00:00:00Z' })
const period = { from: '2020-01-01T00:00:00Z', until: '2060-01-01T00:00:00Z' }

/** An authority with that clock. */
async function authority(): Promise<{ readonly url: string }> {
  return testServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const query = readDer(Buffer.concat(chunks))
      const digest = octetsOf(child(child(query, 1), 1))
      const nonce = query.children.slice(1).find(({ tag }) => tag === TAG.integer)?.bytes ?? Buffer.of()
      const token = testTsa(root, NOW, period).token(digest, { nonce })
      response.end(der.sequence(der.sequence(der.integer(0)), token))
    })
  })
}

it('a document is signed, made to last, renewed and verified', async () => {
  const { url } = await authority()
  const lists = { thisUpdate: '2026-03-15T00:00:00Z', nextUpdate: '2026-03-16T00:00:00Z' }
  writeFileSync(at('root.pem'), toPem('CERTIFICATE', root.anchor))
  writeFileSync(at('root.crl.pem'), toPem('X509 CRL', root.list(lists)))
  const parts = join(fixture, 'resources')
  const composed = await running([
    'compose',
    join(fixture, 'composition.json'),
    '--source',
    parts,
    '--out',
    at('letter.json'),
  ])
  expect(composed.exit).toBe(0)
  const trust = ['test-trust.pem', 'test-root.crl.der', 'test-authority.crl.pem'].map(keyFile)
  const known = [...trust, at('root.pem'), at('root.crl.pem')].flatMap((path) => ['--trust', path])
  const lasting = ['--sidecar', at('letter.jades.json'), '--tsa', url, ...known]
  const key = ['--key', keyFile('test-p256.jwk')]
  const signed = ['sign', at('letter.json'), '--out', at('signed.json'), ...key, '--level', 'T', ...lasting]
  expect(await running(signed)).toMatchObject({ exit: 0, out: '', err: '' })
  const before = readFileSync(at('signed.json'), 'utf8')
  for (const level of ['LT', 'LTA', 'LTA']) {
    expect(await running(['sign', at('signed.json'), '--level', level, ...lasting])).toMatchObject({ exit: 0, out: '' })
  }
  expect(readFileSync(at('signed.json'), 'utf8')).toBe(before)
  const verified = await running(['verify', at('signed.json'), '--sidecar', at('letter.jades.json'), ...known])
  expect(verified.out).toContain('Bundle.signature: TOTAL_PASSED, JAdES B-LTA')
  expect(verified.exit).toBe(0)
  const again = await running(['sign', at('signed.json'), '--level', 'T', ...lasting])
  expect([again.exit, again.err]).toEqual([1, expect.stringContaining('has the level B-LTA already')])
})
