/**
 * The sidecar of a stored document's signature, stored with it: a Binary about the Bundle, and a Provenance that names both.
 * The document itself stays as it is, octet for octet.
 */

import { fromBase64, sha256, toBase64, toBase64url, uuidV5 } from '../../fhir/digest.ts'
import { isObject, isResource, type Bundle, type Instant, type Json, type Resource } from '../../fhir/types.ts'
import type { Key, Store, StoreReader, Version } from '../../ports.ts'

const NAMESPACE = '5e5d0b1c-6a3f-5b52-9f7a-1d1f6c1f7a90'
export const MEDIA_TYPE = 'application/jose+json'

export interface StoredSidecar {
  /** Of the Bundle, as it is stored. */
  readonly id: string
  readonly bundle: Bundle
  readonly sidecar: Uint8Array
  readonly at: Instant
}

/** The sidecar is stored; one that is there already for the same signature becomes an older version. */
export async function keepSidecar(store: Store, { id, bundle, sidecar, at }: StoredSidecar): Promise<void> {
  const [binaryKey, provenanceKey] = sidecarKeys(id, bundle)
  const binary: Resource = {
    resourceType: 'Binary',
    id: binaryKey.id,
    contentType: MEDIA_TYPE,
    securityContext: { reference: `Bundle/${id}` },
    data: toBase64(sidecar),
  }
  const provenance: Resource = {
    resourceType: 'Provenance',
    id: provenanceKey.id,
    target: [{ reference: `Bundle/${id}` }],
    recorded: at,
    agent: [{ who: { display: 'Signature made to last: time-stamps, certificates and revocation data' } }],
    entity: [{ role: 'source', what: { reference: `Binary/${binaryKey.id}` } }],
  }
  const original = { bytes: sidecar, mediaType: MEDIA_TYPE }
  await store.transaction(async (writer) => {
    await writer.write({ ...binaryKey, method: 'PUT', resource: binary, original })
    await writer.write({ ...provenanceKey, method: 'PUT', resource: provenance })
  })
}

/** Where the sidecar of a signature lies, and the Provenance that names it. */
export function sidecarKeys(
  id: string,
  { signature }: Pick<Bundle, 'signature'>,
): readonly [binary: Key, provenance: Key] {
  const name = `${id} ${toBase64url(sha256(String(signature?.data)))}`
  const keyOf = (type: string): Key => ({ type, id: uuidV5(NAMESPACE, `${type} ${name}`) })
  return [keyOf('Binary'), keyOf('Provenance')]
}

/** What stands beside a stored document: the Provenances about it, and the sidecars that they name. */
export interface StoredBesides {
  readonly provenances: readonly Resource[]
  readonly sidecars: readonly Uint8Array[]
  /** Where the sidecars are: `Binary/1`. */
  readonly addresses: readonly string[]
}

export async function storedBesides(
  reader: StoreReader,
  { id }: Pick<Version, 'id'>,
  base: string,
): Promise<StoredBesides> {
  const found = await reader.provenances([`Bundle/${id}`, `${base}/Bundle/${id}`])
  const provenances = found.flatMap(({ resource }) => (resource === undefined ? [] : [resource]))
  const keys = provenances.flatMap(binariesOf)
  const binaries = keys.length === 0 ? [] : await reader.read(keys)
  const rows = binaries.flatMap((version) => sidecarIn(version))
  return { provenances, sidecars: rows.map(({ bytes }) => bytes), addresses: rows.map(({ address }) => address) }
}

/** The Binaries that a Provenance without a signature names as its sources. */
export function binariesOf(provenance: Resource): readonly Key[] {
  const entities = provenance['entity']
  if (provenance['signature'] !== undefined || !Array.isArray(entities)) return []
  return (entities as readonly Json[]).flatMap((entity): readonly Key[] => {
    const what = isObject(entity) && isObject(entity['what']) ? entity['what']['reference'] : undefined
    const [, id] = (typeof what === 'string' ? /^Binary\/([A-Za-z0-9.-]{1,64})$/.exec(what) : null) ?? []
    return id === undefined ? [] : [{ type: 'Binary', id }]
  })
}

function sidecarIn(version: Version | undefined): readonly { readonly bytes: Uint8Array; readonly address: string }[] {
  const { resource, id } = version ?? {}
  if (!isResource(resource, 'Binary') || resource['contentType'] !== MEDIA_TYPE) return []
  const bytes = typeof resource['data'] === 'string' ? fromBase64(resource['data']) : undefined
  return bytes === undefined ? [] : [{ bytes, address: `Binary/${id}` }]
}
