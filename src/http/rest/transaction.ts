/** Transactions: all entries are done, or none. @see https://hl7.org/fhir/R4/http.html#trules */

import { fail } from '../../fhir/error.ts'
import { indexBundle } from '../../fhir/reference.ts'
import type { Bundle, Entry, Resource } from '../../fhir/types.ts'
import { excerpt } from '../../shape.ts'
import { modelOf, type Service } from '../route.ts'
import type { Outcome } from './ask.ts'
import { criteriaOf, only } from './criteria.ts'
import { planned, type Planned } from './entries.ts'
import { conditionalReferences, relinked, withReferences } from './links.ts'
import type { Preferences } from './prefer.ts'
import { inEntry, responseBundle, responseEntry } from './response.ts'
import { mustBeAlone, resourceOf, settled, type Settled, type Transacting } from './settle.ts'

/**
 * The response to a transaction: what is deleted goes first, then what is created, updated and patched, then what is
 * read. Documents are written one by one, for none may be there twice; resources that refer to others by criteria after
 * all the rest, so that they find what it made.
 * @throws FhirError, Refusal with the entry that cannot be done
 */
export async function transact(bundle: Bundle, preferences: Preferences, transacting: Transacting): Promise<Bundle> {
  const { service, writer } = transacting
  const plan = { service, handling: preferences.handling }
  const entries = await eachOf(bundle.entry ?? [], (entry, index) => inEntry(index, () => planned(entry, index, plan)))
  mustBeAlone(entries.flatMap(({ fullUrl, index }) => (fullUrl === undefined ? [] : [[fullUrl, index] as const])))
  const done = new Map<number, Outcome>()
  const carryOut = <P extends Planned>(some: readonly P[], perform: (entry: P) => Promise<Outcome>): Promise<unknown> =>
    eachOf(some, async (entry) => done.set(entry.index, await inEntry(entry.index, () => perform(entry))))
  const asAsked = ({ act, ask }: Planned): Promise<Outcome> => act.perform(ask, writer, service)

  const deleting = entries.filter(({ act }) => act.method === 'DELETE')
  await carryOut(deleting, asAsked)
  const writing = entries.filter(({ act }) => act.writes && act.method !== 'DELETE')
  const addressed = await eachOf(writing, (entry) => inEntry(entry.index, () => settled(entry, transacting)))
  mustBeAlone([...identitiesOf(deleting, done), ...addressed.flatMap(identities)])
  const linked = await linkedAll(bundle, addressed, service)
  const [late, others] = parted(linked, (entry) => referencesOf(entry, service).size > 0)
  const [inTurn, beside] = parted(others, ({ ask }) => ask.type === 'Bundle')
  const writes = (entry: Settled): Promise<Outcome> => inEntry(entry.index, () => written(entry, transacting))
  await together(beside, async (entry) => done.set(entry.index, await writes(entry)))
  for (const entry of [...inTurn, ...late]) done.set(entry.index, await writes(entry))
  const reading = entries.filter(({ act }) => !act.writes)
  await carryOut(reading, asAsked)

  const response = (entry: Planned): readonly Entry[] => {
    const outcome = done.get(entry.index)
    return outcome === undefined ? [] : [responseEntry(entry, outcome, { service, preferences })]
  }
  return responseBundle('transaction', entries.flatMap(response))
}

/** What the work gives for each item, one after the other. */
async function eachOf<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  for (const [index, item] of items.entries()) results.push(await work(item, index))
  return results
}

/** So many entries are written at once: a database that is a server is asked for all of them in one flight. */
const ABREAST = 24

/**
 * The work for each item, many at once; nothing is left under way when it ends.
 * @throws what the first of the items that fail throws
 */
async function together<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += ABREAST) {
    const results = await Promise.allSettled(items.slice(from, from + ABREAST).map(work))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

type Named = readonly [name: string, index: number]

function identities({ identities: names, index }: Settled): readonly Named[] {
  return names.map((name) => [name, index])
}

/** What was deleted may not be written too. */
function identitiesOf(deleting: readonly Planned[], done: ReadonlyMap<number, Outcome>): readonly Named[] {
  return deleting.flatMap(({ index, ask }): readonly Named[] => {
    const id = ask.id === '' ? done.get(index)?.version?.id : ask.id
    return id === undefined ? [] : [[`${ask.type}/${id}`, index]]
  })
}

function linkedAll(bundle: Bundle, entries: readonly Settled[], service: Service): Promise<readonly Settled[]> {
  const model = modelOf(service)
  const byEntry = new Map(entries.map(({ index, address }) => [index, address]))
  const addresses = { index: indexBundle(bundle), byEntry }
  const linked = (entry: Settled): Settled => {
    const resource = resourceOf(entry)
    if (resource === undefined) return entry
    return withResource(entry, relinked({ resource, fullUrl: entry.fullUrl }, addresses, model))
  }
  return eachOf(entries, (entry) => inEntry(entry.index, () => linked(entry)))
}

function withResource(entry: Settled, value: Resource): Settled {
  return { ...entry, ask: { ...entry.ask, content: { ...entry.ask.content, value } } }
}

function referencesOf(entry: Settled, service: Service): ReadonlyMap<string, string> {
  const resource = resourceOf(entry)
  return resource === undefined ? new Map() : conditionalReferences(resource, modelOf(service))
}

async function written(entry: Settled, { writer, service }: Transacting): Promise<Outcome> {
  if (entry.held !== undefined) return { status: 200, version: entry.held }
  const resource = resourceOf(entry)
  const references = referencesOf(entry, service)
  const found = new Map<string, string>()
  for (const [text, expression] of references) found.set(text, await referenceTo(text, expression, writer))
  const { ask } =
    resource === undefined || found.size === 0
      ? entry
      : withResource(entry, withReferences(resource, found, modelOf(service)))
  return entry.perform(ask, writer, service)
}

/** What a reference by criteria names. @throws FhirError where it is none, or several */
async function referenceTo(text: string, expression: string, writer: Transacting['writer']): Promise<string> {
  const type = text.slice(0, text.indexOf('?'))
  const found = await only(writer, type, criteriaOf(text, type))
  if (found !== undefined) return `${type}/${found.id}`
  throw fail('processing', `The reference ${excerpt(text)} finds no ${type}, expected one`, { expression })
}
