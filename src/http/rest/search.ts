/** Search and history. @see https://hl7.org/fhir/R4/search.html @see https://hl7.org/fhir/R4/http.html#history */

import { fail } from '../../fhir/error.ts'
import type { HistoryRequest, StoreReader } from '../../ports.ts'
import { instant, mismatch, wholeNumber } from '../../shape.ts'
import type { Service } from '../route.ts'
import { isId } from './admission.ts'
import { keyOf, type Ask, type Outcome } from './ask.ts'
import { searched } from './criteria.ts'
import { historyBundle, PAGE, searchset } from './bundle.ts'

const DEFAULT_COUNT = 50
const MAX_COUNT = 1000

/** The one kind of compartment that is searched. @see https://hl7.org/fhir/R4/http.html#vsearch */
const PATIENT = 'Patient'

/** What fits the criteria, in pages; of a patient, only what is in their compartment. */
export async function search(ask: Ask, reader: StoreReader, service: Service): Promise<Outcome> {
  const { type, id, query, handling } = ask
  if (id !== '' && !isId(id)) throw fail('not-found', `${PATIENT}/${id.slice(0, 64)} is not known`)
  const compartment = id === '' ? undefined : { type: PATIENT, id }
  const page = query.find(([name]) => name === PAGE)?.[1]
  const request = {
    ...(type !== '' && { type }),
    ...(compartment !== undefined && { compartment }),
    parameters: query.filter(([name]) => name !== PAGE),
    handling,
    ...(page !== undefined && { page }),
    defaultCount: DEFAULT_COUNT,
    maxCount: MAX_COUNT,
  }
  const result = await searched(request, reader)
  return { status: 200, bundle: searchset(result, id === '' ? type : `${PATIENT}/${id}/${type}`, service) }
}

/** The versions of a resource, of a type, or of all, the newest first. */
export async function history(ask: Ask, reader: StoreReader, service: Service): Promise<Outcome> {
  const { type, id, query } = ask
  if (id !== '') await mustBeKnown(ask, reader)
  const result = await reader.history({
    ...(type !== '' && { type }),
    ...(id !== '' && { id }),
    ...historyOptions(query),
  })
  const path = [type, id, '_history'].filter((part) => part !== '').join('/')
  return { status: 200, bundle: historyBundle(result, { path, query }, service) }
}

async function mustBeKnown(ask: Ask, reader: StoreReader): Promise<void> {
  const [version] = isId(ask.id) ? await reader.versions([keyOf(ask)]) : []
  if (version === undefined) throw fail('not-found', `${ask.type}/${ask.id.slice(0, 64)} is not known`)
}

const count = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** @throws FhirError `value` */
function historyOptions(query: Ask['query']): Omit<HistoryRequest, 'type' | 'id'> {
  const given = new Map(query)
  const since = given.get('_since')
  const at = given.get('_at')
  const page = given.get(PAGE)
  const asked = given.get('_count') ?? String(DEFAULT_COUNT)
  const number = count.read(asked)
  if (number === undefined) throw fail('value', mismatch('The parameter _count', asked, count))
  if (since !== undefined && instant.read(since) === undefined) {
    throw fail('value', mismatch('The parameter _since', since, instant))
  }
  return {
    ...(since !== undefined && { since }),
    ...(at !== undefined && { at }),
    ...(page !== undefined && { page }),
    count: Math.min(number, MAX_COUNT),
  }
}
