/** The stylesheets that a document names. @see https://hl7.org/fhir/R4/documents.html#css */

import type { Finding, Subject } from './rule.ts'
import type { BundleIndex } from '../fhir/reference.ts'
import type { Resource } from '../fhir/types.ts'

/** The stylesheet of FHIR itself, which every renderer may take for known. */
const FHIR_CSS = 'https://hl7.org/fhir/fhir.css'

/** Links to a relative address that is no Binary with CSS in the Bundle. */
export function stylesheetFaults({ bundle, index }: Subject): readonly Finding[] {
  return stylesheets(bundle.link, index).flatMap(({ expression, url, target }) => {
    if (target !== undefined)
      return isCss(target) ? [] : [{ expression, text: `${url} is no stylesheet, expected a Binary of type text/css` }]
    if (/^(?:https?:)?\/\//i.test(url)) return []
    return [{ expression, text: `The stylesheet ${url} is not in the Bundle, expected a Binary that is` }]
  })
}

/** Links to a stylesheet at an address outside: it is never applied. */
export function outsideStylesheets({ bundle, index }: Subject): readonly Finding[] {
  return stylesheets(bundle.link, index).flatMap(({ expression, url, target }) =>
    target === undefined && url !== FHIR_CSS && /^(?:https?:)?\/\//i.test(url)
      ? [
          {
            expression,
            text: `The stylesheet ${url} is outside the document and is not applied, expected a Binary in the Bundle`,
          },
        ]
      : [],
  )
}

interface Stylesheet {
  readonly expression: string
  readonly url: string
  readonly target: Resource | undefined
}

function stylesheets(links: unknown, index: BundleIndex): readonly Stylesheet[] {
  if (!Array.isArray(links)) return []
  return (links as readonly ({ relation?: unknown; url?: unknown } | null)[]).flatMap((link, place) => {
    if (link?.relation !== 'stylesheet' || typeof link.url !== 'string') return []
    const [target] = index.byFullUrl.get(link.url) ?? index.byTypeAndId.get(link.url) ?? []
    return [{ expression: `Bundle.link[${place}].url`, url: link.url, target: target?.resource }]
  })
}

function isCss(resource: Resource): boolean {
  const { resourceType, contentType } = resource
  return resourceType === 'Binary' && typeof contentType === 'string' && /^text\/css\s*(?:;|$)/i.test(contentType)
}
