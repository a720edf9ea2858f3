/** Text that a print does not show whole is an issue that names its section. */

import { expect, it } from 'vitest'
import { clippedIssues } from '../../src/render/clipped.ts'

it('what is clipped is one error for each section, at its place', () => {
  const issues = clippedIssues([
    { section: 'section-2-1', title: 'Course', text: 'on 3 March' },
    { section: 'section-2-1', title: 'Course', text: 'on 4 March' },
    { section: '', title: '', text: 'Clara' },
  ])
  expect(issues).toEqual([
    {
      severity: 'error',
      code: 'incomplete',
      text: 'Some text of the section Course does not show whole in print, expected all of “on 3 March” and 1 more',
      expression: 'Bundle.entry[0].resource.section[1].section[0]',
      rule: 'clipped-text',
    },
    expect.objectContaining({
      text: 'Some text does not show whole in print, expected all of “Clara”',
      expression: 'Bundle.entry[0].resource',
    }),
  ])
  expect(clippedIssues([])).toEqual([])
})
