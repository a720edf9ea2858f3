/** Walking meets every element once, with its datatype and its FHIRPath; rewriting copies only what changes. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { Json, Resource } from '../../src/fhir/types.ts'
import { expressionOf, rewrite, walk } from '../../src/fhir/walk.ts'
import { model } from '../model.ts'

const patient: Resource = {
  resourceType: 'Patient',
  birthDate: '1957-04-12',
  _birthDate: { extension: [{ url: 'urn:e', valueQuantity: { value: 1 } }] },
  name: [{ given: ['Ada', 'Testperson'], _given: [null, { id: 'g' }] }],
  contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
  nonsense: { deep: [1] },
}

function met(resource: Resource, root?: string): readonly string[] {
  const rows: string[] = []
  walk(resource, model, (node) => void rows.push(`${expressionOf(node)}: ${node.type}`), root)
  return rows
}

describe('walk', () => {
  it('meets primitive extensions, contained resources, choices by their FHIRPath name and unknown elements', () => {
    expect(met(patient)).toEqual([
      'Patient: Patient',
      'Patient.birthDate: date',
      'Patient.birthDate: Element',
      'Patient.birthDate.extension[0]: Extension',
      'Patient.birthDate.extension[0].url: uri',
      'Patient.birthDate.extension[0].value: Quantity',
      'Patient.birthDate.extension[0].value.value: decimal',
      'Patient.name[0]: HumanName',
      'Patient.name[0].given[0]: string',
      'Patient.name[0].given[1]: string',
      'Patient.name[0].given[1]: Element',
      'Patient.name[0].given[1].id: string',
      'Patient.contained[0]: Organization',
      'Patient.contained[0].id: id',
      'Patient.contained[0].name: string',
      'Patient.nonsense: undefined',
      'Patient.nonsense.deep[0]: undefined',
    ])
  })

  it('begins at the expression given and follows content references', () => {
    const composition: Resource = { resourceType: 'Composition', section: [{ section: [{ title: 't' }] }] }
    expect(met(composition, 'Bundle.entry[0].resource').at(-1)).toBe(
      'Bundle.entry[0].resource.section[0].section[0].title: string',
    )
  })

  it('knows the nearest resource and the one that contains it', () => {
    const bundle: Resource = { resourceType: 'Bundle', entry: [{ resource: patient }] }
    const rows: string[] = []
    walk(bundle, model, ({ value, resource, container }) => {
      if (value === 'O') rows.push(`${resource.resourceType} in ${container.resourceType}`)
    })
    expect(rows).toEqual(['Organization in Patient'])
  })

  it('passes over what is below where the visitor answers false', () => {
    const seen: string[] = []
    walk(patient, model, (node) => {
      seen.push(node.name)
      return node.name !== 'contained'
    })
    expect(seen).toContain('contained')
    expect(seen).not.toContain('O')
    expect(seen.filter((name) => name === 'name')).toHaveLength(1)
  })
})

describe('rewrite', () => {
  it('answers the same object where nothing changes', () => {
    expect(rewrite(patient, model, () => undefined)).toBe(patient)
  })

  it('copies the way to what changes and shares the rest, decimals too', () => {
    const resource = parseJson(
      '{"resourceType":"Observation","valueQuantity":{"value":1.50},"note":[{"text":"a"}]}',
    ) as Resource
    const before = JSON.stringify(resource)
    const changed = rewrite(resource, model, ({ type, value }) =>
      type === 'markdown' ? `${value as string}b` : undefined,
    )
    expect(JSON.stringify(changed)).toBe(before.replace('"a"', '"ab"'))
    expect(changed['valueQuantity']).toBe(resource['valueQuantity'])
    expect(JSON.stringify(resource)).toBe(before)
  })

  it('any JSON below a resource is walked without a fault and left as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
        const resource = { ...members, resourceType: 'Patient' } as Record<string, Json> as Resource
        const before = JSON.stringify(resource)
        expect(rewrite(resource, model, () => undefined)).toBe(resource)
        expect(JSON.stringify(resource)).toBe(before)
      }),
    )
  })
})
