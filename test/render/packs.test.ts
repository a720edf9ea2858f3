/** A pack is chosen by what a document is, changes what its manifest says, and is refused at start where it is wrong. */

import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import type { JsonObject } from '../../src/fhir/types.ts'
import { choosePack, packsOf, PLAIN, type Pack } from '../../src/render/packs.ts'
import { page } from '../../src/render/page.ts'
import { openTemplates } from '../../src/render/templates.ts'
import { design, documentOf, files, nothingBuilt, readable, text } from './reader.ts'

const coded = (code: string): JsonObject => ({ type: { coding: [{ system: 'http://loinc.org', code }] } })
const served = (
  composition: JsonObject,
  language?: string,
  sites: readonly string[] = [],
): Parameters<typeof choosePack>[1] => ({
  composition: composition as unknown as Parameters<typeof choosePack>[1]['composition'],
  language,
  sites,
})

describe('the pack of a document', () => {
  const { packs } = design.templates

  it.each([
    ['60591-5', 'ips'],
    ['34105-7', 'discharge'],
    ['11502-2', 'laboratory'],
    ['57133-1', 'plain'],
  ])('of type %s is %s', (code, name) => {
    expect(choosePack(packs, served(coded(code))).name).toBe(name)
  })

  it('is that of its profile before that of its type', () => {
    const profile = 'http://hl7.eu/fhir/hdr/StructureDefinition/composition-eu-hdr|1.0.0'
    expect(choosePack(packs, served({ ...coded('60591-5'), meta: { profile: [profile] } })).name).toBe('discharge')
  })

  it('is that of its site before all, and of its language before none', () => {
    const of = (name: string, serves: Pack['serves']): readonly [string, Pack] => [name, { ...PLAIN, name, serves }]
    const own = Object.fromEntries([
      of('plain', { any: true }),
      of('here', { any: true, sites: ['urn:oid:2.999|7'] }),
      of('greek', { any: true, languages: ['el'] }),
      of('letters', { types: ['http://loinc.org|57133-1'] }),
    ])
    expect(choosePack(own, served(coded('57133-1'), 'el', ['urn:oid:2.999|7'])).name).toBe('here')
    expect(choosePack(own, served(coded('57133-1'), 'el')).name).toBe('letters')
    expect(choosePack(own, served({}, 'el-CY')).name).toBe('greek')
    expect(choosePack(own, served({}, 'de')).name).toBe('plain')
  })

  it('is the one that is asked for by name, and the error names those there are', () => {
    const large = page(documentOf(coded('60591-5')), { ...design, template: 'large-print' })
    expect(large.facts.rendering).toMatchObject({ template: 'large-print' })
    expect(readable(large.xhtml)).toContain('Written by')
    expect(() => page(documentOf({}), { ...design, template: 'none' })).toThrow(
      'discharge, ips, laboratory, large-print, page, plain',
    )
  })
})

describe('a pack changes', () => {
  const manifest = { name: 'own', version: '1.0.0', title: 'Own', serves: { any: true, languages: ['en'] } }
  const withPack = (more: JsonObject, others: Record<string, string> = {}): string => {
    const own = { ...files, ...others, 'pack/own/manifest.json': JSON.stringify({ ...manifest, ...more }) }
    const templates = openTemplates(nothingBuilt, own)
    return page(documentOf({ language: 'en', custodian: { display: 'The Clinic' } }), { ...design, templates }).xhtml
  }

  it('paper, margins, header and footer', () => {
    const css = withPack({
      paper: 'Letter',
      margins: '1in',
      header: { start: 'custodian', end: '' },
      footer: { end: 'date' },
    })
    expect(css).toContain('@page { size: Letter; margin: 1in; }')
    expect(css).toContain('@top-left { content: "The Clinic"; } @top-right { content: ""; }')
    expect(css).toContain('@bottom-right { content: "1\u00a0Mar\u00a02026"; }')
  })

  it('partials, phrases, styles and the logo, of its own pages alone', () => {
    const others = {
      'pack/own/partial/fact.hbs': '<i>own</i>',
      'pack/own/a.css': 'h1{color:red}',
      'pack/own/l.svg': 'data:image/svg+xml;base64,PABC',
    }
    const xhtml = withPack({ styles: ['a.css'], logo: 'l.svg', phrases: { en: { 'page.skip': 'Hop' } } }, others)
    for (const part of [
      '<i>own</i>',
      'h1{color:red}',
      '<img class="logo" src="data:image/svg+xml;base64,PABC"',
      '>Hop<',
    ])
      expect(xhtml).toContain(part)
    expect(page(documentOf({}), design).xhtml).not.toContain('<i>own</i>')
  })

  it.each([
    ['preliminary', {}, 'DRAFT'],
    ['entered-in-error', {}, 'ENTERED IN ERROR'],
    ['final', { watermark: { copy: true } }, 'COPY'],
    ['preliminary', { watermark: { draft: false } }, undefined],
    ['final', {}, undefined],
  ])('the watermark of a document that is %s with %j: %s', (status, more, word) => {
    const own = { ...files, 'pack/own/manifest.json': JSON.stringify({ ...manifest, ...more }) }
    const templates = openTemplates(nothingBuilt, own)
    const { xhtml } = page(documentOf({ language: 'en', status }), { ...design, templates })
    expect(/<div class="watermark" aria-hidden="true">([^<]*)</.exec(xhtml)?.[1]).toBe(word)
  })
})

describe('what is wrong with a pack stops the start', () => {
  const faults = (manifest: string, others: Record<string, string> = {}): readonly string[] => {
    try {
      openTemplates(nothingBuilt, {
        'locale/en.json': files['locale/en.json'] ?? '',
        'pack/own/manifest.json': manifest,
        ...others,
      })
    } catch (error) {
      if (error instanceof FhirError) return error.issues.map(({ text }) => text)
      throw error
    }
    return []
  }
  const sound = { name: 'own', version: '1.0.0', title: 'Own', serves: {} }

  it.each([
    ['[]', 'is no JSON object'],
    [{ name: 'own', version: '1.0.0', title: 'Own' }, 'it has no serves'],
    [{ ...sound, name: 'other' }, 'its name is not that of its folder, own'],
    [{ ...sound, paper: 'A5' }, 'paper is not as expected: A4 or Letter'],
    [
      { ...sound, margins: '1em; } body { display: none' },
      'margins is not as expected: one to four lengths such as 22mm',
    ],
    [
      { ...sound, serves: { languages: ['<'] } },
      'serves is not as expected: an object with any, types, profiles, languages, sites',
    ],
    [{ ...sound, header: { middle: 'page' } }, /^header is not as expected: start and end, each of subject/],
    [
      { ...sound, watermark: { draft: 'yes' } },
      'watermark is not as expected: draft, error and copy, each true or false',
    ],
    [{ ...sound, styles: ['none.css'] }, 'it names none.css, which is not there'],
    [{ ...sound, colour: 'red' }, /^it has colour, expected one of name, version/],
  ])('a manifest %j', (manifest, fault) => {
    const [first = '', ...others] = faults(typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
    expect(others).toEqual([])
    expect(first.replace('Template pack/own/manifest.json: ', '')).toEqual(
      fault instanceof RegExp ? expect.stringMatching(fault) : fault,
    )
  })

  it('a helper or partial in its templates', () => {
    const own = {
      'pack/own/partial/x.hbs':
        '{{> partial/none}}{{#lines a}}{{/lines}}{{each a}}{{phrase "furniture.born"}}{{phrase}}',
    }
    expect(
      faults(JSON.stringify(sound), own).map((fault) => fault.replace('Template pack/own/partial/x: line 1: ', '')),
    ).toEqual([
      'there is no partial partial/none',
      'lines is no block, expected {{lines …}}',
      'each stands alone, expected {{#each …}}',
      'the phrase furniture.born is not given date',
      'phrase is given 0 values, expected 1',
    ])
  })

  it('nothing in those that come along', () => {
    expect(packsOf(files).faults).toEqual([])
    expect(Object.keys(design.templates.packs).sort()).toEqual([
      'discharge',
      'ips',
      'laboratory',
      'large-print',
      'plain',
    ])
  })
})

describe('the pages of the packs that come along', () => {
  const bundle = documentOf({
    language: 'en',
    status: 'preliminary',
    title: 'Report',
    custodian: { display: 'The Clinic' },
    section: [{ title: 'Findings', text: text('<table><tr><th>CRP</th><td>5.0 mg/L</td></tr></table>') }],
  })

  it.each(Object.keys(design.templates.packs))('%s', async (template) => {
    const { xhtml } = page(bundle, { ...design, template })
    const ownCss =
      design.templates.packs[template]?.styles.map((path) => design.templates.styles[path]).join('\n') ?? ''
    const furniture = /@page \{ @top[^\n]*/.exec(xhtml)?.[0] ?? ''
    const golden = xhtml.replace(/<style>[^]*?<\/style>/, () => `<style>\n${furniture}\n${ownCss}</style>`)
    await expect(golden).toMatchFileSnapshot(`../../fixtures/packs/${template}.xhtml`)
  })
})
