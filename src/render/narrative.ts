/**
 * Narrative of any quality as harmless, well-formed XHTML: what is allowed stays, of the rest the text stays, and what
 * was taken away is told.
 * @see https://hl7.org/fhir/R4/narrative.html
 * @see https://hl7.org/fhir/R4/security.html#narrative
 */

import type { Issue } from '../fhir/issue.ts'
import type { Expression } from '../fhir/types.ts'
import { tokenize } from '../fhir/xhtml.ts'
import { newRemovals, type Removals } from './narrative-removals.ts'
import { buildTree } from './narrative-tree.ts'
import { writeTree, type WriteContext } from './narrative-write.ts'

/** Where a narrative goes on the page. */
export interface NarrativeContext extends WriteContext {
  /** Of the `div`, for issues. */
  readonly expression: Expression
  /** The class names that applied document stylesheets use; others than those and HL7's are left out. */
  readonly classes?: ReadonlySet<string>
}

export interface Harmless {
  /** One `div` without namespace declaration, fit for a page in XHTML, read by a parser of XML or of HTML alike. */
  readonly xhtml: string
  /**
   * At most one of each rule: `narrative-repaired` and `narrative-removed` are warnings, and mean that the page shows
   * less or other than what was attested; `narrative-presentation` is information about looks without meaning.
   */
  readonly issues: readonly Issue[]
}

/** A narrative as it may stand on a page. Any text is taken; the same input gives the same output. */
export function harmless(div: string, context: NarrativeContext): Harmless {
  const { tokens, faults } = tokenize(div)
  const removals = newRemovals()
  const tree = buildTree(tokens, { classes: context.classes ?? NONE, removals, styles: new Map() })
  const xhtml = writeTree(tree, context, removals)
  return { xhtml, issues: issuesOf(faults[0]?.text, removals, context.expression) }
}

const NONE: ReadonlySet<string> = new Set()
const NARRATIVE = 'https://hl7.org/fhir/R4/narrative.html'
const SECURITY = 'https://hl7.org/fhir/R4/security.html#narrative'

/** Of many, so many are named. */
const maxNamed = 12

function issuesOf(fault: string | undefined, removals: Removals, expression: Expression): readonly Issue[] {
  const issues: Issue[] = []
  if (fault !== undefined) {
    const text = `The narrative is not well-formed and is shown as far as it can be read: ${fault}`
    issues.push({
      severity: 'warning',
      code: 'structure',
      text,
      expression,
      rule: 'narrative-repaired',
      source: NARRATIVE,
    })
  }
  if (removals.content.size > 0) {
    const text = `Not shown as attested, since narrative may not have it: ${named(removals.content)}`
    issues.push({
      severity: 'warning',
      code: 'security',
      text,
      expression,
      rule: 'narrative-removed',
      source: SECURITY,
    })
  }
  if (removals.presentation.size > 0) {
    const text = `Looks that carry no meaning are left out: ${named(removals.presentation)}`
    issues.push({
      severity: 'information',
      code: 'informational',
      text,
      expression,
      rule: 'narrative-presentation',
      source: NARRATIVE,
    })
  }
  return issues
}

function named(names: ReadonlySet<string>): string {
  const more = names.size - maxNamed
  return [...names].slice(0, maxNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
