/** Which text each reference has in the document, and the entries with those texts. */

import { isResourceType, type Model } from '../fhir/model.ts'
import { restBase, type ParsedReference } from '../fhir/reference.ts'
import type { Resource } from '../fhir/types.ts'
import { edited, type Edit } from './edit.ts'
import type { Names } from './full-url.ts'
import type { Member, Place } from './member.ts'

export interface Rewriting {
  readonly members: readonly Member[]
  readonly names: Names
  readonly model: Model
  /** Root members of a resource that change for another reason. */
  readonly patches: ReadonlyMap<Member, Partial<Resource>>
}

export interface Rewritten {
  /** The resource of each member: the very object of the source where nothing changed. */
  readonly resourceOf: (member: Member) => Resource
  readonly isChanged: (member: Member) => boolean
}

/**
 * The entries with every reference rewritten. One that changed loses versionId and lastUpdated, unless it is one of
 * several versions, and references to its version become references to its fullUrl.
 */
export function rewritten(rewriting: Rewriting): Rewritten {
  const changed = changedMembers(rewriting)
  const resources = new Map([...changed].map((member) => [member, changedResource(member, rewriting, changed)]))
  return {
    resourceOf: (member) => resources.get(member) ?? member.found.resource,
    isChanged: (member) => changed.has(member),
  }
}

/** All members that change: a change takes the version, which changes whoever refers to that version, and so on. */
function changedMembers(rewriting: Rewriting): ReadonlySet<Member> {
  const { members, patches } = rewriting
  const changed = new Set<Member>(patches.keys())
  const isEdited = (place: Place): boolean => editOf(place, rewriting, changed) !== undefined
  for (const member of members) if (member.places.some(isEdited)) changed.add(member)
  const versioned = Map.groupBy(
    members.flatMap(({ places }) => places.filter(isVersioned)),
    targetOf,
  )
  // A Set is iterated over what is added meanwhile too.
  for (const member of changed) {
    for (const place of versioned.get(member) ?? []) if (isEdited(place)) changed.add(place.holder)
  }
  return changed
}

function isVersioned({ parsed }: Place): boolean {
  return (parsed?.form === 'relative' || parsed?.form === 'rest') && parsed.version !== undefined
}

function targetOf({ outcome }: Place): Member | undefined {
  return outcome?.decision === 'included' ? outcome.target : undefined
}

function changedResource(member: Member, rewriting: Rewriting, changed: ReadonlySet<Member>): Resource {
  const edits = member.places.flatMap((place) => editOf(place, rewriting, changed) ?? [])
  const resource = { ...edited(member.found.resource, edits), ...rewriting.patches.get(member) }
  return rewriting.names.isOneOfSeveral(member) ? resource : withoutVersion(resource)
}

function withoutVersion(resource: Resource): Resource {
  if (resource.meta === undefined) return resource
  const {
    versionId: _versionId,
    _versionId: _ofVersionId,
    lastUpdated: _lastUpdated,
    _lastUpdated: _ofLastUpdated,
    ...meta
  } = resource.meta
  const { meta: _meta, ...others } = resource
  return Object.keys(meta).length === 0 ? others : { ...resource, meta: meta }
}

/** What changes in a reference; undefined where its text already says in the document what it has to say. */
function editOf(place: Place, rewriting: Rewriting, changed: ReadonlySet<Member>): Edit | undefined {
  const text =
    place.outcome?.decision === 'included'
      ? insideText(place, place.outcome.target, { ...rewriting, changed })
      : outsideText(place, rewriting)
  return text === undefined ? undefined : { occurrence: place.occurrence, text }
}

type Circumstances = Rewriting & { readonly changed: ReadonlySet<Member> }

/** The text by which a reference names an entry; undefined where it does so already. */
function insideText(place: Place, target: Member, { names, changed }: Circumstances): string | undefined {
  const isShared = names.isShared(target)
  const keepsVersion = names.isOneOfSeveral(target) || !changed.has(target)
  const aim: Aim = {
    fullUrl: names.fullUrlOf(target),
    holderUrl: names.fullUrlOf(place.holder),
    version: keepsVersion ? target.version : undefined,
    isShared,
  }
  if (fits(place, aim)) return undefined
  const version = isShared && target.version !== undefined ? `/_history/${target.version}` : ''
  return `${aim.fullUrl}${version}${fragmentOf(place)}`
}

interface Aim {
  readonly fullUrl: string
  readonly holderUrl: string
  /** The version that the entry says it is. */
  readonly version: string | undefined
  readonly isShared: boolean
}

/** Whether the text as it stands resolves to the entry. */
function fits(place: Place, { fullUrl, holderUrl, version, isShared }: Aim): boolean {
  const { parsed } = place
  if (parsed?.form === 'uri') return parsed.url === fullUrl && !isShared
  if (parsed?.form !== 'relative' && parsed?.form !== 'rest') return false
  if (urlIn(place, parsed, holderUrl) !== fullUrl) return false
  return parsed.version === undefined ? !isShared : parsed.version === version
}

/** The URL that a reference names in a holder of that URL. */
function urlIn({ wanted, holder }: Place, parsed: RestReference, holderUrl: string): string | undefined {
  if (parsed.form === 'rest') return parsed.url
  if (holderUrl === holder.found.url && wanted?.target.by === 'url') return wanted.target.url
  const base = restBase(holderUrl)
  return base === undefined ? undefined : `${base}/${parsed.type}/${parsed.id}`
}

type RestReference = Extract<ParsedReference, { readonly form: 'relative' | 'rest' }>

function fragmentOf({ parsed }: Place): string {
  return parsed !== undefined && 'fragment' in parsed && parsed.fragment !== undefined ? `#${parsed.fragment}` : ''
}

/**
 * The text of a reference to what is not in the document: it names its target at the source, by a whole URL where the
 * holder's fullUrl no longer says the base. Undefined where it does so already, or where no base is known.
 */
function outsideText({ parsed, holder, occurrence, row }: Place, { names, model }: Rewriting): string | undefined {
  if (parsed?.form !== 'relative' || row.demand === 'keep' || !isResourceType(model, parsed.type)) return undefined
  const base = restBase(holder.found.url)
  return base === undefined || restBase(names.fullUrlOf(holder)) === base ? undefined : `${base}/${occurrence.value}`
}
