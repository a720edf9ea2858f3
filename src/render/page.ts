/** Stage 4, the document page: XHTML that is a pure function of the Bundle's bytes and the design. */

import { fail } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Bundle } from '../fhir/types.ts'
import { opened, type RenderDesign } from './design.ts'
import { pageView } from './view.ts'

export type { RenderDesign } from './design.ts'

export interface Page {
  readonly xhtml: string
  readonly issues: readonly Issue[]
}

/**
 * The document as a page: its head, the subject's narrative, the Composition's narrative, the sections.
 * @see https://hl7.org/fhir/R4/documents.html#presentation
 * @throws FhirError `structure` where the first entry is no Composition, `not-supported` where there is no such language or template
 */
export function page(bundle: Bundle, design: RenderDesign): Page {
  const { templates, template = 'page' } = design
  if (!templates.documents.includes(template)) {
    throw fail(
      'not-supported',
      `There is no template ${template}, expected one of ${[...templates.documents].sort().join(', ')}`,
    )
  }
  const { document, locale } = opened(bundle, design)
  const { view, issues } = pageView(document, locale, templates)
  return { xhtml: templates.render(`document/${template}`, view, document.reader.parts.phrase), issues }
}
