/** Pages speak the first language wished for that they have; all phrases are there in English and German, and in no other language more. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentLanguages, pageLanguage, pageLanguages, readerOf } from '../src/pages.ts'
import { designOf } from '../src/main/design.ts'
import { readSettings } from '../src/settings.ts'

const design = await designOf(readSettings({}))
const { locales } = design.render.templates.web

describe('the reader', () => {
  const language = (accept: string, chosen?: string): string => readerOf({ accept, chosen }, design).language

  it.each([
    ['de', 'de'],
    ['de-AT,en;q=0.5', 'de'],
    ['tlh, de;q=0.3, en;q=0.2', 'de'],
    ['en;q=0.1, de;q=0.9', 'de'],
    ['de;q=0, en', 'en'],
    ['tlh', 'en'],
    ['', 'en'],
    ['*', 'en'],
    [';;;,,;q=', 'en'],
    ['constructor, __proto__', 'en'],
  ])('who accepts %j reads %s', (accept, expected) => {
    expect(language(accept)).toBe(expected)
  })

  it('who chose a language reads that, whatever the browser says', () => {
    expect([language('en', 'de'), language('de', 'en'), language('de', 'tlh')]).toEqual(['de', 'en', 'de'])
  })

  it('is told where the language wished for is missing, and where a translation is unreviewed', () => {
    expect(readerOf({ accept: 'tlh' }, design).missing).toBe('tlh')
    expect(readerOf({ accept: 'de-CH' }, design).missing).toBeUndefined()
    expect([readerOf({ accept: 'de' }, design).isReviewed, readerOf({ accept: 'en' }, design).isReviewed]).toEqual([
      locales['de']?.status === 'reviewed',
      locales['en']?.status === 'reviewed',
    ])
  })

  it('reads values in words, and sees what would hide in them', () => {
    const { show, name, phrase } = readerOf({ accept: 'de' }, design)
    expect(show('2026-03-01', 'date')).toBe('1.\u00a0März\u00a02026')
    expect(show('a\u202eb', 'string')).toBe('a[U+202E]b')
    expect(name([{ family: 'Berg', given: ['Ida'] }])).toBe('Ida Berg')
    expect(phrase('web.search')).toBe('Suchen')
  })
})

describe('languages', () => {
  it('of pages are chosen by their tags', () => {
    expect(pageLanguages(design).map(({ language }) => language)).toEqual(expect.arrayContaining(['de', 'en']))
    expect(pageLanguage('DE-at', design)).toBe('de')
    expect(() => pageLanguage('tlh', design)).toThrow('not in this language')
  })

  it('of documents are more, each by its own name', () => {
    expect(documentLanguages(design)).toContainEqual({ language: 'fr', name: 'français' })
  })
})

describe('phrases', () => {
  const english = Object.entries(locales['en']?.phrases ?? {})
  const slots = (text: string): readonly string[] => Array.from(text.matchAll(/\{[a-z]+\}/gi), ([slot]) => slot).sort()

  it('are complete in German, and no language has one that English has not', () => {
    expect(english.length).toBeGreaterThan(100)
    for (const [key] of english) expect(locales['de']?.phrases[key], key).toBeDefined()
    for (const { phrases } of Object.values(locales))
      expect(Object.keys(phrases).filter((key) => !english.some(([own]) => own === key))).toEqual([])
  })

  it('have the slots of the English ones', () => {
    for (const { phrases } of Object.values(locales))
      for (const [key, text] of english) if (phrases[key] !== undefined) expect([key, slots(phrases[key])]).toEqual([key, slots(text)]) // prettier-ignore
  })

  it('that code names are there', () => {
    const sources = globSync('src/web/**/*.ts').map((file) => readFileSync(file, 'utf8'))
    const named = sources.flatMap((source) =>
      [...source.matchAll(/'(web\.[a-zA-Z0-9.-]+)'/g)].map(([, key]) => key ?? ''),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((key) => !english.some(([own]) => own === key))).toEqual([])
  })

  it('of a translation by a language model are no reviewed ones', () => {
    for (const { source, status } of Object.values(locales))
      if (source.includes('language model')) expect(status).toBe('draft')
  })
})
