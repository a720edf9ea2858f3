/** Many patients' worth of resources loaded by transactions, and searches over them. */

import { clientOf, percentile, timed, together, type Client } from './clients.ts'
import { residentMB, serve } from './processes.ts'
import type { Backend } from './service.ts'

export interface LoadResult {
  readonly store: Backend['name']
  readonly patients: number
  readonly resources: number
  readonly seconds: number
  readonly resourcesPerSecond: number
  readonly searches: readonly SearchLap[]
  readonly residentMB: readonly number[]
}

export interface SearchLap {
  readonly query: string
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Beside each Patient. */
const PER_PATIENT = 10
/** Patients in one transaction. */
const TOGETHER = 10
/** Of so many patients one has a stored document. */
const PER_DOCUMENT = 10

/** What is asked of the full store; `#` stands for the number of a patient, `##` for that of one with a document. */
const QUERIES: readonly string[] = [
  'Patient?_id=p#',
  'Patient?identifier=urn:oid:2.999.7|P#',
  'Patient?family=Family#',
  'Patient?family:contains=amily#&_count=20',
  'Patient?birthdate=gt1990-01-01&_count=20',
  'Patient?gender=female&_sort=birthdate&_count=20',
  'Patient?gender:not=female&birthdate:missing=false&_count=20',
  'Patient?_lastUpdated=gt2020-01-01&_sort=-_lastUpdated&_count=20',
  'Patient?_has:Condition:patient:code=http://snomed.info/sct|38341003&_count=20',
  'Patient?_id=p#&_revinclude=Observation:subject&_revinclude=Condition:subject',
  'Observation?patient=Patient/p#',
  'Observation?patient=p#&code=http://loinc.org|2003-3',
  'Observation?patient=p#&_sort=-date',
  'Observation?patient.identifier=urn:oid:2.999.7|P#',
  'Observation?patient.gender=female&code=2003-3&_count=20',
  'Observation?subject=Patient/p#&_include=Observation:subject',
  'Observation?value-quantity=gt5&date=ge2026-01-15&_count=20',
  'Observation?code=http://loinc.org|2003-3&status=final&_count=20',
  'Observation?code-value-quantity=http://loinc.org|2003-3$gt5&_count=20',
  'Observation?status=final&_sort=-date&_count=20',
  'Observation?_count=20&_total=none',
  'Observation?_summary=count',
  'Condition?patient=p#&_total=accurate',
  'Bundle?composition.patient.identifier=urn:oid:2.999.7|P##',
  'Bundle?composition.type=http://loinc.org|34133-9&_count=20',
  'Bundle?identifier=urn:ietf:rfc:3986|urn:oid:2.999.8.##',
  'Patient/p#/$everything',
]

/** A store filled with so many patients, and how fast it then answers. */
export async function measureLoad(backend: Backend, patients = 10_000): Promise<LoadResult> {
  const served = await serve({ FHIRDOC_STORE: backend.url })
  const base = `${served.url}/fhir`
  try {
    const laps = await together(base, { clients: 4, count: Math.ceil(patients / TOGETHER) }, loader())
    await together(base, { clients: 4, count: Math.ceil(patients / PER_DOCUMENT) }, documentLoader())
    const searches: SearchLap[] = []
    for (const query of QUERIES) searches.push(await measureSearch(base, query, patients))
    const resources = laps.count * TOGETHER * (1 + PER_PATIENT)
    const { seconds } = laps
    const speed = { seconds, resourcesPerSecond: resources / seconds }
    return { store: backend.name, patients, resources, ...speed, searches, residentMB: residentMB(served.pid) }
  } finally {
    await served.stop()
  }
}

function loader(): (client: Client) => Promise<number> {
  let next = 0
  return async (client) => {
    const resources = Array.from({ length: TOGETHER }, () => patientWithData((next += 1))).flat()
    const entry = resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
    return (await timed(client, { method: 'POST', path: '', body })).ms
  }
}

/** A document about every tenth patient, stored whole. */
function documentLoader(): (client: Client) => Promise<number> {
  let next = 0
  return async (client) => {
    const body = JSON.stringify(documentOf((next += PER_DOCUMENT)))
    return (await timed(client, { method: 'POST', path: '/Bundle', body })).ms
  }
}

async function measureSearch(base: string, query: string, patients: number): Promise<SearchLap> {
  const client = clientOf(base)
  const ms: number[] = []
  for (let count = 0; count < 40; count += 1) {
    const number = 1 + ((count * 7919) % patients)
    const path = `/${query.replaceAll('##', String(PER_DOCUMENT * Math.ceil(number / PER_DOCUMENT))).replaceAll('#', String(number))}`
    ms.push((await timed(client, { method: 'GET', path })).ms)
  }
  client.close()
  ms.sort((one, other) => one - other)
  return { query, p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) }
}

interface Made {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

/** A patient of our own invention with observations and conditions. */
function patientWithData(number: number): readonly Made[] {
  const subject = { reference: `Patient/p${number}` }
  const patient = {
    resourceType: 'Patient',
    id: `p${number}`,
    identifier: [{ system: 'urn:oid:2.999.7', value: `P${number}` }],
    name: [{ family: `Family${number}`, given: ['Probe'] }],
    gender: number % 2 === 0 ? 'female' : 'male',
    birthDate: `${1930 + (number % 90)}-0${1 + (number % 9)}-1${number % 10}`,
  }
  const data = Array.from({ length: PER_PATIENT }, (_, index) =>
    index % 5 === 4 ? conditionOf(number, index, subject) : observationOf(number, index, subject),
  )
  return [patient, ...data]
}

function observationOf(number: number, index: number, subject: object): Made {
  return {
    resourceType: 'Observation',
    id: `o${number}-${index}`,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: `200${index % 5}-3`, display: 'Analyte' }] },
    subject,
    effectiveDateTime: `2026-01-${10 + index}T08:00:00Z`,
    valueQuantity: {
      value: ((number + index) % 100) / 10,
      unit: 'mmol/L',
      system: 'http://unitsofmeasure.org',
      code: 'mmol/L',
    },
  }
}

function conditionOf(number: number, index: number, subject: object): Made {
  return {
    resourceType: 'Condition',
    id: `c${number}-${index}`,
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: String(38341003 + (number % 50)), display: 'Problem' }],
    },
    subject,
    onsetDateTime: `2025-0${1 + (number % 9)}-01`,
  }
}

/** A document that holds what is known of a patient. */
function documentOf(number: number): object {
  const urlOf = ({ resourceType, id }: Made): string => `https://fhir.example.org/${resourceType}/${id}`
  const resources = patientWithData(number)
  const composition: Made = {
    resourceType: 'Composition',
    id: `d${number}`,
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: '34133-9' }] },
    subject: { reference: `Patient/p${number}` },
    date: '2026-02-01',
    author: [{ display: 'Probe' }],
    title: 'Probe',
    section: [
      {
        title: 'Data',
        entry: resources.slice(1).map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` })),
      },
    ],
  }
  return {
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:oid:2.999.8.${number}` },
    timestamp: '2026-02-01T00:00:00Z',
    entry: [composition, ...resources].map((resource) => ({ fullUrl: urlOf(resource), resource })),
  }
}
