/** The issues of closure: what is missing, refused or guessed, one issue for each target. */

import type { Issue, IssueCode } from '../fhir/issue.ts'
import { restBase } from '../fhir/reference.ts'
import { isObject, type Json } from '../fhir/types.ts'
import { expressionOfPlace, type Member, type Place, type RefusalRule } from './member.ts'
import { limitText, type Limits } from './state.ts'
import type { Closure } from './closure.ts'

const DOCUMENTS_PAGE = 'https://hl7.org/fhir/R4/documents.html#content'
const BUNDLE_PAGE = 'https://hl7.org/fhir/R4/bundle.html#references'

export interface Circumstances {
  readonly limits: Limits
  readonly isChanged: (member: Member) => boolean
}

/** What closure has to say, in the order of the document. */
export function findingsOf({ members, reached }: Closure, { limits, isChanged }: Circumstances): readonly Issue[] {
  const places = members.flatMap((member) => member.places.filter(isTold))
  const signed = members.filter(isSigned).flatMap((member) => member.places)
  return [
    ...[...reached].map((limit) => limitIssue(limit, limits)),
    ...members.filter(isSubset).map(subsetIssue),
    ...distinct(places.filter(isMissing)).map(missingIssue),
    ...distinct(places.filter(isRefused)).map(refusedIssue),
    ...distinct(places.filter(isGuess)).map(guessIssue),
    ...distinct(places.filter(isLeftBehind)).map(leftBehindIssue),
    ...signed.filter((place) => breaksSignature(place, isChanged)).map(signatureIssue),
  ]
}

/** Whether a server left elements out of it, as it does where a search asks for some alone. */
function isSubset({ found: { resource } }: Member): boolean {
  const tags: unknown = resource.meta?.['tag']
  return Array.isArray(tags) && (tags as readonly Json[]).some((tag) => isObject(tag) && tag['code'] === 'SUBSETTED')
}

function subsetIssue({ found: { resource }, index }: Member): Issue {
  return {
    severity: 'error',
    code: 'incomplete',
    text: `${resource.resourceType}/${resource.id ?? ''} is tagged SUBSETTED, so parts of it are left out, expected all of it`,
    expression: `Bundle.entry[${index}].resource.meta.tag`,
    rule: 'subsetted',
    source: 'https://hl7.org/fhir/R4/search.html#elements',
  }
}

interface Group {
  /** The first place that is required, else the first. */
  readonly place: Place
  readonly count: number
}

/** One group for each target, so that a thousand references to one thing are one issue. */
function distinct(places: readonly Place[]): readonly Group[] {
  const groups = Map.groupBy(places, targetKey)
  return [...groups.values()].flatMap((group) => {
    const place = group.find(isRequired) ?? group[0]
    return place === undefined ? [] : [{ place, count: group.length }]
  })
}

/** What a text means depends on where it stands: a fragment on its resource, a relative reference on its base. */
function targetKey({ occurrence: { value }, parsed, holder }: Place): string {
  if (parsed?.form === 'fragment') return `${holder.index}\n${value}`
  return parsed?.form === 'relative' ? `${restBase(holder.found.url) ?? holder.found.source}\n${value}` : value
}

/** Whether the document cannot be without the target. */
function isRequired({ isDirect, row, kind }: Place): boolean {
  return row.demand === 'required' || (isDirect && kind !== 'display' && kind !== 'identifier')
}

/** Whether there is anything to say of a place: of most there is not. */
function isTold(place: Place): boolean {
  return isMissing(place) || isRefused(place) || isGuess(place) || isLeftBehind(place)
}

function isMissing({ outcome }: Place): boolean {
  return outcome?.decision === 'missing'
}

function isRefused({ outcome }: Place): boolean {
  return outcome?.decision === 'refused' && outcome.rule !== 'limit'
}

function isGuess({ outcome }: Place): boolean {
  return outcome?.decision === 'included' && outcome.isGuess === true
}

function isLeftBehind({ outcome, row }: Place): boolean {
  return outcome?.decision === 'kept' && row.warns === true
}

function times(count: number): string {
  return count === 1 ? '' : ` (${count} times)`
}

function limitIssue(limit: keyof Limits, limits: Limits): Issue {
  const reason = limitText(limit, limits)
  return {
    severity: 'error',
    code: 'too-costly',
    text: `The document would be larger than allowed, ${reason}`,
    expression: 'Bundle',
    rule: `limit-${limit}`,
  }
}

function missingIssue({ place, count }: Group): Issue {
  const { occurrence, outcome } = place
  const required = isRequired(place)
  const consequence = required ? 'expected it in the document' : 'it stays a reference to its source'
  return {
    severity: required ? 'error' : 'warning',
    code: 'incomplete',
    text: `${occurrence.value} is missing${times(count)}: ${outcome?.reason ?? ''}, ${consequence}`,
    expression: expressionOfPlace(place),
    rule: 'missing-reference',
    source: DOCUMENTS_PAGE,
  }
}

/** Each reason for not following a reference: the code of its issue, and where it is written. */
const REFUSALS: Readonly<Record<RefusalRule, { readonly code: IssueCode; readonly source: string }>> = {
  'same-subject': { code: 'business-rule', source: 'https://hl7.org/fhir/R4/compartmentdefinition-patient.html' },
  'ambiguous-reference': { code: 'duplicate', source: BUNDLE_PAGE },
  'no-reference': { code: 'invalid', source: 'https://hl7.org/fhir/R4/references.html#literal' },
  limit: { code: 'too-costly', source: DOCUMENTS_PAGE },
  withheld: { code: 'forbidden', source: 'https://hl7.org/fhir/R4/security-labels.html' },
}

function refusedIssue({ place, count }: Group): Issue {
  const { occurrence, outcome } = place
  const rule = outcome?.decision === 'refused' ? outcome.rule : 'no-reference'
  return {
    severity: isRequired(place) && rule !== 'withheld' ? 'error' : 'warning',
    text: `${occurrence.value} is not taken into the document${times(count)}: ${outcome?.reason ?? ''}`,
    expression: expressionOfPlace(place),
    rule,
    ...REFUSALS[rule],
  }
}

function guessIssue({ place, count }: Group): Issue {
  return {
    severity: 'warning',
    code: 'business-rule',
    text: `${place.occurrence.value} is relative in a resource without RESTful URL${times(count)}, found by type and id because only one resource has them`,
    expression: expressionOfPlace(place),
    rule: 'relative-without-base',
    source: BUNDLE_PAGE,
  }
}

function leftBehindIssue({ place, count }: Group): Issue {
  return {
    severity: 'warning',
    code: 'incomplete',
    text: `${place.occurrence.value} is no part of the document${times(count)}: ${place.outcome?.reason ?? ''}`,
    expression: expressionOfPlace(place),
    rule: place.kind === 'link' ? 'image-elsewhere' : 'attachment-elsewhere',
    source: DOCUMENTS_PAGE,
  }
}

/** Whether a member is a Provenance with a signature. */
function isSigned({ found: { resource } }: Member): boolean {
  const signature: Json | undefined = resource['signature']
  return resource.resourceType === 'Provenance' && Array.isArray(signature) && signature.some(isObject)
}

/** Whether it signs an entry that had to be changed. */
function breaksSignature({ element, outcome }: Place, isChanged: Circumstances['isChanged']): boolean {
  return element === 'target' && outcome?.decision === 'included' && isChanged(outcome.target)
}

function signatureIssue(place: Place): Issue {
  return {
    severity: 'warning',
    code: 'business-rule',
    text: `${place.occurrence.value} was changed for the document, so that the signature of this Provenance no longer covers it`,
    expression: expressionOfPlace(place),
    rule: 'signed-entry-changed',
    source: 'https://hl7.org/fhir/R4/provenance.html#signatures',
  }
}
