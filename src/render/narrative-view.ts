/** A narrative ready for the page: harmless, its ids its own, its headings below the section's, its images and links inside the document. */

import type { Issue } from '../fhir/issue.ts'
import { resolve } from '../fhir/reference.ts'
import type { Expression, Narrative, Resource } from '../fhir/types.ts'
import { imageOf } from './attachments.ts'
import { contentLanguage } from './design.ts'
import type { Document } from './document.ts'
import { directionOf, languageTag } from './locale.ts'
import { harmless, type Harmless } from './narrative.ts'
import type { Target } from './refer.ts'
import { plainText } from './wording.ts'

export interface NarrativeView {
  readonly xhtml: string
  readonly lang?: string
  readonly dir?: 'ltr' | 'rtl' | 'auto'
  /** The page shows less or other than what was attested. */
  readonly isCut: boolean
  /** It begins with a heading that says the same as the section's title, which then stands for that. */
  readonly startsWithTitle: boolean
  /** The resources whose images it shows. */
  readonly images: ReadonlySet<Resource>
}

export interface NarrativePlace {
  /** Of the ids in the narrative. */
  readonly prefix: string
  /** Of the heading above it. */
  readonly level: number
  readonly title: string
  /** The resource that the narrative is part of. */
  readonly holder: Target['holder']
  readonly expression: Expression
}

export interface ShownNarrative {
  readonly view: NarrativeView
  readonly issues: readonly Issue[]
}

/** The narrative of a resource or section, and what of it could not be shown as it is; undefined where there is none. */
export function narrativeView(
  narrative: Narrative | undefined,
  place: NarrativePlace,
  document: Document,
): ShownNarrative | undefined {
  const div = typeof narrative?.div === 'string' ? narrative.div : ''
  if (div.trim() === '') return undefined
  const images = new Set<Resource>()
  const write = (headingLevel: number): Harmless =>
    harmless(div, {
      prefix: place.prefix,
      headingLevel,
      expression: `${place.expression}.div`,
      classes: document.style.classes,
      image: (src) => {
        const resource = resourceAt(src, place, document)
        if (resource !== undefined) images.add(resource)
        return resource === undefined ? undefined : imageOf(resource)
      },
      anchor: (href) => anchorAt(href, place, document),
    })
  const first = write(place.level)
  const startsWithTitle = place.title !== '' && startsWith(first.xhtml, place.title)
  const { xhtml, issues } = startsWithTitle ? write(place.level - 1) : first
  const [, own = ''] = /^\s*<div\b[^>]*?\s(?:xml:)?lang\s*=\s*["']([^"'<]+)["']/.exec(div) ?? []
  const lang = languageTag(own) ?? ownLanguage(place.holder.container)
  // Where the document does not say its language each text says its direction itself.
  const dir = directionOf(lang) ?? (contentLanguage(document.bundle) === undefined ? 'auto' : undefined)
  const view: NarrativeView = {
    xhtml,
    ...(lang !== undefined && { lang }),
    ...(dir !== undefined && { dir }),
    isCut: issues.some(({ rule }) => rule !== undefined && CUTS.has(rule)),
    startsWithTitle,
    images,
  }
  return { view, issues }
}

/** Rules of issues that mean a loss for the reader. */
const CUTS = new Set(['narrative-removed', 'narrative-repaired'])

function ownLanguage({ resourceType, language }: Resource): string | undefined {
  return resourceType === 'Composition' ? undefined : languageTag(plainText(language))
}

/** Whether the first thing in a narrative is a heading with the words of the title. */
function startsWith(xhtml: string, title: string): boolean {
  const [, , heading] = /^\s*(?:<div\b[^>]*>\s*)+<(h[1-6])\b[^>]*>(.*?)<\/\1>/s.exec(xhtml.slice(0, LONGEST)) ?? []
  return heading !== undefined && sameWords(unescaped(heading.replaceAll(/<[^>]*>/g, '')), title)
}

const LONGEST = 2_000

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function sameWords(one: string, other: string): boolean {
  const bare = (text: string): string =>
    text
      .normalize('NFC')
      .replaceAll(/[\s:]+/g, ' ')
      .trim()
      .toLowerCase()
  return bare(one) === bare(other)
}

/** An id alone is one of the same resource. */
function anchorAt(href: string, { holder }: NarrativePlace, { anchors, composition }: Document): string | undefined {
  return href.startsWith('#') && holder.container !== composition ? undefined : anchors().get(href)
}

function resourceAt(src: string, { holder }: NarrativePlace, { reader }: Document): Resource | undefined {
  const resolution = resolve(reader.index, src, holder)
  if (resolution.outcome === 'contained') return resolution.contained
  return resolution.outcome === 'entry' ? (resolution.contained ?? resolution.entry.resource) : undefined
}
