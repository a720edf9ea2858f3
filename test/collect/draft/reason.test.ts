/** Every reason why a draft leaves something out has a phrase on the pages, told with the values of its code. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { REASONS } from '../../../src/collect/draft/reason.ts'
import { openDesign } from '../../design.ts'

const { locales } = (await openDesign()).render.templates.web
const slots = (text = ''): readonly string[] => Array.from(text.matchAll(/\{([a-z]+)\}/g), ([, slot = '']) => slot)

describe('the codes of reasons', () => {
  it.each(Object.entries(REASONS))('%s has a phrase with its values in every language', (code, values) => {
    for (const { language, phrases } of Object.values(locales))
      expect(slots(phrases[`web.left.${code}`]), language).toEqual(values)
  })

  it('are given by every exception of the guides that come along', () => {
    const guides = globSync('profiles/guides/*.json').map((file) => readFileSync(file, 'utf8'))
    const rows = guides.flatMap((text) => Array.from(text.matchAll(/"reason": "[^"]* [^"]*"(,\s*"code": "([^"]*)")?/g)))
    expect(rows.length).toBeGreaterThan(50)
    expect(rows.filter(([, , code = '']) => !Object.hasOwn(REASONS, code)).map(([row]) => row)).toEqual([])
  })
})
