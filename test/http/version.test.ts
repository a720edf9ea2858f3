/** The media type of a body says which version of FHIR it is of. */

import { describe, expect, it } from 'vitest'
import { speaking, spoken } from '../../src/http/version.ts'
import type { Service } from '../../src/http/route.ts'

const headers = (map: Readonly<Record<string, string>>) => (name: string) => map[name]
const any = { isOfAnyVersion: true } as const

describe('spoken', () => {
  it.each([
    ['application/fhir+json; fhirVersion=5.0', '5.0.0', 'application/fhir+json'],
    ['application/fhir+json;fhirVersion="4.3.0"; charset=utf-8', '4.3.0', 'application/fhir+json; charset=utf-8'],
    ['application/fhir+json; fhirVersion=4.0', undefined, 'application/fhir+json; fhirVersion=4.0'],
    ['application/fhir+json; fhirVersion=5.5', undefined, 'application/fhir+json; fhirVersion=5.5'],
  ])('%s', (contentType, version, left) => {
    const { fhirVersion, header } = spoken(headers({ 'Content-Type': contentType }), any)
    expect([fhirVersion, header('Content-Type')]).toEqual([version, left])
  })

  it('is the service’s own version on other routes, whose headers stay', () => {
    const contentType = 'application/fhir+json; fhirVersion=5.0'
    const { fhirVersion, header } = spoken(headers({ 'Content-Type': contentType }), {})
    expect([fhirVersion, header('Content-Type')]).toEqual([undefined, contentType])
  })
})

describe('speaking', () => {
  const own = { design: 'own', designOf: (version: string) => Promise.resolve(version) } as unknown as Service

  it('has the definitions of the version', async () => {
    expect(await speaking(own, undefined)).toBe(own)
    expect((await speaking(own, '5.0.0')).design).toBe('5.0.0')
  })
})
