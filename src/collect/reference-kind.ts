/** What closure does with each kind of reference, as a table: the first row that applies decides. */

import type { Node } from '../fhir/walk.ts'
import type { Occurrence } from '../fhir/occurrence.ts'
import type { ParsedReference } from '../fhir/reference.ts'
import { isObject, type Reference } from '../fhir/types.ts'

/** The kinds that the receipt names. */
export type ReferenceKind =
  | 'relative'
  | 'absolute'
  | 'versioned'
  | 'urn:uuid'
  | 'urn:oid'
  | 'contained'
  | 'identifier'
  | 'display'
  | 'conditional'
  | 'malformed'
  | 'attachment'
  | 'canonical'
  | 'uri'
  | 'link'

/**
 * What closure owes to a reference. `required`: the target is included or it is an error. `wanted`: it is included where
 * a source has it. `match`: nothing is read for it, but it names the entry where its target is included for another
 * reason. `contained`: it is looked for in its own resource. `keep`: it stays as it is. `refuse`: it can have no target.
 */
export type Demand = 'required' | 'wanted' | 'match' | 'contained' | 'keep' | 'refuse'

/** A reference before anything was read for it. */
export interface Case {
  readonly occurrence: Occurrence
  readonly parsed: ParsedReference | undefined
  /** The element below the resource, without indexes and with nested sections as one: `section.entry`. */
  readonly element: string
  readonly isInComposition: boolean
  readonly secondary: 'include' | 'direct'
}

export interface ReferenceRow {
  readonly applies: (reference: Case) => boolean
  readonly demand: Demand
  readonly reason: string
  /** The reference that is not followed is worth a warning. */
  readonly warns?: true
}

/**
 * The elements of a Composition whose targets a document includes: those of R4, with those that R6 adds; the detail of an
 * event is a reference in R4 and holds one in R5.
 * @see https://hl7.org/fhir/R4/documents.html#content
 */
const DIRECT: ReadonlySet<string> = new Set([
  'subject',
  'encounter',
  'author',
  'attester.party',
  'custodian',
  'event.detail',
  'event.detail.reference',
  'section.author',
  'section.focus',
  'section.entry',
  'basedOn',
  'consent',
])

/** Whom a resource is about: never found by an identifier alone. */
const SUBJECTS: ReadonlySet<string> = new Set(['subject', 'patient', 'beneficiary', 'individual', 'candidate', 'focus'])

export function isDirect({ element, isInComposition }: Case): boolean {
  return isInComposition && DIRECT.has(element)
}

const isKind =
  (...kinds: readonly Occurrence['kind'][]) =>
  ({ occurrence }: Case): boolean =>
    kinds.includes(occurrence.kind)
const isForm =
  (...forms: readonly ParsedReference['form'][]) =>
  ({ parsed }: Case): boolean =>
    parsed !== undefined && forms.includes(parsed.form)
const isReference = isKind('reference')
const isAttachment = isKind('attachment')
const isLink = isKind('link')

/** Whether the text names a Binary, or may: a urn says no type. */
function namesBinary({ parsed }: Case): boolean {
  if (parsed?.form === 'relative' || parsed?.form === 'rest') return parsed.type === 'Binary'
  return parsed?.form === 'uri' && /^urn:(?:uuid|oid):/.test(parsed.url)
}

function namesDocument({ parsed }: Case): boolean {
  return (parsed?.form === 'relative' || parsed?.form === 'rest') && DOCUMENTS.has(parsed.type)
}

function hasInlineData({ occurrence }: Case): boolean {
  const attachment = occurrence.node.parent?.value
  return isObject(attachment) && attachment['data'] !== undefined
}

/**
 * By system, value and type alone, and never a Patient or a subject: one match in a partial source proves nothing.
 * @see https://hl7.org/fhir/R4/references.html#logical
 */
function isFindableIdentifier({ occurrence }: Case): boolean {
  const { identifier, type } = identifierOf(occurrence)
  if (type === undefined || type === 'Patient' || SUBJECTS.has(occurrence.node.name)) return false
  return identifier?.system !== undefined && identifier.value !== undefined
}

/** The Reference of an occurrence by identifier; a type may be written as the URL of its definition. */
export function identifierOf({ reference }: Occurrence): Pick<Reference, 'identifier' | 'type'> {
  const { identifier, type } = reference ?? {}
  const name =
    typeof type === 'string' ? type.replace(/^http:\/\/hl7\.org\/fhir\/StructureDefinition\//, '') : undefined
  return { ...(isObject(identifier) && { identifier }), ...(name !== undefined && { type: name }) }
}

/** Resources that are documents of their own, or their heads: a secondary reference does not bring them in. */
export const DOCUMENTS: ReadonlySet<string> = new Set(['Composition', 'Bundle'])

export const ROWS: readonly ReferenceRow[] = [
  { applies: isKind('display'), demand: 'keep', reason: 'it has neither a literal reference nor an identifier' },
  {
    applies: isKind('canonical'),
    demand: 'keep',
    reason: 'a canonical names a definition, which is no part of a document',
  },
  {
    applies: (one) => isKind('identifier')(one) && !isFindableIdentifier(one),
    demand: 'keep',
    reason: 'an identifier finds nothing without system, value and type, and never a patient or a subject',
  },
  {
    applies: (one) => isKind('identifier')(one) && (one.secondary === 'include' || isDirect(one)),
    demand: 'wanted',
    reason: 'found by system, value and type of its identifier',
  },
  { applies: isKind('identifier'), demand: 'keep', reason: 'secondary references are not followed' },
  { applies: isKind('uri'), demand: 'match', reason: 'a uri is not followed' },
  {
    applies: (one) => isAttachment(one) && hasInlineData(one),
    demand: 'match',
    reason: 'the content stands beside the address',
  },
  {
    applies: (one) => isAttachment(one) && namesBinary(one),
    demand: 'required',
    reason: 'the content of an attachment',
  },
  {
    applies: (one) => isAttachment(one) && !isForm('fragment')(one) && !one.occurrence.value.startsWith('data:'),
    demand: 'match',
    reason: 'the content of the attachment is elsewhere and no part of the document',
    warns: true,
  },
  {
    applies: (one) => one.occurrence.value.startsWith('data:'),
    demand: 'keep',
    reason: 'the content stands in the address',
  },
  {
    applies: (one) => isLink(one) && one.occurrence.link?.attribute === 'href' && isForm('fragment')(one),
    demand: 'keep',
    reason: 'a place in the narrative itself',
  },
  { applies: isForm('fragment'), demand: 'contained', reason: 'a contained resource' },
  {
    applies: (one) => isLink(one) && one.occurrence.link?.element === 'img' && namesBinary(one),
    // An entry that only a narrative names would be an orphan: narrative holds no references that closure may follow.
    demand: 'match',
    reason: 'an image that the narrative names is not followed',
    warns: true,
  },
  { applies: isLink, demand: 'match', reason: 'a link is not followed' },
  { applies: isForm('conditional'), demand: 'refuse', reason: 'a conditional reference is for transactions only' },
  { applies: isForm('malformed'), demand: 'refuse', reason: 'it is no reference that FHIR knows' },
  {
    applies: ({ isInComposition, element }) => isInComposition && element.startsWith('relatesTo'),
    demand: 'match',
    reason: 'earlier documents are not followed',
  },
  { applies: isDirect, demand: 'required', reason: 'the Composition refers to it' },
  {
    applies: ({ occurrence, element }) =>
      occurrence.node.resource.resourceType === 'Provenance' && element === 'target',
    demand: 'match',
    reason: 'a Provenance brings in nothing that it is about',
  },
  { applies: namesDocument, demand: 'match', reason: 'another document is not followed' },
  {
    applies: ({ secondary }) => secondary === 'direct',
    demand: 'match',
    reason: 'secondary references are not followed',
  },
  { applies: isReference, demand: 'wanted', reason: 'an included resource refers to it' },
]

const REST_KINDS: Readonly<Record<'relative' | 'rest', ReferenceKind>> = { relative: 'relative', rest: 'absolute' }

/** The kind of a reference, as the receipt names it. */
export function kindOf({ kind }: Occurrence, parsed: ParsedReference | undefined): ReferenceKind {
  if (kind !== 'reference') return kind
  switch (parsed?.form) {
    case 'fragment':
      return 'contained'
    case 'relative':
    case 'rest':
      return parsed.version === undefined ? REST_KINDS[parsed.form] : 'versioned'
    case 'uri':
      return parsed.url.startsWith('urn:uuid:')
        ? 'urn:uuid'
        : parsed.url.startsWith('urn:oid:')
          ? 'urn:oid'
          : 'absolute'
    case 'conditional':
      return 'conditional'
    case 'malformed':
    case undefined:
      return 'malformed'
  }
}

/** A reference as the table sees it. */
export function caseOf(occurrence: Occurrence, circumstances: Pick<Case, 'isInComposition' | 'secondary'>): Case {
  return { occurrence, parsed: occurrence.parsed, element: elementOf(occurrence.node), ...circumstances }
}

function elementOf(node: Node): string {
  const names: string[] = []
  for (let one: Node | undefined = node; one?.parent !== undefined; one = one.parent) {
    if (one.name !== 'section' || names.at(-1) !== 'section') names.push(one.isShadow ? `_${one.name}` : one.name)
  }
  return names.reverse().join('.')
}

/** The row that decides on a reference. */
export function rowOf(reference: Case): ReferenceRow {
  const row = ROWS.find(({ applies }) => applies(reference))
  if (row === undefined) throw new TypeError(`No rule for a reference of kind ${reference.occurrence.kind}`)
  return row
}
