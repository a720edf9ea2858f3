/** Resources named by a search instead of an id. @see https://hl7.org/fhir/R4/http.html#ccreate */

import { fail, FhirError } from '../../fhir/error.ts'
import { isError } from '../../fhir/issue.ts'
import type { SearchRequest, SearchResult, StoreReader, Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import { Refusal } from '../answer.ts'
import { pairsIn, type Pairs } from '../parameters.ts'

/** Parameters that say how a search is answered, and not what it finds. */
const RESULT = new Set(['_sort', '_count', '_include', '_revinclude', '_summary', '_elements', '_total', '_contained', '_containedType', '_page']) // prettier-ignore

/**
 * Criteria as a header or reference has them: `identifier=urn:a|1`, with or without the type and question mark before.
 * @throws FhirError `value` where they are for another type, `invalid` where they are no text
 */
export function criteriaOf(text: string, type: string): Pairs {
  const [start = '', named = ''] = /^([^=&?]*)\?/.exec(text) ?? []
  if (named !== '' && named !== type)
    throw fail('value', `The criteria ${excerpt(text)} are for another type, expected ${type} or none before the ?`)
  return pairsIn(text.slice(start.length))
}

/**
 * The one resource that criteria find, undefined where they find none.
 * @throws FhirError `multiple-matches`; `required` where there are no criteria, which all resources would fit
 */
export async function only(reader: StoreReader, type: string, criteria: Pairs): Promise<Version | undefined> {
  const other = criteria.find(([name]) => RESULT.has(name.split(':')[0] ?? ''))
  if (other !== undefined)
    throw fail('value', `The parameter ${excerpt(other[0])} is no criterion to find one resource by`)
  if (criteria.every(([, value]) => value.trim() === '')) {
    throw fail('required', `A condition without criteria fits every ${type}, expected at least one search parameter`)
  }
  const request = { type, parameters: criteria, handling: 'strict', defaultCount: 2, maxCount: 2 } as const
  const [found, another] = (await searched(request, reader)).matches
  if (another === undefined) return found
  throw fail('multiple-matches', `Several resources fit the criteria for one ${type}, expected at most one`)
}

/** What a search finds. @throws Refusal 400 for a parameter that is not known: the client has to change it */
export async function searched(request: SearchRequest, reader: StoreReader): Promise<SearchResult> {
  try {
    return await reader.search(request)
  } catch (thrown) {
    if (!(thrown instanceof FhirError)) throw thrown
    const issue = thrown.issues.find(isError)
    throw issue?.code === 'not-supported' ? new Refusal(400, issue) : thrown
  }
}

/** A token as criteria have it. @see https://hl7.org/fhir/R4/search.html#escaping */
export function tokenOf({ system = '', value = '' }: { readonly system?: string; readonly value?: string }): string {
  return [system, value].map((part) => part.replaceAll(/[\\$,|]/g, '\\$&')).join('|')
}
