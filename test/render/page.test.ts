/** The page shows the document in the order that FHIR gives, loses nothing, says what is not attested, and is fit for any browser. */

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Bundle, Collected, Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import { tokenize } from '../../src/fhir/xhtml.ts'
import { narrate } from '../../src/render/narrate.ts'
import { page } from '../../src/render/page.ts'
import { openTemplates } from '../../src/render/templates.ts'
import { design, documentOf, files, nothingBuilt, patient, readable, text } from './reader.ts'

const made = 'Generated for display, not part of the attested text'

function told(composition: JsonObject, ...resources: readonly Resource[]): string {
  return readable(page(documentOf(composition, ...resources), design).xhtml)
}

/** The faults of the page's body read as XML. */
function faultsOf(xhtml: string): readonly unknown[] {
  return tokenize(/<body>.*<\/body>/s.exec(xhtml)?.[0] ?? '').faults
}

function inOrder(text: string, words: readonly string[]): void {
  const places = words.map((word) => text.indexOf(word))
  expect(
    places.every((place) => place >= 0),
    `${words.join(', ')} in ${text}`,
  ).toBe(true)
  expect(places).toEqual([...places].sort((a, b) => a - b))
}

const DEEP = {
  text: text('<p>of-the-composition</p>'),
  section: [
    {
      title: 'First',
      text: text('<p>one</p>'),
      section: [
        { title: 'Inner', text: text('<p>two</p>'), section: [{ title: 'Innermost', text: text('<p>three</p>') }] },
      ],
    },
    { code: { coding: [{ display: 'By code' }] }, text: text('<p>four</p>') },
    { text: text('<p>five</p>') },
  ],
}

describe('the order of a document', () => {
  it('is head, subject, Composition, sections depth first', () => {
    const words = [
      'A letter',
      'of-the-subject',
      'of-the-composition',
      'First',
      'one',
      'Inner',
      'two',
      'Innermost',
      'three',
      'By code',
      'four',
      'Section without title',
      'five',
    ]
    const shown = told(DEEP, { ...patient, text: text('<p>of-the-subject</p>') })
    inOrder(shown.slice(shown.indexOf('This heading, and')), words.slice(1))
  })

  it('has headings without gaps, those in narratives below those of their sections', () => {
    const { xhtml } = page(
      documentOf({
        section: [
          {
            title: 'A',
            text: text('<h5>B</h5><p>x</p>'),
            section: [{ title: 'C', text: text('<h1>D</h1><h4>E</h4>') }],
          },
        ],
      }),
      design,
    )
    const headings = [...xhtml.matchAll(/<h([1-6])[^>]*>([^<]*)/g)].map(([, level, words]) => `${level} ${words}`)
    expect(headings).toEqual(['1 A letter', '2 A', '3 B', '3 C', '4 D', '5 E'])
  })

  it('goes no deeper than HTML does', () => {
    const section = Array.from({ length: 9 }).reduce<JsonObject>((inner) => ({ title: 'S', section: [inner] }), {
      title: 'S',
      text: text('<h2>H</h2>'),
    })
    expect(page(documentOf({ section: [section] }), design).xhtml).not.toMatch(/<h[07-9]|<h\d\d/)
  })

  it('shows a title once where the narrative begins with it', () => {
    const { xhtml } = page(
      documentOf({
        section: [{ title: 'Course & end', text: text('<h3>Course  &amp; End:</h3><p>x</p><h4>Next</h4>') }],
      }),
      design,
    )
    expect([...xhtml.matchAll(/<h([1-6])[^>]*>/g)].map(([, level]) => level)).toEqual(['1', '2', '3'])
    expect(readable(xhtml).split('Course').length).toBe(2)
  })
})

describe('what is not attested', () => {
  const observation: Resource = {
    resourceType: 'Observation',
    id: 'k',
    status: 'final',
    code: { text: 'Potassium' },
    subject: { reference: 'Patient/p' },
    valueQuantity: { value: 5, unit: 'mmol/L' },
  }

  it('is made for display where a section of a final Composition has no text, and marked', () => {
    const shown = told({ section: [{ title: 'Results', entry: [{ reference: 'Observation/k' }] }] }, observation)
    inOrder(shown, ['Results', made, 'Potassium 5 mmol/L final'])
  })

  it('is nothing where all has its text', () => {
    const shown = told(
      { section: [{ title: 'Results', text: text('<p>fine</p>'), entry: [{ reference: 'Observation/k' }] }] },
      observation,
    )
    expect(shown).not.toContain(made)
    expect(shown).not.toContain('Potassium')
  })

  it('is of the subject only what the head does not say', () => {
    expect(told({}, patient)).not.toContain(made)
    inOrder(told({}, { ...patient, maritalStatus: { text: 'widowed' } }), [made, 'Marital status', 'widowed'])
  })

  it.each([
    [
      'the reason of an empty section',
      { title: 'S', emptyReason: { coding: [{ code: 'nilknown' }] } },
      'This section is empty: no items are known, after reasonable investigation.',
    ],
    [
      'what the document says of that reason, beside the words of the page',
      { title: 'S', emptyReason: { coding: [{ code: 'nilknown' }], text: 'Nichts' } },
      'This section is empty: no items are known, after reasonable investigation (Nichts).',
    ],
    [
      'a reason in words',
      { title: 'S', emptyReason: { text: 'the record was lost' } },
      'This section is empty: the record was lost.',
    ],
    ['that a section has nothing', { title: 'S' }, 'This section has neither text nor entries, and gives no reason.'],
    [
      'that a section has a text without words',
      { title: 'S', text: text('<p> </p>') },
      'This section has neither text nor entries, and gives no reason.',
    ],
    [
      'an entry that is not there',
      { title: 'S', entry: [{ reference: 'Observation/gone', display: 'Glucose' }] },
      'Not in this document: Glucose · Observation/gone',
    ],
    [
      'an entry by identifier alone',
      { title: 'S', entry: [{ identifier: { value: '7' } }] },
      'Named, but not in this document: 7',
    ],
    [
      'an entry that is not there beside a text',
      { title: 'S', text: text('<p>x</p>'), entry: [{ reference: 'Observation/gone' }] },
      'Not in this document: Observation/gone',
    ],
    [
      'a reason beside a text',
      { title: 'S', text: text('<p>x</p>'), emptyReason: { coding: [{ code: 'withheld' }] } },
      'This section is empty: the information is withheld.',
    ],
    [
      'whom a section is about',
      { title: 'S', text: text('<p>x</p>'), focus: { display: 'the newborn' } },
      'This section is about the newborn',
    ],
    [
      'that a list has only changes',
      { title: 'S', text: text('<p>x</p>'), mode: 'changes' },
      'only changes, not a complete list',
    ],
    ['the order of entries', { title: 'S', text: text('<p>x</p>'), orderedBy: { text: 'date' } }, 'Ordered by date'],
  ])('tells %s', (_, section, words) => {
    expect(told({ section: [section as JsonObject] })).toContain(words)
  })
})

describe('what was taken away', () => {
  const hostile = {
    section: [
      {
        title: 'S',
        text: text('<p>Innocent</p><script>alert(1)</script><img src="https://spy.example/x.png" alt="map"/>'),
      },
    ],
  }

  it('is told at the top and at the section, and is an issue', () => {
    const { xhtml, issues } = page(documentOf(hostile), design)
    inOrder(readable(xhtml), [
      'Parts of the attested text were removed from this page',
      'A letter',
      'Parts of the attested text below were removed',
      'Innocent',
    ])
    expect(xhtml).not.toMatch(/<script|alert\(1\)|src="https/)
    expect(issues).toMatchObject([
      { rule: 'narrative-removed', expression: 'Bundle.entry[0].resource.section[0].text.div' },
    ])
  })

  it('is nothing, and nothing is told, of innocent text', () => {
    expect(told({ section: [{ title: 'S', text: text('<p class="bold">x</p>') }] })).not.toContain('removed')
  })
})

describe('links and images within the document', () => {
  it('lead to the narrative of another section, and to the subject', () => {
    const section = [
      { title: 'A', text: text('<p><a href="#lab">lab</a> <a href="Patient/p">her</a></p>') },
      { title: 'B', text: text('<p id="lab">x</p>') },
    ]
    const { xhtml } = page(documentOf({ section }), design)
    for (const id of [...xhtml.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target))
      expect(xhtml).toContain(`id="${id}"`)
    expect(xhtml).toContain('href="#section-2-lab"')
    expect(xhtml).toContain('href="#subject-1"')
  })

  it('have ids of their own where narratives use the same', () => {
    const { xhtml } = page(
      documentOf({
        section: [
          { title: 'A', text: text('<p id="x">a</p>') },
          { title: 'B', text: text('<p id="x">b</p>') },
        ],
      }),
      design,
    )
    const ids = [...xhtml.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the language', () => {
  it('of the document is told to browsers, with its direction', () => {
    const { xhtml } = page(documentOf({ language: 'fa', title: 'خلاصه' }), design)
    expect(xhtml).toContain('<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en" dir="ltr">')
    expect(xhtml).toContain('<main id="text" lang="fa" xml:lang="fa" dir="rtl">')
    expect(page(documentOf({ language: 'ar' }), design).xhtml).toContain('lang="ar" xml:lang="ar" dir="rtl">\n<head>')
  })

  it('is left open where the document names none, or none that can be: its titles tell the direction, each text its own', () => {
    const main = (composition: JsonObject): string =>
      /<main[^>]*>/.exec(page(documentOf(composition), design).xhtml)?.[0] ?? ''
    expect(main({})).toBe('<main id="text" dir="ltr">')
    expect(main({ language: '"><b>' })).toBe('<main id="text" dir="ltr">')
    expect(main({ title: '1. סיכום' })).toBe('<main id="text" dir="rtl">')
    expect(main({ title: '1.' })).toBe('<main id="text" dir="auto">')
    const section = [{ title: 'S', text: text('<p>x</p>') }]
    expect(page(documentOf({ section }), design).xhtml).toContain('<div class="narrative" dir="auto">')
    expect(page(documentOf({ section, language: 'en' }), design).xhtml).toContain('<div class="narrative">')
  })

  it('of the page is the one asked for, else an error names those there are', () => {
    const greek = {
      ...files,
      'locale/el.json': (files['locale/en.json'] ?? '')
        .replace('"language": "en"', '"language": "el"')
        .replace('"Skip to the text"', '"Στο κείμενο"'),
    }
    const templates = openTemplates(nothingBuilt, greek)
    expect(page(documentOf({}), { ...design, templates, lang: 'el' }).xhtml).toContain('Στο κείμενο')
    expect(page(documentOf({ language: 'el-GR' }), { ...design, templates }).xhtml).toContain('Στο κείμενο')
    expect(() => page(documentOf({}), { ...design, lang: 'tlh' })).toThrow(
      'There are no phrases in the language tlh, expected one of ',
    )
  })
})

describe('the page', () => {
  it('is one of the templates; another name is an error that names those there are', () => {
    const templates = openTemplates(nothingBuilt, { ...files, 'document/letter.hbs': '<p>{{head.title}}</p>' })
    expect(page(documentOf({}), { ...design, templates, template: 'letter' }).xhtml).toBe('<p>A letter</p>')
    expect(() => page(documentOf({}), { ...design, template: 'poster' })).toThrow(
      /^There is no template poster, expected one of .*\blarge-print, page\b/,
    )
  })

  it('refuses what is no document', () => {
    expect(() => page({ resourceType: 'Bundle', entry: [{ resource: patient }] }, design)).toThrow(FhirError)
    expect(() => page({ resourceType: 'Bundle' }, design)).toThrow('The first entry is no Composition')
  })

  it('is the same for the same bytes, and the document stays as it was', () => {
    const bundle = documentOf(DEEP)
    const before = stringify(bundle)
    expect(page(bundle, design).xhtml).toBe(page(parseJson(before) as Bundle, design).xhtml)
    expect(stringify(bundle)).toBe(before)
  })

  it('has a strict policy, no script, no address outside', () => {
    const { xhtml } = page(documentOf(DEEP), design)
    expect(xhtml).toContain(
      `content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"`,
    )
    expect(xhtml).not.toMatch(/<script|\son[a-z]+=|url\(|@import|src="(?!data:)/i)
  })

  it('escapes any text in any place, and is well-formed', () => {
    const evil = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('</style><script>', ']]>', '"\'><&', '\u2028\ud800', '${x}{{y}}'),
    )
    fc.assert(
      fc.property(evil, evil, evil, (one, other, third) => {
        const resources: Resource[] = [
          { ...patient, name: [{ text: one }] },
          { resourceType: 'Condition', id: 'x', code: { text: other }, note: [{ text: third }] },
        ]
        const section = [
          { title: third, entry: [{ reference: 'Condition/x', display: one }] },
          { title: one, text: text('<p>x</p>'), orderedBy: { text: other } },
        ]
        const { xhtml } = page(
          {
            ...documentOf({ title: other, section, author: [{ display: third }] }, ...resources),
            identifier: { value: one },
          },
          design,
        )
        expect(faultsOf(xhtml)).toEqual([])
        expect(xhtml).not.toContain('<script')
        const [, css = ''] = /<style>(.*?)<\/style>/s.exec(xhtml) ?? []
        expect(css).not.toMatch(/[<&]/)
      }),
    )
  })

  it('shows documents of any shape without failing', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    const names = [
      'status',
      'type',
      'subject',
      'date',
      'author',
      'title',
      'section',
      'attester',
      'text',
      'event',
      'relatesTo',
      'custodian',
      'encounter',
      'meta',
      'confidentiality',
      'language',
      'identifier',
      'category',
    ]
    const sections = [
      'title',
      'code',
      'text',
      'entry',
      'emptyReason',
      'section',
      'focus',
      'author',
      'mode',
      'orderedBy',
    ]
    const section = fc.dictionary(fc.constantFrom(...sections), value)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), section, value, (composition, one, entry) => {
        const bundle = documentOf({ ...(composition as JsonObject), section: [one, { title: 'S', entry: [entry] }] })
        expect(faultsOf(page(bundle, design).xhtml)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('any resource behind any section', () => {
  const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
  const types = Object.keys(design.model.types).filter((type) => design.model.types[type]?.kind === 'resource')
  const resource = fc.constantFrom('Patient', 'Encounter', 'Binary', 'Medication', ...types).chain((resourceType) => {
    const names = Object.keys(design.model.types[resourceType]?.elements ?? {}).filter((name) => name !== 'id')
    return fc
      .dictionary(fc.constantFrom(...names), value)
      .map((members): Resource => ({ ...members, resourceType, id: 'x' }))
  })
  const entry = (one: Resource): JsonObject => ({ reference: `${one.resourceType}/x`, display: 'named' })

  it('is shown without failing, whatever is in it', () => {
    fc.assert(
      fc.property(resource, resource, value, (one, other, signature) => {
        const section = [
          { title: 'S', entry: [entry(one), entry(other)] },
          { title: 'T', text: text('<p>x</p>'), entry: [entry(one)] },
        ]
        const composition = { section, subject: entry(one), encounter: entry(other), author: [entry(other)] }
        const bundle = { ...documentOf(composition, one, other), signature, link: signature } as unknown as Bundle
        expect(faultsOf(page(bundle, design).xhtml)).toEqual([])
        expect(() =>
          narrate({ ...documentOf({ ...composition, status: 'preliminary' }, one, other) } as Collected, design),
        ).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })
})

describe('golden documents', () => {
  const cases = ['page-attested', 'page-without-text', 'page-in-error']

  it.each(cases)('%s', async (name) => {
    const folder = new URL(`../../fixtures/documents/${name}/`, import.meta.url)
    const bundle = parseJson(readFileSync(new URL('document.json', folder))) as Bundle
    const { xhtml, issues } = page(bundle, { ...design, zone: 'Europe/Berlin' })
    expect(faultsOf(xhtml)).toEqual([])
    const plain = xhtml.replace(/<style>.*?(@page \{ @top-(?:left|right).*?)<\/style>/s, '<style>\n$1</style>')
    await expect(plain).toMatchFileSnapshot(new URL('page.xhtml', folder).pathname)
    await expect(stringify(issues as unknown as Json, 2)).toMatchFileSnapshot(
      new URL('page-issues.json', folder).pathname,
    )
  })
})
