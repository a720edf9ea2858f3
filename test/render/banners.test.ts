/** What a reader must see first stands first. */

import { describe, expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, patient } from './reader.ts'

function banners(composition: JsonObject, ...resources: readonly Resource[]): readonly string[] {
  const { xhtml } = page(documentOf(composition, ...resources), design)
  const before = xhtml.slice(0, xhtml.indexOf('<div class="title">'))
  return [...before.matchAll(/<p class="banner (\w+)"[^>]*><strong>(.*?)<\/strong>/g)].map(
    ([, tone, words]) => `${tone}: ${words}`,
  )
}

describe('banners', () => {
  it('are none over a final document about one patient', () => {
    expect(banners({})).toEqual([])
  })

  it.each([
    ['entered-in-error', 'error: Entered in error'],
    ['preliminary', 'warning: Preliminary'],
    ['amended', 'notice: Amended'],
    ['cancelled', 'error: Cancelled'],
    ['deprecated', 'error: Deprecated'],
    ['registered', 'warning: Registered'],
    ['no-such-status', 'warning: The status of this document is not known'],
    ['constructor', 'warning: The status of this document is not known'],
  ])('tell of the status %s', (status, words) => {
    expect(banners({ status })[0]).toContain(words)
  })

  it('tell of confidentiality by the Composition alone, which a signature covers', () => {
    expect(banners({ confidentiality: 'V' })).toEqual(['notice: Confidentiality: very restricted'])
    expect(banners({ meta: { security: [{ code: 'R' }] } })).toEqual(['notice: Confidentiality: restricted'])
    expect(banners({ confidentiality: 'N' })).toEqual([])
    const bundle = { ...documentOf({}), meta: { security: [{ code: 'R' }] } }
    expect(page(bundle, design).xhtml).not.toContain('restricted')
  })

  it.each([
    ['no subject', { subject: undefined }, 'warning: This document names no subject.'],
    [
      'a subject that is not there',
      { subject: { reference: 'Patient/gone', display: 'Somebody' } },
      'error: The record of the subject is not in this document: Somebody',
    ],
    [
      'a subject by identifier alone',
      { subject: { type: 'Patient', identifier: { system: 'urn:s', value: '1' } } },
      'error: The record of the subject is not in this document: Patient 1 (urn:s)',
    ],
  ])('tell of %s', (_, composition, words) => {
    expect(banners(composition as JsonObject)).toEqual([words])
  })

  it('tell of a subject found by type and id alone', () => {
    const bundle = documentOf({})
    const entry = (bundle.entry ?? []).map((one, place) => ({ ...one, fullUrl: `urn:uuid:${place}` }))
    expect(page({ ...bundle, entry }, design).xhtml).toContain('was found by its type and id alone')
  })

  it.each([
    ['not in use', { active: false }],
    ['replaced by another', { link: [{ type: 'replaced-by', other: { display: 'x' } }] }],
  ])('tell of a record that is %s (H-1)', (_, members) => {
    expect(banners({}, { ...patient, ...members })).toEqual([
      'error: The record of the subject is no longer in use or was replaced by another.',
    ])
  })
})
