/** The commitment types of ASTM E1762-95. */

import { expect, it } from 'vitest'
import { commitment, commitmentText, isCommitted } from '../../src/sign/commitments.ts'

it('each code has the display of the value set', () => {
  expect(commitment('1.2.840.10065.1.12.1.1').display).toBe("Author's Signature")
  expect(commitment('1.2.840.10065.1.12.1.5').display).toBe('Verification Signature')
  expect(commitment('1.2.840.10065.1.12.1.18').display).toBe('Timestamp Signature')
})

it.each(['1.2.840.10065.1.12.1.0', '1.2.840.10065.1.12.1.19', '1', 'author'])('%s is no code', (code) => {
  expect(() => commitment(code)).toThrow(/is unknown/)
})

it('a commitment is said by its display where it has one', () => {
  expect(commitmentText('urn:oid:1.2.840.10065.1.12.1.7')).toBe('Consent Signature')
  expect(commitmentText('http://uri.etsi.org/01903/v1.2.2#ProofOfOrigin')).toBe(
    'http://uri.etsi.org/01903/v1.2.2#ProofOfOrigin',
  )
})

it('a Coding is committed to by its URN, its bare code, or its system and code', () => {
  const coding = { system: 'http://uri.etsi.org/01903/v1.2.2', code: 'ProofOfOrigin' }
  expect(isCommitted(coding, ['http://uri.etsi.org/01903/v1.2.2#ProofOfOrigin'])).toBe(true)
  expect(isCommitted({ code: '1.2.840.10065.1.12.1.5' }, ['urn:oid:1.2.840.10065.1.12.1.5'])).toBe(true)
  expect(isCommitted({ code: '1.2.840.10065.1.12.1.5' }, ['1.2.840.10065.1.12.1.5'])).toBe(true)
  expect(isCommitted({ code: '1.2.840.10065.1.12.1.5' }, ['urn:oid:1.2.840.10065.1.12.1.1'])).toBe(false)
  expect(isCommitted({}, ['urn:oid:undefined'])).toBe(false)
})
