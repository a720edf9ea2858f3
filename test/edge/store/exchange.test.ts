/** Which addresses are those of the server, and where a redirect may lead. */

import { describe, expect, it } from 'vitest'
import { isBelow, redirected } from '../../../src/edge/store/exchange.ts'

describe('below a base', () => {
  const base = 'https://ehr.example/fhir'
  it.each([
    base,
    `${base}/`,
    `${base}/Patient/1`,
    `${base}?_getpages=1`,
    `${base}/a/../Patient`,
    'https://EHR.example:443/fhir/x',
  ])('%s is below', (url) => {
    expect(isBelow(base, url)).toBe(true)
  })
  it.each([
    `${base}x`,
    `${base}/../admin`,
    `${base}/%2e%2e/admin`,
    'http://ehr.example/fhir/Patient/1',
    'https://ehr.example:8443/fhir/Patient/1',
    'https://ehr.example.evil.example/fhir/Patient/1',
    'https://user@evil.example/fhir',
    'nonsense',
  ])('%s is not', (url) => {
    expect(isBelow(base, url)).toBe(false)
  })
})

describe('a redirect', () => {
  const server = { base: 'https://ehr.example/fhir', further: new Set(['files.example']) }
  const from = 'https://ehr.example/fhir/Binary/1'
  it.each([
    ['/fhir/Binary/2', 'https://ehr.example/fhir/Binary/2'],
    ['https://files.example/x?y', 'https://files.example/x?y'],
  ])('to %s is followed', (location, target) => {
    expect(redirected(server, from, location)).toBe(target)
  })
  it.each([
    '/admin', 'http://files.example/x', 'http://ehr.example/fhir/Binary/2', 'https://evil.example/', '//evil.example/fhir',
    'http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'https://',
  ])('to %s is not', (location) => {
    expect(() => redirected(server, from, location)).toThrow('not followed')
  }) // prettier-ignore
})
