/** The records of three patients: one who may be read, one who is another's, one who denies; each text a word that tells whose it is. */

import type { JsonObject, Resource } from '../../../src/fhir/types.ts'
import { ALL, type AccessService } from './access-service.ts'

/** Words that stand in what may not be read, and nowhere else. */
export const MARKS = { b: 'Zebedee', v: 'Quagmire', c: 'Nightingale', a: 'Aardvark' } as const

const div = (word: string): string => `<div xmlns="http://www.w3.org/1999/xhtml"><p>${word}</p></div>`
const V = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] }

function observation(id: string, patient: string, word: string, members: JsonObject = {}): JsonObject {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: word },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: '2026-02-01',
    valueString: word,
    ...members,
  }
}

function composition(id: string, patient: string, entries: readonly string[], members: JsonObject = {}): JsonObject {
  return {
    resourceType: 'Composition',
    id,
    identifier: { system: 'https://records.example/series', value: `series-${id}` },
    status: 'preliminary',
    type: { text: 'Summary' },
    subject: { reference: `Patient/${patient}` },
    date: '2026-03-01',
    author: [{ reference: 'Practitioner/d' }],
    title: 'Summary',
    section: [
      {
        title: 'Results',
        code: { text: 'Results' },
        text: { status: 'additional', div: div('Text') },
        entry: entries.map((reference) => ({ reference })),
      },
    ],
    ...members,
  }
}

const category = (code: string): JsonObject => ({
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }],
})

const record = (patient: 'a' | 'b' | 'c'): readonly JsonObject[] => [
  {
    resourceType: 'Patient',
    id: patient,
    name: [{ family: MARKS[patient] }],
    gender: 'female',
    birthDate: '1970-01-01',
  },
  observation(`${patient}1`, patient, MARKS[patient], category('laboratory')),
  composition(`c${patient}`, patient, [`Observation/${patient}1`], { title: MARKS[patient] }),
  {
    resourceType: 'Binary',
    id: `bin${patient}`,
    contentType: 'text/plain',
    securityContext: { reference: `Patient/${patient}` },
    data: Buffer.from(MARKS[patient]).toString('base64'),
  },
  {
    resourceType: 'Provenance',
    id: `p${patient}`,
    target: [{ reference: `Observation/${patient}1` }],
    recorded: '2026-02-01T10:00:00Z',
    agent: [{ who: { display: MARKS[patient] } }],
  },
  {
    resourceType: 'Task',
    id: `t${patient}`,
    status: 'requested',
    intent: 'order',
    description: MARKS[patient],
    for: { reference: `Patient/${patient}` },
  },
]

const RESOURCES: readonly JsonObject[] = [
  { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Lind' }] },
  ...record('a'),
  ...record('b'),
  ...record('c'),
  observation('a2', 'a', 'Aardvark', category('vital-signs')),
  observation('v1', 'a', MARKS.v, { meta: V, ...category('laboratory') }),
  composition('cv', 'a', ['Observation/a1'], { title: MARKS.v, meta: V, confidentiality: 'V' }),
  // one that may be read, and leads to what may not
  composition('cw', 'a', ['Observation/a1', 'Observation/v1'], { title: 'Leads to more' }),
  composition('cx', 'a', ['Observation/b1'], { title: 'Leads elsewhere' }),
  { resourceType: 'Binary', id: 'binv', contentType: 'text/plain', meta: V, securityContext: { reference: 'Patient/a' }, data: Buffer.from(MARKS.v).toString('base64') },
  { resourceType: 'Provenance', id: 'pv', target: [{ reference: 'Observation/v1' }], recorded: '2026-02-01T10:00:00Z', agent: [{ who: { display: MARKS.v } }] },
  { resourceType: 'Patient', id: 'pv', meta: V, name: [{ family: MARKS.v }] },
  { resourceType: 'Task', id: 'tv', meta: V, status: 'requested', intent: 'order', description: MARKS.v, for: { reference: 'Patient/a' } },
  {
    resourceType: 'Consent',
    id: 'deny-c',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/c' },
    dateTime: '2026-01-01',
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: { type: 'deny' },
  },
] // prettier-ignore

/** The ids of the stored documents, by whose they are. */
export interface Documents {
  readonly a: string
  readonly b: string
  readonly c: string
  readonly v: string
}

/** Puts everything into the store by the service itself, and has the documents stored. */
export async function load({ send }: AccessService): Promise<Documents> {
  const consent = RESOURCES.at(-1)
  for (const resource of RESOURCES.slice(0, -1)) await put(resource, send)
  const made = async (composition: string): Promise<string> => {
    const path = `/fhir/Composition/${composition}/$document?persist=true`
    const { headers, status, text } = await send({ method: 'POST', path }, ALL)
    if (status !== 200) throw new Error(`${composition}: ${text}`)
    return headers['location']?.split('/').at(-1) ?? ''
  }
  const documents = { a: await made('ca'), b: await made('cb'), c: await made('cc'), v: await made('cv') }
  await put(consent ?? {}, send)
  return documents
}

async function put(resource: JsonObject, send: AccessService['send']): Promise<void> {
  const { resourceType, id } = resource as Resource
  const path = `/fhir/${resourceType}/${id}`
  const { status, text } = await send({ method: 'PUT', path, body: resource }, ALL)
  if (status !== 201) throw new Error(`${path}: ${status} ${text}`)
}
