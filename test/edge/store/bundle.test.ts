/** A Bundle has a base where all its entries lie below one. */

import { expect, it } from 'vitest'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import type { Bundle, Entry } from '../../../src/fhir/types.ts'

const entry = (fullUrl?: string): Entry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource: { resourceType: 'Patient', id: '1' },
})
const baseOf = (...entries: readonly Entry[]): string | undefined => {
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: entries }
  return bundleSource('bundle', bundle).base
}

it('below the same RESTful URL', () => {
  expect(baseOf(entry('https://h/fhir/Patient/1'), entry('https://h/fhir/Patient/2'))).toBe('https://h/fhir')
})

it('and none where they lie below several, or one has no such URL', () => {
  expect(baseOf(entry('https://h/fhir/Patient/1'), entry('https://other/Patient/1'))).toBeUndefined()
  expect(
    baseOf(entry('https://h/fhir/Patient/1'), entry('urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0')),
  ).toBeUndefined()
  expect(baseOf(entry('https://h/fhir/Patient/1'), entry())).toBeUndefined()
  expect(baseOf()).toBeUndefined()
})

it('and nothing of what its history says was deleted last, but what came again', async () => {
  const url = 'https://h/fhir/Patient'
  const told = (id: string, method: string): Entry => ({
    fullUrl: `${url}/${id}`,
    request: { method, url: `Patient/${id}` },
    ...(method !== 'DELETE' && { resource: { resourceType: 'Patient', id } }),
  })
  const entries = [
    { request: { method: 'DELETE', url: 'Patient/gone' } },
    told('again', 'PUT'),
    told('again', 'DELETE'),
    told('gone', 'PUT'),
    told('stays', 'POST'),
  ]
  const source = bundleSource('history', { resourceType: 'Bundle', type: 'history', entry: entries })
  const found = await source.read(['gone', 'again', 'stays'].map((id) => ({ by: 'url', url: `${url}/${id}` })))
  expect(found.map((versions) => versions.length)).toEqual([0, 1, 1])
})
