/** What is attached to entries: images are shown, all else is listed by name, type and size (H-17). */

import { fromBase64 } from '../fhir/digest.ts'
import type { Model } from '../fhir/model.ts'
import { resolve } from '../fhir/reference.ts'
import { isObject, type JsonObject, type Resource } from '../fhir/types.ts'
import { walk } from '../fhir/walk.ts'
import type { Document } from './document.ts'
import { own } from './locale.ts'
import { findTarget, holderOf, wordingFor, type Target } from './refer.ts'
import { objects, plainText, type Wording } from './wording.ts'

/** An attachment for the page; `src` is a data: URI of an image that a browser can show. */
export interface AttachmentView {
  readonly title: string
  readonly src?: string
  /** The Binary that holds it. */
  readonly binary?: Resource
}

/** Image types that browsers show and that hold no markup, by how their bytes begin. */
const IMAGES: readonly (readonly [type: string, starts: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
]

/** The attachments in a resource and what it contains, in their order; a Binary by what it is called where it is named. */
export function attachmentsOf(
  { resource, holder }: Target,
  document: Document,
  display = '',
): readonly AttachmentView[] {
  const wording = wordingFor(document.reader, holder, 1)
  if (resource.resourceType === 'Binary')
    return [{ ...view(resource, display || resource['contentType'], wording), binary: resource }]
  if (!mayAttach(resource, wording.model)) return []
  const found: AttachmentView[] = []
  walk(resource, wording.model, (node) => {
    if (node.type === 'Attachment' && isObject(node.value) && !node.isShadow)
      found.push(attachment(node.value, holder, document, wording))
  })
  return found
}

/** The attachments of the resources that are no entries of a section, but those that narratives show; each Binary once. */
export function furtherAttachments(document: Document, shown: ReadonlySet<Resource>): readonly AttachmentView[] {
  const { reader, composition, holder } = document
  const entries = new Set(sectionTargets(objects(composition.section), document))
  const told = [...entries].flatMap((resource) => attachmentsOf({ resource, holder, by: 'rule' }, document))
  const others = reader.index.entries.filter(({ resource }) => !entries.has(resource) && resource !== composition)
  const views = (isWanted: (resource: Resource) => boolean): readonly AttachmentView[] =>
    others
      .filter(({ resource }) => isWanted(resource))
      .flatMap((entry) => attachmentsOf({ resource: entry.resource, holder: holderOf(entry), by: 'rule' }, document))
  const attached = views(({ resourceType }) => resourceType !== 'Binary')
  const seen = new Set([...shown, ...[...told, ...attached].map(({ binary }) => binary)])
  const loose = views((resource) => resource.resourceType === 'Binary' && !seen.has(resource) && !isStyle(resource))
  return [...attached.filter(({ binary }) => binary === undefined || !shown.has(binary)), ...loose]
}

function isStyle({ contentType }: Resource): boolean {
  return plainText(contentType).startsWith('text/css')
}

function sectionTargets(sections: readonly JsonObject[], document: Document): readonly Resource[] {
  return sections.flatMap(({ entry, section }) => {
    const targets = objects(entry).map((reference) => findTarget(document.reader.index, reference, document.holder))
    const found = targets.flatMap((target) => (typeof target === 'string' ? [] : [target.resource]))
    return [...found, ...sectionTargets(objects(section), document)]
  })
}

const attaching = new WeakMap<Model, Map<string, boolean>>()

/** Whether a resource or what it contains has elements that attach. */
function mayAttach({ resourceType, contained }: Resource, model: Model): boolean {
  return (
    attaches(resourceType, model) || objects(contained).some((one) => attaches(plainText(one['resourceType']), model))
  )
}

/** Whether a type has an Attachment in itself or in its parts. */
function attaches(type: string, model: Model): boolean {
  const known = attaching.get(model) ?? new Map<string, boolean>()
  attaching.set(model, known)
  const answer = known.get(type)
  if (answer !== undefined) return answer
  known.set(type, false)
  const elements = Object.values(own(model.types, type)?.elements ?? {})
  const found = elements.some(
    (element) => element.type === 'Attachment' || (element.type.includes('.') && attaches(element.type, model)),
  )
  known.set(type, found)
  return found
}

function attachment(
  value: JsonObject,
  holder: Target['holder'],
  { reader }: Document,
  wording: Wording,
): AttachmentView {
  if (value['data'] !== undefined) return view(value, wording.show(value, 'Attachment'), wording)
  const url = plainText(value['url'])
  const binary = url === '' ? undefined : binaryAt(resolve(reader.index, url, holder))
  if (binary !== undefined) {
    const { url: _url, ...rest } = value
    return { ...view(binary, wording.show(rest, 'Attachment'), wording), binary }
  }
  const title = wording.show(value, 'Attachment')
  return { title: url === '' ? title : wording.phrase('attachment.missing', { title }) }
}

function binaryAt(resolution: ReturnType<typeof resolve>): Resource | undefined {
  if (resolution.outcome === 'entry') return resolution.contained ?? resolution.entry.resource
  return resolution.outcome === 'contained' ? resolution.contained : undefined
}

function view(holder: JsonObject, title: JsonObject[string], { phrase }: Wording): AttachmentView {
  const name = plainText(title) || phrase('attachment.untitled')
  const src = imageSource(holder['data'])
  return src === undefined ? { title: name } : { title: phrase('attachment.image', { title: name }), src }
}

/** The data: URI of an image; what the bytes are counts, not what they are said to be. */
function imageSource(data: JsonObject[string]): string | undefined {
  const bytes = typeof data === 'string' ? fromBase64(data) : undefined
  if (bytes === undefined || typeof data !== 'string') return undefined
  const start = String.fromCharCode(...bytes.subarray(0, 16))
  const type = IMAGES.find(([, starts]) => starts.test(start))?.[0]
  return type === undefined ? undefined : `data:${type};base64,${data.replaceAll(/\s/g, '')}`
}

/** The data: URI of the image that a Binary, Media or DocumentReference holds. */
export function imageOf(resource: Resource): string | undefined {
  const holders = [
    resource,
    ...objects(resource['content']).map((content) =>
      isObject(content['attachment']) ? content['attachment'] : content,
    ),
  ]
  return holders.map(({ data }) => imageSource(data)).find((src) => src !== undefined)
}
