/** The page speaks the language asked for, else the document's, else English; every phrase that code and templates use is there. */

import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { chooseLocale, dayName, directionOf, phrasesOf, reviewedLocale, timeUnit } from '../../src/render/locale.ts'
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
})

const LANGUAGES = (
  'bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv ' +
  'ar he hi is ja ko nb tr uk zh-Hans zh-Hant'
).split(' ')

describe('the locales that come along', () => {
  const { locales } = design.templates
  const slots = (text: string): readonly string[] => Array.from(text.matchAll(/\{[a-z]+\}/gi), ([slot]) => slot).sort()

  it('are those of the official languages of the European Union and further ones', () => {
    expect(Object.keys(locales).sort()).toEqual([...LANGUAGES].sort())
  })

  it.each(Object.keys(locales))('%s has a heading of its own for each kind of section', (tag) => {
    const headings = Object.entries(locales[tag]?.headings ?? {})
    const codes = Map.groupBy(headings, ([, heading]) => heading.toLowerCase())
    expect([...codes.values()].filter((alike) => alike.length > 1)).toEqual([])
  })

  it.each(Object.keys(locales))('%s has a word for everything that English has, with the same slots', (tag) => {
    const locale = locales[tag] ?? english
    for (const part of ['phrases', 'codes', 'elements', 'headings'] as const) {
      expect(Object.keys(locale[part]).sort(), part).toEqual(Object.keys(english[part]).sort())
      for (const [key, text] of Object.entries(locale[part])) {
        expect(text.trim(), `${part} ${key}`).not.toBe('')
        expect(slots(text), `${part} ${key}`).toEqual(slots(english[part][key] ?? ''))
      }
    }
    expect(locale.language).toBe(tag)
    expect(locale.direction).toBe(directionOf(tag))
    expect(locale.source).not.toBe('')
  })

  it('call the rate of an infusion otherwise than the time of day', () => {
    const { en, ...others } = design.templates.locales
    expect(en?.phrases['dosage.rate']).toBe('at {value}')
    const alike = Object.values(others).filter(({ phrases }) => phrases['dosage.rate'] === phrases['timing.times'])
    expect(alike.map(({ language }) => language)).toEqual([])
  })

  it('are drafts but for the language that they are translated from', () => {
    expect(
      Object.values(locales)
        .filter(({ status }) => status === 'reviewed')
        .map(({ language }) => language),
    ).toEqual(['en'])
  })

  it('are given up for the reviewed one in what is signed', () => {
    const german = locales['de'] ?? english
    expect(reviewedLocale(locales, german).language).toBe('en')
    expect(
      reviewedLocale({ ...locales, de: { ...german, status: 'reviewed' } }, { ...german, status: 'reviewed' }).language,
    ).toBe('de')
  })
})

describe('units of time and days', () => {
  const words = (tag: string, amounts: readonly string[]): readonly string[] =>
    amounts.map((amount) => timeUnit('h', amount, design.templates.locales[tag] ?? english))

  it('take the form that the number asks for', () => {
    expect(words('en', ['1', '2', '1.0', '0.5', '4 – 6', ''])).toEqual([
      'hour',
      'hours',
      'hours',
      'hours',
      'hours',
      'hours',
    ])
    expect(words('pl', ['1', '2', '5', '1,5'])).toEqual(['godzina', 'godziny', 'godzin', 'godziny'])
    expect(timeUnit('fortnight', '1', english)).toBe('fortnight')
  })

  it('are named in the language', () => {
    expect(dayName('mon', english)).toBe('Monday')
    expect(dayName('sun', design.templates.locales['de'] ?? english)).toBe('Sonntag')
    expect(dayName('x', english)).toBe('x')
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
