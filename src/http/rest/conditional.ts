/** Interactions on the one resource that criteria find. @see https://hl7.org/fhir/R4/http.html#cond-update */

import { fail } from '../../fhir/error.ts'
import { isResource } from '../../fhir/types.ts'
import type { StoreWriter } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import type { Service } from '../route.ts'
import type { Ask, Outcome } from './ask.ts'
import { only } from './criteria.ts'
import { create, patch, remove, update } from './write.ts'

/** What an interaction with criteria is about: an interaction without. */
export type Settled = Ask & { readonly isNew?: true }

/**
 * An update as one of a resource by id; new where the criteria find none.
 * @throws FhirError `value` where the resource has the id of another, `conflict` where its id is taken, `multiple-matches`
 */
export async function settleUpdate(ask: Ask, writer: StoreWriter): Promise<Settled> {
  const found = await only(writer, ask.type, ask.query)
  const { value } = ask.content ?? {}
  const id = isResource(value) ? value.id : undefined
  if (found !== undefined) {
    if (id !== undefined && id !== found.id) {
      throw fail('value', `The resource has the id ${excerpt(String(id))}, but the criteria find ${found.id}`, {
        expression: `${ask.type}.id`,
      })
    }
    return named(ask, found.id)
  }
  if (id === undefined) return { ...ask, query: [], isNew: true }
  const [taken] = await writer.read([{ type: ask.type, id: String(id) }])
  if (taken?.text === undefined) return named(ask, String(id))
  throw fail('conflict', `${ask.type}/${excerpt(String(id))} is there, but the criteria do not find it`, {
    expression: `${ask.type}.id`,
  })
}

function named(ask: Ask, id: string): Settled {
  const { value } = ask.content ?? {}
  const content = isResource(value) ? { ...ask.content, value: { ...value, id } } : ask.content
  return { ...ask, id, query: [], ...(content !== undefined && { content }) }
}

/** The resource in the place of the one that the criteria find; as a new one where they find none. */
export async function conditionalUpdate(ask: Ask, writer: StoreWriter, service: Service): Promise<Outcome> {
  const { isNew, ...settled } = await settleUpdate(ask, writer)
  return isNew === true ? create(settled, writer, service) : update(settled, writer, service)
}

/** The resource that the criteria find, patched. @throws FhirError `not-found`, `multiple-matches` */
export async function conditionalPatch(ask: Ask, writer: StoreWriter, service: Service): Promise<Outcome> {
  const found = await only(writer, ask.type, ask.query)
  if (found === undefined) throw fail('not-found', `The criteria find no ${ask.type}`)
  return patch({ ...ask, id: found.id, query: [] }, writer, service)
}

/** Of what the criteria find nothing is there afterwards. @throws FhirError `multiple-matches` */
export async function conditionalRemove(ask: Ask, writer: StoreWriter): Promise<Outcome> {
  const found = await only(writer, ask.type, ask.query)
  return found === undefined ? { status: 204 } : remove({ ...ask, id: found.id, query: [] }, writer)
}
