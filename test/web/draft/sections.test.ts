/** Sections are found by keys that stay while they move; changes give new Compositions. */

import { describe, expect, it } from 'vitest'
import type { Composition, Section } from '../../../src/fhir/types.ts'
import {
  editOf,
  isSameEdit,
  keyed,
  moved,
  placed,
  sectionOf,
  withChoice,
  withSection,
} from '../../../src/web/draft/sections.ts'

function section(code: string, members: Partial<Section> = {}): Section {
  return { title: code, code: { coding: [{ code }] }, ...members }
}

const composition: Composition = keyed({
  resourceType: 'Composition',
  section: [section('a'), section('b', { section: [section('c'), section('c')] }), section('d')],
})

describe('sections', () => {
  it('each have a key of their own, made of the code', () => {
    expect(placed(composition.section).map(({ key }) => key)).toEqual(['s-a', 's-b', 's-c', 's-c-2', 's-d'])
    expect(keyed(composition)).toEqual(composition)
  })

  it('move among their like and keep their keys; the outermost ones stay where they are', () => {
    expect(moved(composition, 's-d', -1).section?.map(({ id }) => id)).toEqual(['s-a', 's-d', 's-b'])
    expect(moved(composition, 's-c', 1).section?.[1]?.section?.map(({ id }) => id)).toEqual(['s-c-2', 's-c'])
    expect(moved(composition, 's-a', -1)).toEqual(composition)
    expect(moved(composition, 's-d', 1)).toEqual(composition)
  })

  it('are changed by their key, and the Composition that was given is not', () => {
    const before = JSON.stringify(composition)
    const changed = withSection(composition, 's-c-2', (one) => ({ ...one, title: 'new' }))
    expect(sectionOf(changed, 's-c-2')?.title).toBe('new')
    expect(sectionOf(changed, 's-c')?.title).toBe('c')
    expect(JSON.stringify(composition)).toBe(before)
  })

  it('keep what is said of an entry that stays chosen', () => {
    const one = section('a', { entry: [{ reference: 'Condition/1', display: 'Asthma' }, { reference: 'Condition/2' }] })
    const edit = { ...editOf(one), entries: ['Condition/3', 'Condition/1'] }
    expect(withChoice(one, edit).entry).toEqual([{ reference: 'Condition/3' }, { reference: 'Condition/1', display: 'Asthma' }]) // prettier-ignore
  })

  it('say why they are empty only while they are', () => {
    const none = withChoice(section('a'), { words: '', follows: 'entries', entries: [], emptyReason: 'nilknown' })
    expect(none.emptyReason?.coding?.[0]?.code).toBe('nilknown')
    const some = withChoice(none, { words: '', follows: 'entries', entries: ['Condition/1'], emptyReason: 'nilknown' })
    expect(some.emptyReason).toBeUndefined()
    const begun = { words: '<p>Begun</p>', follows: 'entries', entries: [], emptyReason: 'notstarted' } as const
    expect(withChoice(section('a'), begun).emptyReason).toBeUndefined()
  })

  it('are decided the same where only what has no meaning differs', () => {
    const one = { words: '', follows: 'entries', entries: ['Condition/1'], emptyReason: 'nilknown' } as const
    expect(isSameEdit(one, { ...one, emptyReason: undefined })).toBe(true)
    expect(isSameEdit(one, { ...one, entries: [] })).toBe(false)
  })
})
