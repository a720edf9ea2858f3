/** A search gives every match of every page, or an error: never fewer. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { searched } from '../../../src/edge/store/search-pages.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import type { Json, Resource } from '../../../src/fhir/types.ts'

const base = 'https://ehr.example/fhir'

/** How the last page, or the way to it, is broken. */
const faults = ['none', 'missing', 'circle', 'no Bundle', 'total', 'outcome'] as const

it('whatever the pages are like', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(...faults),
      fc.integer({ min: 1, max: 10 }),
      async (sizes, fault, maxPages) => {
        const pages = pagesOf(sizes, fault)
        const [first] = pages
        const all = sizes.reduce((sum, size) => sum + size, 0)
        const outcome = await searched(first as Resource, 'Patient?x', {
          base,
          maxPages,
          page: (url) => {
            const body = pages[Number(new URL(url).searchParams.get('page'))]
            return Promise.resolve(body === undefined ? { status: 404 } : { status: 200, body })
          },
        }).catch((error: unknown) => error)
        const isWhole = fault === 'none' && sizes.length <= maxPages
        if (isWhole) expect(outcome).toHaveLength(all)
        else expect(outcome).toBeInstanceOf(FhirError)
      },
    ),
  )
})

function pagesOf(sizes: readonly number[], fault: (typeof faults)[number]): readonly Json[] {
  const all = sizes.reduce((sum, size) => sum + size, 0)
  return sizes.map((size, index) => {
    const isLast = index === sizes.length - 1
    const entry: Json[] = Array.from({ length: size }, (_, place) => ({
      resource: { resourceType: 'Patient', id: `${index}-${place}` },
      search: { mode: 'match' },
    }))
    if (isLast && fault === 'outcome') {
      const issue = [{ severity: 'error', code: 'incomplete' }]
      entry.push({ resource: { resourceType: 'OperationOutcome', issue }, search: { mode: 'outcome' } })
    }
    const next = isLast ? { missing: sizes.length + 1, circle: 1 }[fault as string] : index + 1
    return {
      resourceType: isLast && fault === 'no Bundle' ? 'Patient' : 'Bundle',
      total: fault === 'total' ? all + 1 : all,
      entry,
      ...(next !== undefined && { link: [{ relation: 'next', url: `${base}?page=${next}` }] }),
    }
  })
}
