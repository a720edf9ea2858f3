/** Composing a document again from its own parts, and the reasons for what differs. */

import { bundleSource } from '../../src/edge/store/bundle.ts'
import { collect, defaultLimits, type Collection } from '../../src/collect/collect.ts'
import type { Definitions } from '../../src/fhir/definitions.ts'
import { FhirError } from '../../src/fhir/error.ts'
import { isError } from '../../src/fhir/issue.ts'
import { isComposition, isObject, isResource, type Bundle, type Composition, type Entry } from '../../src/fhir/types.ts'

export interface Recomposition {
  /** `same` set of resources, a set with `less`, an `error` among the issues, or no composition at all. */
  readonly outcome: 'same' | 'less' | 'more' | 'error' | 'no-composition'
  /** Per reason, how many: rules of the issues that are errors, and the receipt's reasons for what was left out. */
  readonly reasons: Readonly<Record<string, number>>
  /** Entries that are gone without a word in the receipt; must be empty. */
  readonly unexplained: readonly string[]
  readonly collection?: Collection
}

/** A document Bundle composed again from its Composition with the Bundle itself as the source. */
export async function recompose(
  bundle: Bundle,
  definitions: Definitions,
  options: { readonly secondary?: 'include' | 'direct'; readonly fullUrl?: 'rest' | 'uuid' } = {},
): Promise<Recomposition> {
  const entry = entriesOf(bundle).find(({ resource }) => isComposition(resource))
  if (entry === undefined || !isComposition(entry.resource))
    return { outcome: 'no-composition', reasons: {}, unexplained: [] }
  try {
    const collection = await composed(bundle, { entry, composition: entry.resource }, { definitions, ...options })
    return compared(bundle, collection)
  } catch (cause) {
    if (!(cause instanceof FhirError)) throw cause
    return { outcome: 'error', reasons: { [cause.message]: 1 }, unexplained: [] }
  }
}

function entriesOf({ entry }: Bundle): readonly Entry[] {
  return Array.isArray(entry) ? entry.filter(isObject) : []
}

interface Start {
  readonly entry: Entry
  readonly composition: Composition
}

interface Circumstances {
  readonly definitions: Definitions
  readonly secondary?: 'include' | 'direct'
  readonly fullUrl?: 'rest' | 'uuid'
}

function composed(bundle: Bundle, { entry, composition }: Start, circumstances: Circumstances): Promise<Collection> {
  const { definitions, secondary = 'include', fullUrl = 'rest' } = circumstances
  return collect(composition, {
    ...definitions,
    sources: [bundleSource('document', bundle)],
    secondary,
    fullUrl,
    limits: defaultLimits,
    identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:00000000-0000-4000-8000-000000000000' },
    timestamp: '2026-01-01T00:00:00Z',
    origin: { source: 'document', ...(entry.fullUrl !== undefined && { url: entry.fullUrl }) },
  })
}

function compared(bundle: Bundle, collection: Collection): Recomposition {
  const before = entriesOf(bundle).filter(({ resource }) => isResource(resource))
  const after = collection.bundle.entry ?? []
  const left = collection.receipt.resources.filter(({ fullUrl }) => fullUrl === undefined)
  const errors = collection.issues.filter(isError)
  const reasons: Record<string, number> = {}
  for (const reason of [
    ...errors.map(({ rule }) => `error ${rule ?? ''}`),
    ...left.map(({ reason: why }) => `left out: ${why}`),
  ]) {
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  const unexplained = before.length - after.length - left.length
  const outcome =
    errors.length > 0
      ? 'error'
      : after.length === before.length
        ? 'same'
        : after.length > before.length
          ? 'more'
          : 'less'
  return { outcome, reasons, unexplained: unexplained === 0 ? [] : [`${unexplained} entries`], collection }
}
