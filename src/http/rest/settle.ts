/** Where the entries of a transaction will be: settled before anything is written, so that links can name it. */

import { fail } from '../../fhir/error.ts'
import { isResource, type Resource } from '../../fhir/types.ts'
import type { StoreWriter, Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import type { Service } from '../route.ts'
import type { Ask, Outcome } from './ask.ts'
import { settleUpdate } from './conditional.ts'
import { withQuery } from './bundle.ts'
import { criteriaOf, only } from './criteria.ts'
import type { Planned } from './entries.ts'
import type { Address } from './links.ts'
import { create, heldFor, patch, update } from './write.ts'

/** What a transaction is done with. */
export interface Transacting {
  readonly writer: StoreWriter
  readonly service: Service
}

/** An entry that writes, with its address. */
export interface Settled extends Planned {
  readonly address: Address
  /** What is there already, so that nothing is written. */
  readonly held?: Version
  readonly perform: (ask: Ask, writer: StoreWriter, service: Service) => Promise<Outcome>
  /** What no other entry may be: the address, or the criteria that none fits yet. */
  readonly identities: readonly string[]
}

/** An entry that creates, updates or patches, settled. @throws FhirError, Refusal */
export async function settled(entry: Planned, { writer, service }: Transacting): Promise<Settled> {
  const { ask, act } = entry
  if (act.code === 'create') return settledCreate(entry, { writer, service })
  if (act.level === 'instance') return named(entry, ask, act.code === 'patch' ? patch : update)
  if (act.code === 'patch') {
    const found = await only(writer, ask.type, ask.query)
    if (found === undefined) throw fail('not-found', `The criteria find no ${ask.type}`)
    return named(entry, { ...ask, id: found.id, query: [] }, patch)
  }
  const { isNew, ...rest } = await settleUpdate(ask, writer)
  if (isNew !== true) return named(entry, rest, update)
  return { ...fresh(entry, rest, service), identities: [withQuery(ask.type, ask.query)] }
}

async function settledCreate(entry: Planned, { writer, service }: Transacting): Promise<Settled> {
  const { type, conditions: { ifNoneExist, ...conditions } } = entry.ask // prettier-ignore
  const held = await heldFor(entry.ask, writer)
  if (held !== undefined) return { ...named(entry, entry.ask, create), held, address: { reference: `${type}/${held.id}` }, identities: [] } // prettier-ignore
  const made = fresh(entry, { ...entry.ask, conditions }, service)
  return ifNoneExist === undefined ? made : { ...made, identities: [withQuery(type, criteriaOf(ifNoneExist, type))] }
}

function named(entry: Planned, ask: Ask, perform: Settled['perform']): Settled {
  const reference = `${ask.type}/${ask.id}`
  return { ...entry, ask, perform, address: { reference }, identities: [reference] }
}

function fresh(entry: Planned, ask: Ask, service: Service): Settled {
  const id = service.edge.uuid()
  const address = { reference: `${ask.type}/${id}`, versionId: '1' } as const
  return { ...entry, ask: { ...ask, id }, perform: create, address, identities: [] }
}

/** The resource that an entry writes; none where it is a patch. */
export function resourceOf({ ask }: Planned): Resource | undefined {
  const { value } = ask.content ?? {}
  return isResource(value) ? value : undefined
}

/** Nothing, where no name stands twice. @throws FhirError `duplicate` at the later entry */
export function mustBeAlone(names: readonly (readonly [name: string, index: number])[]): void {
  const seen = new Map<string, number>()
  for (const [name, index] of names) {
    const first = seen.get(name)
    const text = `The entry is about ${excerpt(name)} as the entry ${first} is, expected each once in a transaction`
    if (first !== undefined) throw fail('duplicate', text, { expression: `Bundle.entry[${index}]` })
    seen.set(name, index)
  }
}
