/** One resource by itself: the rules that are about resources, and the profiles that it names or that are asked for. */

import type { Issue } from '../fhir/issue.ts'
import { isBundle, type Bundle, type Resource } from '../fhir/types.ts'
import { examine, judged, type Checks, type CheckOptions } from './check.ts'
import { ownRules } from './rules.ts'
import { openIssues, type Examination } from './terminology/questions.ts'

const ROOT = 'Bundle.entry[0].resource'

/** Every issue of a resource that stands in no Bundle, expressions beginning with its type; of a Bundle what it is to keep as one of its kind. */
export function checkResource(resource: Resource, checks: Checks, options: CheckOptions = {}): readonly Issue[] {
  const { issues, questions } = examineResource(resource, checks, options)
  return [...issues, ...judged(openIssues(questions), options.policy)]
}

/** The same, with what could not be told of its codes here. */
export function examineResource(resource: Resource, checks: Checks, options: CheckOptions = {}): Examination {
  if (isBundle(resource)) return examineBundle(resource, checks, options)
  const alone: Bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource }] }
  const { issues, questions } = examine(alone, checks, options)
  const own = (issue: Issue): readonly Issue[] => {
    const { rule = '', expression = '' } = issue
    if (notAsked.has(rule) || !expression.startsWith(ROOT)) return []
    return [{ ...issue, expression: resource.resourceType + expression.slice(ROOT.length) }]
  }
  return {
    issues: issues.flatMap(own),
    questions: questions.flatMap((one) => own(one.issue).map((issue) => ({ ...one, issue }))),
  }
}

/** A Bundle that is no document need not become one, and its fullUrls are those of its servers. */
const OF_DOCUMENTS: ReadonlySet<string> = new Set(['document-type', 'full-url-id', 'reference-base'])

function examineBundle(bundle: Bundle, checks: Checks, options: CheckOptions): Examination {
  const { issues, questions } = examine(bundle, checks, options)
  const own = bundle.type === 'document' ? issues : issues.filter(({ rule = '' }) => !OF_DOCUMENTS.has(rule))
  return { issues: own, questions }
}

/** What a resource alone refers to is elsewhere, and its references have no base. */
const OF_OTHERS = ['reference-base', 'reference-outside', 'reference-version', 'reference-ambiguous']

const notAsked: ReadonlySet<string> = new Set([
  ...ownRules.filter(({ scope }) => scope === 'document').map(({ id }) => id),
  ...OF_OTHERS,
])
