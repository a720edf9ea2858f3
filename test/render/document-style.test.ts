/** The stylesheets in a Bundle are applied in their order, those outside it never. */

import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../src/fhir/types.ts'
import { documentStyles } from '../../src/render/document-style.ts'

const css = (text: string, contentType = 'text/css') => ({
  resourceType: 'Binary',
  contentType,
  data: Buffer.from(text).toString('base64'),
})
const bundle = (...links: readonly (readonly [relation: string, url: string])[]): Bundle => ({
  resourceType: 'Bundle',
  link: links.map(([relation, url]) => ({ relation, url })),
  entry: [
    { fullUrl: 'https://example.org/fhir/Binary/one', resource: { ...css('.grave { color: red }'), id: 'one' } },
    {
      fullUrl: 'urn:uuid:6f1c2a30-7d4e-4b1a-9c55-0d1f2e3a4b5c',
      resource: css('p { font-weight: bold; display: none }', 'text/css; charset=utf-8'),
    },
    { fullUrl: 'https://example.org/fhir/Binary/page', resource: { ...css('<p>', 'text/html'), id: 'page' } },
  ],
})

describe('the stylesheets of a document', () => {
  it('are those that it links to, in the order of the links', () => {
    const { css: text, classes } = documentStyles(
      bundle(
        ['stylesheet', 'urn:uuid:6f1c2a30-7d4e-4b1a-9c55-0d1f2e3a4b5c'],
        ['self', 'Binary/page'],
        ['stylesheet', 'Binary/one'],
      ),
    )
    expect(text).toBe('.narrative p { font-weight:bold }\n.narrative .doc-grave { color:#b10000 }')
    expect(classes).toEqual(new Set(['grave']))
  })

  it('are none where it links to none, and FHIR’s own is known', () => {
    expect(documentStyles(bundle(['stylesheet', 'https://hl7.org/fhir/fhir.css']))).toEqual({
      css: '',
      classes: new Set(),
      issues: [],
    })
    expect(documentStyles({ resourceType: 'Bundle' })).toEqual({ css: '', classes: new Set(), issues: [] })
  })

  it.each(['https://example.org/style.css', 'Binary/none', 'Binary/page'])(
    'do not come from %s, and that is told',
    (url) => {
      const { css: text, issues } = documentStyles(bundle(['stylesheet', url]))
      expect(text).toBe('')
      expect(issues).toMatchObject([
        { severity: 'warning', rule: 'stylesheet-removed', expression: 'Bundle.link[0].url' },
      ])
    },
  )

  it('that hide something are told', () => {
    const { issues } = documentStyles(bundle(['stylesheet', 'urn:uuid:6f1c2a30-7d4e-4b1a-9c55-0d1f2e3a4b5c']))
    expect(issues).toMatchObject([
      { severity: 'warning', rule: 'stylesheet-removed', text: expect.stringContaining('display: none') as unknown },
    ])
  })
})
