import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../../src/edge/store/open-store.ts'
import { MAX_ALTERNATIVES, MAX_CHAIN_DEPTH } from '../../../../src/edge/store/search/group.ts'
import type { Store } from '../../../../src/ports.ts'
import { find, index, RECORDS, writeAll } from './records.ts'

let store: Store
beforeAll(async () => {
  store = await openStore('sqlite::memory:', { index })
  await writeAll(store, RECORDS)
})

describe('a search request', () => {
  it.each([
    'foo=1',
    '_text=x',
    '_content=x',
    '_filter=name eq x',
    'name.x=1',
    '_has:Observation:code:code=1',
    '_sort=foo',
    '_include=Patient:foo',
  ])('with %s is refused where handling is strict, and told of where it is lenient', async (parameter) => {
    await expect(find(store, `Patient?${parameter}`)).rejects.toMatchObject({
      issues: [{ severity: 'error', code: 'not-supported', text: expect.stringContaining(/^_(?:sort|include)/.test(parameter) ? parameter : (parameter.split('=')[0] ?? '')) as string }], // prettier-ignore
    })
    const { found, result } = await find(store, `Patient?${parameter}&gender=male`, { handling: 'lenient' })
    expect(found).toEqual(['Patient/bert'])
    expect(result.used).toEqual([['gender', 'male']])
    expect(result.issues).toMatchObject([{ severity: 'warning', code: 'not-supported' }])
  })

  it('that names several unknown parameters is refused for all of them', async () => {
    const refused = { issues: [{ code: 'not-supported' }, { code: 'not-supported' }] }
    await expect(find(store, 'Patient?foo=1&bar=2')).rejects.toMatchObject(refused)
  })

  it.each([
    ['name:foo=1', 'invalid'],
    ['gender:exact=1', 'invalid'],
    ['birthdate:not=2020', 'invalid'],
    ['name=', 'value'],
    ['name=a,,b', 'value'],
    ['birthdate=2026-13', 'value'],
    ['birthdate=2026-02-30', 'value'],
    ['birthdate=tomorrow', 'value'],
    ['birthdate=xx2020', 'value'],
    ['identifier=|', 'value'],
    ['identifier=a|b|c', 'value'],
    ['identifier:of-type=a|b', 'value'],
    ['name:missing=maybe', 'value'],
    ['general-practitioner=%23x', 'value'],
    ['general-practitioner=Patient%3Fx=1', 'value'],
    ['general-practitioner:Practitioner=Patient/1', 'value'],
    ['general-practitioner:Basic.code=1', 'invalid'],
    ['general-practitioner:Basic=1', 'invalid'],
    ['general-practitioner:Nonsense=1', 'invalid'],
    ['_count=many', 'value'],
    ['_count=-1', 'value'],
    ['_total=all', 'value'],
    ['_summary=all', 'value'],
    ['_sort=', 'value'],
    ['_include=Patient', 'value'],
    ['_include=Foo:bar', 'value'],
    ['_type=Foo', 'value'],
    ['_type=Observation', 'value'],
    [`name=${'a,'.repeat(MAX_ALTERNATIVES)}a`, 'invalid'],
    [`${'link.'.repeat(MAX_CHAIN_DEPTH + 1)}name=a`, 'invalid'],
    [Array.from({ length: 101 }, () => 'name=a').join('&'), 'invalid'],
  ])('with %s is refused with 400', async (parameters, code) => {
    const refused = { status: 400, issues: [{ code }] }
    await expect(find(store, `Patient?${parameters}`)).rejects.toMatchObject(refused)
    await expect(find(store, `Patient?${parameters}`, { handling: 'lenient' })).rejects.toMatchObject(refused)
  })

  it('says what of the resources is asked for', async () => {
    const { result } = await find(store, 'Patient?_elements=name,birthDate&_elements=gender&_summary=false')
    expect(result.shape).toEqual({ elements: ['name', 'birthDate', 'gender'] })
    expect((await find(store, 'Patient?_summary=text')).result.shape).toEqual({ summary: 'text' })
  })

  it.each(['_summary=count', '_count=0'])('for %s is answered with the number alone', async (parameter) => {
    const { found, result } = await find(store, `Patient?${parameter}&gender=male&_total=none`)
    expect(found).toEqual([])
    expect(result.total).toBe(1)
    expect(result.pages).toEqual({})
  })

  it('gets no longer page than is allowed', async () => {
    const { found, result } = await find(store, 'Patient?_count=1000', { maxCount: 2 })
    expect(found).toHaveLength(2)
    expect(result.total).toBe(3)
    expect(result.pages.next).toBeDefined()
  })
})
