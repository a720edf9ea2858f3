/** A stored document as the operations on it work with it: its bytes as received, and what the store knows against it. */

import { fail } from '../../fhir/error.ts'
import { parseJson } from '../../fhir/json.ts'
import type { Model } from '../../fhir/model.ts'
import type { Bundle } from '../../fhir/types.ts'
import { parseXml } from '../../fhir/xml.ts'
import type { Original, StoreReader, Successor, Version } from '../../ports.ts'
import { bundleFrom } from '../../request.ts'
import { excerpt } from '../../shape.ts'
import { successorsOf } from '../../successors.ts'
import type { Headers } from '../answer.ts'
import { modelOf, type Call, type Service } from '../route.ts'

export interface StoredBytes {
  readonly version: Version
  readonly original: Original
}

export interface StoredDocument extends StoredBytes {
  /** Read from the original bytes. */
  readonly bundle: Bundle
}

type Asked = Pick<Call, 'id' | 'service'>

/** The Bundle with the id that the path names, as it was received. @throws FhirError `not-found`, `deleted` */
export function storedBytes({ id, service }: Asked): Promise<StoredBytes> {
  return service.store.snapshot(async (reader) => {
    const version = await currentOf(reader, 'Bundle', id)
    return { version, original: (await reader.original({ type: 'Bundle', id })) ?? asKept(version) }
  })
}

/** The same, read. @throws FhirError `not-found`, `deleted` */
export async function storedDocument(asked: Asked): Promise<StoredDocument> {
  const stored = await storedBytes(asked)
  return { ...stored, bundle: bundleIn(stored.original, modelOf(asked.service)) }
}

/** A resource as it is now. @throws FhirError `not-found`, `deleted` */
export async function currentOf(reader: StoreReader, type: string, id: string): Promise<Version> {
  const [version] = await reader.read([{ type, id }])
  if (version === undefined) throw fail('not-found', `There is no ${type}/${excerpt(id)}`)
  if (version.resource === undefined) throw fail('deleted', `${type}/${id} was deleted`)
  return version
}

/** A Bundle that is no document is kept as a resource alone. */
function asKept({ text = '' }: Version): Original {
  return { bytes: Buffer.from(text), mediaType: 'application/fhir+json' }
}

/** The Bundle that the bytes of a document are, in JSON or XML. */
export function bundleIn(original: Original, model: Model): Bundle {
  return bundleFrom(isJson(original) ? parseJson(original.bytes) : parseXml(original.bytes, model))
}

/** Whether a document came as JSON; else it came as XML. */
export function isJson({ mediaType }: Original): boolean {
  return !/[+/]xml\b/.test(mediaType)
}

/** What the store knows against a document, and the header that tells it. */
export async function knownOf(
  bundle: Bundle,
  { store, base }: Pick<Service, 'store' | 'base'>,
): Promise<{ readonly successors: readonly Successor[]; readonly headers: Headers }> {
  const successors = await store.snapshot((reader) => successorsOf(reader, bundle, base))
  return { successors, headers: successorHeaders(successors, base) }
}

/** A link to each later document. @see https://www.rfc-editor.org/rfc/rfc5829#section-3.3 */
export function successorHeaders(successors: readonly Successor[], base: string): Headers {
  const links = successors.map(({ reference }) => `<${base}/${reference}>; rel="successor-version"`)
  return links.length === 0 ? {} : { Link: links.join(', ') }
}
