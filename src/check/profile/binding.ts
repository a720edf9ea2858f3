/** Bindings of a profile by their strength. @see https://hl7.org/fhir/R4/terminologies.html#strength */

import type { Binding, ElementDefinition, Structure } from '../../fhir/library.ts'
import { isObject, type Coding, type Json, type JsonObject } from '../../fhir/types.ts'
import { finding } from './finding.ts'
import type { Place } from './place.ts'
import type { ProfileRuleId } from './rules.ts'
import type { Check, Run } from './run.ts'
import type { CodeVerdict } from './terminology.ts'
import { described } from './values.ts'

/** The checks of a binding that says more than its base's. */
export function bindingChecks(
  { binding }: ElementDefinition,
  base: ElementDefinition | undefined,
  structure: Structure,
): readonly Check[] {
  if (binding === undefined) return []
  const { strength, valueSet, maxValueSet, additional = [] } = binding
  const isOwn = valueSet !== base?.binding?.valueSet || strength !== base?.binding?.strength
  const rows: (readonly [string | undefined, Demand])[] = [
    [isOwn ? valueSet : undefined, DEMANDS[strength]],
    [maxValueSet === base?.binding?.maxValueSet ? undefined : maxValueSet, DEMANDS.required],
    ...additional
      .filter(({ usage }) => usage === undefined)
      .map(({ purpose, valueSet: own }) => [own, ADDITIONAL[purpose]] as const),
  ]
  return rows.flatMap(([url, demand]) =>
    url === undefined || demand === undefined ? [] : [bindingCheck(url, demand, structure)],
  )
}

type Demand = ProfileRuleId | undefined

const DEMANDS: Readonly<Record<Binding['strength'], Demand>> = {
  required: 'profile-required-binding',
  extensible: 'profile-extensible-binding',
  preferred: undefined,
  example: undefined,
}

const ADDITIONAL: Readonly<Record<string, Demand>> = {
  maximum: DEMANDS.required,
  required: DEMANDS.required,
  extensible: DEMANDS.extensible,
}

function bindingCheck(valueSet: string, rule: ProfileRuleId, structure: Structure): Check {
  return (place, run, found) => {
    if (place.value === undefined) return
    const verdict = verdictOf(place, { valueSet, structure }, run)
    if (verdict === 'in') return
    const text = `There is ${described(place)}, expected a code of the value set ${valueSet}`
    const out = finding({ structure }, { rule, place, text })
    const codings = codingsOf(place)
    if (verdict === 'out') found.push(out)
    else if (codings.length > 0) found.push({ ...finding({ structure }, { rule: 'binding-open', place, text: '' }), question: { valueSet, codings, out } }) // prettier-ignore
  }
}

interface Bound {
  readonly valueSet: string
  readonly structure: Structure
}

/** Whether one of the codes of a value is of a value set. */
export function verdictOf(place: Place, { valueSet, structure }: Bound, run: Run): CodeVerdict {
  const codings = codingsOf(place)
  let verdict: CodeVerdict = codings.length === 0 && place.type !== 'CodeableConcept' ? 'unknown' : 'out'
  for (const coding of codings) {
    const own = run.terminology.judge(valueSet, coding, structure)
    if (own === 'in') return 'in'
    if (own === 'unknown') verdict = 'unknown'
  }
  return verdict
}

/** The codings of a code, Coding, CodeableConcept or Quantity. */
function codingsOf({ value }: Place): readonly Coding[] {
  if (typeof value === 'string') return [{ code: value }]
  if (!isObject(value)) return []
  const { coding, code } = value
  if (coding === undefined) return typeof code === 'string' ? [codingOf(value)] : []
  return Array.isArray(coding) ? (coding as readonly Json[]).filter(isObject).map(codingOf) : []
}

/** What is no text is for the base definitions to tell. */
function codingOf({ system, version, code, display }: JsonObject): Coding {
  return {
    ...(typeof system === 'string' && { system }),
    ...(typeof version === 'string' && { version }),
    ...(typeof code === 'string' && { code }),
    ...(typeof display === 'string' && { display }),
  }
}
