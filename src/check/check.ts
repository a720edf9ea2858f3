/** 2 check: every issue of a document at once, by rules that are rows. @see https://hl7.org/fhir/R4/documents.html */

import type { Definitions } from '../fhir/definitions.ts'
import { FhirError } from '../fhir/error.ts'
import { isError, type Issue, type Severity } from '../fhir/issue.ts'
import type { Bundle, Checked } from '../fhir/types.ts'
import { expressionOf, walk, type Node } from '../fhir/walk.ts'
import { dispatch, type Dispatch } from './dispatch.ts'
import { publishedRules } from './published.ts'
import type { DocumentRule, Finding, Rule } from './rule.ts'
import { ownRules } from './rules.ts'
import { subjectOf } from './subject.ts'

/** By rule, the severity that a deployment gives it. */
export type Policy = Readonly<Record<string, Severity | 'off'>>

/** Definitions and the rules that stand on them. */
export interface Checks {
  readonly definitions: Definitions
  readonly rules: readonly Rule[]
  readonly documentRules: readonly DocumentRule[]
  /** The rules to ask for an element. */
  readonly elementRules: Dispatch
}

/** Our own rules and the published ones of the definitions. @throws TypeError where a constraint has no FHIRPath */
export function compileChecks(definitions: Definitions): Checks {
  const rules = [...ownRules, ...publishedRules(definitions)]
  return {
    definitions,
    rules,
    documentRules: rules.filter((rule) => 'broken' in rule),
    elementRules: dispatch(rules.filter((rule) => 'at' in rule)),
  }
}

/** Every issue of a Bundle: those of the document as a whole first, then in the order of the elements. */
export function check(
  bundle: Bundle,
  checks: Checks,
  { policy = {} }: { readonly policy?: Policy } = {},
): readonly Issue[] {
  const document = subjectOf(bundle, checks.definitions)
  const found = collector(policy)
  for (const rule of checks.documentRules) {
    if (policy[rule.id] !== 'off') found.add(rule, rule.broken(document))
  }
  walk(document.bundle, checks.definitions.model, (node) => {
    for (const rule of checks.elementRules(node)) {
      if (policy[rule.id] === 'off') continue
      const answer = rule.breaks(node, document)
      if (answer !== false) found.add(rule, findingsOf(answer, node))
    }
  })
  return found.issues
}

/** More findings than these are not told of one rule: what is sent may be made of faults alone. */
const maxFindings = 5000

interface Collector {
  readonly issues: readonly Issue[]
  readonly add: (rule: Rule, findings: readonly Finding[]) => void
}

/** The issues of findings in their order; where a rule has too many, its last one says so. */
function collector(policy: Policy): Collector {
  const issues: Issue[] = []
  const counts = new Map<string, number>()
  const add = (rule: Rule, findings: readonly Finding[]): void => {
    for (const finding of findings) {
      const count = (counts.get(rule.id) ?? 0) + 1
      counts.set(rule.id, count)
      if (count > maxFindings + 1) return
      const more = `This rule is broken in more places than the ${maxFindings} that are listed`
      issues.push(issueOf(rule, count > maxFindings ? { ...finding, text: more } : finding, policy))
    }
  }
  return { issues, add }
}

function findingsOf(answer: true | string | readonly Finding[], node: Node): readonly Finding[] {
  if (typeof answer === 'object') return answer
  return [{ expression: expressionOf(node), ...(typeof answer === 'string' && { text: answer }) }]
}

function issueOf(
  { id, severity, code, human, source }: Rule,
  { expression, text = human }: Finding,
  policy: Policy,
): Issue {
  const chosen = policy[id] ?? severity
  return { severity: chosen === 'off' ? severity : chosen, code, text, expression, rule: id, source }
}

/**
 * The Bundle as one that may be signed and rendered: nothing in it blocks.
 * @throws FhirError with all issues, where one blocks
 */
export function pass(bundle: Bundle, issues: readonly Issue[], block: 'document' | 'any'): Checked {
  const [first, ...rest] = issues
  const blocked = issues.some((issue) => isError(issue) && (block === 'any' || concernsDocument(issue)))
  if (blocked && first !== undefined) throw new FhirError([first, ...rest])
  return bundle as Checked
}

const documentScope: ReadonlySet<string> = new Set(
  ownRules.filter(({ scope }) => scope === 'document').map(({ id }) => id),
)
/** Inside a resource other than the Composition, which is the first. */
const INSIDE = /^Bundle\.entry\[[1-9]\d*\]\.resource(?:\.|$)/

/** Whether an issue is about the document as a whole: by its rule, or because it lies in the Bundle or its Composition. */
function concernsDocument({ rule, expression }: Issue): boolean {
  return (rule !== undefined && documentScope.has(rule)) || expression === undefined || !INSIDE.test(expression)
}
