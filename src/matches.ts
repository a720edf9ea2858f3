/** All that a search of the store finds, page after page. */

import { BESIDE_COMPARTMENT } from './fhir/patient-role.ts'
import type { Found, SearchRequest, Source, StoreReader, Version } from './ports.ts'

const PAGE = 500

/** A value as a search takes it. @see https://hl7.org/fhir/R4/search.html#escaping */
export function escaped(value: string): string {
  return value.replaceAll(/[\\,|$]/g, '\\$&')
}

/** What is searched for. */
export type Criteria = Pick<SearchRequest, 'type' | 'compartment' | 'concerning' | 'parameters'>

/** Every match of a search, however many pages it has. @throws FhirError where something in it is not known */
export async function everyMatch(reader: Pick<StoreReader, 'search'>, criteria: Criteria): Promise<readonly Version[]> {
  const request: SearchRequest = { ...criteria, handling: 'strict', defaultCount: PAGE, maxCount: PAGE }
  const found: Version[] = []
  let page: string | undefined
  do {
    const { matches, pages } = await reader.search({ ...request, ...(page !== undefined && { page }) })
    found.push(...matches)
    page = pages.next
  } while (page !== undefined)
  return found
}

/** A source of what a store holds that can be searched too. */
export function searchable(source: Source, reader: StoreReader): Source {
  return {
    ...source,
    search: async (type, query) => {
      const versions = await everyMatch(reader, { type, parameters: [...new URLSearchParams(query)] })
      return versions.flatMap((version) => foundIn(version, source))
    },
    record: async ({ resource: { resourceType: type, id = '' } }) => {
      const versions = [...(await everyMatch(reader, { compartment: { type, id }, parameters: [] }))]
      for (const [beside, parameter] of Object.entries(BESIDE_COMPARTMENT))
        versions.push(...(await everyMatch(reader, { type: beside, parameters: [[parameter, `${type}/${id}`]] })))
      const gaps = (await reader.withheldOf?.({ type, id })) ?? []
      return { found: versions.flatMap((version) => foundIn(version, source)), gaps }
    },
  }
}

function foundIn({ type, id, resource }: Version, { name, base }: Source): readonly Found[] {
  if (resource === undefined) return []
  return [{ resource, source: name, ...(base !== undefined && { url: `${base}/${type}/${id}` }) }]
}
