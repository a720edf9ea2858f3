/** The receipt: what closure did with every reference, and why. */

import type { Issue } from '../fhir/issue.ts'
import type { Expression, FullUrl, Identifier } from '../fhir/types.ts'
import type { Found } from '../ports.ts'
import type { Closure } from './closure.ts'
import type { Names } from './full-url.ts'
import { expressionOfPlace, nameOf, versionOf, type Member, type Place } from './member.ts'
import type { ReferenceKind } from './reference-kind.ts'

export interface ReceiptReference {
  /** The element in the document that holds the reference. */
  readonly from: Expression
  /** The text before it was rewritten; of an identifier `system|value`. */
  readonly value: string
  readonly kind: ReferenceKind
  readonly decision: 'included' | 'kept' | 'missing' | 'contained' | 'refused'
  /** The entry that it names in the document. */
  readonly target?: FullUrl
  /** The source that the target is from. */
  readonly source?: string
  /** The version that the target is. */
  readonly version?: string
  readonly reason: string
}

export interface ReceiptResource {
  /** Its URL with version, or type, id and the name of its source. */
  readonly source: string
  /** Of its entry; absent where it was left out. */
  readonly fullUrl?: FullUrl
  readonly reason: string
}

/** A resource of the record that a document was drafted from, and where the document has it. */
export interface RecordRow {
  readonly source: string
  /** The code of the section that it is an entry of. */
  readonly section?: string
  /** Of its entry in the document; absent where it was left out. */
  readonly fullUrl?: FullUrl
  readonly reason: string
  /** What was changed of it for the document. */
  readonly changed?: string
}

export interface Receipt {
  /** The Composition as its source names it. */
  readonly composition: string
  /** The identifier of the document: `system|value`. */
  readonly document: string
  /** The definitions that the document was checked with: `hl7.fhir.r4.core#4.0.1`. */
  readonly packages: readonly string[]
  readonly references: readonly ReceiptReference[]
  readonly resources: readonly ReceiptResource[]
  readonly issues: readonly Issue[]
  /** Of a document that was drafted from a record: each resource of that. */
  readonly record?: readonly RecordRow[]
}

export interface ReceiptParts {
  readonly closure: Closure
  readonly names: Names
  readonly isChanged: (member: Member) => boolean
  /** Everything in the sources that are one thing, for what was never reached. */
  readonly whole: readonly Found[]
  readonly identifier: Identifier
  readonly issues: readonly Issue[]
}

/** The receipt of a closure; its rows are written when they are first asked for, since few ask. */
export function receiptOf(parts: ReceiptParts): Receipt {
  const { closure, names, identifier, issues } = parts
  const [composition] = closure.members
  let references: readonly ReceiptReference[] | undefined
  let resources: readonly ReceiptResource[] | undefined
  return {
    composition: composition === undefined ? '' : nameOf(composition.found),
    document: `${identifier.system ?? ''}|${identifier.value ?? ''}`,
    packages: [],
    get references() {
      return (references ??= closure.members.flatMap(({ places }) => places.map((place) => referenceRow(place, names))))
    },
    get resources() {
      return (resources ??= [...closure.members.map((member) => resourceRow(member, parts)), ...leftOutRows(parts)])
    },
    issues,
  }
}

/** A receipt with what the checks add to it, and what the draft of the document says of its record. */
export function completed(
  receipt: Receipt,
  checked: Pick<Receipt, 'packages' | 'issues'>,
  drafted?: Required<Pick<Receipt, 'record'>>,
): Receipt {
  const whole: Receipt = {
    composition: receipt.composition,
    document: receipt.document,
    packages: checked.packages,
    get references() {
      return receipt.references
    },
    get resources() {
      return receipt.resources
    },
    issues: checked.issues,
  }
  if (drafted === undefined) return whole
  let record: readonly RecordRow[] | undefined
  const get = (): readonly RecordRow[] => (record ??= withPlaces(drafted.record, receipt))
  return Object.defineProperty(whole, 'record', { get, enumerable: true })
}

/** The rows of a draft, the subject first, with the entries that closure made of them, and why it took along what is in no section. */
function withPlaces(rows: readonly RecordRow[], { resources }: Receipt): readonly RecordRow[] {
  const entries = new Map(resources.map((row) => [row.source, row]))
  return rows.map(({ changed, ...row }, at) => {
    const { fullUrl, reason } = entries.get(row.source) ?? {}
    if (fullUrl === undefined) return row
    const isAlong = at > 0 && row.section === undefined
    const told = isAlong ? `${row.reason}; it comes along: ${reason}` : row.reason
    return { ...row, fullUrl, reason: told, ...(changed !== undefined && { changed }) }
  })
}

function referenceRow(place: Place, names: Names): ReceiptReference {
  const { kind, outcome, occurrence } = place
  const row = { from: expressionOfPlace(place), value: excerpt(occurrence.value), kind }
  if (outcome?.decision !== 'included')
    return { ...row, decision: outcome?.decision ?? 'kept', reason: outcome?.reason ?? place.row.reason }
  const { target, reason, isGuess } = outcome
  return {
    ...row,
    decision: 'included',
    target: names.fullUrlOf(target),
    source: target.found.source,
    ...(target.version !== undefined && { version: target.version }),
    reason: isGuess ? `${reason}; found by type and id alone, as its holder has no RESTful URL` : reason,
  }
}

/** Content in an address (`data:`) is not repeated. */
function excerpt(value: string): string {
  return value.startsWith('data:') ? value.slice(0, value.indexOf(',') + 1) : value
}

function resourceRow(member: Member, { names, isChanged }: ReceiptParts): ReceiptResource {
  const { found, reason } = member
  const version = versionOf(found.resource)
  const was = version === undefined ? '' : `, was version ${version}`
  return {
    source: nameOf(found),
    fullUrl: names.fullUrlOf(member),
    reason: isChanged(member) ? `${reason}; references rewritten${was}` : reason,
  }
}

function leftOutRows({ closure, whole }: ReceiptParts): readonly ReceiptResource[] {
  const present = new Set(closure.members.map(({ found }) => nameOf(found)))
  const rows = [...closure.leftOut].map(([source, reason]) => ({ source, reason }))
  const names = Map.groupBy(whole.map(nameOf), (name) => name)
  for (const [source, { length }] of names) {
    const isKnown = present.has(source) || closure.leftOut.has(source)
    if (!isKnown) rows.push({ source, reason: 'nothing in the document refers to it' })
    for (let count = 1; count < length; count += 1)
      rows.push({ source, reason: 'it stands in its source more than once' })
  }
  return rows
}
