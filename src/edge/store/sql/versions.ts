/** Rows of the table `version` as the versions that the port speaks of. */

import { parseJson } from '../../../fhir/json.ts'
import { frozen } from '../../../fhir/memo.ts'
import { isResource, type Instant, type Resource } from '../../../fhir/types.ts'
import type { Key, Version } from '../../../ports.ts'

/** A row with what a version is made of. */
export interface VersionRow {
  readonly name: string
  readonly version: number
  readonly last_updated: number
  readonly method: string
  readonly text: string | null
}

/** `Patient/1` */
export function nameOf({ type, id }: Key): string {
  return `${type}/${id}`
}

export function keyOf(name: string): Key {
  const slash = name.indexOf('/')
  return { type: name.slice(0, slash), id: name.slice(slash + 1) }
}

/** Milliseconds since 1970 as FHIR writes an instant. */
export function instantOf(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString()
}

/** The version that a row is about; its resource is parsed when it is first asked for, and is one object ever after. */
export function versionOf({ name, version, last_updated, method, text }: VersionRow): Version {
  const told = {
    ...keyOf(name),
    versionId: String(version),
    lastUpdated: instantOf(last_updated),
    method: method as Version['method'],
  }
  return text === null ? told : new StoredVersion(told, text)
}

class StoredVersion implements Version {
  readonly type: string
  readonly id: string
  readonly versionId: string
  readonly lastUpdated: Instant
  readonly method: Version['method']
  readonly text: string
  #resource: Resource | undefined

  constructor({ type, id, versionId, lastUpdated, method }: Omit<Version, 'text' | 'resource'>, text: string) {
    this.type = type
    this.id = id
    this.versionId = versionId
    this.lastUpdated = lastUpdated
    this.method = method
    this.text = text
  }

  get resource(): Resource {
    return (this.#resource ??= parsed(this.text))
  }
}

function parsed(text: string): Resource {
  const value = parseJson(text)
  if (!isResource(value)) throw new TypeError('A stored version is no resource')
  return frozen(value)
}
