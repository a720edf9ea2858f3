/** Two people at one draft never overwrite each other. */

import { describe, expect, it } from 'vitest'
import type { Composition } from '../../../src/fhir/types.ts'
import { settle } from '../../../src/web/draft/saving.ts'
import { keyed, withSection, type SectionEdit } from '../../../src/web/draft/sections.ts'
import { joined } from '../../../src/web/draft/section-text.ts'

const seen: Composition = keyed({ resourceType: 'Composition', section: [{ code: { coding: [{ code: 'a' }] } }, { code: { coding: [{ code: 'b' }] } }] }) // prettier-ignore

function edit(words: string): SectionEdit {
  return { words, follows: 'entries', entries: [], emptyReason: undefined }
}

function written(composition: Composition, key: string, words: string): Composition {
  const text = joined({ words, follows: 'entries' }, undefined)
  return withSection(composition, key, (section) => ({ ...section, ...(text !== undefined && { text }) }))
}

describe('a save', () => {
  const mine = edit('<p>mine</p>')

  it('is made where nobody else changed anything', () => {
    expect(settle({ key: 's-a', mine, seen, current: seen }).outcome).toBe('save')
  })

  it('is made where somebody else changed another section', () => {
    expect(settle({ key: 's-a', mine, seen, current: written(seen, 's-b', '<p>theirs</p>') }).outcome).toBe('save')
  })

  it('is a conflict that shows both where somebody else changed the same section', () => {
    const current = written(seen, 's-a', '<p>theirs</p>')
    expect(settle({ key: 's-a', mine, seen, current })).toEqual({ outcome: 'conflict', theirs: edit('<p>theirs</p>') })
  })

  it('is a conflict where it is not known what the person saw', () => {
    const current = written(seen, 's-a', '<p>theirs</p>')
    expect(settle({ key: 's-a', mine, seen: undefined, current }).outcome).toBe('conflict')
  })

  it('is none where both wrote the same, and none where the section is gone', () => {
    expect(settle({ key: 's-a', mine, seen, current: written(seen, 's-a', '<p>mine</p>') }).outcome).toBe('same')
    expect(settle({ key: 's-c', mine, seen, current: seen }).outcome).toBe('gone')
  })
})
