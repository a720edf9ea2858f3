/**
 * The rules of the document Bundle itself: its type, entries, fullUrls, links, identifiers and dates.
 * @see https://hl7.org/fhir/R4/documents.html
 * @see https://hl7.org/fhir/R4/bundle.html
 */

import { sameIdentifier, type IndexedEntry } from '../fhir/reference.ts'
import { isObject, type Entry } from '../fhir/types.ts'
import { isAfter } from '../fhir/moment.ts'
import type { DocumentRule, Finding, OutlineRule, Subject } from './rule.ts'

const DOCUMENTS = 'https://hl7.org/fhir/R4/documents.html'
const BUNDLE = 'https://hl7.org/fhir/R4/bundle.html'
const FULL_URL = 'https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl'

/** In these an entry may be nameless yet. */
const NAMELESS: ReadonlySet<string | undefined> = new Set([
  'transaction',
  'batch',
  'transaction-response',
  'batch-response',
])

/** A finding for each entry that a saying says something of. */
function entries(saying: (entry: Entry, document: Subject) => string | undefined): OutlineRule['broken'] {
  return (document) => {
    const list = Array.isArray(document.bundle.entry) ? (document.bundle.entry as readonly (Entry | null)[]) : []
    return list.flatMap((entry, index): readonly Finding[] => {
      const text = entry === null ? undefined : saying(entry, document)
      return text === undefined ? [] : [{ expression: `Bundle.entry[${index}]`, text }]
    })
  }
}

/** The same for each fullUrl that is text. */
function fullUrls(saying: (fullUrl: string, entry: IndexedEntry) => string | undefined): OutlineRule['broken'] {
  return ({ index }) =>
    index.entries.flatMap((indexed): readonly Finding[] => {
      const { fullUrl } = indexed.entry
      const text = typeof fullUrl === 'string' ? saying(fullUrl, indexed) : undefined
      return text === undefined ? [] : [{ expression: `Bundle.entry[${indexed.index}].fullUrl`, text }]
    })
}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/

/** Of a fullUrl that is RESTful, the type and the id that it ends with. */
function restPart({ named }: IndexedEntry): { readonly type: string; readonly id: string } | undefined {
  return named?.form === 'rest' ? named : undefined
}

export const documentRules: readonly DocumentRule[] = [
  {
    id: 'document-type',
    severity: 'error',
    code: 'invalid',
    scope: 'document',
    human: 'A document is a Bundle of type document',
    source: DOCUMENTS,
    looks: 'document',
    broken: ({ bundle: { type } }) =>
      type === 'document'
        ? []
        : [
            {
              expression: 'Bundle.type',
              text: `The Bundle is of ${type === undefined ? 'no type' : `type ${type}`}, expected document`,
            },
          ],
  },
  {
    id: 'document-empty',
    severity: 'error',
    code: 'required',
    scope: 'document',
    human: 'A document has at least its Composition',
    source: DOCUMENTS,
    looks: 'document',
    broken: ({ bundle }) =>
      bundle.type === 'document' && !(Array.isArray(bundle.entry) && bundle.entry.length > 0)
        ? [{ expression: 'Bundle.entry', text: 'The document has no entry, expected the Composition first' }]
        : [],
  },
  {
    id: 'full-url',
    severity: 'error',
    code: 'required',
    scope: 'document',
    human: 'Each entry has a fullUrl, by which references name it',
    source: FULL_URL,
    looks: 'outline',
    broken: entries(({ fullUrl }, { bundle }) =>
      fullUrl === undefined && !NAMELESS.has(bundle.type)
        ? 'The entry has no fullUrl, expected the absolute URL that names its resource'
        : undefined,
    ),
  },
  {
    id: 'full-url-absolute',
    severity: 'error',
    code: 'value',
    scope: 'document',
    human: 'A fullUrl is an absolute URI',
    source: FULL_URL,
    looks: 'outline',
    broken: fullUrls((fullUrl) =>
      ABSOLUTE.test(fullUrl) ? undefined : `The fullUrl ${fullUrl} is not absolute, expected a URL with a scheme`,
    ),
  },
  {
    id: 'full-url-id',
    severity: 'error',
    code: 'value',
    scope: 'document',
    human: 'A RESTful fullUrl ends with the type and the id of the resource',
    source: FULL_URL,
    looks: 'outline',
    broken: fullUrls((_fullUrl, entry) => {
      const { resource } = entry
      const part = restPart(entry)
      if (part === undefined || (part.type === resource.resourceType && part.id === resource.id)) return undefined
      return `The fullUrl ends with ${part.type}/${part.id}, expected ${resource.resourceType}/${resource.id ?? 'and the id, which the resource lacks'}`
    }),
  },
  {
    id: 'full-url-canonical',
    severity: 'warning',
    code: 'value',
    scope: 'document',
    human: 'A fullUrl is where a resource is, not the canonical url by which a definition is known',
    source: FULL_URL,
    looks: 'outline',
    broken: fullUrls((fullUrl, entry) =>
      fullUrl === entry.resource['url'] && restPart(entry) === undefined
        ? 'The fullUrl is the canonical url of the resource, expected a RESTful URL or urn:uuid'
        : undefined,
    ),
  },
  {
    id: 'link-relation',
    severity: 'error',
    code: 'business-rule',
    scope: 'document',
    human: 'A document has no links for paging and at most one link to itself',
    source: BUNDLE,
    looks: 'document',
    broken: ({ bundle }) => (bundle.type === 'document' ? linkFaults(bundle.link) : []),
  },
  {
    id: 'identifier-of-composition',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human:
      'The identifier of a document is its own: it is not that of the Composition, which is the same in every document made of it',
    source: DOCUMENTS,
    looks: 'document',
    broken: ({ bundle, composition }) => {
      const { identifier } = bundle
      const other = composition?.resource.identifier
      return isObject(identifier) && isObject(other) && sameIdentifier(identifier, other)
        ? [
            {
              expression: 'Bundle.identifier',
              text: 'The document has the identifier of its Composition, expected one of its own',
            },
          ]
        : []
    },
  },
  {
    id: 'timestamp-before-date',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human: 'A document is assembled after its Composition was last edited',
    source: 'https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.timestamp',
    looks: 'document',
    broken: ({ bundle: { timestamp }, composition }) =>
      timestamp !== undefined && isAfter(composition?.resource.date, timestamp)
        ? [
            {
              expression: 'Bundle.timestamp',
              text: `The timestamp is ${timestamp}, expected one not before Composition.date (${composition?.resource.date})`,
            },
          ]
        : [],
  },
]

const PAGING: ReadonlySet<unknown> = new Set(['first', 'previous', 'prev', 'next', 'last'])

function linkFaults(links: unknown): readonly Finding[] {
  if (!Array.isArray(links)) return []
  let selves = 0
  return (links as readonly ({ readonly relation?: unknown } | null)[]).flatMap((link, index): readonly Finding[] => {
    const expression = `Bundle.link[${index}].relation`
    if (PAGING.has(link?.relation))
      return [{ expression, text: `There is a link ${String(link?.relation)}, expected none in a document` }]
    if (link?.relation !== 'self') return []
    selves += 1
    return selves > 1 ? [{ expression, text: 'There is another link self, expected at most one' }] : []
  })
}
