/** What is erased together with a document: the Provenances about it alone, and the sidecars of its signatures. */

import { FhirError } from '../../fhir/error.ts'
import { isBundle, isObject, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import type { Key, StoreWriter, Version } from '../../ports.ts'
import type { Tombstone } from '../../ports/audit.ts'
import { binariesOf, MEDIA_TYPE, sidecarKeys } from './sidecars.ts'

interface Erasing {
  readonly writer: StoreWriter
  readonly base: string
}

type Whole = NonNullable<StoreWriter['whole']>

/** Something beside a document, and why it stays where it does. */
export interface Beside {
  readonly key: Key
  readonly stays?: string
}

/** What stands beside a document in the store, seen whole: looked up while the document is still there. */
export async function besidesOf({ id }: Key, { writer, base }: Erasing): Promise<readonly Beside[]> {
  const whole = writer.whole ?? writer
  const names = [`Bundle/${id}`, `${base}/Bundle/${id}`]
  const signed = (await whole.history({ type: 'Bundle', id, count: MOST_VERSIONS })).versions.flatMap(({ resource }) =>
    resource !== undefined && isBundle(resource) && resource.signature !== undefined ? [resource] : [],
  )
  const found = (await whole.provenances(names)).flatMap(({ resource }) => resource ?? [])
  const [own, others] = [true, false].map((isOwn) => found.filter((one) => isAbout(one, names) === isOwn))
  // a sidecar may have been deleted, and is there in its older versions
  const keys = [...signed.flatMap((bundle) => sidecarKeys(id, bundle)), ...(own ?? []).flatMap(binariesOf)]
  const sidecars = await Promise.all(unique(keys).map((key) => sidecarOf(key, names, whole)))
  const all = unique([...sidecars.flat(), ...(own ?? []).map(addressOf)])
  const kept = (others ?? []).map((one) => ({ key: addressOf(one), stays: 'it is about other resources too' }))
  return [...all.map((key) => ({ key })), ...kept]
}

const MOST_VERSIONS = 1_000

/** Whether a Provenance is about nothing but one of those named, whichever version. */
function isAbout({ target }: Resource, names: readonly string[]): boolean {
  const targets: readonly Json[] = Array.isArray(target) ? (target as readonly Json[]) : []
  return targets.every((one) => {
    const reference = isObject(one) ? one['reference'] : undefined
    return typeof reference === 'string' && names.includes(reference.replace(/\/_history\/[^/]*$/, ''))
  })
}

/** The address, where what lies there is or was a sidecar of the document, or a Provenance of one. */
async function sidecarOf(key: Key, names: readonly string[], whole: Whole): Promise<readonly Key[]> {
  const { versions } = await whole.history({ ...key, count: MOST_VERSIONS })
  return versions.some((version) => isBeside(version, names)) ? [key] : []
}

function isBeside({ resource }: Version, names: readonly string[]): boolean {
  if (resource === undefined) return false
  if (resource.resourceType === 'Provenance') return isAbout(resource, names)
  const { contentType, securityContext } = resource
  const context = isObject(securityContext) ? securityContext['reference'] : undefined
  return contentType === MEDIA_TYPE && typeof context === 'string' && names.includes(context)
}

function addressOf({ resourceType, id = '' }: Resource): Key {
  return { type: resourceType, id }
}

function unique(keys: readonly Key[]): readonly Key[] {
  return [...new Map(keys.map(({ type, id }) => [`${type}/${id}`, { type, id }])).values()]
}

/** What became of each: erased too, or why it stays. */
export async function erasedBesides(
  besides: readonly Beside[],
  why: Pick<Tombstone, 'reason' | 'basis'>,
  writer: StoreWriter,
): Promise<readonly JsonObject[]> {
  const told: JsonObject[] = []
  for (const { key, stays } of besides) {
    const reason = stays ?? (await attempted(key, why, writer))
    const text = reason === undefined ? 'was erased too' : `stays: ${reason}`
    told.push({ reference: `${key.type}/${key.id}`, text })
  }
  return told
}

/** Why something cannot be erased; undefined where it is. */
async function attempted(
  key: Key,
  why: Pick<Tombstone, 'reason' | 'basis'>,
  writer: StoreWriter,
): Promise<string | undefined> {
  if ((await writer.holdOf?.(key)) !== undefined) return 'it is under a legal hold'
  if ((await writer.tombstone?.(key)) !== undefined) return 'it was erased before'
  try {
    await writer.erase?.(key, why)
    return undefined
  } catch (error) {
    if (error instanceof FhirError && error.issues[0].code === 'forbidden') return 'no scope grants that it is erased'
    throw error
  }
}
