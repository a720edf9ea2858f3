/** `Patient/{id}/$everything`: the record of a patient, in pages. @see https://hl7.org/fhir/R4/patient-operation-everything.html */

import { careSpan } from '../../fhir/care-date.ts'
import { fail } from '../../fhir/error.ts'
import { isAfterAsWritten } from '../../fhir/moment.ts'
import { everyMatch } from '../../matches.ts'
import type { SearchResult, StoreReader, Version } from '../../ports.ts'
import { date, instant, listOf, mismatch, text, wholeNumber } from '../../shape.ts'
import { resourceAnswer } from '../answer.ts'
import { FORMATS } from '../negotiation.ts'
import { storedOperation } from '../operation.ts'
import type { Call, Service } from '../route.ts'
import { PAGE, searchset } from '../rest/bundle.ts'
import { currentOf } from './stored.ts'
import { referredBy } from './referred.ts'

const DEFAULT_COUNT = 100
const MAX_COUNT = 1000

const OPTIONS = {
  start: { shape: date, type: 'string', text: 'care from this day on; what has no date is in too' },
  end: { shape: date, type: 'string', text: 'care up to this day; what has no date is in too' },
  _since: { shape: instant, type: 'string', text: 'only what was written since' },
  _type: { shape: listOf(text('a resource type')), type: 'code', text: 'only resources of these types' },
  _count: { shape: wholeNumber(1, MAX_COUNT), type: 'string', text: 'how many resources a page has' },
  [PAGE]: { shape: text('the token of a page'), type: 'string', text: 'a page of an earlier answer' },
} as const

export const everythingRoutes = storedOperation({
  code: 'everything',
  type: 'Patient',
  levels: ['instance'],
  text: 'the resources of the compartment of a patient, and those that they refer to',
  formats: [FORMATS.json],
  parameters: OPTIONS,
  later: [],
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
  output: [{ name: 'return', type: 'Bundle', least: 1, most: '1', text: 'a searchset of the resources' }],
  answer: async (call) => {
    const { id, service, pretty } = call
    const result = await service.store.snapshot((reader) => page(reader, call))
    return resourceAnswer(searchset(result, `Patient/${id}/$everything`, service), pretty)
  },
})

type Asked = Pick<Call<typeof OPTIONS>, 'id' | 'values' | 'query' | 'service'>

/** A page of the record: in the order of types and ids, so that what is written meanwhile moves no page. */
async function page(reader: StoreReader, asked: Asked): Promise<SearchResult> {
  const { values, query } = asked
  const { matches, others } = await recordOf(reader, asked)
  const count = values._count ?? DEFAULT_COUNT
  const all = [...matches, ...others].toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
  const from = values[PAGE] === undefined ? 0 : all.findIndex((one) => nameOf(one) > (values[PAGE] ?? ''))
  const shown = from < 0 ? [] : all.slice(from, from + count)
  const last = shown.at(-1)
  const isLast = last === undefined || last === all.at(-1)
  const isMatch = new Set(matches)
  return {
    matches: shown.filter((one) => isMatch.has(one)),
    included: shown.filter((one) => !isMatch.has(one)),
    total: matches.length,
    used: query.filter(([name]) => name !== PAGE),
    issues: [],
    pages: isLast ? {} : { next: nameOf(last) },
    shape: {},
  }
}

function nameOf({ type, id }: Version): string {
  return `${type}/${id}`
}

interface PatientRecord {
  readonly matches: readonly Version[]
  /** What they refer to and no patient's compartment has. */
  readonly others: readonly Version[]
}

async function recordOf(reader: StoreReader, { id, values, service }: Asked): Promise<PatientRecord> {
  await currentOf(reader, 'Patient', id)
  mustBeTypes(values._type, service)
  const compartment = { type: 'Patient', id }
  const own = await everyMatch(reader, { compartment, parameters: [] })
  const others = await referredBy(own, { reader, service })
  const isAsked = ({ type, lastUpdated }: Version): boolean =>
    (values._type?.includes(type) ?? true) &&
    (values._since === undefined || Date.parse(lastUpdated) >= Date.parse(values._since))
  return { matches: own.filter((one) => isAsked(one) && isWithin(one, values)), others: others.filter(isAsked) }
}

/** @throws FhirError `value` */
function mustBeTypes(types: readonly string[] = [], { design }: Service): void {
  const unknown = types.find((type) => design.collect.model.types[type]?.kind !== 'resource')
  if (unknown !== undefined) throw fail('value', mismatch('The parameter _type', unknown, text('resource types')))
}

/** Whether care of a resource lies within the days asked for, as far as it says when it was. */
function isWithin({ resource, type }: Version, { start, end }: Asked['values']): boolean {
  if (type === 'Patient' || resource === undefined) return true
  const [first, last] = careSpan(resource)
  return !isAfterAsWritten(first, end) && !isAfterAsWritten(start, last)
}
