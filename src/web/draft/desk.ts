/** A draft as it lies on the desk: its Composition in the store, by what it was begun, and what the record has today. */

import { fail } from '../../fhir/error.ts'
import { jsonOf } from '../../fhir/json.ts'
import { isComposition, isObject, type Composition, type Json, type JsonObject } from '../../fhir/types.ts'
import { refuse } from '../../http/answer.ts'
import type { Call, Service } from '../../http/route.ts'
import type { StoreReader, StoreWriter, Version } from '../../ports.ts'
import { excerpt } from '../../shape.ts'
import { freshDraft, type Fresh } from './engine.ts'

/** What is kept beside each version of a draft. */
export interface Beside {
  /** The name of the guide that it was begun by; empty where none of ours was. */
  readonly guide: string
  /** The resources that a section listed or left out when the draft was begun, as the receipt names them. */
  readonly known: readonly string[]
}

export interface Desk {
  readonly version: Version
  readonly composition: Composition
  readonly beside: Beside
  /** What a draft begun today would be; undefined where it cannot be begun: no guide, no patient that can be read. */
  readonly fresh: Fresh | undefined
}

/** The Composition with an id as it is now. @throws FhirError `not-found`, `deleted` */
export async function compositionVersion(
  reader: StoreReader,
  id: string,
): Promise<{ readonly version: Version; readonly composition: Composition }> {
  const [version] = await reader.read([{ type: 'Composition', id }])
  if (version === undefined) throw fail('not-found', `There is no draft ${excerpt(id)}`)
  const { resource } = version
  if (!isComposition(resource)) throw fail('deleted', 'The draft was discarded')
  return { version, composition: resource }
}

/** Whether it may still be edited: nobody stands for it yet. */
export function isDraft({ status, attester }: Composition): boolean {
  return status === 'preliminary' && (!Array.isArray(attester) || attester.length === 0)
}

/** @throws Refusal 409 where the Composition was attested meanwhile */
export function mustBeDraft(composition: Composition): void {
  if (isDraft(composition)) return
  throw refuse(409, 'conflict', 'The draft was finished meanwhile, what is attested is not edited')
}

/** The draft with an id and what the record has for it. @throws FhirError `not-found`, `deleted` */
export async function deskOf(id: string, reader: StoreReader, service: Service): Promise<Desk> {
  const { version, composition } = await compositionVersion(reader, id)
  const beside = besideOf(await reader.receipt({ type: 'Composition', id }, version.versionId), composition, service)
  const fresh = await freshDraft({ composition, guide: beside.guide }, reader, service)
  return { version, composition, beside, fresh }
}

/** What was kept, or what the Composition itself says. */
function besideOf(kept: Json | undefined, { meta }: Composition, service: Service): Beside {
  const draft: JsonObject = isObject(kept) ? kept : {}
  const guide = draft['guide']
  const known = draft['known']
  return {
    guide: typeof guide === 'string' ? guide : (guideBy(meta?.profile ?? [], service) ?? ''),
    known: Array.isArray(known) ? (known as readonly Json[]).filter((one) => typeof one === 'string') : [],
  }
}

function guideBy(profiles: readonly string[], { guides = [] }: Service): string | undefined {
  const [canonical, version] = profiles[0]?.split('|') ?? []
  const rows = guides.map(({ row }) => row)
  const own = rows.filter(({ composition }) => composition === canonical)
  return (own.find((row) => row.version === version) ?? own[0])?.name
}

/** A draft as the next version. @throws FhirError `conflict` where another version came to be meanwhile */
export function writeDraft(
  writer: StoreWriter,
  { version, beside }: Pick<Desk, 'version' | 'beside'>,
  composition: Composition,
): Promise<Version> {
  const { type, id, versionId } = version
  return writer.write({
    type,
    id,
    method: 'PUT',
    resource: composition,
    receipt: jsonOf(beside),
    expected: { versionId },
  })
}

/** Who asks and for which draft. */
export type Asked = Pick<Call, 'id' | 'service'>
