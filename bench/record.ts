/** A made-up record of any size, shaped like real documents: forty resources with their narrative are some 90 KB. */

/** Plain JSON text per resource, so that it is read as real input is. */
export interface SyntheticRecord {
  readonly composition: string
  readonly resources: readonly string[]
}

type Body = Readonly<Record<string, unknown>>

/** A kind of resource: the section it stands in, and the resource of a number. */
interface Kind {
  readonly type: string
  readonly section: string
  readonly loinc: string
  readonly title: string
  readonly body: (index: number, total: number) => Body
  /** The cells of its row in the section's table. */
  readonly cells: (index: number) => readonly string[]
}

const PATIENT = { reference: 'Patient/patient' }
const PERFORMER = { reference: 'Practitioner/practitioner', display: 'Dr Mira Muster (invented)' }
const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'

const ANALYTES = ['Sodium', 'Potassium', 'Creatinine', 'C-reactive protein', 'Haemoglobin', 'Leukocytes', 'Glucose']
const DRUGS = [
  'Ramipril 5 mg tablet',
  'Metoprolol succinate 47.5 mg',
  'Metformin 1000 mg',
  'Apixaban 5 mg',
  'Pantoprazole 20 mg',
]
const PROBLEMS = [
  'Essential hypertension',
  'Type 2 diabetes mellitus',
  'Atrial fibrillation',
  'Chronic kidney disease stage 3',
]

const pick = (texts: readonly string[], index: number): string => texts[index % texts.length] ?? ''
const day = (index: number): string => `2025-${pad((index % 12) + 1)}-${pad((index % 28) + 1)}`
const pad = (value: number): string => String(value).padStart(2, '0')
/** With a second coding, of the system that the record is from. */
const concept = (system: string, code: string, display: string): Body => ({
  coding: [
    { system, code, display },
    { system: 'https://fhir.example.org/CodeSystem/local-catalogue', code: `LOCAL-${code}`, display },
  ],
  text: display,
})
/** A decimal that JavaScript's own numbers would rewrite: some end in a zero. */
const amount = (index: number): string => `${(index * 37) % 190}.${index % 10}0`

/** In the proportions of a discharge report. */
const KINDS: readonly Kind[] = [
  observation(0),
  {
    type: 'MedicationStatement',
    section: 'medication',
    loinc: '10160-0',
    title: 'Medication',
    body: (index) => ({
      status: 'active',
      medicationCodeableConcept: concept('http://www.whocc.no/atc', `C09AA${pad(index % 90)}`, pick(DRUGS, index)),
      subject: PATIENT,
      effectivePeriod: { start: day(index) },
      dateAsserted: day(index),
      informationSource: PERFORMER,
      reasonCode: [{ text: pick(PROBLEMS, index) }],
      dosage: [
        {
          sequence: 1,
          text: '1 tablet in the morning and 1 tablet in the evening, with food',
          timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd', when: ['MORN', 'EVE'] } },
          route: concept(SNOMED, '26643006', 'Oral route'),
          doseAndRate: [
            { doseQuantity: { value: 1, unit: 'tablet', system: 'http://unitsofmeasure.org', code: '{tbl}' } },
          ],
        },
      ],
    }),
    cells: (index) => [pick(DRUGS, index), '1 – 0 – 1 – 0', 'by mouth', pick(PROBLEMS, index), day(index)],
  },
  observation(1),
  {
    type: 'Condition',
    section: 'problems',
    loinc: '11450-4',
    title: 'Problem list',
    body: (index) => ({
      clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
      verificationStatus: concept(
        'http://terminology.hl7.org/CodeSystem/condition-ver-status',
        'confirmed',
        'Confirmed',
      ),
      category: [
        concept('http://terminology.hl7.org/CodeSystem/condition-category', 'problem-list-item', 'Problem List Item'),
      ],
      severity: concept(SNOMED, '6736007', 'Moderate'),
      code: concept(SNOMED, String(38341003 + index), pick(PROBLEMS, index)),
      subject: PATIENT,
      onsetDateTime: day(index),
      recorder: PERFORMER,
      note: [{ text: 'Known for years, stable under the present treatment; next review in six months.' }],
    }),
    cells: (index) => [pick(PROBLEMS, index), 'active', 'confirmed', 'moderate', day(index)],
  },
  observation(2),
  {
    type: 'Procedure',
    section: 'procedures',
    loinc: '47519-4',
    title: 'Procedures',
    body: (index) => ({
      status: 'completed',
      code: concept(SNOMED, String(40701008 + index), 'Echocardiography'),
      subject: PATIENT,
      performedDateTime: `${day(index)}T09:30:00+01:00`,
      performer: [{ actor: PERFORMER, onBehalfOf: { reference: 'Organization/organization' } }],
      outcome: { text: 'Left ventricular function normal, no relevant valve disease' },
      note: [{ text: 'Good sound conditions. Control only on clinical grounds.' }],
    }),
    cells: (index) => ['Echocardiography', day(index), 'Left ventricular function normal', 'Dr Mira Muster'],
  },
]

function observation(part: number): Kind {
  const number = (index: number): number => index * 3 + part
  return {
    type: 'Observation',
    section: 'results',
    loinc: '30954-2',
    title: 'Results',
    body: (index) => ({
      status: 'final',
      category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory', 'Laboratory')],
      code: concept(LOINC, `${2000 + (number(index) % 900)}-${number(index) % 10}`, pick(ANALYTES, number(index))),
      subject: PATIENT,
      effectiveDateTime: `${day(index)}T07:${pad(index % 60)}:00+01:00`,
      issued: `${day(index)}T08:${pad(index % 60)}:00+01:00`,
      performer: [PERFORMER],
      valueQuantity: {
        value: RAW + amount(number(index)),
        unit: 'mmol/L',
        system: 'http://unitsofmeasure.org',
        code: 'mmol/L',
      },
      interpretation: [concept('http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'N', 'Normal')],
      referenceRange: [
        {
          low: { value: 3, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
          high: { value: RAW + '145.50', unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
        },
      ],
    }),
    cells: (index) => [
      pick(ANALYTES, number(index)),
      `${amount(number(index))} mmol/L`,
      'normal',
      '3 to 145.50 mmol/L',
      day(index),
    ],
  }
}

/** Marks a string whose text is a JSON number; JSON.stringify would write 1.50 as 1.5. */
const RAW = '\u0001'

/** A record of so many resources, the Composition counted: the smallest has nothing else. */
export function syntheticRecord(resources: number): SyntheticRecord {
  const people = [patient, practitioner, organization].slice(0, Math.max(0, resources - 1))
  const entries = Array.from({ length: Math.max(0, resources - 1 - people.length) }, (_, index) => {
    const kind = KINDS[index % KINDS.length] as Kind
    return { kind, id: `${kind.type.toLowerCase()}-${index}`, index }
  })
  const bodies = entries.map(({ kind, id, index }) => ({
    resourceType: kind.type,
    id,
    ...envelope(`${kind.title}: ${kind.cells(index).join(', ')}`, detailsOf(kind.cells(index))),
    identifier: [{ system: 'urn:oid:2.999.7', value: `${id}-2026` }],
    ...kind.body(index, entries.length),
  }))
  return { composition: text(compositionOf(people.length > 0, entries)), resources: [...people, ...bodies].map(text) }
}

interface Placed {
  readonly kind: Kind
  readonly id: string
  readonly index: number
}

function text(resource: Body): string {
  return JSON.stringify(resource).replace(/"\\u0001([^"]+)"/g, '$1')
}

function envelope(summary: string, details = ''): Body {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en"><p><b>${summary}</b></p>${details}</div>`
  return {
    meta: {
      versionId: '1',
      lastUpdated: '2025-01-02T10:00:00Z',
      profile: ['https://fhir.example.org/StructureDefinition/made-up'],
    },
    language: 'en',
    text: { status: 'generated', div },
  }
}

const LABELS = ['What', 'Value', 'Note', 'Range', 'Date']

/** Many systems write a resource's own narrative as a table of what they know. */
function detailsOf(cells: readonly string[]): string {
  const rows = [...cells, 'Dr Mira Muster (invented)'].map(
    (cell, index) => `<tr><td class="label">${pick(LABELS, index)}</td><td>${cell}</td></tr>`,
  )
  return `<table class="grid"><tbody>${rows.join('')}</tbody></table>`
}

function compositionOf(hasPeople: boolean, entries: readonly Placed[]): Body {
  const sections = Map.groupBy(entries, ({ kind }) => kind.section)
  return {
    resourceType: 'Composition',
    id: 'composition',
    ...envelope('Discharge summary, made up for measurements.'),
    identifier: { system: 'urn:oid:2.999.7', value: 'composition' },
    status: 'final',
    type: concept(LOINC, '18842-5', 'Discharge summary'),
    ...(hasPeople && { subject: PATIENT }),
    date: '2025-12-30T11:00:00+01:00',
    author: [hasPeople ? PERFORMER : { display: 'Dr Mira Muster (invented)' }],
    title: 'Discharge summary',
    confidentiality: 'N',
    section: sections.size === 0 ? [plainSection] : Array.from(sections.values(), sectionOf),
  }
}

const plainSection = {
  title: 'Course',
  code: concept(LOINC, '8648-8', 'Hospital course'),
  text: {
    status: 'additional',
    div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Admitted and discharged without findings.</p></div>',
  },
}

function sectionOf(entries: readonly Placed[]): Body {
  const [{ kind }] = entries as [Placed]
  const rows = entries.map(
    ({ kind, id, index }) =>
      `<tr id="row-${id}">${kind
        .cells(index)
        .map((cell) => `<td>${cell}</td>`)
        .join('')}</tr>`,
  )
  const table = `<table><thead><tr><th>What</th><th>Value</th><th>Note</th><th>Range</th><th>Date</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  return {
    title: kind.title,
    code: concept(LOINC, kind.loinc, kind.title),
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${table}</div>` },
    entry: entries.map(({ kind, id }) => ({ reference: `${kind.type}/${id}` })),
  }
}

const patient: Body = {
  resourceType: 'Patient',
  id: 'patient',
  ...envelope('Paula Probe (invented), female, born 1 April 1951'),
  identifier: [{ system: 'urn:oid:2.999.7.1', value: 'P-4711' }],
  active: true,
  name: [{ use: 'official', family: 'Probe', given: ['Paula', 'Erika'] }],
  telecom: [{ system: 'phone', value: '+49 30 000000', use: 'home' }],
  gender: 'female',
  birthDate: '1951-04-01',
  address: [{ line: ['Beispielweg 1'], city: 'Musterstadt', postalCode: '00000', country: 'DE' }],
}

const practitioner: Body = {
  resourceType: 'Practitioner',
  id: 'practitioner',
  ...envelope('Dr Mira Muster (invented)'),
  identifier: [{ system: 'urn:oid:2.999.7.2', value: 'A-1' }],
  name: [{ family: 'Muster', given: ['Mira'], prefix: ['Dr'] }],
}

const organization: Body = {
  resourceType: 'Organization',
  id: 'organization',
  ...envelope('Musterstadt General Hospital (invented)'),
  identifier: [{ system: 'urn:oid:2.999.7.3', value: 'H-1' }],
  name: 'Musterstadt General Hospital (invented)',
  telecom: [{ system: 'phone', value: '+49 30 111111' }],
}
