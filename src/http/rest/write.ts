/** Writing of single resources: create, update, patch, delete. @see https://hl7.org/fhir/R4/http.html */

import { fromBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { stringify } from '../../fhir/json.ts'
import { isResource, type Resource } from '../../fhir/types.ts'
import type { Change, Original, StoreReader, StoreWriter, Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import { FORMATS } from '../negotiation.ts'
import type { Service } from '../route.ts'
import { admitted, isId, isStoredWhole } from './admission.ts'
import { amended } from './amend.ts'
import { keyOf, type Ask, type Content, type Outcome } from './ask.ts'
import { mustMatch } from './conditions.ts'
import { criteriaOf, only } from './criteria.ts'
import { mustBeMutable, sameDocument } from './document.ts'
import { present } from './read.ts'

/** The resource as a new one, or the one that is there already. */
export async function create(ask: Ask, writer: StoreWriter, service: Service): Promise<Outcome> {
  const resource = admitted(ask, service)
  const held = await heldFor(ask, writer)
  if (held !== undefined) return { status: 200, version: held }
  // only a transaction, which must know the ids beforehand, asks with one
  const id = ask.id === '' ? service.edge.uuid() : ask.id
  const change = { type: ask.type, id, method: 'POST', ...keptOf(resource, ask.content) } as const
  return { status: 201, version: await writer.write(change) }
}

/** What is there already in the place of a new resource: by If-None-Exist, or as the same document. */
export async function heldFor({ type, conditions, content }: Ask, reader: StoreReader): Promise<Version | undefined> {
  const { ifNoneExist } = conditions
  if (ifNoneExist !== undefined) return only(reader, type, criteriaOf(ifNoneExist, type))
  const { value } = content ?? {}
  return type === 'Bundle' && isResource(value) && isStoredWhole(value) ? sameDocument(reader, value) : undefined
}

/** The resource in the place of the one that is there, or as a new one under the id that the client gives. */
export async function update(ask: Ask, writer: StoreWriter, service: Service): Promise<Outcome> {
  const resource = admitted(ask, service)
  mustBeNamed(resource, ask.id)
  const current = await currentOf(ask, writer)
  mustMatch(ask.conditions, current)
  await mustBeMutable(writer, current, resource)
  if (isStoredWhole(resource)) await mustBeAlone(ask, writer, resource)
  const change = { ...keyOf(ask), method: 'PUT', ...keptOf(resource, ask.content), ...expecting(current) } as const
  const version = await writer.write(change)
  return { status: current?.text === undefined ? 201 : 200, version }
}

/** The resource as a JSON Patch changes it. */
export async function patch(ask: Ask, writer: StoreWriter, service: Service): Promise<Outcome> {
  const current = present(await currentOf(ask, writer), ask)
  mustMatch(ask.conditions, current)
  await mustBeMutable(writer, current)
  const value = amended(current, ask.content?.value ?? null, service)
  const resource = admitted({ ...ask, content: { value } }, service)
  const change = { ...keyOf(ask), method: 'PATCH', ...keptOf(resource, { value }), ...expecting(current) } as const
  return { status: 200, version: await writer.write(change) }
}

/** Nothing is there afterwards, whether or not there was something before. */
export async function remove(ask: Ask, writer: StoreWriter): Promise<Outcome> {
  const current = await currentOf(ask, writer)
  mustMatch(ask.conditions, current)
  if (current?.text === undefined) return { status: 204 }
  return { status: 204, version: await writer.write({ ...keyOf(ask), method: 'DELETE', ...expecting(current) }) }
}

async function currentOf(ask: Ask, writer: StoreWriter): Promise<Version | undefined> {
  const [current] = isId(ask.id) ? await writer.read([keyOf(ask)]) : []
  return current
}

function expecting(current: Version | undefined): Pick<Change, 'expected'> {
  return { expected: { versionId: current?.versionId } }
}

function mustBeNamed({ resourceType, id }: Resource, expected: string): void {
  const expression = `${resourceType}.id`
  if (!isId(expected)) throw fail('value', `${excerpt(expected)} is no id, expected 1 to 64 letters, digits, - and .`)
  if (id === expected) return
  if (id === undefined) throw fail('required', `The resource has no id, expected ${expected}`, { expression })
  throw fail('value', `The resource has the id ${excerpt(String(id))}, expected ${expected}`, { expression })
}

/** A document that is stored at another address is not stored twice. */
async function mustBeAlone({ id }: Ask, writer: StoreWriter, document: Resource): Promise<void> {
  const same = await sameDocument(writer, document)
  if (same === undefined || same.id === id) return
  throw fail('conflict', `The document is stored already as Bundle/${same.id}, expected one that is new`, {
    expression: 'Bundle.identifier',
  })
}

/** What is kept of a resource: of a document and a Binary the bytes too. */
function keptOf(resource: Resource, content: Content | undefined): Pick<Change, 'resource' | 'original'> {
  const original = isStoredWhole(resource) ? (content?.received ?? textOf(resource)) : bytesOf(resource)
  return { resource, ...(original !== undefined && { original }) }
}

function textOf(document: Resource): Original {
  return { bytes: Buffer.from(stringify(document)), mediaType: FORMATS.json.mediaTypes[0] }
}

function bytesOf({ resourceType, contentType, data }: Resource): Original | undefined {
  if (resourceType !== 'Binary' || typeof contentType !== 'string') return undefined
  const bytes = typeof data === 'string' ? fromBase64(data) : new Uint8Array()
  return bytes === undefined ? undefined : { bytes, mediaType: contentType }
}
