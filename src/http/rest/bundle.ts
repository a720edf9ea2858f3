/** Bundles of what was found: searchset and history. @see https://hl7.org/fhir/R4/bundle.html */

import { outcome } from '../../fhir/issue.ts'
import type { Bundle, BundleLink, Entry, JsonObject } from '../../fhir/types.ts'
import type { HistoryResult, SearchResult, Version } from '../../ports.ts'
import { modelOf, type Service } from '../route.ts'
import { etagOf } from './conditions.ts'
import { subset } from './subset.ts'
import type { Pairs } from '../parameters.ts'

/** The parameter that names a page of an earlier answer. */
export const PAGE = '_page'

/** What a search finds, as a Bundle. `path` is where it was searched: `Patient`, or nothing for all types. */
export function searchset(result: SearchResult, path: string, service: Service): Bundle {
  const { matches, included, total, issues, shape } = result
  const entry = (version: Version, mode: 'match' | 'include'): Entry => ({
    fullUrl: urlOf(version, service),
    ...(version.resource !== undefined && { resource: subset(version.resource, shape, modelOf(service)) }),
    search: { mode },
  })
  const told = issues.length === 0 ? [] : [{ resource: outcome(issues), search: { mode: 'outcome' } }]
  const entries = [
    ...told,
    ...(shape.summary === 'count' ? [] : matches.map((each) => entry(each, 'match'))),
    ...(shape.summary === 'count' ? [] : included.map((each) => entry(each, 'include'))),
  ]
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total !== undefined && { total }),
    link: pageLinks(result, `${service.base}${path === '' ? '' : `/${path}`}`),
    ...listed(entries),
  }
}

function pageLinks({ used, pages }: SearchResult, url: string): readonly BundleLink[] {
  const relations = ['first', 'previous', 'next', 'last'] as const
  const others = relations.flatMap((relation) => {
    const page = pages[relation]
    return page === undefined ? [] : [{ relation, url: withQuery(url, [...used, [PAGE, page]]) }]
  })
  return [{ relation: 'self', url: withQuery(url, used) }, ...others]
}

/** A URL with a query. */
export function withQuery(url: string, query: Pairs): string {
  const written = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()
  return written === '' ? url : `${url}?${written}`
}

/** What a page of a history is told besides. */
export interface HistoryPage {
  /** `Patient/1/_history` */
  readonly path: string
  readonly query: Pairs
}

/** Versions with what made them, as a Bundle. */
export function historyBundle(
  { versions, total, next }: HistoryResult,
  { path, query }: HistoryPage,
  service: Service,
): Bundle {
  const url = `${service.base}/${path}`
  const further = next === undefined ? [] : [{ relation: 'next', url: withQuery(url, [...query.filter(([name]) => name !== PAGE), [PAGE, next]]) }] // prettier-ignore
  return {
    resourceType: 'Bundle',
    type: 'history',
    ...(total !== undefined && { total }),
    link: [{ relation: 'self', url: withQuery(url, query) }, ...further],
    ...listed(versions.map((version) => historyEntry(version, service))),
  }
}

const STATUSES: Readonly<Record<Version['method'], string>> = { POST: '201 Created', PUT: '200 OK', PATCH: '200 OK', DELETE: '204 No Content' } // prettier-ignore

function historyEntry(version: Version, service: Service): Entry {
  const { type, id, method, resource, versionId } = version
  const isFirst = method === 'PUT' && versionId === '1'
  return {
    fullUrl: urlOf(version, service),
    ...(resource !== undefined && { resource }),
    request: { method, url: method === 'POST' ? type : `${type}/${id}` },
    response: { status: isFirst ? STATUSES.POST : STATUSES[method], ...stamped(version) },
  }
}

/** ETag and time of a version, as entries have them. */
export function stamped(version: Version): JsonObject {
  return { etag: etagOf(version), lastModified: version.lastUpdated }
}

function urlOf({ type, id }: Version, { base }: Service): string {
  return `${base}/${type}/${id}`
}

/** FHIR has no empty lists. */
function listed(entry: readonly Entry[]): { readonly entry?: readonly Entry[] } {
  return entry.length === 0 ? {} : { entry }
}
