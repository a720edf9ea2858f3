/** Trust anchors and revocation lists from files and folders. */

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { readTrust, trustOf } from '../../src/edge/trust.ts'
import { keyFile } from '../signing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-trust-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const { raw } = new X509Certificate(readFileSync(keyFile('test-trust.pem')))
const list = readFileSync(keyFile('test-root.crl.der'))

it('a PEM file holds certificates and lists, several of them', async () => {
  const path = join(folder, 'all.pem')
  writeFileSync(
    path,
    readFileSync(keyFile('test-p256.chain.pem'), 'utf8') + readFileSync(keyFile('test-authority.crl.pem'), 'utf8'),
  )
  const { anchors, crls } = await readTrust([path])
  expect([anchors.length, crls.length]).toEqual([2, 1])
})

it('a folder gives what its files hold, PEM and DER, and passes over the others', async () => {
  const own = mkdtempSync(join(folder, 'folder-'))
  copyFileSync(keyFile('test-trust.pem'), join(own, 'a.pem'))
  writeFileSync(join(own, 'b.cer'), raw)
  writeFileSync(join(own, 'c.crl'), list)
  copyFileSync(keyFile('test-p256.p12'), join(own, 'd.p12'))
  writeFileSync(join(own, 'README'), 'what lies here')
  expect(await readTrust([own])).toEqual({ anchors: [raw, raw], crls: [list], lists: [] })
})

it('a trusted list is told by its root, whatever its prefix', () => {
  for (const text of ['<TrustServiceStatusList/>', '<?xml version="1.0"?>\n<tsl:TrustServiceStatusList Id="a">']) {
    const content = Buffer.from(text)
    expect(trustOf(content)).toEqual({ anchors: [], crls: [], lists: [content] })
  }
})

it('no path gives no trust', async () => {
  expect(await readTrust([])).toEqual({ anchors: [], crls: [], lists: [] })
})

it.each([
  ['a file that is not there', join(folder, 'nowhere.pem'), 'not-found'],
  ['a file that holds neither', keyFile('README.md'), 'structure'],
  ['a PKCS#12 file', keyFile('test-p256.p12'), 'structure'],
])('%s is refused, without its path', async (_, path, code) => {
  const error: unknown = await readTrust([path]).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FhirError)
  expect((error as FhirError).issues[0]).toMatchObject({ code })
  expect((error as FhirError).message).not.toContain('/')
})
