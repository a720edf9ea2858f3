/** Documents are kept whole and as they came; they are never changed. @see https://hl7.org/fhir/R4/documents.html */

import { canonical } from '../../fhir/canonical.ts'
import { fail } from '../../fhir/error.ts'
import { isObject, type JsonObject, type Resource } from '../../fhir/types.ts'
import type { Key, StoreReader, Version } from '../../ports.ts'
import { isStoredWhole } from './admission.ts'
import { only, tokenOf } from './criteria.ts'

/**
 * The stored document that is the same as the one given; undefined where none has its identifier.
 * @throws FhirError `required` where it has no identifier, `conflict` where another document has it already
 */
export async function sameDocument(reader: StoreReader, document: Resource): Promise<Version | undefined> {
  const [system, value] = identifierOf(document)
  const held = await only(reader, 'Bundle', [['identifier', tokenOf({ system, value })], ['type', 'document']]) // prettier-ignore
  if (held?.resource === undefined) return undefined
  if (contentOf(held.resource) === contentOf(document)) return held
  throw fail('conflict', `Another document with this identifier is stored as Bundle/${held.id}, expected a new one`, {
    expression: 'Bundle.identifier',
  })
}

function identifierOf({ identifier }: JsonObject): readonly [string, string] {
  const { system, value } = isObject(identifier) ? identifier : {}
  if (typeof system === 'string' && system !== '' && typeof value === 'string' && value !== '') return [system, value]
  throw fail('business-rule', 'The document has no identifier with system and value, expected one that is its own', {
    expression: 'Bundle.identifier',
  })
}

/** What a document says, without what the store gives it. */
function contentOf(document: Resource): string {
  return canonical(document, ['id', 'meta'])
}

/**
 * Nothing, where what is stored may be written over: it is no document, or was deleted and comes again as it was.
 * @throws FhirError `business-rule`
 */
export async function mustBeMutable(reader: StoreReader, held: Version | undefined, next?: Resource): Promise<void> {
  const last = held?.text === undefined ? await beforeDeletion(reader, held) : held
  if (last?.resource === undefined || !isStoredWhole(last.resource)) return
  const isAgain = held?.text === undefined && next !== undefined && contentOf(last.resource) === contentOf(next)
  if (isAgain) return
  throw fail('business-rule', 'A stored document is never changed: what was attested would no longer stand there, expected a new document', { expression: 'Bundle' }) // prettier-ignore
}

async function beforeDeletion(reader: StoreReader, held: Version | undefined): Promise<Version | undefined> {
  if (held === undefined) return undefined
  const key: Key = { type: held.type, id: held.id }
  return held.type === 'Bundle' ? reader.vread(key, String(Number(held.versionId) - 1)) : undefined
}
