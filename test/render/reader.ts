/** A design and a way of speaking for the tests of rendering, from the templates as they are in the folder. */

import { loadDefinitions } from '../../src/edge/packages.ts'
import { templateFiles } from '../../src/edge/templates.ts'
import type { Bundle, Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import type { RenderDesign } from '../../src/render/design.ts'
import { wordingOf } from '../../src/render/format.ts'
import { chooseLocale, phrasesOf } from '../../src/render/locale.ts'
import { openTemplates, type TemplateFiles } from '../../src/render/templates.ts'
import { plainText, type Wording } from '../../src/render/wording.ts'

export const nothingBuilt = { specifications: {}, styles: {} }

const all = await templateFiles(new URL('../../templates', import.meta.url).pathname)
/** Those of documents: the pages for clinicians have suites of their own. */
export const files: TemplateFiles = Object.fromEntries(Object.entries(all).filter(([path]) => !path.startsWith('web/')))

const { model, compartment } = await loadDefinitions()

export const design: RenderDesign = { templates: openTemplates(nothingBuilt, files), model, compartment }

const locale = chooseLocale(design.templates.locales)

/** A wording that knows no other resources. */
export const wording: Wording = wordingOf({
  locale,
  phrase: phrasesOf(locale, locale),
  model,
  refer: ({ display, reference }) => plainText(display) || plainText(reference) || 'somebody',
})

/** A value of a datatype in words. */
export function show(value: Json, type: string): string {
  return wording.show(value, type)
}

const BASE = 'https://h.example/fhir'

/** A document of a Composition (its members given) about Patient/p, and further resources. */
export function documentOf(composition: JsonObject, ...resources: readonly Resource[]): Bundle {
  const first: Resource = {
    resourceType: 'Composition',
    id: 'c',
    status: 'final',
    type: { text: 'Letter' },
    subject: { reference: 'Patient/p' },
    date: '2026-03-01T10:00:00Z',
    author: [{ display: 'Dr. Erle' }],
    title: 'A letter',
    ...composition,
  }
  const hasSubject = resources.some(({ resourceType, id }) => resourceType === 'Patient' && id === 'p')
  const all = [first, ...(hasSubject ? [] : [patient]), ...resources]
  return {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
    timestamp: '2026-03-01T11:00:00Z',
    entry: all.map((resource) => ({ fullUrl: `${BASE}/${resource.resourceType}/${resource.id}`, resource })),
  }
}

export const patient: Resource = {
  resourceType: 'Patient',
  id: 'p',
  name: [{ family: 'Ahorn', given: ['Clara'] }],
  birthDate: '1961-03-12',
}

/** A narrative of the content given. */
export function text(content: string): JsonObject {
  return { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` }
}

/** The text of a page that a reader sees, without its table of contents; white space as single spaces. */
export function readable(xhtml: string): string {
  const body = xhtml
    .replace(/^.*<body>/s, '')
    .replace(/<nav.*<\/nav>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
  const plain = body
    .replaceAll('&#160;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll(/&#x27;/g, "'")
  return plain.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&').replaceAll(/\s+/g, ' ')
}
