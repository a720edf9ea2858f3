/** The first page: find a patient, or go on with a document of late. */

import type { SearchRequest, StoreReader } from '../ports.ts'
import type { Call, Route } from '../http/route.ts'
import { asked } from './asked.ts'
import { isExampleOffered } from './draft/example.ts'
import { HOME, page, pageAnswer, readerFor } from './page.ts'
import { patientRow } from './rows.ts'
import { documentRows } from './standing.ts'

const MOST_PATIENTS = 50
const MOST_DOCUMENTS = 10

/** The fields of the search, which are search parameters of Patient. */
const FIELDS = ['name', 'identifier', 'birthdate'] as const

/** A page of what fits, as far as whoever asks may see it. */
export function found(
  reader: StoreReader,
  request: Pick<SearchRequest, 'type' | 'parameters' | 'compartment'>,
  most: number,
): ReturnType<StoreReader['search']> {
  return reader.search({ ...request, handling: 'strict', defaultCount: most, maxCount: most })
}

const start = page({
  path: HOME,
  text: 'find a patient by name, identifier or date of birth; the documents of late',
  answer: async (call) => {
    const given = FIELDS.map((name): readonly [string, string] => [name, asked(name, call)])
    const parameters = given.filter(([, value]) => value !== '').map(([name, value]) => [name, escapedValue(value)] as const)
    const reader = readerFor(call)
    const { phrase } = reader
    const view = { title: phrase('web.start.title'), asked: Object.fromEntries(given) }
    if (parameters.length === 0) return pageAnswer(call, 'web/start', { ...view, documents: await recent(call), example: await isExampleOffered(call) })
    const { matches, pages } = await call.service.store.snapshot((store) =>
      found(store, { type: 'Patient', parameters }, MOST_PATIENTS),
    )
    const patients = matches.flatMap(({ resource }) => (resource === undefined ? [] : [patientRow(resource, reader)]))
    return pageAnswer(call, 'web/start', {
      ...view,
      isSearched: true,
      patients,
      count: phrase(patients.length === 1 ? 'web.search.one' : 'web.search.count', { count: String(patients.length) }),
      more: pages.next !== undefined,
    })
  },
}) // prettier-ignore

/** What a person types has no syntax of searches. @see https://hl7.org/fhir/R4/search.html#escaping */
function escapedValue(value: string): string {
  return value.replaceAll(/[\\,$|]/g, (character) => `\\${character}`)
}

async function recent(call: Call): Promise<Awaited<ReturnType<typeof documentRows>>> {
  const parameters = [['type', 'document'], ['_sort', '-_lastUpdated']] as const // prettier-ignore
  const { store, base } = call.service
  return store.snapshot(async (snapshot) => {
    const { matches } = await found(snapshot, { type: 'Bundle', parameters }, MOST_DOCUMENTS)
    return documentRows(snapshot, matches, { base, reader: readerFor(call) })
  })
}

export const startRoutes: readonly Route[] = [start]
