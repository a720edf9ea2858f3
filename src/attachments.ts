/** Attachments of a record whose content nobody has any more: told as absent, never left behind without a word (H-17). */

import type { Issue } from './fhir/issue.ts'
import type { Model } from './fhir/model.ts'
import { occurrences } from './fhir/occurrence.ts'
import { restBase } from './fhir/reference.ts'
import { isObject, type Json, type JsonObject, type Resource } from './fhir/types.ts'
import { rewrite } from './fhir/walk.ts'
import type { Found, Source, Target } from './ports.ts'

export interface Attached {
  readonly found: readonly Found[]
  readonly issues: readonly Issue[]
}

/** The types that have attachments. */
const HOLDERS = new Set(['DocumentReference', 'DiagnosticReport', 'Media', 'Consent', 'Communication', 'CommunicationRequest', 'QuestionnaireResponse', 'Contract', 'Patient', 'Practitioner', 'Person', 'RelatedPerson']) // prettier-ignore

const ABSENT: JsonObject = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
}

interface Asked {
  readonly url: string
  readonly target: Target
}

/**
 * What was found, with the address of each attachment told as absent whose Binary no source has, and an issue for each.
 * What is kept back from whoever asks is no such case.
 */
export async function withoutLost(
  found: readonly Found[],
  sources: readonly Source[],
  model: Model,
): Promise<Attached> {
  const byHolder = new Map(
    found.map((one) => [one, HOLDERS.has(one.resource.resourceType) ? wantedBy(one, model) : []]),
  )
  const asked = [...byHolder.values()].flat()
  if (asked.length === 0) return { found, issues: [] }
  const lost = await lostOf(asked, sources)
  const issues: Issue[] = []
  const kept = found.map((one): Found => {
    const gone = (byHolder.get(one) ?? []).filter(({ target }) => lost.has(keyOf(target))).map(({ url }) => url)
    if (gone.length === 0) return one
    issues.push(issueOf(one, gone))
    return { ...one, resource: withoutAddresses(one.resource, new Set(gone), model) }
  })
  return { found: kept, issues }
}

/** The Binaries that the attachments of a resource have their content in. */
function wantedBy({ resource, url }: Found, model: Model): readonly Asked[] {
  const base = restBase(url)
  return occurrences(resource, model).flatMap(({ kind, parsed, value, node }): readonly Asked[] => {
    if (kind !== 'attachment' || (isObject(node.parent?.value) && node.parent.value['data'] !== undefined)) return []
    if (parsed?.form !== 'relative' && parsed?.form !== 'rest') return []
    if (parsed.type !== 'Binary') return []
    if (parsed.form === 'rest') return [{ url: value, target: { by: 'url', url: parsed.url } }]
    const { type, id } = parsed
    return [
      { url: value, target: base === undefined ? { by: 'id', type, id } : { by: 'url', url: `${base}/${type}/${id}` } },
    ]
  })
}

async function lostOf(asked: readonly Asked[], sources: readonly Source[]): Promise<ReadonlySet<string>> {
  let open = [...new Map(asked.map(({ target }) => [keyOf(target), target])).values()]
  for (const source of sources) {
    if (open.length === 0) break
    const answers = await source.read(open)
    const missing = open.filter((_, at) => (answers[at] ?? []).length === 0)
    const kept = missing.length === 0 ? [] : ((await source.withheld?.(missing)) ?? [])
    open = missing.filter((_, at) => kept[at] !== true)
  }
  return new Set(open.map(keyOf))
}

function keyOf(target: Target): string {
  return JSON.stringify(target)
}

/** The changed resource is no version of its source any more (H-3). */
function withoutAddresses(resource: Resource, gone: ReadonlySet<string>, model: Model): Resource {
  const changed = rewrite(resource, model, ({ type, value }): Json | undefined => {
    if (type !== 'Attachment' || !isObject(value) || typeof value['url'] !== 'string' || !gone.has(value['url']))
      return undefined
    const { url: _url, ...others } = value
    return { ...others, _url: ABSENT }
  })
  if (changed.meta === undefined) return changed
  const { versionId: _version, lastUpdated: _updated, ...meta } = changed.meta
  return { ...changed, meta }
}

function issueOf({ resource, url }: Found, gone: readonly string[]): Issue {
  const name = url ?? `${resource.resourceType}/${resource.id ?? ''}`
  return {
    severity: 'warning',
    code: 'incomplete',
    text: `The content of ${gone.length === 1 ? 'an attachment' : `${gone.length} attachments`} of ${name} is in no source, so it is told as absent: ${gone.join(', ')}`,
    rule: 'attachment-lost',
  }
}
