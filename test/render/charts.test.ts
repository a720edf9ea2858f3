/** Vital signs are drawn beside the text, with every value in words, and only where each value is sure. */

import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/fhir/json.ts'
import type { Collected, JsonObject, Resource } from '../../src/fhir/types.ts'
import { narrate } from '../../src/render/narrate.ts'
import { page } from '../../src/render/page.ts'
import { design, documentOf, readable } from './reader.ts'

function weight(id: string, when: string, value: string, more = ''): Resource {
  return parseJson(`{"resourceType":"Observation","id":"${id}","status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient/p"},
    "effectiveDateTime":"${when}","valueQuantity":{"value":${value},"unit":"kg"}${more}}`) as Resource
}

const code = { coding: [{ system: 'http://loinc.org', code: '8716-3' }] }

function sectionOf(resources: readonly Resource[], more: JsonObject = { code }): JsonObject {
  return { title: 'S', entry: resources.map(({ id }) => ({ reference: `Observation/${id}` })), ...more }
}

function shown(resources: readonly Resource[], more?: JsonObject): string {
  return page(documentOf({ section: [sectionOf(resources, more)] }, ...resources), design).xhtml
}

const course = [weight('a', '2026-01-01', '84.20'), weight('b', '2026-02-01', '82.5')]

describe('a chart', () => {
  it('says every value in words and prints it as it was sent', () => {
    const xhtml = shown(course)
    expect(xhtml).toContain('<svg')
    expect(readable(xhtml)).toContain(
      'Weight: 1 Jan 2026 84.20\u00a0kg; 1 Feb 2026 82.5\u00a0kg'.replaceAll('\u00a0', ' '),
    )
    expect(xhtml).toContain('>84.20</text>')
    expect(xhtml).toMatch(/<div class="made charts"/)
  })

  it('stands beside a text of the author', () => {
    const text = { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">mine</div>' }
    expect(shown(course, { code, text })).toContain('<svg')
  })

  it('is for vital signs alone: by the section, or by the category', () => {
    expect(shown(course, {})).not.toContain('<svg')
    const category = ',"category":[{"coding":[{"code":"vital-signs"}]}]'
    expect(shown([weight('a', '2026-01-01', '84', category), weight('b', '2026-02-01', '82', category)], {})).toContain(
      '<svg',
    )
  })

  it.each([
    ['one time', [course[0] as Resource]],
    ['two units', [course[0] as Resource, parseJson(JSON.stringify(course[1]).replace('"kg"', '"lb"')) as Resource]],
    [
      'a comparator',
      [
        course[0] as Resource,
        parseJson(JSON.stringify(course[1]).replace('"unit"', '"comparator":"<","unit"')) as Resource,
      ],
    ],
    ['an error', [course[0] as Resource, { ...course[1], status: 'entered-in-error' } as Resource]],
    [
      'an unknown modifier',
      [course[0] as Resource, { ...course[1], modifierExtension: [{ url: 'urn:x' }] } as Resource],
    ],
    ['another person', [course[0] as Resource, { ...course[1], subject: { reference: 'Patient/q' } } as Resource]],
    ['a month', [course[0] as Resource, { ...course[1], effectiveDateTime: '2026-02' } as Resource]],
  ])('is not drawn from %s', (_, resources) => {
    expect(shown(resources)).not.toContain('<svg')
  })

  it('never stands in narrative that is signed', () => {
    const bundle = documentOf({ status: 'preliminary', section: [sectionOf(course)] }, ...course) as Collected
    expect(JSON.stringify(narrate(bundle, design).bundle)).not.toContain('svg')
  })
})
