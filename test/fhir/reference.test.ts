/** References are parsed and resolved by the rules of the Bundle page. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { indexBundle, matchIdentifier, parseReference, resolve, restBase } from '../../src/fhir/reference.ts'
import type { Bundle, Entry, Resource } from '../../src/fhir/types.ts'

describe('parseReference', () => {
  it.each([
    ['#a', { form: 'fragment', id: 'a' }],
    ['#', { form: 'fragment', id: '' }],
    ['Patient/1', { form: 'relative', type: 'Patient', id: '1' }],
    ['Patient/1/_history/2', { form: 'relative', type: 'Patient', id: '1', version: '2' }],
    [
      'http://h/a/Patient/1',
      { form: 'rest', url: 'http://h/a/Patient/1', base: 'http://h/a', type: 'Patient', id: '1' },
    ],
    [
      'https://h/Patient/1/_history/2#x',
      {
        form: 'rest',
        url: 'https://h/Patient/1',
        base: 'https://h',
        type: 'Patient',
        id: '1',
        version: '2',
        fragment: 'x',
      },
    ],
    [
      'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
      { form: 'uri', url: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
    ],
    ['urn:oid:1.2.3', { form: 'uri', url: 'urn:oid:1.2.3' }],
    ['http://h/doc#part', { form: 'uri', url: 'http://h/doc', fragment: 'part' }],
    ['Patient?identifier=1', { form: 'conditional' }],
    ['patient/1', { form: 'malformed' }],
    ['/Patient/1', { form: 'malformed' }],
    ['Patient/', { form: 'malformed' }],
    ['', { form: 'malformed' }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected)
  })

  it('keeps nothing of the body that a reference was read from', () => {
    const before = heapBytes()
    for (let count = 0; count < 100; count += 1) {
      const body = `${'x'.repeat(1_000_000)} Patient/of-the-body-number-${count}`
      // flat, as a body that was received is
      parseReference(Buffer.from(body).toString().slice(1_000_001))
    }
    expect(heapBytes() - before).toBeLessThan(20_000_000)
  })
})

const patient = (id: string, version?: string): Resource => ({
  resourceType: 'Patient',
  id,
  ...(version !== undefined && { meta: { versionId: version } }),
  identifier: [{ system: 'urn:s', value: id }],
})

function bundleOf(...entry: Entry[]): Bundle {
  return { resourceType: 'Bundle', type: 'document', entry }
}

describe('resolve', () => {
  const holder: Resource = { resourceType: 'Observation', id: 'o', contained: [{ resourceType: 'Device', id: 'd' }] }
  const rest = 'http://h/Observation/o'

  it('a relative reference takes the base of the entry that holds it (REF-4)', () => {
    const index = indexBundle(bundleOf({ fullUrl: 'http://h/Patient/1', resource: patient('1') }))
    expect(resolve(index, 'Patient/1', { fullUrl: rest, container: holder })).toMatchObject({
      outcome: 'entry',
      entry: { index: 0 },
    })
    expect(resolve(index, 'Patient/1', { fullUrl: 'http://other/Observation/o', container: holder })).toEqual({
      outcome: 'outside',
      url: 'http://other/Patient/1',
    })
  })

  it('a relative reference in an entry without REST base means nothing, though one has its type and id', () => {
    const index = indexBundle(bundleOf({ fullUrl: 'urn:uuid:1', resource: patient('1') }))
    expect(resolve(index, 'Patient/1', { fullUrl: 'urn:uuid:2', container: holder })).toMatchObject({
      outcome: 'no-base',
      candidates: [{ index: 0 }],
    })
  })

  it('an absolute reference is compared character by character (REF-3)', () => {
    const index = indexBundle(bundleOf({ fullUrl: 'urn:uuid:ab', resource: patient('1') }))
    expect(resolve(index, 'urn:uuid:ab', { container: holder }).outcome).toBe('entry')
    expect(resolve(index, 'urn:uuid:AB', { container: holder }).outcome).toBe('outside')
  })

  it('a versioned reference wants that very version, an unversioned one among two versions is ambiguous (REF-5, REF-6)', () => {
    const url = 'http://h/Patient/1'
    const index = indexBundle(
      bundleOf({ fullUrl: url, resource: patient('1', '1') }, { fullUrl: url, resource: patient('1', '2') }),
    )
    const at = { fullUrl: rest, container: holder }
    expect(resolve(index, 'Patient/1/_history/2', at)).toMatchObject({ outcome: 'entry', entry: { index: 1 } })
    expect(resolve(index, 'Patient/1/_history/3', at).outcome).toBe('other-version')
    expect(resolve(index, 'Patient/1', at).outcome).toBe('ambiguous')
    const single = indexBundle(bundleOf({ fullUrl: url, resource: patient('1') }))
    expect(resolve(single, 'Patient/1/_history/1', at).outcome).toBe('other-version')
  })

  it('a fragment names a contained resource of its own container, never of another entry (REF-1)', () => {
    const index = indexBundle(bundleOf({ fullUrl: rest, resource: holder }))
    expect(resolve(index, '#d', { fullUrl: rest, container: holder })).toMatchObject({
      outcome: 'contained',
      contained: { id: 'd' },
    })
    expect(resolve(index, '#d', { fullUrl: rest, container: patient('1') }).outcome).toBe('no-fragment')
    expect(resolve(index, '#', { fullUrl: rest, container: holder }).outcome).toBe('container')
    expect(resolve(index, `${rest}#d`, { container: patient('1') })).toMatchObject({
      outcome: 'entry',
      contained: { id: 'd' },
    })
    expect(resolve(index, `${rest}#x`, { container: patient('1') }).outcome).toBe('no-fragment')
  })

  it('identifiers match by system, value and type alone (REF-7)', () => {
    const index = indexBundle(
      bundleOf({ fullUrl: 'urn:uuid:1', resource: patient('1') }, { fullUrl: 'urn:uuid:2', resource: patient('2') }),
    )
    expect(matchIdentifier(index, { identifier: { system: 'urn:s', value: '2' } }).map(({ index: at }) => at)).toEqual([
      1,
    ])
    expect(matchIdentifier(index, { type: 'Device', identifier: { system: 'urn:s', value: '2' } })).toEqual([])
    expect(matchIdentifier(index, { identifier: { value: '2' } })).toEqual([])
  })
})

it('only a RESTful fullUrl has a base', () => {
  expect(restBase('https://h/fhir/Patient/1')).toBe('https://h/fhir')
  expect(restBase('urn:uuid:1')).toBeUndefined()
  expect(restBase(undefined)).toBeUndefined()
})

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
