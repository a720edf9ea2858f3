/** Treatments that a section lists more than once: never two as one, and never two that look alike without a word (H-11). */

import { stringify } from '../fhir/json.ts'
import type { Json, JsonObject, Resource } from '../fhir/types.ts'
import { differencesAmong } from './differing.ts'
import type { Document } from './document.ts'
import { marksBesideGenerated } from './marks.ts'
import { findTarget, wordingFor, type Target } from './refer.ts'
import type { Beside } from './blocks.ts'
import { joined, objects, plainText } from './wording.ts'

/** Types of which each entry is a treatment, not one act of it. */
const TREATMENTS = new Set(['MedicationStatement', 'MedicationRequest'])

/** A treatment as far as it is compared with others. */
interface Treatment {
  readonly target: Target
  /** `system|code`, or words where there is no code. */
  readonly names: ReadonlySet<string>
  /** What must agree before two may stand as one, by what it is called. */
  readonly aspects: ReadonlyMap<string, string>
  /** All that is said of it, but what tells one record from another. */
  readonly whole: string
}

export interface Treatments {
  /** Entries that another entry's row stands for. */
  readonly merged: ReadonlySet<Target>
  /** What is to be said beside an entry's row. */
  readonly beside: (target: Target) => Beside
}

/** How the treatments among the entries of a section relate to each other. */
export function treatmentsOf(targets: readonly Target[], document: Document): Treatments {
  const { phrase } = document.reader.parts
  const treatments = targets
    .filter(({ resource }) => TREATMENTS.has(resource.resourceType))
    .map((target) => treatmentOf(target, document))
  const merged = new Set<Target>()
  const besides = new Map<Target, Beside>()
  for (const [one, ...others] of Map.groupBy(treatments, ({ whole }) => whole).values()) {
    if (one === undefined || others.length === 0) continue
    const alike = others.map(({ target }) => target)
    for (const target of alike) merged.add(target)
    besides.set(one.target, { alike, marks: [phrase('mark.repeated', { count: String(alike.length + 1) })] })
  }
  const rows = treatments.filter(({ target }) => !merged.has(target))
  const comparing = { keys: ({ names }: Treatment) => names, says: ({ aspects }: Treatment) => aspects }
  for (const [{ target }, differing] of differencesAmong(rows, comparing)) {
    const { alike, marks } = besides.get(target) ?? { alike: [], marks: [] }
    besides.set(target, { alike, marks: [...marks, differenceOf(differing, document)] })
  }
  return { merged, beside: (target) => besides.get(target) ?? { alike: [], marks: [] } }
}

function differenceOf(differing: readonly string[], { reader }: Document): string {
  const { phrase } = reader.parts
  if (differing.length === 0) return phrase('mark.alike')
  return phrase('mark.differs', { aspects: joined(differing.map((name) => phrase(`aspect.${name}`))) })
}

function treatmentOf(target: Target, document: Document): Treatment {
  const { resource, holder } = target
  const medication = medicationOf(target, document)
  const about: JsonObject = medication?.resource ?? {}
  const concepts = [
    ...objects(resource['medicationCodeableConcept']),
    ...objects(resource['medication']).flatMap(({ concept }) => objects(concept)),
    ...objects(about['code']),
  ]
  const dosages = objects(resource['dosage'] ?? resource['dosageInstruction'])
  const marks = marksBesideGenerated(target, document)
  const words = wordingFor(document.reader, holder).show(resource['medicationReference'], 'Reference')
  return {
    target,
    names: namesOf(concepts, words),
    aspects: new Map(
      Object.entries({
        code: stringify(concepts),
        strength: stringify([...membersOf(about, ['form', 'amount', 'ingredient'])]),
        dose: stringify(
          dosages.map((dosage) =>
            membersBut(dosage, ['timing', 'route', 'asNeededBoolean', 'asNeededCodeableConcept']),
          ),
        ),
        route: stringify(dosages.map(({ route = null }) => route)),
        timing: stringify(
          dosages.map((dosage) => membersOf(dosage, ['timing', 'asNeededBoolean', 'asNeededCodeableConcept'])),
        ),
        status: stringify([
          resource.resourceType,
          ...membersOf(resource, ['status', 'intent', 'doNotPerform', 'statusReason']),
        ]),
        period: stringify(
          membersOf(resource, ['effectiveDateTime', 'effectivePeriod', 'authoredOn', 'dispenseRequest']),
        ),
      }),
    ),
    whole: stringify([
      membersBut(resource, IDENTITY),
      medication === undefined ? words : membersBut(about, IDENTITY),
      marks,
    ]),
  }
}

/** What tells one record from another that says the same. */
const IDENTITY = ['id', 'meta', 'text', 'identifier', 'medicationReference']

function medicationOf({ resource, holder }: Target, { reader }: Document): { readonly resource: Resource } | undefined {
  const [reference] = [
    ...objects(resource['medicationReference']),
    ...objects(resource['medication']).flatMap((one) => objects(one['reference'])),
  ]
  const target = reference === undefined ? 'no-reference' : findTarget(reader.index, reference, holder)
  return typeof target === 'string' ? undefined : target
}

function namesOf(concepts: readonly JsonObject[], words: string): ReadonlySet<string> {
  const codes = concepts.flatMap(({ coding }) =>
    objects(coding).flatMap(({ system, code }) =>
      plainText(code) === '' ? [] : [`${plainText(system)}|${plainText(code)}`],
    ),
  )
  const displays = concepts.flatMap(({ coding }) => objects(coding).map(({ display }) => plainText(display)))
  const texts = [...concepts.map(({ text }) => plainText(text)), ...displays].filter((text) => text !== '')
  const all = [...codes, ...texts.map(folded)]
  return new Set(all.length > 0 ? all : words === '' ? [] : [folded(words)])
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

function membersOf(value: JsonObject, names: readonly string[]): readonly Json[] {
  return names.map((name) => value[name] ?? null)
}

function membersBut(value: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))
}
