/** The parts of resources that have a way of their own to be said, as a table; all others are said element by element. */

import type { JsonObject } from '../fhir/types.ts'
import { withNotes } from './format-person.ts'
import { isUnusual, modifierNames } from './modifiers.ts'
import { joined, labelOf, others, shown, type Format, type Wording } from './wording.ts'

/** Elements by their role in what is said: `lead: value (notes); bare; Label: all others`. */
interface Part {
  readonly lead: readonly string[]
  readonly value?: readonly string[]
  readonly notes?: readonly string[]
  /** Notes that nobody would understand without their labels. */
  readonly labelled?: readonly string[]
  /** What is told without its label, which that of the part says already. */
  readonly bare?: readonly string[]
}

const PARTS: Readonly<Record<string, Part>> = {
  'AllergyIntolerance.reaction': { lead: ['manifestation'], notes: ['severity'] },
  'CarePlan.activity': { lead: ['reference', 'detail'] },
  'CarePlan.activity.detail': { lead: ['code'] },
  'CareTeam.participant': { lead: ['member'], notes: ['role'] },
  'ClinicalImpression.finding': { lead: ['item', 'itemCodeableConcept', 'itemReference'] },
  'Condition.stage': { lead: ['summary'] },
  'Device.deviceName': { lead: ['name'], notes: ['type'] },
  'Device.name': { lead: ['value'], notes: ['type'] },
  'Device.udiCarrier': { lead: ['deviceIdentifier'] },
  'DiagnosticReport.media': { lead: ['link'], notes: ['comment'] },
  'DocumentReference.content': { lead: ['attachment'] },
  'Encounter.diagnosis': { lead: ['condition'], notes: ['use'] },
  'Encounter.location': { lead: ['location'], notes: ['period'] },
  'Encounter.participant': { lead: ['individual'], notes: ['type'] },
  'FamilyMemberHistory.condition': { lead: ['code'], notes: ['onset'] },
  'Goal.target': { lead: ['measure'], value: ['detail'] },
  'Immunization.performer': { lead: ['actor'], notes: ['function'] },
  'List.entry': { lead: ['item'], notes: ['flag'] },
  'MedicationStatement.adherence': { lead: ['code'], notes: ['reason'] },
  'Medication.ingredient': { lead: ['item'], notes: ['strength'], labelled: ['isActive'] },
  'MedicationAdministration.performer': { lead: ['actor'], notes: ['function'] },
  'MedicationDispense.performer': { lead: ['actor'], notes: ['function'] },
  'Observation.component': {
    lead: ['code'],
    value: ['value', 'dataAbsentReason'],
    notes: ['interpretation', 'referenceRange'],
  },
  'Organization.contact': { lead: ['name'], notes: ['purpose'], bare: ['telecom'] },
  'Patient.communication': { lead: ['language'] },
  'Patient.contact': { lead: ['name', 'organization'], notes: ['relationship'], bare: ['telecom'] },
  'Patient.link': { lead: ['other'], notes: ['type'] },
  'Practitioner.qualification': { lead: ['code'] },
  'Procedure.performer': { lead: ['actor'], notes: ['function'] },
  'QuestionnaireResponse.item': { lead: ['text'], value: ['answer'] },
  'QuestionnaireResponse.item.answer': { lead: ['value'] },
  'Specimen.collection': { lead: ['bodySite'], notes: ['collected'] },
}

function said(type: string, { lead, value = [], notes = [], labelled = [], bare = [] }: Part): Format {
  const used = [...lead, ...value, ...notes, ...labelled, ...bare]
  return (part, wording) => {
    const turned = modifierNames(type, wording.model).filter((name) => isUnusual(name, part[name]))
    const named = (names: readonly string[]): readonly string[] =>
      names.flatMap((name) => labelledPart(part, { type, name }, wording))
    const texts = (names: readonly string[]): readonly string[] => names.map((name) => shown(part, type, name, wording))
    const [label, said] = [joined(texts(lead)), joined(texts(value))]
    const main = label !== '' && said !== '' ? wording.phrase('labelled', { label, value: said }) : label + said
    const whole = withNotes(main, [...texts(notes), ...named(labelled)])
    const warning = joined(named(turned))
    const warned = warning === '' ? whole : joined([whole, `[${warning}]`], ' ')
    return joined([warned, ...texts(bare), ...others(part, type, [...used, ...turned], wording)], '; ')
  }
}

interface Place {
  readonly type: string
  readonly name: string
}

function labelledPart(part: JsonObject, { type, name }: Place, wording: Wording): readonly string[] {
  const text = shown(part, type, name, wording)
  return text === '' ? [] : [wording.phrase('labelled', { label: labelOf(type, name, wording), value: text })]
}

const RANGE = 'Observation.referenceRange'
const RANGE_USED = ['low', 'high', 'text', 'type', 'appliesTo']

/** `3.5 – 5.1 mmol/L`, and whom it holds for. */
const referenceRange: Format = (value, wording) => {
  const part = (name: string): string => shown(value, RANGE, name, wording)
  const { low, high } = value
  const ends: JsonObject = { ...(low !== undefined && { low }), ...(high !== undefined && { high }) }
  const bounds = wording.show(ends, 'Range')
  const main = part('text') === '' ? bounds : withNotes(part('text'), [bounds])
  return withNotes(main, [part('type'), part('appliesTo'), ...others(value, RANGE, RANGE_USED, wording)])
}

export const PART_FORMATS: Readonly<Record<string, Format>> = {
  ...Object.fromEntries(Object.entries(PARTS).map(([type, part]) => [type, said(type, part)])),
  [RANGE]: referenceRange,
}

/** Whether a part of a resource has a way of its own to be said. */
export function isPart(type: string): boolean {
  return Object.hasOwn(PART_FORMATS, type)
}
