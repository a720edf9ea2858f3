/** What profiles found, as issues and questions of the document that it was found in. */

import type { Issue } from '../../fhir/issue.ts'
import { lastingMemo } from '../../fhir/memo.ts'
import type { Expression, Resource } from '../../fhir/types.ts'
import type { Examination, OpenQuestion } from '../terminology/questions.ts'
import { rootOf, stepsTo, type Place } from './place.ts'
import type { ProfileFinding } from './run.ts'

/** By resource that is a root, where it stands. */
export type Expressions = ReadonlyMap<Resource, Expression>

/** Where a place is in the document. */
export function expressionOf(place: Place, expressions: Expressions): Expression {
  return (expressions.get(rootOf(place).resource) ?? 'Bundle') + stepsTo(place)
}

/** A finding as an issue of a document, and what no two issues share. */
interface Told {
  readonly issue: Issue
  readonly key: string
}

/** The latest of each finding, which comes again with the resource that it was found in, most often at the same place. */
const latest = lastingMemo<ProfileFinding, Told>()

function toldAt(found: ProfileFinding, expression: Expression): Told {
  const known = latest.get(found)
  if (known?.issue.expression === expression) return known
  const { severity, code, rule, text, profile } = found
  const issue = { severity, code, text, expression, rule, source: profile, profile }
  const told = { issue, key: `${rule} ${expression} ${text}` }
  latest.set(found, told)
  return told
}

/** Each finding once, as an issue; those that are questions as one for each value set. */
export function told(found: readonly ProfileFinding[], expressions: Expressions): Examination {
  const issues = new Map<string, Issue>()
  const questions = new Map<string, OpenQuestion>()
  for (const one of found) {
    const { question } = one
    const said = question?.out ?? one
    const { issue, key } = toldAt(said, expressionOf(said.place, expressions))
    if (question === undefined) {
      if (!issues.has(key)) issues.set(key, issue)
    } else if (!questions.has(key)) {
      questions.set(key, { valueSet: question.valueSet, codings: question.codings, issue })
    }
  }
  return { issues: [...issues.values()], questions: [...questions.values()] }
}
