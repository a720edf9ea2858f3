/**
 * The rules of what a document may hold: only what hangs together with its Composition.
 * @see https://hl7.org/fhir/R4/documents.html#content
 */

import { lastingMemo } from '../fhir/memo.ts'
import type { IndexedEntry } from '../fhir/reference.ts'
import { isObject, type Resource } from '../fhir/types.ts'
import type { DocumentRule, Finding, OutlineRule, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'

const CONTENT = 'https://hl7.org/fhir/R4/documents.html#content'

/** How each entry hangs together with the Composition; those that do not are absent. */
type Reach = ReadonlyMap<IndexedEntry, 'forward' | 'reverse'>

/**
 * What is reached from the Composition and the stylesheets: first all that they refer to, then, one after another, what
 * refers to something reached, with all that it refers to.
 */
function reachOf(document: Subject, start: IndexedEntry): Reach {
  const reach = new Map<IndexedEntry, 'forward' | 'reverse'>()
  const enter = (first: IndexedEntry, how: 'forward' | 'reverse'): void => {
    if (reach.has(first)) return
    reach.set(first, how)
    const waiting = [first]
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      for (const { named } of document.linksFrom(entry)) {
        for (const target of named) {
          if (reach.has(target)) continue
          reach.set(target, 'forward')
          waiting.push(target)
        }
      }
    }
  }
  for (const entry of [start, ...stylesheets(document)]) enter(entry, 'forward')
  const isWhole = (): boolean => reach.size === document.index.entries.length
  // a Map goes on with what is added meanwhile
  for (const entry of reach.keys()) {
    // in most documents nothing is left to ask for
    if (isWhole()) break
    for (const { from } of document.linksTo(entry)) enter(from, 'reverse')
  }
  return reach
}

function stylesheets({ bundle, index }: Subject): readonly IndexedEntry[] {
  const links = Array.isArray(bundle.link) ? (bundle.link as readonly unknown[]) : []
  return links.flatMap((link) => {
    const { relation, url } = (link ?? {}) as { readonly relation?: unknown; readonly url?: unknown }
    if (relation !== 'stylesheet' || typeof url !== 'string') return []
    return index.byFullUrl.get(url) ?? index.byTypeAndId.get(url) ?? []
  })
}

const reaches = lastingMemo<Subject, Reach>()

/** The entries that a row is about, with the sentence about them. */
function entries(
  text: (entry: IndexedEntry, how: 'forward' | 'reverse' | undefined, document: Subject) => string | undefined,
): OutlineRule['broken'] {
  return (document) => {
    const { composition, index } = document
    if (composition === undefined) return []
    const reach = reaches.get(document) ?? reachOf(document, composition.entry)
    reaches.set(document, reach)
    return index.entries.flatMap((entry): readonly Finding[] => {
      const said = text(entry, reach.get(entry), document)
      return said === undefined ? [] : [{ expression: `Bundle.entry[${entry.index}]`, text: said }]
    })
  }
}

export const closureRules: readonly DocumentRule[] = [
  {
    id: 'orphan',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human:
      'A document holds only the Composition, what it refers to directly or indirectly, stylesheets, and Provenance of these',
    source: CONTENT,
    looks: 'outline',
    broken: entries(({ resource }, how, document) =>
      how === undefined && !signsDocument(resource, document)
        ? `Nothing that hangs together with the Composition refers to this ${resource.resourceType}, nor does it refer to anything of it, expected a reference or no such entry`
        : undefined,
    ),
  },
  {
    id: 'reverse-link',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human: 'Only a Provenance may be in a document because it refers to something in it',
    source: CONTENT,
    looks: 'outline',
    broken: entries(({ resource }, how) =>
      how === 'reverse' && resource.resourceType !== 'Provenance'
        ? `This ${resource.resourceType} refers to the document but nothing refers to it, expected a reference from the Composition or what it refers to`
        : undefined,
    ),
  },
  {
    id: 'one-composition',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human: 'A document has one Composition',
    source: 'https://hl7.org/fhir/R4/documents.html',
    looks: 'outline',
    broken: ({ index, composition }) =>
      composition === undefined
        ? []
        : index.entries
            .filter(({ resource }) => resource.resourceType === 'Composition' && resource !== composition.resource)
            .map((entry) => ({
              expression: resourceExpression(entry),
              text: 'This is another Composition, expected only the first entry to be one',
            })),
  },
]

/** A Provenance whose target is the Bundle itself bears a signature of the document. @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html */
function signsDocument({ resourceType, target, signature }: Resource, { bundle }: Subject): boolean {
  if (resourceType !== 'Provenance' || !Array.isArray(signature) || !Array.isArray(target)) return false
  return (target as readonly unknown[]).some((one) => {
    const literal = isObject(one as never) ? (one as { readonly reference?: unknown }).reference : undefined
    return (
      literal === '#/' ||
      (bundle.id !== undefined &&
        (literal === `Bundle/${bundle.id}` || String(literal).endsWith(`/Bundle/${bundle.id}`)))
    )
  })
}
