/** What a narrative points to: ids of its resource, images of the Bundle, addresses outside. */

import type { ReadNarrative } from './narrative-read.ts'
import { IMAGE_DATA, schemeOf } from '../fhir/xhtml-allowed.ts'
import { resolve, type BundleIndex } from '../fhir/reference.ts'
import type { Resource } from '../fhir/types.ts'

/** The ids that links within a narrative may name: `id`, and the `name` of an anchor or map. */
export function idsOf(narrative: ReadNarrative): readonly string[] {
  return narrative.elements.flatMap(({ tag: { name, attributes } }) => {
    const own = attributes.filter(
      (attribute) => attribute.name === 'id' || (attribute.name === 'name' && (name === 'a' || name === 'map')),
    )
    return [...new Set(own.map(({ value }) => value))]
  })
}

/** Links to ids that no narrative of the resource, and no contained resource, has. */
export function brokenLinks(narratives: readonly ReadNarrative[]): readonly (readonly [ReadNarrative, string])[] {
  const [first] = narratives
  const known = new Set(narratives.flatMap(idsOf))
  for (const { id } of contained(first?.container)) if (id !== undefined) known.add(id)
  return narratives.flatMap((narrative) =>
    addresses(narrative, 'href')
      .filter((href) => href.length > 1 && href.startsWith('#') && !known.has(href.slice(1)))
      .map(
        (href) =>
          [narrative, `The link ${href} leads nowhere, expected the id of an element of the narrative`] as const,
      ),
  )
}

/** Ids that more than one element of a resource's narratives bears. */
export function duplicateIds(narratives: readonly ReadNarrative[]): readonly (readonly [ReadNarrative, string])[] {
  const seen = new Set<string>()
  return narratives.flatMap((narrative) =>
    idsOf(narrative).flatMap((id) => {
      if (seen.has(id))
        return [
          [narrative, `The id ${id} is there more than once, expected an id of its own for each element`] as const,
        ]
      seen.add(id)
      return []
    }),
  )
}

/** The entry that a narrative stands in, among the others. */
export interface ImagePlace {
  readonly index: BundleIndex
  readonly fullUrl: string | undefined
}

export function hasImages({ elements }: ReadNarrative): boolean {
  return elements.some(({ tag }) => tag.name === 'img')
}

/** Images that stand neither in the narrative nor in the Bundle, so that showing them would need the network. */
export function outsideImages(narrative: ReadNarrative, place: ImagePlace): readonly string[] {
  return addresses(narrative, 'src').flatMap((src) =>
    /^https?$/.test(schemeOf(src)) && imageOf(narrative, place, src) === undefined
      ? [`The image ${src.slice(0, 200)} is not in the document, expected one that is`]
      : [],
  )
}

/** Images whose address names nothing that can be shown. */
export function unknownImages(narrative: ReadNarrative, place: ImagePlace): readonly string[] {
  return addresses(narrative, 'src').flatMap((src) => {
    const scheme = schemeOf(src)
    if (/^https?$/.test(scheme) || IMAGE_DATA.test(src)) return []
    if (scheme === 'data')
      return [`The image ${src.slice(0, 40)} cannot be shown, expected PNG, JPEG, GIF or WebP in base64`]
    if (imageOf(narrative, place, src) !== undefined) return []
    return [
      `The image ${src.slice(0, 200)} is not there, expected a Binary, Media or DocumentReference contained or in the Bundle`,
    ]
  })
}

const IMAGES = new Set(['Binary', 'Media', 'DocumentReference'])

function imageOf({ container }: ReadNarrative, { index, fullUrl }: ImagePlace, src: string): Resource | undefined {
  const found = resolve(index, src, { fullUrl, container })
  const [candidate] = found.outcome === 'no-base' ? found.candidates : []
  const target =
    found.outcome === 'contained'
      ? found.contained
      : found.outcome === 'entry'
        ? (found.contained ?? found.entry.resource)
        : candidate?.resource
  return target && IMAGES.has(target.resourceType) ? target : undefined
}

function addresses(narrative: ReadNarrative, name: 'href' | 'src'): readonly string[] {
  const element = name === 'src' ? 'img' : 'a'
  return narrative.elements.flatMap(({ tag }) =>
    tag.name === element ? tag.attributes.filter((attribute) => attribute.name === name).map(({ value }) => value) : [],
  )
}

function contained(resource: Resource | undefined): readonly Resource[] {
  const list: unknown = resource?.contained
  return Array.isArray(list) ? (list as readonly Resource[]).filter((one) => one !== null) : []
}
