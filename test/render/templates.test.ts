/** Templates are precompiled, replaced one by one, and checked before the first document. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { lazyRecord } from '../../src/fhir/lazy-record.ts'
import {
  isOfLanguage,
  openTemplates,
  templateModule,
  type BuiltTemplates,
  type CompiledTemplates,
  type TemplateFiles,
} from '../../src/render/templates.ts'
import { files, nothingBuilt } from './reader.ts'

const locale = files['locale/en.json'] ?? ''
const phrase = (key: string): string => `«${key}»`

function faults(own: TemplateFiles): readonly string[] {
  try {
    openTemplates(nothingBuilt, { 'locale/en.json': locale, ...own })
  } catch (error) {
    if (error instanceof FhirError) return error.issues.map(({ text }) => text)
    throw error
  }
  return []
}

async function built(folder: TemplateFiles): Promise<BuiltTemplates> {
  const module = Buffer.from(templateModule(folder)).toString('base64')
  const { languages = [], ...templates } = (await import(`data:text/javascript;base64,${module}`)) as CompiledTemplates
  expect(languages).toEqual(Object.keys(folder).filter(isOfLanguage))
  return { ...templates, languages: Object.fromEntries(languages.map((path) => [path, folder[path] ?? ''])) }
}

describe('a folder of templates', () => {
  it('renders precompiled as it does from source', async () => {
    const folder = {
      'locale/en.json': locale,
      'document/page.hbs': '{{phrase "yes"}} {{a}} {{> partial/b}}',
      'partial/b.hbs': '<b>{{lines c}}</b>',
    }
    const view = { a: '<', c: 'x\ny' }
    const precompiled = openTemplates(await built(folder)).render('document/page', view, phrase)
    expect(precompiled).toBe('«yes» &lt; <b>x<br/>y</b>')
    expect(openTemplates(nothingBuilt, folder).render('document/page', view, phrase)).toBe(precompiled)
  })

  it('replaces one template, one style and one locale and leaves the others', async () => {
    const base = await built({
      'locale/en.json': locale,
      'document/page.hbs': 'old {{> partial/b}}',
      'partial/b.hbs': 'b',
      'style/page.css': 'a{}',
      'style/print.css': 'p{}',
    })
    const templates = openTemplates(base, {
      'partial/b.hbs': 'new',
      'style/page.css': 'b{}',
      'document/letter.hbs': 'letter',
    })
    expect(templates.render('document/page', {}, phrase)).toBe('old new')
    expect(templates.styles).toEqual({ 'style/page.css': 'b{}', 'style/print.css': 'p{}' })
    expect([...templates.documents].sort()).toEqual(['letter', 'page'])
  })

  it('reads what is of one language when it is first spoken', async () => {
    const web = '{"language":"de","phrases":{}}'
    const folder = { 'locale/en.json': locale, 'locale/de.json': locale, 'web/locale/de.json': web }
    const { languages = {}, ...base } = await built(folder)
    const read: string[] = []
    const spoken = lazyRecord(Object.keys(languages), (path) => {
      read.push(path)
      return languages[path] ?? ''
    })
    const templates = openTemplates({ ...base, languages: spoken })
    expect([Object.keys(templates.locales), Object.keys(templates.web.locales)]).toEqual([['en', 'de'], ['de']])
    expect(read).toEqual([])
    expect(templates.web.locales['de']?.language).toBe('de')
    expect(templates.locales['en']).toBe(templates.locales['en'])
    expect(read).toEqual(['web/locale/de.json', 'locale/en.json'])
  })

  it('writes nothing that XML cannot hold, and sets text of another direction apart', () => {
    const templates = openTemplates(nothingBuilt, { 'document/page.hbs': '{{a}}{{lines b}}' })
    expect(templates.render('document/page', { a: 'x\u0000\ud800\u0007y', b: '1 \u2068א\u2069 2' }, phrase)).toBe(
      'x\ufffd\ufffd\ufffdy<span dir="rtl">1 <span dir="rtl">א</span> 2</span>',
    )
  })

  it('has no template of another name', () => {
    expect(() => openTemplates(nothingBuilt, {}).render('document/page', {}, phrase)).toThrow(TypeError)
  })
})

describe('what is wrong with a template stops the start and is named', () => {
  it('a text that would stand there as it is', () => {
    expect(faults({ 'document/page.hbs': 'a\n{{{title}}}{{{xhtml}}}{{&name}}' })).toEqual([
      expect.stringContaining('line 2: {{{title}}} is not made safe, expected {{title}}'),
      expect.stringContaining('line 2: {{{name}}} is not made safe, expected {{name}}'),
    ])
  })

  it('an unknown helper', () => {
    expect(faults({ 'document/page.hbs': 'a\n{{shout name}}' })).toEqual([
      'Template document/page: line 2: unknown helper shout, expected one of phrase, lines, markdown, if, unless, each, with, lookup',
    ])
  })

  it('an unknown helper as block and as argument', () => {
    expect(faults({ 'document/page.hbs': '{{#list a}}{{/list}}{{lines (upper a)}}' })).toHaveLength(2)
  })

  it('a missing partial', () => {
    expect(faults({ 'document/page.hbs': '{{#each a}}{{> partial/gone}}{{/each}}' })).toEqual([
      'Template document/page: line 1: there is no partial partial/gone',
    ])
  })

  it('a phrase that no locale has', () => {
    expect(faults({ 'partial/x.hbs': '{{phrase "no.such"}}' })).toEqual([
      'Template partial/x: line 1: there is no phrase no.such',
    ])
  })

  it('a syntax error', () => {
    expect(faults({ 'document/page.hbs': 'a\n{{#if b}}c' })[0]).toMatch(
      /^Template document\/page: Parse error on line 2/,
    )
  })

  it('a locale that is no JSON', () => {
    expect(faults({ 'locale/xx.json': '{' })).toEqual(['Template locale/xx.json: is not JSON'])
  })

  it('every fault of every template at once', () => {
    expect(faults({ 'document/page.hbs': '{{> a/b}}{{x y}}', 'partial/c.hbs': '{{' })).toHaveLength(3)
  })

  it('at build too', () => {
    expect(() => templateModule({ 'document/page.hbs': '{{> partial/gone}}' })).toThrow(FhirError)
  })
})
