/** The fullUrl of each entry. @see https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl */

import { uuidV5 } from '../fhir/digest.ts'
import { restBase } from '../fhir/reference.ts'
import type { FullUrl } from '../fhir/types.ts'
import type { Member } from './member.ts'

/** The namespace of the UUIDs that are made from the name of a resource, so that the same input gives the same document. */
export const NAMESPACE = '3f6c2c52-9d0b-5f0e-8a54-6f2d1e7b9c40'

export interface Naming {
  readonly fullUrl: 'rest' | 'uuid'
  readonly base: string | undefined
  /** A name that has not the form of one is not kept. */
  readonly mendsNames?: true | undefined
}

export interface Names {
  readonly fullUrlOf: (member: Member) => FullUrl
  /** Whether another version of the resource has the same fullUrl, so that only a versioned reference tells them apart. */
  readonly isShared: (member: Member) => boolean
  /** Whether the document holds several versions of the resource, which keep their versionIds. */
  readonly isOneOfSeveral: (member: Member) => boolean
}

/**
 * The names of all members. A URL that the source gives is kept in `rest`, one that is no http URL in both; what has none
 * lies below the base in `rest`. All else is a UUID: of the identity, and of the versioned identity for further versions
 * of a resource, since a reference to a `urn:uuid` can name no version.
 */
export function namesOf(members: readonly Member[], naming: Naming): Names {
  const versions = Map.groupBy(members, ({ identity }) => identity)
  const isOneOfSeveral = ({ identity }: Member): boolean => (versions.get(identity)?.length ?? 0) > 1
  const urls = new Map(
    members.map((member) => [member, fullUrlFor(member, versions.get(member.identity)?.[0], naming)]),
  )
  const uses = Map.groupBy(members, (member) => urls.get(member))
  const fullUrlOf = (member: Member): FullUrl => urls.get(member) ?? member.identity
  return { fullUrlOf, isOneOfSeveral, isShared: (member) => (uses.get(urls.get(member))?.length ?? 0) > 1 }
}

/** What begins as a UUID and is none. */
const BROKEN = /^urn:uuid:(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)/

function fullUrlFor(member: Member, first: Member | undefined, { fullUrl, base, mendsNames }: Naming): FullUrl {
  const { identity, version } = member
  const { url, resource } = member.found
  const isFirst = member === first
  const isBroken = url !== undefined && (BROKEN.test(url) || (resource.id === undefined && restBase(url) !== undefined))
  const isNamed = url !== undefined && !(mendsNames === true && isBroken)
  if (isNamed && (/^https?:/i.test(url) ? fullUrl === 'rest' : isFirst)) return url
  if (fullUrl === 'rest' && base !== undefined && restBase(identity) === base && resource.id !== undefined)
    return identity
  return `urn:uuid:${uuidV5(NAMESPACE, isFirst ? identity : `${identity}/_history/${version ?? ''}`)}`
}
