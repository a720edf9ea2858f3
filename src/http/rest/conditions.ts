/** Conditions of a request: by version, by time, or by a search. @see https://hl7.org/fhir/R4/http.html#concurrency */

import type { Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import { refuse } from '../answer.ts'

/** As the headers, or the members of Bundle.entry.request, give them. */
export interface Conditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  /** Criteria of a search: `identifier=urn:a|1`. */
  readonly ifNoneExist?: string | undefined
}

/** `W/"3"` */
export function etagOf({ versionId }: Pick<Version, 'versionId'>): string {
  return `W/"${versionId}"`
}

/** The date of an HTTP header. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
export function httpDate({ lastUpdated }: Pick<Version, 'lastUpdated'>): string {
  return new Date(lastUpdated).toUTCString()
}

/**
 * Nothing, where a resource may be written over.
 * @throws Refusal 412 where If-Match names another version than the current one, or If-None-Match the current one; 400
 * where either is written badly
 */
export function mustMatch({ ifMatch, ifNoneMatch }: Conditions, current: Version | undefined): void {
  const existing = current?.text === undefined ? undefined : current
  if (ifMatch !== undefined && !isNamed(ifMatch, existing, 'If-Match')) {
    const is = existing === undefined ? 'there is none' : `the current version is ${existing.versionId}`
    throw refuse(412, 'conflict', `If-Match asks for the version ${excerpt(ifMatch)}, but ${is}`)
  }
  if (ifNoneMatch !== undefined && isNamed(ifNoneMatch, existing, 'If-None-Match')) {
    throw refuse(412, 'conflict', `If-None-Match is ${excerpt(ifNoneMatch)}, but there is a resource of that version`)
  }
}

/** Whether a reader has the version already. @throws Refusal 400 where If-None-Match is written badly */
export function isUnmodified({ ifNoneMatch, ifModifiedSince }: Conditions, version: Version): boolean {
  if (ifNoneMatch !== undefined) return isNamed(ifNoneMatch, version, 'If-None-Match')
  const since = Date.parse(ifModifiedSince ?? '')
  // an HTTP date has whole seconds
  return !Number.isNaN(since) && Math.floor(Date.parse(version.lastUpdated) / 1000) * 1000 <= since
}

const TAG = /^(?:W\/)?"([^"]*)"$|^([A-Za-z0-9.-]+)$/

function isNamed(header: string, version: Version | undefined, name: string): boolean {
  if (header.trim() === '*') return version !== undefined
  const tags = header.split(',').map((part) => {
    const [, quoted, bare] = TAG.exec(part.trim()) ?? []
    const tag = quoted ?? bare
    if (tag === undefined) throw refuse(400, 'value', `${name} is ${excerpt(header)}, expected an ETag such as W/"1"`)
    return tag
  })
  return version !== undefined && tags.includes(version.versionId)
}
