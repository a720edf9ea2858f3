/** What was found against a document, in the words of the reader: a phrase for each kind of rule, the sentences of the rules folded below it. */

import { isError, type Issue } from '../fhir/issue.ts'
import type { Reader } from '../pages.ts'

/** Issues that a reader is told in the same words. */
export interface IssueView {
  readonly severity: string
  readonly said: string
  /** The section that it is about, where that is not said by its place on the page. */
  readonly place?: string
  readonly phrase: string
  /** As the rules have it, in English. */
  readonly details: readonly { readonly text: string; readonly rule?: string }[]
}

/** The rules of each phrase `web.issue.…`; what no row names, such as a rule of a profile, is of the form of data. */
export const ISSUE_WORDS: Readonly<Record<string, readonly string[]>> = {
  course: ['course-missing'],
  text: ['text-or-section', 'cmp-1', 'section-unreadable', 'attested-without-text', 'txt-2'],
  language: ['narrative-language'],
  patient: ['same-subject', 'subject-unclear', 'other-patient', 'nested-subject', 'nested-unclear'],
  subject: ['subject-inactive', 'subject-replaced'],
  reference: [
    ...['composition-reference', 'composition-reference-literal', 'reference-base', 'reference-outside'],
    ...['reference-version', 'reference-ambiguous', 'reference-fragment', 'reference-form', 'reference-target'],
    ...['attachment-left', 'attachment-lost', 'missing-reference', 'subsetted', 'ambiguous-reference', 'no-reference'],
    ...['relative-without-base', 'unversioned-among-several'],
  ],
  newer: ['newer-than-attested', 'signed-entry-changed'],
  unsafe: [
    ...['narrative-safe', 'narrative-hidden', 'narrative-well-formed', 'narrative-root', 'narrative-structure'],
    ...['narrative-id', 'narrative-removed', 'narrative-repaired', 'narrative-presentation', 'markup-in-text', 'txt-1'],
    ...['stylesheet-removed', 'stylesheet-presentation'],
  ],
  link: [
    ...['link-fragment', 'narrative-link', 'narrative-image', 'narrative-outside', 'text-link'],
    ...['stylesheet-link', 'stylesheet-outside', 'missing-stylesheet'],
  ],
  untold: ['entry-in-text', 'text-from-data', 'not-narrated'],
  code: [
    ...['code-known', 'code-grammar', 'display-known', 'required-code', 'required-coding', 'required-system'],
    ...['extensible-binding', 'binding-open', 'system-known', 'system-absolute', 'language-tag', 'media-type'],
  ],
  modifier: ['unknown-modifier', 'implicit-rules'],
  none: ['none-beside-some'],
  duplicate: ['contradictory-duplicate'],
  unfinished: ['encounter-unfinished'],
  unread: ['withheld', 'type-not-searched', 'no-provenance-search', 'limit'],
  unchecked: ['profile-unknown'],
  form: [
    ...['document-type', 'document-empty', 'full-url', 'full-url-absolute', 'full-url-id', 'full-url-canonical'],
    ...['link-relation', 'identifier-of-composition', 'timestamp-before-date', 'orphan', 'reverse-link'],
    ...['one-composition', 'unknown-element', 'missing-element', 'one-choice', 'datatype', 'format', 'resource-type'],
    ...['uuid', 'oid', 'calendar', 'base64', 'element-id', 'extension-known', 'extension-context', 'extension-value'],
    ...['extension-modifier', 'integer', 'canonical-absolute'],
  ],
}

/** Phrases that were there before there were kinds. */
const NAMED: Readonly<Record<string, string>> = {
  course: 'web.draft.issue.course',
  text: 'web.draft.issue.text',
  language: 'web.draft.issue.language',
}

const KINDS = new Map(Object.entries(ISSUE_WORDS).flatMap(([kind, rules]) => rules.map((rule) => [rule, kind])))

/** The key of the phrase of a rule. */
export function issueKey(rule: string | undefined): string {
  const kind = KINDS.get(rule ?? '') ?? 'form'
  return NAMED[kind] ?? `web.issue.${kind}`
}

/** Issues in words: those of one kind, severity and place together, in the order of the first of them. */
export function issueViews(
  issues: readonly Issue[],
  { phrase }: Reader,
  placeOf: (issue: Issue) => string | undefined = () => undefined,
): readonly IssueView[] {
  const kindOf = (one: Issue): string =>
    `${isError(one) ? 'error' : one.severity} ${issueKey(one.rule)} ${placeOf(one) ?? ''}`
  const groups = Map.groupBy(issues, kindOf)
  return [...groups.values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const sayings = new Map(same.map((one) => [one.text, one]))
    const details = [...sayings.values()].map(({ text, rule }) => ({ text, ...(rule !== undefined && { rule }) }))
    const said = phrase(`web.draft.severity.${first.severity}`)
    const place = placeOf(first)
    const own = { severity: first.severity, said, phrase: phrase(issueKey(first.rule)), details }
    return [{ ...own, ...(place !== undefined && { place }) }]
  })
}
