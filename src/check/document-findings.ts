/** The rules of documents asked of a Bundle: what they find in a resource, or by the outline, is found once and remembered. */

import { memoFor, onceFor, type Memo } from '../fhir/memo.ts'
import { placedFindings } from './content.ts'
import { onceForOutline } from './outline.ts'
import type { Content, ContentRule, DocumentRule, Finding, OutlineRule, Subject } from './rule.ts'

/** What one rule finds. */
interface Found {
  readonly rule: DocumentRule
  readonly findings: readonly Finding[]
}

/** What the rules find, in their order. */
export function documentFindings(document: Subject, rules: readonly DocumentRule[]): readonly Found[] {
  const ofContents = contentFindings(document, rules)
  const ofOutline = outlineFindings(document, rules)
  const findingsOf = (rule: DocumentRule): readonly Finding[] => {
    if (rule.looks === 'document') return rule.broken(document)
    return (rule.looks === 'resource' ? ofContents.get(rule) : ofOutline.get(rule)) ?? NONE
  }
  return rules.map((rule) => ({ rule, findings: findingsOf(rule) }))
}

const NONE: readonly Finding[] = []

const memos = new WeakMap<readonly DocumentRule[], Memo<Content, readonly Found[]>>()
const contentRulesOf = onceFor((rules: readonly DocumentRule[]) => rules.filter(isContentRule))

/** By rule, what is found in the resource of each entry by itself, in the order of the entries. */
function contentFindings(
  { contents }: Subject,
  rules: readonly DocumentRule[],
): ReadonlyMap<DocumentRule, readonly Finding[]> {
  const memo = memoFor(memos, rules)
  const all = new Map<DocumentRule, Finding[]>()
  for (const { content, root } of contents) {
    let found = memo.get(content)
    if (found === undefined) memo.set(content, (found = told(contentRulesOf(rules), content)))
    for (const { rule, findings } of found) {
      const list = all.get(rule) ?? []
      for (const finding of placedFindings(findings, root)) list.push(finding)
      all.set(rule, list)
    }
  }
  return all
}

function isContentRule(rule: DocumentRule): rule is ContentRule {
  return rule.looks === 'resource'
}

function isOutlineRule(rule: DocumentRule): rule is OutlineRule {
  return rule.looks === 'outline'
}

/** By rule, what is found by the outline. */
function outlineFindings(
  document: Subject,
  rules: readonly DocumentRule[],
): ReadonlyMap<DocumentRule, readonly Finding[]> {
  return onceForOutline(document.outline, rules, () => {
    const found = told(rules.filter(isOutlineRule), document)
    return new Map(found.map(({ rule, findings }) => [rule, findings]))
  })
}

/** What the rules say of a subject of theirs; those that find nothing are left out. */
function told<Asked>(
  rules: readonly (DocumentRule & { readonly broken: (asked: Asked) => readonly Finding[] })[],
  asked: Asked,
): readonly Found[] {
  const all: Found[] = []
  for (const rule of rules) {
    const findings = rule.broken(asked)
    if (findings.length > 0) all.push({ rule, findings })
  }
  return all
}
