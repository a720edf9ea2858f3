/** What is remembered of a resource is what would be found of it anew, in whatever document it stands. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { check, compileChecks } from '../../src/check/check.ts'
import { contentOf, freshContent } from '../../src/check/content.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { Bundle, Entry, Resource } from '../../src/fhir/types.ts'
import { base, fixtures } from './fixtures.ts'

const definitions = await loadDefinitions()
const checks = compileChecks(definitions)

/** The Bundle with resources that cannot change, which rules would trip over if they tried. */
function steady(bundle: Bundle): Bundle {
  return frozen(parseJson(stringify(bundle))) as Bundle
}

/** The Bundle with resources that were never seen before. */
function anew(bundle: Bundle): Bundle {
  return parseJson(stringify(bundle)) as Bundle
}

it.each(fixtures.map((fixture) => ({ ...fixture, title: `${fixture.rule} ${fixture.name}` })))(
  '$title is judged from memory as it was judged at first',
  ({ bundle }) => {
    const known = steady(bundle)
    const first = check(known, checks)
    expect(first).toEqual(check(anew(bundle), checks))
    expect(check(known, checks)).toEqual(first)
  },
)

const entries: readonly Entry[] = [base, ...fixtures.map(({ bundle }) => bundle)].flatMap((bundle) =>
  (steady(bundle).entry ?? []).filter((entry) => typeof entry === 'object' && entry !== null),
)

it('a resource is judged in each document by what stands around it there', () => {
  const others = fc.array(fc.constantFrom(...entries), { maxLength: 12 })
  const first = fc.constantFrom(...entries.filter(({ resource }) => resource?.resourceType === 'Composition'))
  const fullUrls = fc.constantFrom('own', 'urn', 'other')
  fc.assert(
    fc.property(first, others, fullUrls, (composition, rest, fullUrl) => {
      const entry = [composition, ...rest].map((one, index) => {
        if (fullUrl === 'own') return one
        return { ...one, fullUrl: fullUrl === 'urn' ? `urn:uuid:${index}` : `https://x.example/Basic/${index}` }
      })
      const bundle: Bundle = { ...base, entry }
      expect(check(bundle, checks)).toEqual(check(anew(bundle), checks))
    }),
    { numRuns: 150 },
  )
})

const patient: Resource = { resourceType: 'Patient', id: '1', extension: [{ url: 'u', valueDecimal: 1.5 }] }

it('a resource that can still change is looked at anew', () => {
  expect(contentOf(patient, definitions)).not.toBe(contentOf(patient, definitions))
})

it('a resource that cannot change has one content for each set of definitions', () => {
  const known = frozen(structuredClone(patient))
  const content = contentOf(known, definitions)
  expect(contentOf(known, definitions)).toBe(content)
  expect(contentOf(known, { ...definitions })).not.toBe(content)
  expect(freshContent(known, definitions)).not.toBe(content)
})

it('one resource in two entries is told of at both', () => {
  const one = frozen({ ...patient, birthDate: '2026-02-30' })
  const bundle: Bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: one }, { resource: one }] }
  const found = check(bundle, checks).filter(({ rule }) => rule === 'calendar')
  expect(found.map(({ expression }) => expression)).toEqual([
    'Bundle.entry[0].resource.birthDate',
    'Bundle.entry[1].resource.birthDate',
  ])
})
