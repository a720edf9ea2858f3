/** Keys on cards: without the package a clear word, and PINs never in a URI. A token itself is for those who have one. */

import { expect, it } from 'vitest'
import { openKey } from '../../../src/edge/keys/open.ts'
import { keyFile } from '../../signing.ts'

const certificates = keyFile('test-p256.chain.pem')

it.each([
  ['without a module', 'pkcs11:token=card', /names no module/],
  ['with a PIN in it', 'pkcs11:token=card?module-path=/x.so&pin-value=1234', /holds a PIN/],
  ['of a module that is not there', 'pkcs11:token=card?module-path=/no/such/module.so', /pkcs11js, which is not installed|cannot be loaded/],
])('a URI %s is refused', async (_, key, text) => {
  await expect(openKey({ key, certificates }, { password: '1234' })).rejects.toThrow(text)
}) // prettier-ignore

/** `FHIRDOC_TEST_PKCS11` names a key of a token, its PIN `1234` and its certificate that of test-p256. */
const uri = process.env['FHIRDOC_TEST_PKCS11']

it.skipIf(uri === undefined)('a token signs with the key that is named', async () => {
  const key = await openKey({ key: uri ?? '', certificates }, { password: '1234' })
  expect((await key.sign(Buffer.from('octets'))).byteLength).toBe(64)
})
