/** Where links between narratives lead on the page. */

import { parseReference } from '../fhir/reference.ts'
import type { Composition, Section } from '../fhir/types.ts'
import { pageId } from './narrative-write.ts'
import type { Target } from './refer.ts'
import { objects } from './wording.ts'

/** The id of the text as a whole. */
export const TEXT = 'text'

/** The prefix of the ids in the Composition's own narrative. */
export const COMPOSITION = 'composition'

/** The prefix of the ids in all sections' narratives. */
export const SECTION = 'section'

/** The id of a subject in the head of the page, and the prefix of the ids in its narrative. */
export function subjectId(index: number): string {
  return `subject-${index + 1}`
}

/** The id of a section, and the prefix of the ids in its narrative. */
export function sectionId(above: string, index: number): string {
  return `${above}-${index + 1}`
}

interface Anchored {
  readonly composition: Composition
  readonly holder: Target['holder']
  readonly subjects: readonly Target[]
}

/**
 * Ids on the page by address: the Composition and the subjects by fullUrl and by `Type/id`; `#id` for ids in the
 * Composition's narratives, which all belong to one resource. The first of several counts.
 */
export function anchorsOf({ composition, holder, subjects }: Anchored): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>()
  const add = (address: string | undefined, id: string): void => {
    if (address !== undefined && !anchors.has(address)) anchors.set(address, id)
  }
  for (const address of addresses(holder)) add(address, TEXT)
  for (const [index, subject] of subjects.entries())
    for (const address of addresses(subject.holder)) add(address, subjectId(index))
  const narratives = [[COMPOSITION, divOf(composition)] as const, ...sectionNarratives(composition.section, SECTION)]
  for (const [prefix, div] of narratives) for (const [, id = ''] of div.matchAll(ID)) add(`#${id}`, pageId(prefix, id))
  return anchors
}

const ID = /\s(?:id|name)\s*=\s*["']([^"'<>&]+)["']/g

function divOf({ text }: Composition | Section): string {
  return typeof text?.div === 'string' ? text.div : ''
}

function addresses({ fullUrl, container }: Target['holder']): readonly (string | undefined)[] {
  const parsed = fullUrl === undefined ? undefined : parseReference(fullUrl)
  const relative = parsed?.form === 'rest' ? `${parsed.type}/${parsed.id}` : undefined
  return [fullUrl, relative, container.id === undefined ? undefined : `${container.resourceType}/${container.id}`]
}

function sectionNarratives(
  sections: Composition['section'],
  above: string,
): readonly (readonly [prefix: string, div: string])[] {
  return (objects(sections) as readonly Section[]).flatMap((section, index) => {
    const id = sectionId(above, index)
    return [[id, divOf(section)] as const, ...sectionNarratives(section.section, id)]
  })
}
