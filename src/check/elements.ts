/** The element rules over a Bundle: what they find in a resource by itself is found once and remembered. */

import { memoFor, type Memo } from '../fhir/memo.ts'
import { isResource } from '../fhir/types.ts'
import { expressionOf, SELF, walk, type Node } from '../fhir/walk.ts'
import { entryOfResource, placedFindings } from './content.ts'
import type { Dispatch } from './dispatch.ts'
import type { Content, DocumentElementRule, ElementRule, ElementVerdict, Finding, Subject } from './rule.ts'

export interface Found {
  readonly rule: ElementRule
  readonly findings: readonly Finding[]
}

/** What one rule said of an element, or that it is still to be asked in each document. */
type Step = Found | { readonly rule: DocumentElementRule; readonly node: Node }

interface Asking {
  readonly elementRules: Dispatch
}

const NONE: readonly Finding[] = []

/** What the rules find, in the order of the elements. */
export function elementFindings(document: Subject, asking: Asking): readonly Found[] {
  const found: Found[] = []
  const contents = new Map(document.contents.map((placed) => [placed.index, placed]))
  walk(document.bundle, document.definitions.model, (node) => {
    const placed = isResource(node.value) ? contents.get(entryOfResource(node) ?? -1) : undefined
    if (placed !== undefined) {
      for (const { rule, findings } of stepsOf(placed.content, asking).map((step) => taken(step, document)))
        if (findings.length > 0) found.push({ rule, findings: placedFindings(findings, placed.root) })
      return false
    }
    for (const rule of asking.elementRules(node)) {
      const findings = findingsOf(rule.breaks(node, document), node)
      if (findings.length > 0) found.push({ rule, findings })
    }
    return undefined
  })
  return found
}

function taken(step: Step, document: Subject): Found {
  const { rule } = step
  return 'node' in step ? { rule, findings: findingsOf(step.rule.breaks(step.node, document), step.node) } : step
}

const memos = new WeakMap<Asking, Memo<Content, readonly Step[]>>()

/** The answers of the rules that look at the resource alone, and the questions of those that look at the document. */
function stepsOf(content: Content, asking: Asking): readonly Step[] {
  const memo = memoFor(memos, asking)
  const known = memo.get(content)
  if (known !== undefined) return known
  const steps: Step[] = []
  const ask = (node: Node): void => {
    for (const rule of asking.elementRules(node)) {
      if (rule.looks === 'document') steps.push({ rule, node })
      else {
        const findings = findingsOf(rule.breaks(node, content), node)
        if (findings.length > 0) steps.push({ rule, findings })
      }
    }
  }
  walk(content.resource, content.definitions.model, ask, SELF)
  memo.set(content, steps)
  return steps
}

function findingsOf(answer: ElementVerdict, node: Node): readonly Finding[] {
  if (answer === false) return NONE
  if (typeof answer === 'object') return answer
  return [{ expression: expressionOf(node), ...(typeof answer === 'string' && { text: answer }) }]
}
