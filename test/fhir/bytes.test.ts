/** The bytes of a resource are those of its JSON text, however they are put together. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesOf } from '../../src/fhir/bytes.ts'
import { decimal } from '../../src/fhir/decimal.ts'
import { stringify } from '../../src/fhir/json.ts'
import { frozen } from '../../src/fhir/memo.ts'
import type { Json, JsonObject, Resource } from '../../src/fhir/types.ts'

const values: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, '', 'Ä "\u2028" 𝄞', decimal('1.50'), decimal('1e3')),
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'resource', 'entry', 'ü'), tie('value'), { maxKeys: 3 }),
  ),
})).value
const resources = fc.record({ resourceType: fc.constantFrom('Patient', 'List', 'Bundle'), a: values, entry: values })
const entries = fc.oneof(
  values,
  fc.record({ fullUrl: fc.string(), resource: fc.oneof(values, resources), search: values }, { requiredKeys: [] }),
)
const bundles = fc.record(
  { resourceType: fc.constant('Bundle'), type: values, entry: fc.array(entries, { maxLength: 4 }), signature: values },
  { requiredKeys: ['resourceType'] },
)

it('of any Bundle and any resource', () => {
  fc.assert(
    fc.property(fc.oneof(bundles, resources), fc.boolean(), (resource, isFrozen) => {
      const given = (isFrozen ? frozen(resource as JsonObject) : resource) as Resource
      expect(Buffer.from(bytesOf(given)).toString()).toBe(stringify(given))
      expect(Buffer.from(bytesOf(given)).toString()).toBe(stringify(given))
    }),
  )
})

it('a member without value is left out', () => {
  const entry = [{ resource: { resourceType: 'Patient', id: undefined }, fullUrl: undefined }]
  const bundle = { resourceType: 'Bundle', id: undefined, entry } as unknown as Resource
  expect(Buffer.from(bytesOf(bundle)).toString()).toBe(
    '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}',
  )
})

it('a resource that cannot change keeps its bytes', () => {
  const patient = frozen<Resource>({ resourceType: 'Patient', id: '1' })
  expect(bytesOf(patient)).toBe(bytesOf(patient))
})
