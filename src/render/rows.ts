/**
 * How the entries of a section are laid out: per resource type the columns of a table, each with its elements. What a
 * type has beyond its columns stands below them, so that a row decides where an element is
 * shown, never whether; only identifiers, which tell entries apart for machines, are left out of tables.
 */

export interface Column {
  /** The key of the title among the phrases, without `column.`. */
  readonly title: string
  /** By their names, a choice without its type. The first stands without a label. */
  readonly elements: readonly string[]
  /** The others stand without labels too: their words say what they are. */
  readonly bare?: true
}

export interface Row {
  readonly columns: readonly Column[]
}

function column(title: string, ...elements: readonly string[]): Column {
  return { title, elements }
}

function bare(title: string, ...elements: readonly string[]): Column {
  return { title, elements, bare: true }
}

const status = bare('status', 'clinicalStatus', 'verificationStatus', 'status', 'statusReason')
const reason = bare('reason', 'reasonCode', 'reasonReference')
const order = bare('status', 'status', 'statusReason', 'intent', 'priority', 'doNotPerform')

/** By resource type; a type without a row is shown as a list of all its elements. */
export const ROWS: Readonly<Record<string, Row>> = {
  AllergyIntolerance: {
    columns: [column('substance', 'code'), column('reaction', 'reaction'), bare('criticality', 'criticality', 'type', 'category'), status, column('since', 'onset')],
  },
  CareTeam: { columns: [column('team', 'name', 'category'), column('members', 'participant'), status, column('period', 'period')] },
  Condition: {
    columns: [column('problem', 'code', 'bodySite'), status, bare('severity', 'severity', 'stage'), column('since', 'onset', 'abatement')],
  },
  Device: { columns: [bare('device', 'deviceName', 'type'), bare('manufacturer', 'manufacturer', 'modelNumber'), bare('number', 'serialNumber', 'lotNumber', 'udiCarrier'), status] },
  DeviceUseStatement: { columns: [column('device', 'device'), column('site', 'bodySite'), column('since', 'timing'), status, reason] },
  DiagnosticReport: {
    columns: [column('report', 'code'), column('results', 'result'), bare('conclusion', 'conclusion', 'conclusionCode'), column('date', 'effective', 'issued'), status],
  },
  DocumentReference: {
    columns: [bare('document', 'description', 'type'), column('content', 'content'), column('author', 'author'), column('date', 'date'), bare('status', 'status', 'docStatus')],
  },
  Encounter: {
    columns: [bare('encounter', 'type', 'class'), column('period', 'period'), column('location', 'location'), column('participants', 'participant'), status],
  },
  FamilyMemberHistory: {
    columns: [bare('relative', 'relationship', 'name'), column('conditions', 'condition'), column('age', 'age', 'deceased', 'born'), status],
  },
  Flag: { columns: [column('alert', 'code'), bare('kind', 'category'), status, column('period', 'period')] },
  Goal: { columns: [column('goal', 'description'), column('target', 'target'), bare('status', 'lifecycleStatus', 'achievementStatus'), column('since', 'start')] },
  ImagingStudy: { columns: [bare('study', 'description', 'procedureCode'), column('modality', 'modality'), column('date', 'started'), status] },
  Immunization: {
    columns: [column('vaccine', 'vaccineCode'), column('date', 'occurrence'), bare('status', 'status', 'statusReason', 'isSubpotent'), column('dose', 'protocolApplied', 'doseQuantity'), bare('lot', 'lotNumber', 'manufacturer')],
  },
  Medication: { columns: [column('medication', 'code', 'form'), column('ingredients', 'ingredient'), column('amount', 'amount'), status] },
  MedicationAdministration: { columns: [column('medication', 'medication'), column('dosage', 'dosage'), column('date', 'effective'), status, reason] },
  MedicationDispense: {
    columns: [column('medication', 'medication'), column('dosage', 'dosageInstruction'), column('amount', 'quantity', 'daysSupply'), column('date', 'whenHandedOver', 'whenPrepared'), status],
  },
  MedicationRequest: { columns: [column('medication', 'medication'), column('dosage', 'dosageInstruction'), order, column('date', 'authoredOn'), reason] },
  MedicationStatement: { columns: [column('medication', 'medication'), column('dosage', 'dosage'), status, column('period', 'effective'), reason] },
  Observation: {
    columns: [column('observation', 'code'), bare('value', 'value', 'dataAbsentReason', 'component'), bare('interpretation', 'interpretation'), column('range', 'referenceRange'), column('date', 'effective'), bare('status', 'status')],
  },
  Procedure: { columns: [column('procedure', 'code', 'bodySite'), column('date', 'performed'), status, column('outcome', 'outcome', 'complication'), reason] },
  ServiceRequest: { columns: [column('service', 'code', 'orderDetail'), order, column('date', 'occurrence', 'authoredOn'), column('requester', 'requester'), reason] },
  Specimen: { columns: [column('specimen', 'type'), column('collection', 'collection'), bare('status', 'status', 'condition')] },
} // prettier-ignore
