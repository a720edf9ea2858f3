/** The pages of a search on a FHIR server: all of them, or an error; never fewer. @see https://hl7.org/fhir/R4/http.html#paging */

import { fail } from '../../fhir/error.ts'
import {
  isBundle,
  isObject,
  isResource,
  type Bundle,
  type Json,
  type JsonObject,
  type Resource,
} from '../../fhir/types.ts'
import { refusal } from './exchange.ts'

export interface Paging {
  /** The page at a URL, whatever its status. */
  readonly page: (url: string, name: string) => Promise<{ readonly status: number; readonly body?: Json }>
  /** Without a slash at its end. */
  readonly base: string
  readonly maxPages: number
  /** What comes with the matches counts too. */
  readonly takesIncluded?: true
}

/**
 * The matches of a search, from its first page to its last.
 * @throws FhirError `no-store` where a page is missing, stands again, or the server says that it found more or failed in
 * part; `too-costly` where there are too many
 */
export async function searched(first: Resource, name: string, paging: Paging): Promise<readonly Resource[]> {
  const seen = new Set<string>()
  const matches: Resource[] = []
  let total: Json | undefined
  let page: Json | undefined = first
  for (let count = 1; page !== undefined; count += 1) {
    if (!isBundle(page)) throw fail('no-store', `The FHIR server's answer to ${name} is no Bundle`)
    if (count > paging.maxPages) throw fail('too-costly', `The search ${name} has more than ${paging.maxPages} pages`)
    matches.push(...matchesOn(page, name, paging.takesIncluded))
    total ??= page['total']
    const next = nextOf(page, paging.base)
    if (next !== undefined && seen.has(next))
      throw fail('no-store', `The pages of the search ${name} go round in a circle`)
    if (next !== undefined) seen.add(next)
    page = next === undefined ? undefined : await following(next, name, paging)
  }
  if (typeof total === 'number' && total > matches.length)
    throw fail('no-store', `The FHIR server gave ${matches.length} of ${total} that it found for ${name}`)
  return matches
}

/** The matches on a page. @throws FhirError where the server says on it that a part of the search failed */
export function matchesOn({ entry }: Bundle, name: string, takesIncluded?: true): readonly Resource[] {
  return objects(entry).flatMap(({ resource, search }) => {
    const mode = isObject(search) ? search['mode'] : undefined
    if (!isResource(resource)) return []
    if (mode === 'outcome' && isFailure(resource))
      throw fail('no-store', `The FHIR server says that the search ${name} failed in part`)
    const isTaken = (mode ?? 'match') === 'match' || (mode === 'include' && takesIncluded === true)
    return isTaken ? [resource] : []
  })
}

function isFailure({ issue }: Resource): boolean {
  return objects(issue).some(({ severity }) => severity === 'error' || severity === 'fatal')
}

/** Those of a list that are objects; none where there is no list. */
export function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : []
}

function nextOf({ link }: Bundle, base: string): string | undefined {
  const next = objects(link).find(({ relation }) => relation === 'next')?.['url']
  return typeof next === 'string' ? (URL.parse(next, `${base}/`)?.href ?? next) : undefined
}

async function following(url: string, name: string, { page }: Paging): Promise<Json> {
  const what = `the next page of ${name}`
  const { status, body } = await page(url, what)
  if (body === undefined) throw refusal(status, what)
  return body
}
