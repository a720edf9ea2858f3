/** The compact JWS inside Signature.data. */

import { expect, it } from 'vitest'
import { toBase64 } from '../../src/fhir/digest.ts'
import { readData, signingInput, writeData } from '../../src/sign/jws.ts'

it('is read as it was written', () => {
  const value = Buffer.from([1, 2, 250])
  expect(readData(writeData('eyJ9', value))).toEqual({ protected: 'eyJ9', payload: undefined, value })
})

it('may be broken into lines as base64Binary is', () => {
  const data = writeData('eyJ9', Buffer.from('value'))
  expect(readData(`${data.slice(0, 5)}\r\n ${data.slice(5)}`).protected).toBe('eyJ9')
})

it.each([
  ['two parts', 'eyJ9.AAAA'],
  ['four parts', 'eyJ9..AAAA.AAAA'],
  ['no header', '..AAAA'],
  ['no signature', 'eyJ9..'],
  ['padding', 'eyJ9..AAA='],
  ['base64 instead of base64url', 'eyJ9..A+/A'],
  ['bits after the end', 'eyJ9..AAB'],
  ['a blank', 'eyJ9.. AAAA'],
])('with %s is refused', (_, jws) => {
  expect(() => readData(toBase64(jws))).toThrow(/JWS/)
})

it('signs its header and its payload in base64url', () => {
  expect(Buffer.from(signingInput('eyJ9', Buffer.from('{}'))).toString()).toBe('eyJ9.e30')
})
