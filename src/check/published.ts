/** The published invariants as rules: read from the definitions, evaluated as FHIRPath, kept only where the result is true. */

import type { Definitions, Invariant } from '../fhir/definitions.ts'
import { compilePath, type Path } from '../fhir/path.ts'
import { resolve } from '../fhir/reference.ts'
import { isObject } from '../fhir/types.ts'
import type { Node } from '../fhir/walk.ts'
import { errata } from './errata.ts'
import { expressions } from './expressions.ts'
import type { ElementRule, Subject } from './rule.ts'

/** Rows of these are kept by rules of ours that read the same element: the strict tokenizer of narrative. */
const ELSEWHERE = new Set(['txt-1', 'txt-2'])

/** The rules that the definitions publish. @throws TypeError where a constraint has no FHIRPath */
export function publishedRules({ invariants }: Definitions): readonly ElementRule[] {
  return invariants.filter(({ key }) => !ELSEWHERE.has(key)).map(published)
}

/** Places that a rule is not meant for. */
const EXEMPT: Readonly<Record<string, (node: Node) => boolean>> = {
  // A Provenance that signs the document names it so, as R6 prescribes.
  'ref-1': ({ value, name, parent }) =>
    name === 'target' && parent?.type === 'Provenance' && isObject(value) && value['reference'] === '#/',
}

/** What an expression asks of more than its resource: other resources, and the clock. */
const OUTWARD = /\b(?:resolve|now|today|timeOfDay)\s*\(/

function published(invariant: Invariant): ElementRule {
  const { key, severity, human, at, owner } = invariant
  const expression = corrected(invariant)
  const text = {
    id: key,
    severity,
    code: 'invariant',
    scope: 'resource',
    human: human.replace(/\.$/, ''),
    source: sourceOf(owner),
    at,
  } as const
  const breaks = breaking(expression, EXEMPT[key])
  return OUTWARD.test(expression) ? { ...text, looks: 'document', breaks } : { ...text, looks: 'resource', breaks }
}

/** The text that is evaluated: the published one, or its correction. @throws TypeError where there is none */
export function corrected({ key, expression }: Invariant): string {
  if (expression === undefined) throw new TypeError(`The constraint ${key} has no FHIRPath`)
  return errata.find(({ id, published }) => key.endsWith(id) && published === expression)?.corrected ?? expression
}

/** What `resolve()` needs is there only where the expression has it. */
type Surroundings = Pick<Subject, 'definitions'> & Partial<Pick<Subject, 'index' | 'entryOf'>>
type Breaks = (node: Node, surroundings: Surroundings) => boolean

/** Whether an element breaks an expression: by our own code for it where there is some and it can say, else by FHIRPath. */
function breaking(expression: string, exempt: ((node: Node) => boolean) | undefined): Breaks {
  const own = expressions[expression]
  const paths = new Map<string | undefined, Path>()
  return (node, document) => {
    if (exempt?.(node) === true) return false
    const kept = own?.(node, document.definitions.model)
    if (kept !== undefined) return !kept
    const base = node.value === node.resource ? undefined : node.type
    let path = paths.get(base)
    if (path === undefined) paths.set(base, (path = compilePath(expression, base, document.definitions.paths)))
    return !isTrue(path, node, document)
  }
}

/** Whether the one result is true; what cannot be evaluated is not. */
function isTrue(path: Path, node: Node, document: Surroundings): boolean {
  const { value, resource, container } = node
  try {
    const result = path(value, {
      resource,
      rootResource: container,
      resolve: (reference) => target(reference, node, document),
    })
    return result.length === 1 && result[0] === true
  } catch {
    return false
  }
}

function target(reference: string, { container }: Node, { index, entryOf }: Surroundings): unknown {
  if (index === undefined) return undefined
  const found = resolve(index, reference, { fullUrl: entryOf?.(container)?.entry.fullUrl, container })
  if (found.outcome === 'contained') return found.contained
  return found.outcome === 'entry' ? (found.contained ?? found.entry.resource) : undefined
}

/** The pages of datatypes that have one of their own. */
const PAGES: Readonly<Record<string, string>> = {
  Element: 'element.html',
  Extension: 'extensibility.html#Extension',
  Reference: 'references.html#Reference',
  Narrative: 'narrative.html#Narrative',
  Dosage: 'dosage.html#Dosage',
  ElementDefinition: 'elementdefinition.html#ElementDefinition',
}
const METADATA = new Set([
  'ContactDetail',
  'Contributor',
  'DataRequirement',
  'Expression',
  'ParameterDefinition',
  'RelatedArtifact',
  'TriggerDefinition',
  'UsageContext',
])

function sourceOf(type: string): string {
  return `https://hl7.org/fhir/R4/${PAGES[type] ?? (METADATA.has(type) ? `metadatatypes.html#${type}` : DATATYPES.has(type) ? `datatypes.html#${type}` : `${type.toLowerCase()}.html`)}`
}
const DATATYPES = new Set([
  'Age',
  'Attachment',
  'ContactPoint',
  'Count',
  'Distance',
  'Duration',
  'Money',
  'Period',
  'Quantity',
  'Range',
  'Ratio',
  'SampledData',
  'Timing',
])
