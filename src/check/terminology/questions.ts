/** What the definitions at hand leave open about codes: told as information, and settled where a terminology server answers. */

import type { Issue } from '../../fhir/issue.ts'
import type { CodeQuestion } from '../../ports.ts'
import type { CodeVerdict } from '../profile/terminology.ts'
import { PROFILE_RULES } from '../profile/rules.ts'

/** A question, and what is wrong where the answer is no. */
export interface OpenQuestion extends CodeQuestion {
  readonly issue: Issue
}

/** What is wrong, and what could not be told. */
export interface Examination {
  readonly issues: readonly Issue[]
  readonly questions: readonly OpenQuestion[]
}

/** One issue for each value set, or code system, about which questions stay open. */
export function openIssues(questions: readonly OpenQuestion[], why = NOT_AT_HAND): readonly Issue[] {
  const bySet = Map.groupBy(questions, ({ valueSet, codings: [first] }) => valueSet ?? `${first?.system} `)
  return [...bySet].map(([name, own]) => {
    const [first] = own
    const isSystem = first?.valueSet === undefined
    const codes = own.length === 1 ? 'A code is' : `${own.length} codes are`
    return {
      severity: 'information',
      code: 'informational',
      text: `${codes} not judged by the ${isSystem ? 'code system' : 'value set'} ${name.trim()}: ${why}`,
      ...(first?.issue.expression !== undefined && { expression: first.issue.expression }),
      rule: 'binding-open',
      source: PROFILE_RULES['binding-open'].source,
    }
  })
}

const NOT_AT_HAND = 'its codes are not all at hand'
const NO_ANSWER = 'the terminology server could not say'

/** The issues that remain once a server has answered, in the order of the questions: those of the answer no, then what stays open. */
export function afterAnswers(questions: readonly OpenQuestion[], answers: readonly CodeVerdict[]): readonly Issue[] {
  const wrong = questions.filter((_, index) => answers[index] === 'out').map(({ issue }) => issue)
  const open = questions.filter((_, index) => (answers[index] ?? 'unknown') === 'unknown')
  return [...wrong, ...openIssues(open, NO_ANSWER)]
}
