/** Following a graph: from the Composition along its links, once what the Composition itself refers to is in. */

import { plain } from '../fhir/decimal.ts'
import type { Issue, IssueCode } from '../fhir/issue.ts'
import type { Found } from '../ports.ts'
import { brokenRule } from './graph-compartment.ts'
import { targetsIn, type Graph, type GraphLink, type GraphTarget } from './graph.ts'
import { isGuess } from './matching.ts'
import { nameOf, type Member, type Outcome, type Place } from './member.ts'
import { learnPatients } from './same-patient.ts'
import { admit, memberFor, type State } from './state.ts'

/** A link to follow from a resource that stands at a node of the graph. */
interface Step {
  readonly member: Member
  readonly link: GraphLink
}

/** A resource that is in the document, at a node of the graph. */
interface Arrival {
  readonly member: Member
  readonly target: GraphTarget
}

/** What a search of the graph found: it comes in where something in the document refers to it. */
interface Candidate {
  readonly found: Found
  readonly target: GraphTarget
  readonly from: Member
}

export interface GraphWalk {
  /** Whether following the graph as far as it can be followed now has brought anything in. */
  readonly follow: (state: State) => Promise<boolean>
  /** What the graph demands and does not have. What its searches found and nothing refers to goes into the receipt. */
  readonly finish: (state: State) => readonly Issue[]
}

/** A walk along a graph for one document. @see https://hl7.org/fhir/R4/documents.html#content */
export function graphWalk(graph: Graph): GraphWalk {
  const issues: Issue[] = profilesOf(graph)
  const walked = new Map<Member, Set<GraphLink>>()
  let candidates: readonly Candidate[] = []
  const stepsFrom = (member: Member, links: readonly GraphLink[]): readonly Step[] => {
    const done = walked.get(member) ?? new Set()
    walked.set(member, done)
    const open = links.filter((link) => !done.has(link))
    for (const link of open) done.add(link)
    return open.map((link) => ({ member, link }))
  }
  const take = async (state: State, step: Step): Promise<readonly Arrival[]> => {
    const [byPath, bySearch] = [await followPath(state, step, issues), await searchFor(state, step)]
    candidates = [...candidates, ...bySearch]
    issues.push(...countIssues(step, byPath.length + bySearch.length))
    return byPath
  }
  const follow = async (state: State): Promise<boolean> => {
    const before = state.members.length
    let steps = state.members.slice(0, 1).flatMap((composition) => stepsFrom(composition, graph.links))
    do {
      const arrivals: Arrival[] = []
      for (const step of steps) arrivals.push(...(await take(state, step)))
      const { taken, others } = await takeReferred(state, candidates, issues)
      candidates = others
      steps = [...arrivals, ...taken].flatMap(({ member, target }) => stepsFrom(member, target.links))
    } while (steps.length > 0)
    return state.members.length > before
  }
  const finish = (state: State): readonly Issue[] => {
    for (const { found } of candidates)
      state.leftOut.set(nameOf(found), `the graph ${graph.name} finds it, but nothing in the document refers to it`)
    return issues
  }
  return { follow, finish }
}

/** Follows the references that the path of a link gives. */
async function followPath(state: State, { member, link }: Step, issues: Issue[]): Promise<readonly Arrival[]> {
  const targets = link.targets.filter(({ params }) => params === undefined)
  if (link.path === undefined || targets.length === 0) return []
  const texts = new Set(
    link.path(plain(member.found.resource), { resource: plain(member.found.resource) }).flatMap(literal),
  )
  const places = member.places.filter(({ kind, occurrence }) => kind !== 'link' && texts.has(occurrence.value))
  const open = places.filter(({ outcome, row }) => outcome === undefined && row.demand === 'match')
  const { lookup } = state.request
  await lookup.find(open.flatMap(({ wanted }) => wanted ?? []))
  const answers = open.map(({ wanted }) => (wanted === undefined ? [] : lookup.answer(wanted)))
  if (state.subjects !== undefined) await learnPatients(answers.flat(), state.subjects, state.request)
  for (const [at, place] of open.entries()) {
    const outcome = outcomeOf(state, { place, answers: answers[at] ?? [], targets }, issues)
    if (outcome !== undefined) place.outcome = outcome
  }
  return places.flatMap(({ outcome }) => (outcome?.decision === 'included' ? arrivalAt(outcome.target, targets) : []))
}

function literal(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  const isHolder = typeof value === 'object' && value !== null && 'reference' in value
  return isHolder && typeof value.reference === 'string' ? [value.reference] : []
}

function arrivalAt(member: Member, targets: readonly GraphTarget[]): readonly Arrival[] {
  const target = targets.find(({ type }) => type === member.found.resource.resourceType)
  return target === undefined ? [] : [{ member, target }]
}

interface Answered {
  readonly place: Place
  readonly answers: readonly Found[]
  readonly targets: readonly GraphTarget[]
}

/** What becomes of a reference that the graph follows; undefined where its target is none that the link is for. */
function outcomeOf(state: State, { place, answers, targets }: Answered, issues: Issue[]): Outcome | undefined {
  const { holder, way } = place
  const [found, another] = answers
  if (found === undefined) return { decision: 'missing', reason: 'no source has it' }
  if (another !== undefined) {
    const reason = `${answers.length} resources or versions answer to it`
    return { decision: 'refused', reason, rule: 'ambiguous-reference' }
  }
  const target = targets.find(({ type }) => type === found.resource.resourceType)
  if (target === undefined || !mayFollow({ found, target, from: holder }, state, issues)) return undefined
  const outcome = admit(state, {
    found,
    depth: holder.depth + 1,
    reason: 'the graph leads to it',
    isDirect: false,
    way,
  })
  return outcome.decision === 'included' && isGuess(place) ? { ...outcome, isGuess: true } : outcome
}

function mayFollow({ found, target, from }: Candidate, { request }: State, issues: Issue[]): boolean {
  const broken = brokenRule(target.compartments, { from: from.found, to: found }, request)
  if (broken === undefined) return true
  const whose = broken.isSame ? 'another patient than' : 'the same patient as'
  const text = `${nameOf(found)} is about ${whose} ${nameOf(from.found)}, against the graph`
  if (broken.use === 'requirement') issues.push(graphIssue(from, 'business-rule', text, 'graph-compartment'))
  return false
}

/** What the searches of a link find in any source that can search. */
async function searchFor(state: State, { member, link }: Step): Promise<readonly Candidate[]> {
  const { resourceType, id } = member.found.resource
  const found: Candidate[] = []
  for (const target of link.targets) {
    if (target.params === undefined || id === undefined) continue
    const query = target.params.replaceAll('{ref}', encodeURIComponent(`${resourceType}/${id}`)).replace(/^\?/, '')
    for (const source of state.request.sources) {
      const answers = (await source.search?.(target.type, query)) ?? []
      found.push(...answers.map((one) => ({ found: one, target, from: member })))
    }
  }
  return found
}

/** Of what was searched for, that which is in already, or which something in the document refers to. */
async function takeReferred(
  state: State,
  candidates: readonly Candidate[],
  issues: Issue[],
): Promise<{ readonly taken: readonly Arrival[]; readonly others: readonly Candidate[] }> {
  const taken: Arrival[] = []
  const others: Candidate[] = []
  const referred = placesByTarget(state)
  for (const candidate of candidates) {
    const { found, target, from } = candidate
    const place = namesOf(found).flatMap((name) => referred.get(name) ?? [])[0]
    const present = memberFor(state, found)
    if (present !== undefined) taken.push({ member: present, target })
    else if (place !== undefined && mayFollow(candidate, state, issues)) {
      if (state.subjects !== undefined) await learnPatients([found], state.subjects, state.request)
      const reason = 'the graph finds it, and the document refers to it'
      const outcome = admit(state, { found, depth: from.depth + 1, reason, isDirect: false, way: place.way })
      if (outcome.decision === 'included') taken.push({ member: outcome.target, target })
    } else if (place === undefined) others.push(candidate)
  }
  return { taken, others }
}

/** The references that were not followed, by what they name. */
function placesByTarget({ members }: State): ReadonlyMap<string, readonly Place[]> {
  const open = members.flatMap(({ places }) =>
    places.filter(
      ({ outcome, row, wanted }) => outcome === undefined && row.demand === 'match' && wanted !== undefined,
    ),
  )
  return Map.groupBy(open, ({ wanted }) => {
    const target = wanted?.target
    return target?.by === 'url' ? target.url : target?.by === 'id' ? `${target.type}/${target.id}` : ''
  })
}

function namesOf({ resource, url }: Found): readonly string[] {
  return url === undefined ? [`${resource.resourceType}/${resource.id ?? ''}`] : [url]
}

function countIssues({ member, link: { min, max, expression } }: Step, count: number): readonly Issue[] {
  const found = `${nameOf(member.found)} has ${count} targets of the link ${expression} of the graph`
  if (count < min) return [graphIssue(member, 'incomplete', `${found}, expected at least ${min}`, 'graph-min')]
  return count > max ? [graphIssue(member, 'business-rule', `${found}, expected at most ${max}`, 'graph-max')] : []
}

function graphIssue({ index }: Member, code: IssueCode, text: string, rule: string): Issue {
  const source = 'https://hl7.org/fhir/R4/graphdefinition.html'
  return { severity: 'error', code, text, expression: `Bundle.entry[${index}].resource`, rule, source }
}

function profilesOf({ name, links }: Graph): Issue[] {
  const profiles = new Set(targetsIn(links).flatMap(({ profile }) => profile ?? []))
  return [...profiles].map((profile) => ({
    severity: 'warning',
    code: 'not-supported',
    text: `The graph ${name} demands the profile ${profile}, which closure does not check, expected a check by profile`,
    rule: 'graph-profile',
  }))
}
