/** A small record to search in, and the way to ask for it. */

import { readFileSync } from 'node:fs'
import type { SearchModel } from '../../../../src/edge/store/search/definitions.ts'
import { searchIndex } from '../../../../src/edge/store/search/search-index.ts'
import type { SearchIndex } from '../../../../src/edge/store/sql/search-index.ts'
import { compiled, type Database, type Session } from '../../../../src/edge/store/sql/session.ts'
import { parseJson } from '../../../../src/fhir/json.ts'
import { isResource, type Resource } from '../../../../src/fhir/types.ts'
import type { SearchRequest, SearchResult, Store } from '../../../../src/ports.ts'
import { model } from '../../../model.ts'

/** What the build has compiled of R4. */
export function built(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../../build/r4/${name}.json`, import.meta.url), 'utf8'))
}

export const BASE = 'https://records.example/fhir'

export const search: SearchModel = {
  definitions: built('search') as SearchModel['definitions'],
  compartment: built('compartment') as SearchModel['compartment'],
  model,
  base: BASE,
}

export const index: SearchIndex = searchIndex(search, { now: () => '2026-03-01T12:00:00Z' })

/** What a search finds: `Patient/1`. */
export interface Answer {
  readonly found: readonly string[]
  readonly included: readonly string[]
  readonly result: SearchResult
}

/** The answer to a query as a client writes it: `Patient?name=anna`. */
export async function find(store: Store, query: string, more: Partial<SearchRequest> = {}): Promise<Answer> {
  const [type = '', rest = ''] = query.split('?')
  const request: SearchRequest = {
    ...(type !== '' && { type }),
    parameters: [...new URLSearchParams(rest)],
    handling: 'strict',
    defaultCount: 50,
    maxCount: 100,
    ...more,
  }
  const result = await store.snapshot((reader) => reader.search(request))
  const names = (versions: SearchResult['matches']): readonly string[] =>
    versions.map(({ type, id }) => `${type}/${id}`)
  return { found: names(result.matches), included: names(result.included), result }
}

export async function writeAll(store: Store, resources: readonly Resource[]): Promise<void> {
  await store.transaction(async (writer) => {
    for (const resource of resources) {
      const { resourceType: type, id = '' } = resource
      await writer.write({ type, id, method: 'PUT', resource })
    }
  })
}

const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'

function resource(resourceType: string, id: string, members: object): Resource {
  const text = JSON.stringify({ resourceType, id, ...members })
  const value = parseJson(text)
  if (!isResource(value)) throw new TypeError('It is no resource')
  return value
}

const observation = (id: string, code: string, value: number, members: object = {}): Resource =>
  resource('Observation', id, {
    status: 'final',
    code: { coding: [{ system: LOINC, code, display: `Measure ${code}` }], text: 'Herzfrequenz' },
    subject: { reference: 'Patient/anna' },
    valueQuantity: { value, unit: 'mg', system: UCUM, code: 'mg' },
    ...members,
  })

const document = resource('Bundle', 'document', {
  type: 'document',
  identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
  timestamp: '2026-02-01T10:00:00Z',
  entry: [
    {
      fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
      resource: {
        resourceType: 'Composition',
        id: 'inner',
        status: 'final',
        type: { coding: [{ system: LOINC, code: '34133-9' }] },
        subject: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' },
        date: '2026-02-01',
        author: [{ reference: `${BASE}/Practitioner/lind` }, { reference: '#keeper' }, { reference: '#role' }],
        title: 'Summary',
        section: [{ section: [{ entry: [{ reference: 'urn:uuid:33333333-3333-4333-8333-333333333333' }] }] }],
        contained: [
          { resourceType: 'Practitioner', id: 'keeper', name: [{ family: 'Keeper' }] },
          { resourceType: 'PractitionerRole', id: 'role', organization: { reference: '#above' } },
          { resourceType: 'Organization', id: 'above', name: 'Above' },
        ],
      },
    },
    {
      fullUrl: 'urn:uuid:22222222-2222-4222-8222-222222222222',
      resource: {
        resourceType: 'Patient',
        identifier: [{ system: 'urn:mrn', value: 'in-document' }],
        name: [{ family: 'Innen' }],
        generalPractitioner: [{ reference: `${BASE}/Practitioner/lind` }],
      },
    },
    {
      fullUrl: 'urn:uuid:33333333-3333-4333-8333-333333333333',
      resource: {
        resourceType: 'Condition',
        subject: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' },
        code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }] },
      },
    },
  ],
})

/** People, measures, a Composition with nested sections, a document and a message. */
export const RECORDS: readonly Resource[] = [
  resource('Patient', 'anna', {
    identifier: [
      {
        system: 'urn:mrn',
        value: 'A|1',
        type: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }],
          text: 'Record number',
        },
      },
    ],
    name: [{ family: 'Müller', given: ['Anna', 'Zoë'] }],
    gender: 'female',
    birthDate: '1970-03',
    active: true,
    generalPractitioner: [{ reference: 'Practitioner/lind' }],
    meta: { tag: [{ system: 'urn:tags', code: 'seen' }], profile: ['https://profiles.example/StructureDefinition/p'] },
  }),
  resource('Patient', 'bert', {
    name: [{ family: 'Berg' }],
    gender: 'male',
    deceasedDateTime: '2025-12-24T20:00:00+01:00',
  }),
  resource('Patient', 'cleo', {
    name: [{ text: 'Cleo muller-lund' }],
    identifier: [{ system: 'urn:mrn', value: 'C' }],
  }),
  resource('Practitioner', 'lind', { name: [{ family: 'Lind' }], identifier: [{ system: 'urn:hpr', value: '9' }] }),
  observation('pulse', '8867-4', 72, { effectiveDateTime: '2026-01-15T08:00:00Z', status: 'amended' }),
  observation('weight', '29463-7', 5.4, { effectivePeriod: { start: '2026-01-01', end: '2026-01-31' } }),
  observation('pressure', '85354-9', 1, {
    subject: { reference: 'Patient/bert/_history/1' },
    valueQuantity: undefined,
    effectiveDateTime: '2025-06',
    component: [
      { code: { coding: [{ system: LOINC, code: '8480-6' }] }, valueQuantity: { value: 120 } },
      { code: { coding: [{ system: LOINC, code: '8462-4' }] }, valueQuantity: { value: 80 } },
    ],
  }),
  resource('Observation', 'elsewhere', {
    status: 'final',
    code: { text: 'only text' },
    subject: { reference: 'https://elsewhere.example/fhir/Patient/anna' },
    valueString: 'x'.repeat(70) + 'Ende',
  }),
  resource('Composition', 'nested', {
    status: 'final',
    type: { coding: [{ system: LOINC, code: '60591-5' }] },
    subject: { identifier: { system: 'urn:mrn', value: 'A|1' }, type: 'Patient' },
    date: '2026-02-03',
    title: 'Nested',
    section: [{ title: 'One', section: [{ section: [{ entry: [{ reference: 'Observation/pulse' }] }] }] }],
  }),
  resource('Composition', 'flat', {
    status: 'preliminary',
    type: { coding: [{ system: LOINC, code: '34133-9' }] },
    subject: { reference: 'Patient/anna' },
    date: '2026-02-04',
    title: 'Flat',
    section: [{ title: 'One', entry: [{ reference: 'Observation/weight' }] }],
  }),
  resource('ValueSet', 'colours', {
    status: 'active',
    url: 'https://terms.example/ValueSet/colours/warm',
    version: '2.0-Beta',
  }),
  resource('Practitioner', 'words', {
    name: [
      {
        family: 'Kapodistriaß Quinones-Diaz',
        given: ['O’Neill', 'Straße', 'ΠΑΠΑΣΤΑΘΗΣ', 'İstanbul', '\u{FB01}sh', '--'],
      },
      { family: 'Kapodistriassson', given: ['مُحَمَّد', 'が'] },
    ],
  }),
  resource('MedicationRequest', 'within', {
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/cleo' },
    medicationReference: { reference: '#mixture' },
    contained: [
      { resourceType: 'Organization', id: 'maker', name: 'Kräuter' },
      {
        resourceType: 'Medication',
        id: 'mixture',
        manufacturer: { reference: '#maker' },
        ingredient: [{ itemCodeableConcept: { coding: [{ code: 'abc' }] } }],
      },
      { resourceType: 'Practitioner', id: 'nobody', name: [{ family: 'abc' }] },
    ],
  }),
  resource('ServiceRequest', 'course', {
    status: 'active',
    intent: 'order',
    subject: { reference: 'Group/people' },
    occurrenceTiming: { event: ['2026-02-01', '2026-02-14'] },
  }),
  resource('Group', 'people', { type: 'person', actual: true }),
  resource('List', 'mixed', { status: 'current', mode: 'working', subject: { reference: 'Patient/cleo' } }),
  resource('List', 'grouped', { status: 'current', mode: 'working', subject: { reference: 'Group/people' } }),
  resource('RiskAssessment', 'risk', {
    status: 'final',
    subject: { reference: 'Patient/anna' },
    prediction: [{ probabilityDecimal: 0.25 }],
  }),
  document,
  resource('Bundle', 'message', {
    type: 'message',
    entry: [
      {
        fullUrl: 'urn:uuid:4',
        resource: { resourceType: 'MessageHeader', eventUri: 'urn:event', source: { endpoint: 'https://e.example' } },
      },
    ],
  }),
  resource('Bundle', 'collection', {
    type: 'collection',
    entry: [{ resource: { resourceType: 'Composition', id: 'inner', title: 'Summary' } }],
  }),
]

/** The plan of each statement of a search, as SQLite tells it. */
export async function plansIn(
  database: Pick<Database, 'snapshot'>,
  type: string,
  query: string,
): Promise<readonly (readonly string[])[]> {
  const plans: string[][] = []
  await database.snapshot(async (session) => {
    const explained: Session = {
      ...session,
      rows: async (asked) => {
        const { sql, parameters } = compiled(asked)
        const plan = await session.rows<{ detail: string }>({ sql: `explain query plan ${sql}`, parameters })
        plans.push(plan.map(({ detail }) => detail))
        return session.rows(asked)
      },
    }
    const request = {
      type,
      parameters: [...new URLSearchParams(query)],
      handling: 'strict',
      defaultCount: 10,
      maxCount: 10,
    } as const
    await index.search(request, { session: explained, reader: { read: () => Promise.resolve([]) } })
  })
  return plans
}
