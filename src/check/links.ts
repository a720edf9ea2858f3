/**
 * The rules of references: what the Composition needs is in the document, and every reference says what it names.
 * @see https://hl7.org/fhir/R4/documents.html#content
 * @see https://hl7.org/fhir/R4/bundle.html#references
 */

import { onceFor } from '../fhir/memo.ts'
import { parseReference, type Resolution } from '../fhir/reference.ts'
import { isObject, type Resource } from '../fhir/types.ts'
import { expressionOf, placed, type Node } from '../fhir/walk.ts'
import type { DocumentRule, Finding, Linked, OutlineRule, Subject } from './rule.ts'
import { resourceExpression } from './subject.ts'
import { wrongTarget } from './targets.ts'

const REFERENCES = 'https://hl7.org/fhir/R4/bundle.html#references'
const CONTENT = 'https://hl7.org/fhir/R4/documents.html#content'

/** The elements of the Composition whose targets a document must hold, by definition and name (INC-1). */
const DIRECT: ReadonlySet<string> = new Set([
  'Composition.subject',
  'Composition.encounter',
  'Composition.author',
  'Composition.attester.party',
  'Composition.custodian',
  'Composition.event.detail',
  'Composition.section.author',
  'Composition.section.focus',
  'Composition.section.entry',
])

/** What is said of a literal reference, by what became of it; nothing where it names what it should. */
type Saying = (linked: Linked, resolution: Resolution) => string | undefined

/** A finding for each literal reference that a saying says something of. */
function each(links: (document: Subject) => readonly Linked[], saying: Saying): OutlineRule['broken'] {
  return (document) => {
    const findings: Finding[] = []
    for (const linked of links(document)) {
      const text = linked.resolution === undefined ? undefined : saying(linked, linked.resolution)
      if (text !== undefined) findings.push({ expression: placeOf(linked), text })
    }
    return findings
  }
}

/** The links that do not name one thing that is there: in most documents, few. */
const open = onceFor((document: Subject) =>
  document.links.filter(({ resolution }) => resolution !== undefined && !NAMES.has(resolution.outcome)),
)

const NAMES: ReadonlySet<Resolution['outcome']> = new Set(['entry', 'contained', 'container'])

function placeOf({ occurrence, from }: Linked): string {
  return placed(expressionOf(occurrence.node), resourceExpression(from))
}

/** The references of the Composition that must name something in the document, and do not name one thing. */
function direct(document: Subject): readonly Linked[] {
  const composition = document.composition?.resource
  return open(document).filter((linked) => linked.occurrence.reference !== undefined && isDirect(linked, composition))
}

/** All other References that do not name one thing. */
function secondary(document: Subject): readonly Linked[] {
  const composition = document.composition?.resource
  return open(document).filter(
    (linked) =>
      linked.occurrence.kind === 'reference' && !isDirect(linked, composition) && !isElsewhere(linked.occurrence.node),
  )
}

function all({ links }: Subject): readonly Linked[] {
  return links.filter(({ occurrence }) => occurrence.kind === 'reference')
}

function isDirect({ occurrence: { node } }: Linked, composition: Resource | undefined): boolean {
  return node.resource === composition && DIRECT.has(`${node.parent?.type}.${node.name}`)
}

/** References to what need not be there: earlier documents, and the document itself by a Provenance that signs it. */
function isElsewhere({ parent, name, value }: Node): boolean {
  if (parent?.type === 'Composition.relatesTo') return true
  const literal = isObject(value) ? value['reference'] : undefined
  return (
    parent?.type === 'Provenance' &&
    name === 'target' &&
    typeof literal === 'string' &&
    /^#\/$|^(?:\S*\/)?Bundle\//.test(literal)
  )
}

/** The sentence for each way in which a reference names nothing. */
const MISSING: { readonly [Outcome in Resolution['outcome']]?: (value: string, resolution: Resolution) => string } = {
  outside: (value) => `${value} is not in the document, expected an entry with that fullUrl`,
  'other-version': (value) =>
    `The document has ${value.replace(/\/_history\/.*/, '')} in another version, expected meta.versionId ${versionOf(value)}`,
  'no-base': (value, resolution) =>
    `${value} is relative and the fullUrl of its own entry is no RESTful URL, so that it names nothing, expected ${candidate(resolution)}`,
  'no-fragment': (value) => `${value} names no contained resource, expected one with that id`,
  malformed: (value) => `${value} is no reference, expected #id, Type/id or an absolute URL`,
}

function missing({ occurrence: { value } }: Linked, resolution: Resolution): string | undefined {
  return MISSING[resolution.outcome]?.(excerpt(value), resolution)
}

function only(outcome: Resolution['outcome']): Saying {
  return (linked, resolution) => (resolution.outcome === outcome ? missing(linked, resolution) : undefined)
}

function candidate(resolution: Resolution): string {
  const [first] = resolution.outcome === 'no-base' ? resolution.candidates : []
  return first?.entry.fullUrl === undefined
    ? 'the fullUrl of the entry that is meant'
    : `the fullUrl of the entry that is meant, such as ${first.entry.fullUrl}`
}

function versionOf(value: string): string {
  const parsed = parseReference(value)
  return 'version' in parsed ? (parsed.version ?? '') : ''
}

function excerpt(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 120)}…`
}

export const linkRules: readonly DocumentRule[] = [
  {
    id: 'composition-reference',
    severity: 'error',
    code: 'incomplete',
    scope: 'document',
    human:
      'A document holds everything that its Composition refers to as subject, encounter, author, attester, custodian, event detail, or author, focus or entry of a section',
    source: CONTENT,
    looks: 'outline',
    broken: each(direct, missing),
  },
  {
    id: 'composition-reference-literal',
    severity: 'warning',
    code: 'incomplete',
    scope: 'document',
    human: 'What the Composition refers to is named by a literal reference, so that the document can hold it',
    source: CONTENT,
    looks: 'outline',
    broken: ({ links, composition }) =>
      links
        .filter(
          (linked) =>
            (linked.occurrence.kind === 'identifier' || linked.occurrence.kind === 'display') &&
            isDirect(linked, composition?.resource),
        )
        .map((linked) => ({
          expression: placeOf(linked),
          text: `There is only ${linked.occurrence.kind === 'identifier' ? 'an identifier' : 'a text'}, expected a reference to an entry of the document`,
        })),
  },
  {
    id: 'reference-base',
    severity: 'error',
    code: 'invalid',
    scope: 'resource',
    human:
      'A relative reference to a resource of the Bundle stands in an entry whose fullUrl is a RESTful URL, which is its base',
    source: REFERENCES,
    looks: 'outline',
    broken: each(secondary, (linked, resolution) =>
      hasNoBase(linked, resolution) ? missing(linked, resolution) : undefined,
    ),
  },
  {
    id: 'reference-outside',
    severity: 'warning',
    code: 'incomplete',
    scope: 'resource',
    human: 'What a resource of a document refers to is in the document, or can be read elsewhere',
    source: CONTENT,
    looks: 'outline',
    broken: each(secondary, (linked, resolution) =>
      resolution.outcome === 'outside' ||
      (resolution.outcome === 'no-base' && resolution.candidates.length === 0 && linked.from.named !== undefined)
        ? missing(linked, resolution)
        : undefined,
    ),
  },
  {
    id: 'reference-version',
    severity: 'warning',
    code: 'conflict',
    scope: 'resource',
    human: 'A reference to a version names an entry with that meta.versionId',
    source: REFERENCES,
    looks: 'outline',
    broken: each(secondary, only('other-version')),
  },
  {
    id: 'reference-ambiguous',
    severity: 'error',
    code: 'multiple-matches',
    scope: 'resource',
    human: 'A reference names one entry',
    source: REFERENCES,
    looks: 'outline',
    broken: each(open, ({ occurrence: { value, kind } }, { outcome }) =>
      kind === 'reference' && outcome === 'ambiguous'
        ? `Several entries have the fullUrl ${excerpt(value)}, expected one, or a reference with the version`
        : undefined,
    ),
  },
  {
    id: 'reference-fragment',
    severity: 'error',
    code: 'not-found',
    scope: 'resource',
    human: 'A reference with a fragment names a contained resource of the entry',
    source: 'https://hl7.org/fhir/R4/references.html#contained',
    looks: 'outline',
    broken: each(secondary, (linked, resolution) =>
      linked.occurrence.value.startsWith('#') ? undefined : only('no-fragment')(linked, resolution),
    ),
  },
  {
    id: 'reference-form',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A reference is #id, Type/id, with or without /_history/version, or an absolute URL',
    source: 'https://hl7.org/fhir/R4/references.html#literal',
    looks: 'outline',
    // in a transaction a reference may be a search: the server puts in what it finds
    broken: (document) =>
      each(secondary, document.bundle.type === 'transaction' ? noSearch : only('malformed'))(document),
  },
  {
    id: 'reference-target',
    severity: 'error',
    code: 'value',
    scope: 'resource',
    human: 'A reference names a resource of a type that the element allows, and that its own type says',
    source: 'https://hl7.org/fhir/R4/references.html#Reference',
    looks: 'outline',
    broken: (document) => each(all, (linked, resolution) => wrongTarget(linked, resolution, document))(document),
  },
  {
    id: 'attachment-left',
    severity: 'error',
    code: 'incomplete',
    scope: 'document',
    human: 'A document holds the Binary that an attachment of it names',
    source: 'https://hl7.org/fhir/R4/datatypes.html#Attachment',
    looks: 'outline',
    broken: each(
      (document) => open(document).filter(({ occurrence }) => occurrence.kind === 'attachment'),
      ({ occurrence: { value } }, { outcome }) =>
        outcome !== 'entry' && /(?:^|\/)Binary\/[A-Za-z0-9.-]+(?:$|\/_history\/)/.test(value)
          ? `${excerpt(value)} is not in the document, expected an entry with that fullUrl`
          : undefined,
    ),
  },
]

/** A relative reference to what is in the Bundle, or in an entry without fullUrl. */
function hasNoBase({ from }: Linked, resolution: Resolution): boolean {
  return resolution.outcome === 'no-base' && (resolution.candidates.length > 0 || from.named === undefined)
}

/** What is malformed and no search either. */
function noSearch({ occurrence: { value } }: Linked, { outcome }: Resolution): string | undefined {
  return outcome !== 'malformed' || SEARCH.test(value)
    ? undefined
    : `The reference ${excerpt(value)} is malformed, expected Type/id or a search such as Patient?identifier=1`
}

const SEARCH = /^[A-Z][A-Za-z]*\?[\w.:-]+=[^&=?]*(?:&[\w.:-]+=[^&=?]*)*$/
