/** Every issue of a document, or of a resource that stands alone, with what a terminology server says of its codes. */

import { examine, judged, type Checks, type Policy } from './check/check.ts'
import { formIssues } from './check/form.ts'
import { examineResource } from './check/resource.ts'
import { afterAnswers, openIssues, type Examination } from './check/terminology/questions.ts'
import type { Issue } from './fhir/issue.ts'
import type { Bundle, Resource } from './fhir/types.ts'
import type { Now, TerminologyServer } from './ports.ts'
import { brokenIn } from './sign/broken.ts'
import { verify } from './sign/verify.ts'

/** What issues are found by. */
export interface Judging {
  readonly checks: Checks
  readonly policy: Policy
}

/** What of the edge finding issues needs. */
export interface Inspector extends Now {
  /** Judges codes that the definitions at hand cannot. */
  readonly terminology?: TerminologyServer
  /** Runs a stage; a place to measure it. */
  readonly observe: <T>(stage: 'check' | 'verify', work: () => T) => T
}

/** Every issue of a document, or of any Bundle; that its signature does not hold is one too. */
export async function inspect(
  bundle: Bundle,
  judging: Judging,
  edge: Inspector,
  profiles: readonly string[] = [],
): Promise<readonly Issue[]> {
  return [...(await issuesIn(bundle, judging, edge, profiles)), ...(await brokenSignatures(bundle, edge))]
}

/** Every issue of a resource that stands alone. */
export function inspectResource(
  resource: Resource,
  { checks, policy }: Judging,
  edge: Inspector,
  profiles: readonly string[] = [],
): Promise<readonly Issue[]> {
  return edge.observe('check', () => {
    const found = examineResource(resource, checks, { policy, profiles, ...asking(edge) })
    return settled(found, policy, edge)
  })
}

/** Every issue of a Bundle by the rules. */
export function issuesIn(
  bundle: Bundle,
  { checks, policy }: Judging,
  edge: Inspector,
  profiles: readonly string[] = [],
): Promise<readonly Issue[]> {
  return edge.observe('check', () => {
    const found = examine(bundle, checks, { policy, profiles, ...asking(edge) })
    return settled(found, policy, edge)
  })
}

function asking({ terminology }: Inspector): { readonly asks?: 'server' } {
  return terminology === undefined ? {} : { asks: 'server' }
}

/** What was found, with what the terminology server says of the codes that could not be judged. */
async function settled(
  { issues, questions }: Examination,
  policy: Policy,
  { terminology }: Inspector,
): Promise<readonly Issue[]> {
  if (questions.length === 0) return issues
  if (terminology === undefined) return [...issues, ...judged(openIssues(questions), policy)]
  return [...issues, ...judged(afterAnswers(questions, await terminology.judge(questions)), policy)]
}

async function brokenSignatures(bundle: Bundle, edge: Inspector): Promise<readonly Issue[]> {
  if (bundle.signature === undefined) return []
  return brokenIn(await edge.observe('verify', () => verify(bundle, { at: edge.now() })))
}

/** Every place where a resource by itself has not the form that its definition gives it. */
export function formOf(resource: Resource, { checks }: Judging): readonly Issue[] {
  return formIssues(resource, checks.definitions)
}
