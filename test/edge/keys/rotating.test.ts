/** A key that is changed while it is in use. */

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openKey } from '../../../src/edge/keys/open.ts'
import { rotatingKey } from '../../../src/edge/keys/rotating.ts'
import { keyFile } from '../../signing.ts'

const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-keys-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('the next signature is made with the key that the file holds then, and a broken file keeps the one before', async () => {
  const path = join(folder, 'key.jwk')
  const told: string[] = []
  copyFileSync(keyFile('test-p256.jwk'), path)
  const key = await rotatingKey({
    paths: [path],
    open: () => openKey({ key: path }),
    onChange: () => told.push('changed'),
    onFailure: (error) => told.push(error instanceof Error ? error.message : ''),
  })
  const algNow = async (): Promise<string | undefined> => (await key.current?.())?.alg
  expect([await algNow(), told]).toEqual(['ES256', []])
  copyFileSync(keyFile('test-p384.jwk'), path)
  expect([await algNow(), key.alg, told]).toEqual(['ES384', 'ES384', ['changed']])
  writeFileSync(path, '{"kty":"EC","d":"half-a-secret"')
  expect(await Promise.all([algNow(), algNow()])).toEqual(['ES384', 'ES384'])
  expect(told.slice(1)).toEqual(['The key file is not JSON, expected a JWK'])
  rmSync(path)
  expect(await algNow()).toBe('ES384')
  copyFileSync(keyFile('test-rsa.jwk'), path)
  expect(await algNow()).toBe('RS256')
  expect(told.at(-1)).toBe('changed')
})

it('a key that does not open at the start is refused', async () => {
  const path = join(folder, 'none.jwk')
  const opening = rotatingKey({
    paths: [path],
    open: () => openKey({ key: path }),
    onChange: () => 0,
    onFailure: () => 0,
  })
  await expect(opening).rejects.toThrow('The key file cannot be read')
})
