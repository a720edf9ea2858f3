/** What is found at the parts of a document is found again only where something is another that was looked at. */

import { expect, it } from 'vitest'
import { atSpots } from '../../src/check/spots.ts'
import { subjectOf } from '../../src/check/subject.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { Bundle, Resource } from '../../src/fhir/types.ts'

const definitions = await loadDefinitions()

const composition = frozen<Resource>({ resourceType: 'Composition', id: 'c', title: 'Letter' })
const basic = (id: string, created: string): Resource => frozen({ resourceType: 'Basic', id, created })

function documentOf(head: Resource, ...others: readonly Resource[]): Bundle {
  const entry = [head, ...others].map((resource) => ({ fullUrl: `https://example.org/${resource.id}`, resource }))
  return { resourceType: 'Bundle', type: 'document', entry }
}

/** Looks at each entry beside the first one, and at the one after it; tells when it was created. */
function looking(): { readonly asked: number[]; readonly found: (bundle: Bundle) => readonly string[] } {
  const asked: number[] = []
  const findings = atSpots(
    ({ index }) => index.entries.flatMap((_, place) => (place === 0 ? [] : [place])),
    (place, { index }) => {
      asked.push(place)
      const { resource } = index.entries[place] ?? {}
      return { findings: [{ expression: resource?.['created'] as string }], at: [place, place + 1] }
    },
  )
  return { asked, found: (bundle) => findings(subjectOf(bundle, definitions)).map(({ expression }) => expression) }
}

it('only the spots that look at what is another are looked at again', () => {
  const { asked, found } = looking()
  const [a, b, c] = [basic('a', '2001'), basic('b', '2002'), basic('c', '2003')]
  expect(found(documentOf(composition, a, b, c))).toEqual(['2001', '2002', '2003'])
  expect(found(documentOf(composition, a, b, c))).toEqual(['2001', '2002', '2003'])
  expect(asked.splice(0)).toEqual([1, 2, 3])
  expect(found(documentOf(composition, a, basic('b', '2012'), c))).toEqual(['2001', '2012', '2003'])
  expect(asked.splice(0)).toEqual([1, 2])
})

it('another outline, another Composition and resources that may change are looked at as a whole', () => {
  const { asked, found } = looking()
  const [a, b] = [basic('a', '2001'), basic('b', '2002')]
  found(documentOf(composition, a, b))
  asked.splice(0)
  found(documentOf(composition, b, a))
  expect(asked.splice(0)).toEqual([1, 2])
  found(documentOf(frozen({ ...composition }), b, a))
  expect(asked.splice(0)).toEqual([1, 2])
  found(documentOf(composition, { ...b }, a))
  found(documentOf(composition, { ...b }, a))
  expect(asked.splice(0)).toEqual([1, 2, 1, 2])
})

it('a Bundle without a Composition is looked at each time', () => {
  const { asked, found } = looking()
  const collection: Bundle = { ...documentOf(basic('x', '2000'), basic('a', '2001')), type: 'collection' }
  expect([found(collection), found(collection)]).toEqual([['2001'], ['2001']])
  expect(asked).toEqual([1, 1])
})
