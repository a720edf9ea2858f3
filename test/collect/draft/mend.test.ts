import { describe, expect, it } from 'vitest'
import { mend, recoded, type Displays } from '../../../src/collect/draft/mend.ts'
import type { JsonObject, Resource } from '../../../src/fhir/types.ts'
import { model } from '../../model.ts'

const displays: Displays = (system, code) =>
  system !== 'https://codes.example' ? [] : ({ S: ['Never Married'], M: ['Married'] }[code] ?? 'unknown')

function concept(coding: JsonObject, text?: string): JsonObject {
  return { coding: [{ system: 'https://codes.example', ...coding }], ...(text !== undefined && { text }) }
}

function mended(maritalStatus: JsonObject): Resource {
  return mend({ resourceType: 'Patient', id: 'p', maritalStatus }, model, displays).resource
}

describe('a display that is not that of its system', () => {
  it('becomes the text, so that nothing is lost', () => {
    expect(mended(concept({ code: 'S', display: 'single' }))).toMatchObject({
      maritalStatus: { coding: [{ code: 'S', display: 'Never Married' }], text: 'single' },
    })
  })

  it('stays where the text says something else: it would be lost', () => {
    const own = concept({ code: 'S', display: 'single' }, 'lives alone')
    expect(mended(own)['maritalStatus']).toEqual(own)
  })

  it('gives way where it only repeats the code', () => {
    expect(mended(concept({ code: 'S', display: 'S' }, 'lives alone'))).toMatchObject({
      maritalStatus: { coding: [{ display: 'Never Married' }], text: 'lives alone' },
    })
  })

  it('is left alone where it is one of the displays, but for case and space', () => {
    const own = concept({ code: 'S', display: 'never  married' })
    expect(mended(own)['maritalStatus']).toEqual(own)
  })
})

describe('a code that its system has not', () => {
  it('stands without the system, with its words as the text', () => {
    expect(mended(concept({ code: 'X', display: 'other' }))['maritalStatus']).toEqual({
      coding: [{ code: 'X', display: 'other' }],
      text: 'other',
    })
  })
})

describe('a vital sign', () => {
  const observation = (code: string, members: JsonObject = {}): Resource => ({
    resourceType: 'Observation',
    id: 'o',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    ...members,
  })

  it('with a more exact code has that of its profile beside it', () => {
    expect(mend(observation('8331-1'), model, displays).resource).toMatchObject({
      code: { coding: [{ code: '8331-1' }, { system: 'http://loinc.org', code: '8310-5' }] },
    })
  })

  it('that is a pressure alone is no panel of pressures', () => {
    const systolic = observation('8480-6')
    expect(mend(systolic, model, displays).resource).toBe(systolic)
    expect(mend(observation('55284-4', { component: [{}] }), model, displays).mended).toHaveLength(1)
  })
})

describe('a link in the text of an entry', () => {
  const text = (inner: string): Resource => ({
    resourceType: 'Patient',
    id: 'p',
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>` },
  })

  it('to a place of another document is plain text', () => {
    expect(mend(text('<a href="#gone">Eva</a>'), model, displays).resource.text?.div).toContain('<a>Eva</a>')
  })

  it('to a place in the text itself stays', () => {
    const own = text('<a href="#here">Eva</a><p id="here">1961</p>')
    expect(mend(own, model, displays).resource).toBe(own)
  })
})

describe('a code that a version of a guide writes in another way', () => {
  it('is written so, and told', () => {
    const system = 'https://codes.example'
    const given: Resource = { resourceType: 'Patient', id: 'p', maritalStatus: concept({ code: 'M' }) }
    const { resource, mended: told } = recoded(given, [{ system, code: 'M', as: 'married' }], model)
    expect(resource).toMatchObject({ maritalStatus: { coding: [{ system, code: 'married' }] } })
    expect(told).toHaveLength(1)
    expect(recoded(given, [{ system, code: 'S', as: 'single' }], model).resource).toBe(given)
  })
})
