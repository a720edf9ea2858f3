/** What the rules of narrative say, and where; that each finds what breaks it is tested with the fixtures of all rules. */

import { describe, expect, it } from 'vitest'
import { documentFindings } from '../../src/check/document-findings.ts'
import { narrativeRules } from '../../src/check/narrative.ts'
import { subjectOf } from '../../src/check/subject.ts'
import type { Definitions } from '../../src/fhir/definitions.ts'
import type { Bundle } from '../../src/fhir/types.ts'

/** The findings of all narrative rules, by rule and place. No narrative rule asks the definitions. */
function found(bundle: Bundle): readonly string[] {
  const subject = subjectOf(bundle, {} as Definitions)
  return documentFindings(subject, narrativeRules).flatMap(({ rule: { id }, findings }) =>
    findings.map(({ expression, text }) => `${id} ${expression}: ${text}`),
  )
}

function report(div: string, resource: object = {}): Bundle {
  const text = { status: 'additional', div }
  return {
    resourceType: 'Bundle',
    type: 'document',
    entry: [{ resource: { resourceType: 'Composition', ...resource, section: [{ title: 'A', section: [{ text }] }] } }],
  }
}

const inDiv = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`

describe('a finding', () => {
  it('stands at the div of a section at any depth', () => {
    expect(found(report(inDiv('<p onclick="x">1</p>')))).toEqual([
      'txt-1 Bundle.entry[0].resource.section[0].section[0].text.div: The attribute onclick is not allowed on p',
      'narrative-safe Bundle.entry[0].resource.section[0].section[0].text.div: The attribute onclick runs a script, expected none in a narrative',
    ])
  })

  it('stands at the div of a contained resource', () => {
    const contained = [{ resourceType: 'Patient', text: { div: '<div>x</div>' } }]
    expect(found(report(inDiv('x'), { contained }))).toEqual([
      'narrative-root Bundle.entry[0].resource.contained[0].text.div: The root is in no namespace, expected xmlns="http://www.w3.org/1999/xhtml"',
    ])
  })

  it('says where markup breaks', () => {
    expect(found(report(inDiv('<p>\na & b</p>')))).toEqual([
      'narrative-well-formed Bundle.entry[0].resource.section[0].section[0].text.div: The character & begins no reference, expected &amp;, at character 49 (line 2) of the narrative',
    ])
  })

  it('is told once for each different text, and of many the first five', () => {
    expect(found(report(inDiv('<b x="1" x2="1">1</b>'.repeat(3))))).toHaveLength(2)
    expect(
      found(report(inDiv(Array.from({ length: 9 }, (_, place) => `<b x${place}="1">1</b>`).join('')))),
    ).toHaveLength(5)
  })
})

it.each([
  ['no entries', { resourceType: 'Bundle' }],
  [
    'members of other types',
    {
      resourceType: 'Bundle',
      link: 5,
      entry: [
        null,
        { resource: { resourceType: 'X', contained: 3, section: [null, 3, { text: 7 }], text: { div: 5 } } },
      ],
    },
  ],
  ['links of other types', { resourceType: 'Bundle', link: [null, 3, { relation: 'stylesheet', url: 7 }] }],
])('a Bundle with %s has no finding and crashes nothing', (_, bundle) => {
  expect(found(bundle as unknown as Bundle)).toEqual([])
})
