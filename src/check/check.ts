/** 2 check: every issue of a document at once, by rules that are rows. @see https://hl7.org/fhir/R4/documents.html */

import type { Definitions } from '../fhir/definitions.ts'
import { FhirError } from '../fhir/error.ts'
import { isError, type Issue, type Severity } from '../fhir/issue.ts'
import type { Bundle, Checked } from '../fhir/types.ts'
import { dispatch, type Dispatch } from './dispatch.ts'
import { documentFindings } from './document-findings.ts'
import { elementFindings } from './elements.ts'
import { openProfiles, profileIssues, type Profiles } from './profile/profiles.ts'
import { publishedRules } from './published.ts'
import type { DocumentRule, Finding, Rule } from './rule.ts'
import { ownRules } from './rules.ts'
import { subjectOf } from './subject.ts'
import { systemQuestions } from './terminology/asking.ts'
import { localTerminology } from './terminology/local.ts'
import { openIssues, type Examination } from './terminology/questions.ts'

/** By rule, the severity that a deployment gives it. */
export type Policy = Readonly<Record<string, Severity | 'off'>>

/** Definitions and the rules that stand on them. */
export interface Checks {
  readonly definitions: Definitions
  readonly rules: readonly Rule[]
  readonly documentRules: readonly DocumentRule[]
  /** The rules to ask for an element. */
  readonly elementRules: Dispatch
  /** Compiled as they are asked for. */
  readonly profiles: Profiles
}

/** Our own rules and the published ones of the definitions. @throws TypeError where a constraint has no FHIRPath */
export function compileChecks(definitions: Definitions): Checks {
  const rules = [...ownRules, ...publishedRules(definitions)]
  return {
    definitions,
    rules,
    documentRules: rules.filter((rule) => 'broken' in rule),
    elementRules: dispatch(rules.filter((rule) => 'at' in rule)),
    profiles: openProfiles(definitions, localTerminology(definitions.library)),
  }
}

export interface CheckOptions {
  readonly policy?: Policy
  /** Canonicals of profiles that the Bundle or its Composition is to keep, beside those that its resources name. */
  readonly profiles?: readonly string[]
  /** There is a terminology server to ask about the codes of systems that are not at hand. */
  readonly asks?: 'server'
}

/** Every issue of a Bundle: those of the document as a whole first, then in the order of the elements. */
export function check(bundle: Bundle, checks: Checks, options: CheckOptions = {}): readonly Issue[] {
  const { issues, questions } = examine(bundle, checks, options)
  return [...issues, ...judged(openIssues(questions), options.policy)]
}

/** Issues with the severity that a deployment gives them. */
export function judged(issues: readonly Issue[], policy: Policy = {}): readonly Issue[] {
  const found = collector(policy)
  for (const issue of issues) found.tell(issue)
  return found.issues
}

/** Every issue of a Bundle, and what could not be told of its codes here. */
export function examine(
  bundle: Bundle,
  checks: Checks,
  { policy = {}, profiles = [], asks }: CheckOptions = {},
): Examination {
  const document = subjectOf(bundle, checks.definitions)
  const found = collector(policy)
  for (const { rule, findings } of documentFindings(document, checks.documentRules)) found.add(rule, findings)
  for (const { rule, findings } of elementFindings(document, checks)) found.add(rule, findings)
  const ofResources = found.issues.filter(({ rule = '' }) => !documentScope.has(rule))
  const ofProfiles = profileIssues(document, checks.profiles, { profiles, issues: ofResources })
  for (const issue of ofProfiles.issues) found.tell(issue)
  const ofSystems = asks === 'server' ? systemQuestions(document.contents) : []
  return { issues: found.issues, questions: [...ofProfiles.questions, ...ofSystems] }
}

/** More findings than these are not told of one rule: what is sent may be made of faults alone. */
const maxFindings = 5000
const TOO_MANY = `This rule is broken in more places than the ${maxFindings} that are listed`

interface Collector {
  readonly issues: readonly Issue[]
  readonly add: (rule: Rule, findings: readonly Finding[]) => void
  readonly tell: (issue: Issue) => void
}

/** The issues of findings in their order; where a rule has too many, its last one says so. */
function collector(policy: Policy): Collector {
  const issues: Issue[] = []
  const counts = new Map<string, number>()
  const tell = (issue: Issue): void => {
    const { rule = '' } = issue
    const chosen = policy[rule] ?? issue.severity
    const count = (counts.get(rule) ?? 0) + 1
    counts.set(rule, count)
    if (chosen === 'off' || count > maxFindings + 1) return
    const isAsGiven = chosen === issue.severity && count <= maxFindings
    issues.push(isAsGiven ? issue : { ...issue, severity: chosen, ...(count > maxFindings && { text: TOO_MANY }) })
  }
  return { issues, tell, add: (rule, findings) => findings.forEach((finding) => tell(issueOf(rule, finding))) }
}

function issueOf({ id, severity, code, human, source }: Rule, { expression, text = human }: Finding): Issue {
  return { severity, code, text, expression, rule: id, source }
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
const harmless: ReadonlySet<string> = new Set(ownRules.filter(({ blocks }) => blocks === false).map(({ id }) => id))
/** Inside a resource other than the Composition, which is the first. */
const INSIDE = /^Bundle\.entry\[[1-9]\d*\]\.resource(?:\.|$)/

/**
 * Whether an issue is about the document as a whole: by its rule, or because it lies in the Bundle or its Composition.
 * What a profile asks, and what a rule tells that blocks nothing, is no more than that.
 */
function concernsDocument({ rule, expression, profile }: Issue): boolean {
  if (profile !== undefined || (rule !== undefined && harmless.has(rule))) return false
  return (rule !== undefined && documentScope.has(rule)) || expression === undefined || !INSIDE.test(expression)
}
