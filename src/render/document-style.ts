/** The stylesheets that a document bears, applied in their order as far as they are safe. @see https://hl7.org/fhir/R4/documents.html#css */

import { fromBase64 } from '../fhir/digest.ts'
import type { Issue } from '../fhir/issue.ts'
import { indexBundle } from '../fhir/reference.ts'
import type { Bundle, Resource } from '../fhir/types.ts'
import type { Removals } from './narrative-removals.ts'
import { safeStylesheet } from './stylesheet.ts'

export interface DocumentStyle {
  readonly css: string
  /** For the narratives of the page: see `NarrativeContext.classes`. */
  readonly classes: ReadonlySet<string>
  /** `stylesheet-removed` is a warning: something that hides, adds or fetches was not applied. */
  readonly issues: readonly Issue[]
}

const SOURCE = 'https://hl7.org/fhir/R4/documents.html#css'
/** The looks of FHIR's own stylesheet are those of every page. */
const KNOWN = 'https://hl7.org/fhir/fhir.css'
/** Around each narrative of a page. */
const SCOPE = '.narrative'

/** The rules for narratives of all stylesheets in the Bundle; those at addresses outside are never fetched. */
export function documentStyles(bundle: Bundle): DocumentStyle {
  const { byFullUrl, byTypeAndId } = indexBundle(bundle)
  const css: string[] = []
  const classes = new Set<string>()
  const issues: Issue[] = []
  const links: unknown = bundle.link
  for (const [place, link] of (Array.isArray(links) ? (links as NonNullable<Bundle['link']>) : []).entries()) {
    const { relation, url } = link ?? {}
    if (relation !== 'stylesheet' || typeof url !== 'string' || url === KNOWN) continue
    const expression = `Bundle.link[${place}].url`
    const [target] = byFullUrl.get(url) ?? byTypeAndId.get(url) ?? []
    const text = target && cssOf(target.resource)
    if (text === undefined) {
      issues.push({
        ...REMOVED,
        text: `The stylesheet ${url.slice(0, 200)} is not applied, expected a Binary with CSS in the Bundle`,
        expression,
      })
      continue
    }
    const safe = safeStylesheet(text, SCOPE)
    if (safe.css !== '') css.push(safe.css)
    for (const name of safe.classes) classes.add(name)
    issues.push(...issuesOf(safe.removals, expression))
  }
  return { css: css.join('\n'), classes, issues }
}

const REMOVED = { severity: 'warning', code: 'security', rule: 'stylesheet-removed', source: SOURCE } as const
const PLAIN = {
  severity: 'information',
  code: 'informational',
  rule: 'stylesheet-presentation',
  source: SOURCE,
} as const
const maxNamed = 12

function issuesOf({ content, presentation }: Removals, expression: string): readonly Issue[] {
  const named = (names: ReadonlySet<string>) => [...names].slice(0, maxNamed).join(', ')
  return [
    ...(content.size > 0
      ? [
          {
            ...REMOVED,
            text: `Not applied of the stylesheet, since it may not alter what is read: ${named(content)}`,
            expression,
          },
        ]
      : []),
    ...(presentation.size > 0
      ? [{ ...PLAIN, text: `Not applied of the stylesheet: ${named(presentation)}`, expression }]
      : []),
  ]
}

function cssOf({ resourceType, contentType, data }: Resource): string | undefined {
  if (resourceType !== 'Binary' || typeof contentType !== 'string' || typeof data !== 'string') return undefined
  if (!/^text\/css\s*(?:;|$)/i.test(contentType)) return undefined
  const bytes = fromBase64(data.replace(/\s+/g, ''))
  return bytes && new TextDecoder().decode(bytes)
}
