/** The element rules over a Bundle: what they find in a resource by itself is found once and remembered. */

import { memoFor, type Memo } from '../fhir/memo.ts'
import { isResource } from '../fhir/types.ts'
import { expressionOf, SELF, walk, type Node } from '../fhir/walk.ts'
import { entryOfResource, placedFindings } from './content.ts'
import type { Dispatch } from './dispatch.ts'
import type {
  Content,
  DocumentElementRule,
  ElementRule,
  ElementVerdict,
  Finding,
  PlacedContent,
  Subject,
} from './rule.ts'

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
  const { bundle, definitions } = document
  const found: Found[] = []
  const add = (rule: ElementRule, findings: readonly Finding[]): void => {
    if (findings.length > 0) found.push({ rule, findings })
  }
  const contents = new Map<unknown, PlacedContent>()
  for (const placed of document.contents) contents.set(placed.index, placed)
  const addContent = ({ content, root }: PlacedContent): void => {
    for (const step of stepsOf(content, asking)) add(step.rule, placedFindings(findingsNow(step, document), root))
  }
  const sound = memoFor(soundEntries, asking)
  const told = new Set<number | undefined>()
  walk(bundle, definitions.model, (node) => {
    const place = entryPlace(node)
    if (place !== undefined && sound.has(node.value as object)) {
      const placed = contents.get(place)
      if (placed !== undefined) addContent(placed)
      return false
    }
    const placed = isResource(node.value) ? contents.get(entryOfResource(node)) : undefined
    if (placed !== undefined) {
      addContent(placed)
      return false
    }
    for (const rule of asking.elementRules(node)) {
      const findings = findingsOf(rule.breaks(node, document), node)
      if (findings.length > 0 || rule.looks === 'document') told.add(placeAbove(node))
      add(rule, findings)
    }
    return undefined
  })
  for (const { index } of document.contents) {
    const entry = bundle.entry?.[index]
    if (entry !== undefined && !told.has(index)) sound.set(entry, true)
  }
  return found
}

/** Entries in which nothing is wrong beside their resource, by the plain copy, which is the same for one that cannot change. */
const soundEntries = new WeakMap<Asking, Memo<object, true>>()

/** The place of a node that is an entry of the root Bundle. */
function entryPlace({ name, parent, index }: Node): number | undefined {
  return name === 'entry' && parent !== undefined && parent.parent === undefined ? index : undefined
}

/** The place of the entry that a node is in. */
function placeAbove(node: Node): number | undefined {
  return entryPlace(node) ?? (node.parent && placeAbove(node.parent))
}

function findingsNow(step: Step, document: Subject): readonly Finding[] {
  return 'node' in step ? findingsOf(step.rule.breaks(step.node, document), step.node) : step.findings
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
