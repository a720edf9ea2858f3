/** The page speaks the language asked for, else the document's, else English; every phrase that code and templates use is there. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { chooseLocale, directionOf, phrasesOf } from '../../src/render/locale.ts'
import { design } from './reader.ts'

const english = chooseLocale(design.templates.locales)
const locales = {
  en: english,
  'pt-BR': { ...english, language: 'pt-BR' },
  el: { ...english, language: 'el', phrases: { yes: 'ναι' } },
}

describe('chooseLocale', () => {
  it('takes the very language, else the language without region, whatever the case', () => {
    expect(chooseLocale(locales, 'PT-br').language).toBe('pt-BR')
    expect(chooseLocale(locales, 'el-CY').language).toBe('el')
  })

  it('takes the preferred language where none is asked for, and English where there is none such', () => {
    expect(chooseLocale(locales, undefined, 'el').language).toBe('el')
    expect(chooseLocale(locales, undefined, 'ja').language).toBe('en')
  })

  it('says which languages there are where the one asked for is missing', () => {
    expect(() => chooseLocale(locales, 'ja', 'el')).toThrow(FhirError)
    expect(() => chooseLocale(locales, 'ja')).toThrow('expected one of el, en, pt-BR')
  })

  it('finds nothing that every object has', () => {
    expect(() => chooseLocale(locales, 'constructor')).toThrow(FhirError)
  })
})

describe('phrasesOf', () => {
  const phrase = phrasesOf(locales.el, english)

  it('fills slots, and says in English what the locale lacks', () => {
    expect(phrase('yes')).toBe('ναι')
    expect(phrase('labelled', { label: 'Note', value: '{label}' })).toBe('Note: {label}')
  })

  it('sets a value of another direction apart', () => {
    expect(phrase('labelled', { label: 'Name', value: 'ليلى' })).toBe('Name: \u2068ليلى\u2069')
  })

  it('has no phrase of another name', () => {
    expect(() => phrase('no.such')).toThrow(TypeError)
  })
})

describe('the English locale', () => {
  const sources = globSync('src/render/*.ts').map((file) => readFileSync(file, 'utf8'))
  const used = sources.flatMap((source) => [...source.matchAll(/phrase\(\s*'([^']+)'/g)].map(([, key]) => key ?? ''))

  it('has every phrase that code names', () => {
    expect(used.length).toBeGreaterThan(40)
    expect(used.filter((key) => !(key in english.phrases))).toEqual([])
  })

  it('has every column of the table of rows', async () => {
    const { ROWS } = await import('../../src/render/rows.ts')
    const titles = Object.values(ROWS).flatMap(({ columns }) => columns.map(({ title }) => `column.${title}`))
    expect(titles.filter((key) => !(key in english.phrases))).toEqual([])
  })

  it('has twelve months', () => {
    expect(english.months).toHaveLength(12)
  })
})

describe('directionOf', () => {
  it.each([
    ['ar', 'rtl'],
    ['he-IL', 'rtl'],
    ['az-Arab', 'rtl'],
    ['en', 'ltr'],
    ['arn', 'ltr'],
    [undefined, undefined],
  ])('%s is %s', (language, direction) => {
    expect(directionOf(language)).toBe(direction)
  })
})
