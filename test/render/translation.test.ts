/** Words in the reader's language come from the document, headings beside its own from the locale; both are told apart. */

import { describe, expect, it } from 'vitest'
import type { Collected, Json, JsonObject } from '../../src/fhir/types.ts'
import { narrate } from '../../src/render/narrate.ts'
import { page } from '../../src/render/page.ts'
import { headingBeside, inLanguage, isSameLanguage, translationOf } from '../../src/render/translation.ts'
import { design, documentOf, text } from './reader.ts'

const translated = (lang: string, content: string): Json => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/StructureDefinition/translation',
      extension: [
        { url: 'lang', valueCode: lang },
        { url: 'content', valueString: content },
      ],
    },
  ],
})

describe('a translation beside a text', () => {
  it('is taken in the reader’s language alone, whatever the region', () => {
    expect(translationOf(translated('de-AT', 'Marille'), 'de')).toBe('Marille')
    expect(translationOf(translated('fr', 'abricot'), 'de')).toBeUndefined()
    expect(translationOf(translated('not a tag', 'x'), 'de')).toBeUndefined()
    expect(isSameLanguage('zh-Hant-TW', 'zh-Hans')).toBe(false)
  })

  it('stands before the original, never in its place', () => {
    expect(inLanguage('Apricot', translated('de', 'Marille'), { language: 'de' })).toBe('Marille [Apricot]')
    expect(inLanguage('Apricot', translated('de', 'Marille'), { language: 'en' })).toBe('Apricot')
  })
})

describe('a heading beside', () => {
  const locale = design.templates.locales['de'] ?? expect.fail('there is no German')
  const code = { coding: [{ system: 'http://loinc.org', code: '48765-2' }] }

  it('is the document’s own translation, else ours by LOINC code, and none where both are the same', () => {
    expect(headingBeside({ title: 'Allergies', beside: translated('de', 'Meine Allergien'), code }, locale)).toBe(
      'Meine Allergien',
    )
    expect(headingBeside({ title: 'Allergies', beside: undefined, code }, locale)).toBe(
      'Allergien und Unverträglichkeiten',
    )
    expect(
      headingBeside({ title: 'Allergien und Unverträglichkeiten', beside: undefined, code }, locale),
    ).toBeUndefined()
    expect(
      headingBeside({ title: 'Allergies', beside: undefined, code: { coding: [{ code: '48765-2' }] } }, locale),
    ).toBeUndefined()
  })
})

describe('a page in a second language', () => {
  const bundle = documentOf({
    language: 'el',
    title: 'Σύνοψη',
    section: [
      {
        title: 'Αλλεργίες',
        code: { coding: [{ system: 'http://loinc.org', code: '48765-2' }] },
        text: text('<p>Πενικιλίνη</p>'),
      },
    ],
  })
  const pageIn = (lang?: string): string => page(bundle, { ...design, lang }).xhtml

  it('leaves the attested text as it is, and marks what is beside it', () => {
    const xhtml = pageIn('de')
    expect(xhtml).toContain(
      'Αλλεργίες</h2>\n<p class="beside made" lang="de" xml:lang="de" dir="ltr">Allergien und Unverträglichkeiten</p>',
    )
    expect(xhtml).toContain('<p>Πενικιλίνη</p>')
    expect(xhtml).toContain('<html xmlns="http://www.w3.org/1999/xhtml" lang="de" xml:lang="de" dir="ltr">')
    expect(xhtml).toContain('<main id="text" lang="el" xml:lang="el" dir="ltr">')
  })

  it('says that a translation is not reviewed, in it and in English; English itself says nothing', () => {
    expect(pageIn('de')).toMatch(/class="made-note draft-words"><strong>[^<]*ungeprüfte Übersetzung/)
    expect(pageIn('de')).toContain('Unreviewed translation')
    expect(pageIn('en')).not.toContain('nreviewed translation')
  })

  it('that nobody reviewed writes nothing that will be signed', () => {
    const allergy = {
      resourceType: 'AllergyIntolerance',
      id: 'a',
      code: { text: 'Birke' },
      patient: { reference: 'Patient/p' },
    }
    const section = [{ title: 'Allergien', entry: [{ reference: 'AllergyIntolerance/a' }] }]
    const bundle = documentOf({ status: 'preliminary', language: 'de', section }, allergy) as Collected
    const composition = narrate(bundle, { ...design, lang: 'de' }).bundle.entry?.[0]?.resource as unknown as JsonObject
    const [made] = composition['section'] as unknown as readonly { readonly text: { readonly div: string } }[]
    expect(made?.text.div).toContain('lang="en"')
    expect(made?.text.div).toContain('Birke')
    expect(made?.text.div).not.toContain('Allergien')
  })
})
