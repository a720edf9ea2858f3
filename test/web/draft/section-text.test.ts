/** The words of a person and what is generated stay apart, however often they are joined. */

import { describe, expect, it } from 'vitest'
import type { Narrative } from '../../../src/fhir/types.ts'
import { insideOf, joined, textOf } from '../../../src/web/draft/section-text.ts'

const XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"'
const generated: Narrative = {
  status: 'generated',
  div: `<div ${XMLNS} lang="de" xml:lang="de"><table><tbody><tr><td>Metformin</td></tr></tbody></table></div>`,
}
const entry = [{ reference: 'MedicationStatement/1' }]

describe('the text of a section', () => {
  it('is generated alone where nobody wrote anything', () => {
    expect(joined({ words: '', follows: 'entries' }, generated)).toBe(generated)
    expect(textOf({ text: generated, entry })).toEqual({ words: '', follows: 'entries' })
  })

  it('has the words before what is generated, says that it is additional, and gives both parts back', () => {
    const words = '<p>Taken with meals</p>'
    const text = joined({ words, follows: 'entries' }, generated)
    expect(text?.status).toBe('additional')
    expect(text?.div).toBe(`<div ${XMLNS} xml:lang="de" lang="de"><div>${words}</div><div class="generated">${insideOf(generated.div ?? '')}</div></div>`) // prettier-ignore
    expect(textOf({ ...(text !== undefined && { text }), entry })).toEqual({ words, follows: 'entries' })
  })

  it('is the words alone where it is written by hand, and does not follow the entries then', () => {
    const words = '<p>Metformin, stopped</p>'
    const text = joined({ words, follows: 'hand' }, generated)
    expect(text?.div).toBe(`<div ${XMLNS}><div>${words}</div></div>`)
    expect(textOf({ ...(text !== undefined && { text }), entry })).toEqual({ words, follows: 'hand' })
    expect(textOf({ ...(text !== undefined && { text }) })).toEqual({ words, follows: 'entries' })
  })

  it('of another system is taken as written by hand, whole', () => {
    const text = { status: 'additional', div: `<div ${XMLNS}><p>One</p><p>Two</p></div>` }
    expect(textOf({ text, entry })).toEqual({ words: '<p>One</p><p>Two</p>', follows: 'hand' })
  })

  it('is none where there is nothing', () => {
    expect(joined({ words: '', follows: 'entries' }, undefined)).toBeUndefined()
    expect(textOf({})).toEqual({ words: '', follows: 'entries' })
  })
})
