/** The JSON form of one resource by itself: what a store asks before it takes one. @see https://hl7.org/fhir/R4/json.html */

import { plain } from '../fhir/decimal.ts'
import type { Definitions } from '../fhir/definitions.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Resource } from '../fhir/types.ts'
import { expressionOf, walk, type Node } from '../fhir/walk.ts'
import type { ElementRule, ElementVerdict, Finding } from './rule.ts'
import { structureRules } from './structure.ts'

/** More issues than these are not told of one resource. */
const maxIssues = 500

/** Every place where a resource, or one that it contains, has not the form that its definition gives it. */
export function formIssues(resource: Resource, definitions: Definitions): readonly Issue[] {
  const issues: Issue[] = []
  walk(plain(resource) as Resource, definitions.model, (node) => {
    if (node.value !== node.resource) return
    for (const rule of structureRules) {
      if (rule.looks !== 'resource') continue
      const findings = findingsOf(rule.breaks(node, { definitions, given: resource }), node)
      issues.push(...findings.map((finding) => issueOf(rule, finding)).slice(0, maxIssues - issues.length))
    }
  })
  return issues
}

function findingsOf(verdict: ElementVerdict, node: Node): readonly Finding[] {
  if (typeof verdict === 'object') return verdict
  if (verdict === false) return []
  return [{ expression: expressionOf(node), ...(typeof verdict === 'string' && { text: verdict }) }]
}

function issueOf({ id, severity, code, human, source }: ElementRule, { expression, text = human }: Finding): Issue {
  return { severity, code, text, expression, rule: id, source }
}
