/** What is told of a resource once is told again only where what its references name is the same. */

import { describe, expect, it } from 'vitest'
import { frozen } from '../../src/fhir/memo.ts'
import type { Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable } from './reader.ts'

const shot = frozen({
  resourceType: 'Immunization',
  id: 'i',
  status: 'completed',
  patient: { reference: 'Patient/p' },
  vaccineCode: { text: 'BCG' },
  occurrenceDateTime: '2020-04-01',
  performer: [{ actor: { reference: 'Practitioner/d' } }],
}) as Resource

function told(family: string, lang?: string): string {
  const doctor: Resource = { resourceType: 'Practitioner', id: 'd', name: [{ family }] }
  const bundle = documentOf({ section: [{ title: 'S', entry: [{ reference: 'Immunization/i' }] }] }, shot, doctor)
  return readable(page(bundle, lang === undefined ? design : { ...design, lang }).xhtml)
}

describe('the row of a resource that cannot change', () => {
  it('names whom its references name in this document', () => {
    expect(told('Lang')).toContain('Lang')
    const other = told('Kurz')
    expect(other).toContain('Kurz')
    expect(other).not.toContain('Lang')
    expect(told('Lang')).toContain('Lang')
  })

  it('is said in the language of each page', () => {
    expect(told('Lang', 'en')).toContain('Status')
    expect(told('Lang', 'de')).not.toBe(told('Lang', 'en'))
    expect(told('Lang', 'en')).toBe(told('Lang', 'en'))
  })
})
