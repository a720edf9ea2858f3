/** A Bundle as rules see it. */

import { expect, it } from 'vitest'
import { subjectOf } from '../../src/check/subject.ts'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { decimal } from '../../src/fhir/decimal.ts'
import type { Bundle } from '../../src/fhir/types.ts'
import { base, patched } from './fixtures.ts'

const definitions = await loadDefinitions()

it('is a copy in which every decimal is a double', () => {
  const bundle = patched(base, []) as unknown as Bundle
  const quantity = bundle.entry?.[6]?.resource?.['valueQuantity'] as { value: unknown }
  quantity.value = decimal('12.50')
  const { bundle: copy } = subjectOf(bundle, definitions)
  expect(copy).not.toBe(bundle)
  expect((copy.entry?.[6]?.resource?.['valueQuantity'] as { value: unknown }).value).toBe(12.5)
})

it('knows the Composition, and the links to and from each entry', () => {
  const document = subjectOf(base, definitions)
  const [composition, patient, practitioner] = document.index.entries
  expect(document.composition?.expression).toBe('Bundle.entry[0].resource')
  expect(patient && document.linksTo(patient).length).toBe(6)
  expect(practitioner && document.linksFrom(practitioner)).toEqual([])
  expect(composition && document.entryOf(composition.resource)).toBe(composition)
})

it('finds the entry whose resource contains another', () => {
  const document = subjectOf(base, definitions)
  const observation = document.index.entries[6]
  const [device] = observation?.resource.contained ?? []
  expect(device && document.entryOf(device)).toBe(observation)
})

it('a Bundle that is no document has no Composition to keep together', () => {
  expect(subjectOf({ ...base, type: 'collection' }, definitions).composition).toBeUndefined()
})
