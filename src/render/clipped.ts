/** What a print does not show whole (H-12), as issues: nothing that was attested is missed silently. */

import type { Expression } from '../fhir/types.ts'
import type { Issue } from '../fhir/issue.ts'
import type { Clipped } from '../ports.ts'
import { SECTION } from './anchors.ts'

/** One issue for each section with such text. */
export function clippedIssues(clipped: readonly Clipped[]): readonly Issue[] {
  const bySection = Map.groupBy(clipped, ({ section }) => section)
  return [...bySection].map(([section, found]): Issue => {
    const [{ title, text } = { title: '', text: '' }] = found
    const where = title === '' ? 'Some text' : `Some text of the section ${title}`
    const more = found.length === 1 ? '' : ` and ${found.length - 1} more`
    return {
      severity: 'error',
      code: 'incomplete',
      text: `${where} does not show whole in print, expected all of “${text}”${more}`,
      expression: expressionOf(section),
      rule: 'clipped-text',
    }
  })
}

const COMPOSITION = 'Bundle.entry[0].resource'

/** `section-1-2` is the second section below the first. */
function expressionOf(id: string): Expression {
  if (!new RegExp(`^${SECTION}(?:-\\d+)+$`).test(id)) return COMPOSITION
  const steps = id
    .slice(SECTION.length + 1)
    .split('-')
    .map((place) => `.section[${Number(place) - 1}]`)
  return `${COMPOSITION}${steps.join('')}`
}
