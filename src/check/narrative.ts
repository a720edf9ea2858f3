/** 2 check: the rules of narrative and of document stylesheets, a row each. @see https://hl7.org/fhir/R4/narrative.html */

import { onceFor } from '../fhir/memo.ts'
import { placed } from '../fhir/walk.ts'
import { hiddenText, unsafeContent } from './narrative-danger.ts'
import { contentFaults, formFaults, languageFaults, nameFaults, placeFaults, rootFaults } from './narrative-form.ts'
import {
  brokenLinks,
  duplicateIds,
  hasImages,
  outsideImages,
  unknownImages,
  type ImagePlace,
} from './narrative-links.ts'
import type { ReadNarrative } from './narrative-read.ts'
import type { BundleRule, Content, ContentRule, DocumentRule, Finding } from './rule.ts'
import { outsideStylesheets, stylesheetFaults } from './stylesheet-links.ts'

const NARRATIVE = 'https://hl7.org/fhir/R4/narrative.html'
const DOCUMENTS = 'https://hl7.org/fhir/R4/documents.html'
const SECURITY = 'https://hl7.org/fhir/R4/security.html#narrative'

/** At most so many different texts are told of one narrative and rule. */
const maxTexts = 5

/** The findings of what is wrong in one narrative. */
function each(faultsOf: (narrative: ReadNarrative) => readonly string[]): ContentRule['broken'] {
  return ({ narratives }) => narratives.flatMap((narrative) => findings(narrative.expression, faultsOf(narrative)))
}

/** The findings of what is wrong among the narratives of one resource. */
function together(
  faultsOf: (narratives: readonly ReadNarrative[]) => readonly (readonly [ReadNarrative, string])[],
): ContentRule['broken'] {
  return ({ narratives }) => {
    const byNarrative = Map.groupBy(faultsOf(narratives), ([narrative]) => narrative.expression)
    return [...byNarrative].flatMap(([expression, faults]) =>
      findings(
        expression,
        faults.map(([, text]) => text),
      ),
    )
  }
}

const withImages = onceFor(({ narratives }: Content) => narratives.filter(hasImages))

/** The findings of what is wrong with the images of one narrative: whether they are there is for the document to say. */
function eachWithImages(
  faultsOf: (narrative: ReadNarrative, place: ImagePlace) => readonly string[],
): BundleRule['broken'] {
  return ({ contents, index, bundle }) =>
    contents.flatMap(({ content, index: at, root }) => {
      const narratives = withImages(content)
      if (narratives.length === 0) return NONE
      const place = { index, fullUrl: bundle.entry?.[at]?.fullUrl }
      return narratives.flatMap((narrative) => findings(placed(narrative.expression, root), faultsOf(narrative, place)))
    })
}

const NONE: readonly Finding[] = []

/** Sections whose only content is a div that is no XHTML: whoever reads the document finds nothing in them. */
function unreadableSections({ narratives }: Content): readonly Finding[] {
  return narratives.flatMap(({ faults, section, expression }) => {
    if (faults.length === 0 || section === undefined || Object.keys(section.text ?? {}).length > 1) return NONE
    if (section.entry !== undefined || section.section !== undefined) return NONE
    const text = 'The text of the section cannot be read, and there is nothing else in it'
    return [{ expression: expression.replace(/\.text\.div$/, ''), text }]
  })
}

function findings(expression: string, texts: readonly string[]): readonly Finding[] {
  return [...new Set(texts)].slice(0, maxTexts).map((text) => ({ expression, text }))
}

/** Narrative in the order of the specification's page, then stylesheets. */
export const narrativeRules: readonly DocumentRule[] = [
  {
    id: 'narrative-well-formed',
    severity: 'error',
    code: 'structure',
    scope: 'resource',
    human:
      'A narrative is well-formed XML without document type, processing instructions, CDATA and entities other than the five of XML',
    source: NARRATIVE,
    looks: 'resource',
    broken: each(formFaults),
  },
  {
    id: 'section-unreadable',
    severity: 'error',
    code: 'structure',
    scope: 'resource',
    human: 'A section without entries and sections has a text that can be read',
    source: 'https://hl7.org/fhir/R4/composition-definitions.html#Composition.section',
    looks: 'resource',
    broken: unreadableSections,
  },
  {
    id: 'narrative-root',
    severity: 'error',
    code: 'structure',
    scope: 'resource',
    human: 'The root of a narrative is a div, and all its elements are in the namespace of XHTML',
    source: NARRATIVE,
    looks: 'resource',
    broken: each(rootFaults),
  },
  {
    id: 'txt-1',
    severity: 'error',
    code: 'invariant',
    scope: 'resource',
    human:
      'A narrative has only the elements and attributes for formatting of HTML 4.0, chapters 7 to 11 but for 9.4, and 15',
    source: NARRATIVE,
    looks: 'resource',
    broken: each(nameFaults),
  },
  {
    id: 'txt-2',
    severity: 'error',
    code: 'invariant',
    scope: 'resource',
    human: 'A narrative has some content that is not white space',
    source: NARRATIVE,
    looks: 'resource',
    broken: each(contentFaults),
  },
  {
    id: 'narrative-structure',
    severity: 'error',
    code: 'structure',
    scope: 'resource',
    human: 'The elements of a narrative stand where HTML 4.0 lets them stand',
    source: 'https://www.w3.org/TR/html401/sgml/dtd.html',
    looks: 'resource',
    broken: each(placeFaults),
  },
  {
    id: 'narrative-safe',
    severity: 'error',
    code: 'security',
    scope: 'document',
    human:
      'A narrative has no script, form, object, event attribute, or anything else that runs, fetches or submits something',
    source: SECURITY,
    looks: 'resource',
    broken: each(unsafeContent),
  },
  {
    id: 'narrative-hidden',
    severity: 'warning',
    code: 'security',
    scope: 'document',
    human: 'A narrative has no style and no character that hides, reorders or adds text',
    source: `${DOCUMENTS}#css`,
    looks: 'resource',
    broken: each(hiddenText),
  },
  {
    id: 'narrative-id',
    severity: 'warning',
    code: 'duplicate',
    scope: 'resource',
    human: 'Each id is there once among the narratives of a resource',
    source: `${NARRATIVE}#id`,
    looks: 'resource',
    broken: together(duplicateIds),
  },
  {
    id: 'narrative-link',
    severity: 'error',
    blocks: false,
    code: 'not-found',
    scope: 'resource',
    human: 'A link within a narrative leads to an id of its resource',
    source: `${NARRATIVE}#id`,
    looks: 'resource',
    broken: together(brokenLinks),
  },
  {
    id: 'narrative-image',
    severity: 'warning',
    code: 'not-found',
    scope: 'resource',
    human: 'An image of a narrative is in it as data, or a Binary, Media or DocumentReference of the document',
    source: `${NARRATIVE}#images`,
    looks: 'document',
    broken: eachWithImages(unknownImages),
  },
  {
    id: 'narrative-outside',
    severity: 'warning',
    code: 'security',
    scope: 'resource',
    human: 'An image of a narrative needs nothing from outside the document',
    source: `${NARRATIVE}#images`,
    looks: 'document',
    broken: eachWithImages(outsideImages),
  },
  {
    id: 'narrative-language',
    severity: 'warning',
    code: 'business-rule',
    scope: 'resource',
    human: 'The language of a narrative is that of its resource, by lang and xml:lang alike',
    source: 'https://hl7.org/fhir/R4/languages.html',
    looks: 'resource',
    broken: each(languageFaults),
  },
  {
    id: 'stylesheet-link',
    severity: 'error',
    code: 'not-found',
    scope: 'document',
    human: 'A stylesheet link with a relative address names a Binary with CSS in the same Bundle',
    source: `${DOCUMENTS}#css`,
    looks: 'document',
    broken: stylesheetFaults,
  },
  {
    id: 'stylesheet-outside',
    severity: 'warning',
    code: 'security',
    scope: 'document',
    human: 'A document needs no stylesheet from outside',
    source: `${DOCUMENTS}#css`,
    looks: 'document',
    broken: outsideStylesheets,
  },
]
