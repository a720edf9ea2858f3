/**
 * How the entries of a section are laid out: per resource type the columns of a table, each with its elements. What a
 * type has beyond its columns stands below them, so that a row decides where an element is
 * shown, never whether; only identifiers, which tell entries apart for machines, are left out of tables.
 */

export interface Column {
  /** The key of the title among the phrases, without `column.`. */
  readonly title: string
  /** By their names in any version of FHIR, a choice without its type. The first stands without a label. */
  readonly elements: readonly string[]
  /** The others stand without labels too: their words say what they are. */
  readonly bare?: true
  /** The elements are those of the part that {@link Row.each} names; `rest` among them is all that no other column has. */
  readonly ofEach?: true
}

export interface Row {
  readonly columns: readonly Column[]
  /** The element whose repetitions have a line each in the row of their resource. */
  readonly each?: string
}

function column(title: string, ...elements: readonly string[]): Column {
  return { title, elements }
}

function bare(title: string, ...elements: readonly string[]): Column {
  return { title, elements, bare: true }
}

function ofEach(title: string, ...elements: readonly string[]): Column {
  return { title, elements, bare: true, ofEach: true }
}

const status = bare('status', 'clinicalStatus', 'verificationStatus', 'status', 'statusReason')
const reason = bare('reason', 'reasonCode', 'reasonReference', 'reason')
const order = bare('status', 'status', 'statusReason', 'intent', 'priority', 'doNotPerform')
const medication = column('medication', 'medication')
/** A dosage as a clinician reads it. @see https://hl7.org/fhir/R4/dosage.html */
const dosage = [
  ofEach('dose', 'dose'),
  ofEach('route', 'route'),
  ofEach('frequency', 'step', 'text', 'frequency', 'rest'),
] as const

/** By resource type; a type without a row is shown as a list of all its elements. */
export const ROWS: Readonly<Record<string, Row>> = {
  AllergyIntolerance: {
    each: 'reaction',
    columns: [column('substance', 'code'), bare('criticality', 'criticality', 'type', 'category'), ofEach('reaction', 'manifestation', 'rest'), ofEach('severity', 'severity'), status, column('since', 'onset')],
  },
  CarePlan: { columns: [bare('plan', 'title', 'category'), column('activity', 'activity'), column('goal', 'goal'), bare('status', 'status', 'intent'), column('period', 'period')] },
  CareTeam: { columns: [column('team', 'name', 'category'), column('members', 'participant'), status, column('period', 'period')] },
  ClinicalImpression: { columns: [bare('assessment', 'description', 'code'), column('findings', 'finding', 'problem'), column('summary', 'summary'), column('date', 'effective', 'date'), status] },
  Condition: {
    columns: [column('problem', 'code', 'bodySite'), status, column('severity', 'severity', 'stage'), column('since', 'onset', 'abatement')],
  },
  Consent: { columns: [bare('consent', 'category', 'scope'), column('provision', 'provision'), column('date', 'dateTime'), column('policy', 'policyRule', 'policy'), status] },
  Device: { columns: [bare('device', 'deviceName', 'name', 'type'), bare('manufacturer', 'manufacturer', 'modelNumber'), bare('number', 'serialNumber', 'lotNumber', 'udiCarrier'), status] },
  DeviceUseStatement: { columns: [column('device', 'device'), column('site', 'bodySite'), column('since', 'timing'), status, reason] },
  DiagnosticReport: {
    columns: [column('report', 'code'), column('results', 'result'), bare('conclusion', 'conclusion', 'conclusionCode'), column('date', 'effective', 'issued'), status],
  },
  DocumentReference: {
    columns: [bare('document', 'description', 'type'), column('content', 'content'), column('author', 'author'), column('date', 'date'), bare('status', 'status', 'docStatus')],
  },
  Encounter: {
    columns: [bare('encounter', 'type', 'class'), bare('period', 'period', 'actualPeriod'), column('location', 'location'), column('participants', 'participant'), status],
  },
  FamilyMemberHistory: {
    each: 'condition',
    columns: [bare('relative', 'relationship', 'name'), ofEach('conditions', 'code', 'rest'), ofEach('since', 'onset'), column('age', 'age', 'deceased', 'born'), status],
  },
  Flag: { columns: [column('alert', 'code'), bare('kind', 'category'), status, column('period', 'period')] },
  Goal: { columns: [column('goal', 'description'), column('target', 'target'), bare('status', 'lifecycleStatus', 'achievementStatus'), column('since', 'start')] },
  ImagingStudy: { columns: [bare('study', 'description', 'procedureCode'), column('modality', 'modality'), column('date', 'started'), status] },
  Immunization: {
    columns: [column('vaccine', 'vaccineCode'), column('date', 'occurrence'), column('dose', 'protocolApplied', 'doseQuantity'), bare('lot', 'lotNumber', 'manufacturer'), bare('status', 'status', 'statusReason', 'isSubpotent')],
  },
  Location: { columns: [bare('location', 'name', 'description'), bare('kind', 'type', 'physicalType'), column('address', 'address'), column('contact', 'telecom'), bare('status', 'status', 'operationalStatus', 'mode')] },
  Medication: { columns: [column('medication', 'code', 'form'), column('ingredients', 'ingredient'), column('amount', 'amount'), status] },
  MedicationAdministration: { each: 'dosage', columns: [medication, ...dosage, column('date', 'effective'), reason, status] },
  MedicationDispense: {
    each: 'dosageInstruction',
    columns: [medication, ...dosage, column('amount', 'quantity', 'daysSupply'), column('date', 'whenHandedOver', 'whenPrepared'), status],
  },
  MedicationRequest: { each: 'dosageInstruction', columns: [medication, ...dosage, column('date', 'authoredOn'), reason, order] },
  MedicationStatement: { each: 'dosage', columns: [medication, ...dosage, column('period', 'effective'), reason, bare('status', ...status.elements, 'adherence')] },
  Observation: {
    columns: [column('observation', 'code'), bare('value', 'value', 'dataAbsentReason', 'component'), bare('interpretation', 'interpretation'), column('range', 'referenceRange'), column('date', 'effective'), bare('status', 'status')],
  },
  Organization: { columns: [column('organization', 'name', 'alias'), bare('kind', 'type'), column('address', 'address'), column('contact', 'telecom'), column('status', 'active')] },
  Patient: { columns: [column('name', 'name'), column('born', 'birthDate', 'gender'), column('address', 'address'), column('contact', 'telecom'), column('status', 'deceased', 'active')] },
  Practitioner: { columns: [column('name', 'name'), column('qualification', 'qualification'), column('address', 'address'), column('contact', 'telecom'), column('status', 'active')] },
  PractitionerRole: { columns: [column('name', 'practitioner'), bare('role', 'code', 'specialty'), column('organization', 'organization', 'location'), column('contact', 'telecom'), column('period', 'period', 'active')] },
  Procedure: { columns: [column('procedure', 'code', 'bodySite'), bare('date', 'performed', 'occurrence'), column('outcome', 'outcome', 'complication'), reason, status] },
  RelatedPerson: { columns: [column('name', 'name'), bare('relationship', 'relationship'), column('address', 'address'), column('contact', 'telecom'), column('period', 'period', 'active')] },
  ServiceRequest: { columns: [column('service', 'code', 'orderDetail'), column('date', 'occurrence', 'authoredOn'), column('requester', 'requester'), reason, order] },
  Specimen: { columns: [column('specimen', 'type'), column('collection', 'collection'), bare('status', 'status', 'condition')] },
} // prettier-ignore
