/** What cannot be judged here is told once for each value set, and settled by the answers of a server. */

import { expect, it } from 'vitest'
import { afterAnswers, openIssues, type OpenQuestion } from '../../../src/check/terminology/questions.ts'

const question = (valueSet: string | undefined, code: string): OpenQuestion => ({
  ...(valueSet !== undefined && { valueSet }),
  codings: [{ system: 'urn:s', code }],
  issue: { severity: 'error', code: 'code-invalid', text: `Not ${code}`, expression: `Bundle.${code}` },
})
const questions = [question('urn:v', 'a'), question('urn:v', 'b'), question(undefined, 'c')]

it('what stays open is one information for each value set and each code system', () => {
  expect(openIssues(questions).map(({ severity, text, expression }) => [severity, text, expression])).toEqual([
    ['information', '2 codes are not judged by the value set urn:v: its codes are not all at hand', 'Bundle.a'],
    ['information', 'A code is not judged by the code system urn:s: its codes are not all at hand', 'Bundle.c'],
  ])
})

it('an answer of no is the issue, one of yes nothing, and none is told', () => {
  expect(afterAnswers(questions, ['in', 'out', 'unknown']).map(({ text }) => text)).toEqual([
    'Not b',
    'A code is not judged by the code system urn:s: the terminology server could not say',
  ])
  expect(afterAnswers(questions, ['in', 'in', 'in'])).toEqual([])
})

it('an answer that is missing is no yes', () => {
  expect(afterAnswers(questions, []).map(({ severity }) => severity)).toEqual(['information', 'information'])
})
