/** Every finding of a verification has a phrase in the language that phrases are written in, told with the values of its code. */

import { describe, expect, it } from 'vitest'
import { findingKey, findingTexts, nameIn, PURPOSES } from '../../src/render/finding-words.ts'
import { FINDINGS, found } from '../../src/sign/finding.ts'
import { openDesign } from '../design.ts'

const { locales } = (await openDesign()).render.templates
const english = locales['en']?.phrases ?? {}
const slots = (text = ''): readonly string[] => Array.from(text.matchAll(/\{([a-z]+)\}/g), ([, slot = '']) => slot)

describe('the codes of findings', () => {
  it.each(Object.entries(FINDINGS))('%s has a phrase with its values', (code, values) => {
    expect(slots(english[findingKey(code)]).toSorted()).toEqual([...values].toSorted())
  })

  it('are all that there are phrases for', () => {
    const keys = Object.keys(FINDINGS).map(findingKey)
    const purposes = Array.from({ length: PURPOSES }, (_, index) => `finding.purpose.${index + 1}`)
    const phrased = Object.keys(english).filter((key) => key.startsWith('finding.'))
    expect(phrased.filter((key) => !keys.includes(key) && !purposes.includes(key))).toEqual([])
    expect(purposes.filter((key) => !(key in english))).toEqual([])
  })

  it('are said in sentences of their own in every language', () => {
    const keys = Object.keys(FINDINGS).map(findingKey)
    for (const { language, phrases } of Object.values(locales)) {
      expect(new Set(keys.map((key) => phrases[key])).size, language).toBe(keys.length)
      if (language !== 'en') expect(keys.filter((key) => phrases[key] === english[key]), language).toEqual([]) // prettier-ignore
    }
  })
})

describe('found', () => {
  it('shows no value at any length', () => {
    expect(found('trust.anchored', { subject: 'x'.repeat(1000) }).values?.['subject']?.length).toBe(200)
  })
})

describe('nameIn', () => {
  it.each([
    ['CN=Ada Berg,O=Clinic\\, North,C=DE', 'Ada Berg, Clinic, North'],
    ['C=DE,CN=Ada', 'Ada'],
    ['CN=Clinic,O=Clinic', 'Clinic'],
    ['O=Clinic,C=DE', 'O=Clinic,C=DE'],
    ['OU=CN\\=x,SERIALNUMBER=1', 'OU=CN\\=x,SERIALNUMBER=1'],
    ['Ada', 'Ada'],
  ])('of %s is %s', (subject, name) => {
    expect(nameIn(subject)).toBe(name)
  })
})

describe('findingTexts', () => {
  const phrase = (key: string, values: Readonly<Record<string, string>> = {}): string =>
    `${key} ${JSON.stringify(values)}`
  const told = (code: Parameters<typeof found>[0], values: Readonly<Record<string, string>>): readonly string[] =>
    findingTexts([found(code, values)], phrase, (instant) => `at ${instant}`)

  it('tells instants as times, and a date that is not there as unknown', () => {
    expect(told('revocation.revoked', { subject: 'Ada', at: '2026' })[0]).toContain('"at":"at 2026"')
    expect(told('superseded.replaces', { identifier: '1', date: '' })[0]).toContain('banner.successor.no-date')
  })

  it('tells purposes in words, and one that is not known by its code', () => {
    const [text] = told('purpose.covered', { purpose: 'urn:oid:1.2.840.10065.1.12.1.5 1.2.840.10065.1.12.1.19 other' })
    expect(text).toContain('finding.purpose.5 {}, 1.2.840.10065.1.12.1.19, other')
  })
})
