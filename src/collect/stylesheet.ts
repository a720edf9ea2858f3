/**
 * Stylesheets of the Bundle that a Composition is from: its links, and the Binary entries that they name.
 * @see https://hl7.org/fhir/R4/documents.html#css
 */

import type { Issue } from '../fhir/issue.ts'
import { parseReference } from '../fhir/reference.ts'
import type { BundleLink } from '../fhir/types.ts'
import type { Found, Source } from '../ports.ts'
import type { Closure } from './closure.ts'
import { want, type Lookup, type Wanted } from './lookup.ts'

export interface Stylesheets {
  /** What has to be in the document for the links to work. */
  readonly wanted: readonly Wanted[]
  /** The links as the document has them, and what is wrong with them. */
  readonly linked: (closure: Pick<Closure, 'members'>) => {
    readonly links: readonly BundleLink[]
    readonly issues: readonly Issue[]
  }
}

/** The stylesheets of a source, in their order; none where it is no Bundle. */
export function stylesheetsOf(home: Source | undefined, lookup: Lookup): Stylesheets {
  const links = (home?.links ?? []).filter(({ relation, url }) => relation === 'stylesheet' && typeof url === 'string')
  const wantedBy = (link: BundleLink): Wanted | undefined => (home === undefined ? undefined : wantedByLink(link, home))
  const foundBy = (link: BundleLink, { members }: Pick<Closure, 'members'>): Found | undefined => {
    const wanted = wantedBy(link)
    const found = wanted === undefined ? [] : lookup.answer(wanted)
    return members.find((member) => found.some(({ resource }) => resource === member.found.resource))?.found
  }
  return {
    wanted: links.flatMap((link) => wantedBy(link) ?? []),
    linked: (closure) => ({
      links: links.map((link) => documentLink(link, foundBy(link, closure))),
      issues: links.filter((link) => isRelative(link) && foundBy(link, closure) === undefined).map(missingStylesheet),
    }),
  }
}

function isRelative({ url = '' }: BundleLink): boolean {
  return !/^[a-z][a-z0-9+.-]*:/i.test(url)
}

/** A Binary of the same Bundle, and nothing at an absolute address unless an entry has it. */
function wantedByLink({ url = '' }: BundleLink, { name }: Source): Wanted | undefined {
  const parsed = parseReference(url)
  if (parsed.form === 'relative') return want({ by: 'id', type: parsed.type, id: parsed.id }, name)
  return parsed.form === 'rest' || parsed.form === 'uri' ? want({ by: 'url', url: parsed.url }, name) : undefined
}

/** `Binary/1` where that entry came in, since this is how readers look for it. */
function documentLink(link: BundleLink, found: Found | undefined): BundleLink {
  const { id, resourceType } = found?.resource ?? {}
  if (id === undefined || resourceType === undefined) return link
  const url = `${resourceType}/${id}`
  return url === link.url ? link : { ...link, url }
}

function missingStylesheet({ url = '' }: BundleLink): Issue {
  return {
    severity: 'error',
    code: 'incomplete',
    text: `The stylesheet ${url} is missing, expected a Binary of the Bundle that the Composition is from`,
    expression: 'Bundle.link',
    rule: 'missing-stylesheet',
    source: 'https://hl7.org/fhir/R4/documents.html#css',
  }
}
