/**
 * The security labels of the whole document: as confidential as the most confidential resource in it.
 * @see https://hl7.org/fhir/R4/security-labels.html
 */

import type { Issue } from '../fhir/issue.ts'
import { elementModel, type Model } from '../fhir/model.ts'
import { isComposition, isObject, type Coding, type Meta, type Resource } from '../fhir/types.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'

/** From the least to the most confidential. @see https://terminology.hl7.org/CodeSystem-v3-Confidentiality.html */
const DEGREES: readonly (readonly [string, string])[] = [
  ['U', 'unrestricted'],
  ['L', 'low'],
  ['M', 'moderate'],
  ['N', 'normal'],
  ['R', 'restricted'],
  ['V', 'very restricted'],
]

/** The high-water mark of the confidentiality labels on all resources; undefined where there is none. */
export function highWaterMark(resources: readonly Resource[]): Coding | undefined {
  const degree = Math.max(-1, ...new Set(resources.map(degreeOf)))
  const [code, display] = DEGREES[degree] ?? []
  return code === undefined || display === undefined ? undefined : { system: SYSTEM, code, display }
}

/** The place among the degrees of the highest label of one resource, -1 for none. */
function degreeOf(resource: Resource): number {
  const codes = codingsOf(resource).flatMap(({ system, code }) => (system === SYSTEM ? [code] : []))
  const { confidentiality } = resource
  if (isComposition(resource) && typeof confidentiality === 'string') codes.push(confidentiality)
  return Math.max(-1, ...codes.map((code) => DEGREES.findIndex(([own]) => own === code)))
}

function codingsOf({ meta }: Resource): readonly Coding[] {
  const security = isObject(meta) ? meta.security : undefined
  return Array.isArray(security) ? security.filter(isObject) : []
}

export interface Labelling {
  /** What changes in the Composition. */
  readonly patch?: Partial<Resource>
  readonly issue?: Issue
}

const CLOSED: ReadonlySet<unknown> = new Set(['final', 'amended'])

/**
 * The mark brought into the Composition, whose label a signature covers where that of the Bundle is not covered. A
 * Composition that is attested, final or amended is not changed: a warning says that its own label is lower.
 */
export function labelled(composition: Resource, mark: Coding, model: Model): Labelling {
  if (degreeOf(composition) >= DEGREES.findIndex(([code]) => code === mark.code)) return {}
  if (composition['attester'] !== undefined || CLOSED.has(composition['status'])) return { issue: lowerLabel(mark) }
  const others = codingsOf(composition).filter(({ system }) => system !== SYSTEM)
  const meta: Meta = { ...composition.meta, security: [...others, mark] }
  const hasElement = elementModel(model, 'Composition', 'confidentiality') !== undefined
  return { patch: { meta, ...(hasElement && { confidentiality: mark.code }) } }
}

function lowerLabel({ code, display }: Coding): Issue {
  return {
    severity: 'warning',
    code: 'security',
    text: `The document holds data labelled ${code ?? ''} (${display ?? ''}), the Composition says less and is not changed because it is attested or final`,
    expression: 'Bundle.entry[0].resource',
    rule: 'high-water-mark',
    source: 'https://hl7.org/fhir/R4/security-labels.html',
  }
}
