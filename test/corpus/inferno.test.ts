/** What Inferno's test kit for the patient summary states, each statement over HTTP. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle, Json, JsonObject, Resource } from '../../src/fhir/types.ts'
import { summaryService, type SummaryService } from '../http/operations/summary-service.ts'
import { condition, RECORD } from '../record.ts'
import { corpusDir } from './corpus.ts'
import { summaryRecords } from './summaries.ts'

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/'
const MINIMAL: readonly Resource[] = [
  { resourceType: 'ImagingStudy', id: 'is', status: 'available', subject: { reference: 'Patient/p' } },
  { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: 'Practitioner/d' } },
  { resourceType: 'Specimen', id: 'sp', type: { text: 'Blood' }, subject: { reference: 'Patient/p' } },
  condition('gone', 'Measles'),
]

interface Statement {
  readonly id: string
  readonly statement: string
}

const statements: readonly Statement[] =
  corpusDir === undefined
    ? []
    : (JSON.parse(readFileSync(join(corpusDir, 'inferno-ips', 'statements.json'), 'utf8')) as { statements: Statement[] }).statements // prettier-ignore

let service: SummaryService
let summary: { readonly status: number; readonly body: Resource }

beforeAll(async () => {
  service = await summaryService({ record: [...RECORD, ...MINIMAL] })
  summary = await service.get('/Patient/p/$summary')
})

function entries(): readonly Resource[] {
  return ((summary.body as Bundle).entry ?? []).flatMap(({ resource }) => resource ?? [])
}

/** The resource keeps a profile: no error is found. */
async function keeps(resource: Resource, profile: string): Promise<void> {
  const { body } = await service.post(`/${resource.resourceType}/$validate?profile=${IPS}${profile}`, resource)
  const issues = (body as unknown as { issue: { severity: string; details: { text: string } }[] }).issue
  expect(issues.filter(({ severity }) => severity === 'error').map(({ details }) => details.text)).toEqual([])
}

async function hasAndKeeps(type: string): Promise<void> {
  const own = entries().filter(({ resourceType }) => resourceType === type)
  expect(own.length).toBeGreaterThan(0)
  for (const resource of own) await keeps(resource, `${type}-uv-ips`)
}

async function operationOf(type: string, definition: string): Promise<void> {
  const { status, body } = await service.get('/metadata')
  expect(status).toBe(200)
  const rest = body['rest'] as readonly { resource: readonly { type: string; operation?: readonly JsonObject[] }[] }[]
  const row = rest[0]?.resource.find((one) => one.type === type)
  expect(row?.operation?.map((one) => one['definition'])).toContain(definition)
}

async function put(path: string, resource: JsonObject): Promise<void> {
  const headers = { 'Content-Type': 'application/fhir+json' }
  await fetch(`${service.base}/${path}`, { method: 'PUT', headers, body: JSON.stringify(resource) })
}

/** The document, stored; and its Composition, stored by itself. */
async function stored(): Promise<{ readonly bundle: string; readonly composition: string }> {
  const answer = await fetch(`${service.base}/Patient/p/$summary?persist=true`)
  const bundle = answer.headers.get('Location')?.split('/Bundle/')[1] ?? ''
  const composition = { ...((await answer.json()) as Bundle).entry?.[0]?.resource, id: 'kept' } as JsonObject
  await put('Composition/kept', composition)
  return { bundle, composition: 'kept' }
}

async function isRead(type: string, id: string): Promise<Resource> {
  const { status, body } = await service.get(`/${type}/${id}`)
  expect({ status, type: body.resourceType, id: body.id }).toEqual({ status: 200, type, id })
  return body
}

const CHECKS: Readonly<Record<string, () => Promise<void> | void>> = {
  'SUM-1': async () => expect((await service.get('/metadata')).body.resourceType).toBe('CapabilityStatement'),
  'SUM-2': () => operationOf('Patient', 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary'),
  'SUM-3': () => expect(summary.status).toBe(200),
  'SUM-4': () => expect(summary.body.resourceType).toBe('Bundle'),
  'SUM-5': () => keeps(summary.body, 'Bundle-uv-ips'),
  'SUM-6': () => expect(entries().length).toBeGreaterThan(0),
  'SUM-7': () => expect(entries()[0]?.resourceType).toBe('Composition'),
  'SUM-8': () => keeps(entries()[0] ?? { resourceType: 'none' }, 'Composition-uv-ips'),
  'SUM-9': () => hasAndKeeps('MedicationStatement'),
  'SUM-10': () => hasAndKeeps('AllergyIntolerance'),
  'SUM-11': () => hasAndKeeps('Condition'),
  'DOCREF-1': async () => expect((await service.get('/metadata')).status).toBe(200),
  'DOCREF-2': () => operationOf('DocumentReference', 'http://hl7.org/fhir/uv/ipa/OperationDefinition/docref'),
  'DOCREF-3': async () => {
    const body = { resourceType: 'Parameters', parameter: [{ name: 'patient', valueId: 'p' }] }
    expect((await service.post('/DocumentReference/$docref', body)).status).toBe(200)
  },
  'BND-1': async () => void (await isRead('Bundle', (await stored()).bundle)),
  'BND-2': async () => keeps(await isRead('Bundle', (await stored()).bundle), 'Bundle-uv-ips'),
  'CMP-1': async () => void (await isRead('Composition', (await stored()).composition)),
  'CMP-2': async () => keeps(await isRead('Composition', (await stored()).composition), 'Composition-uv-ips'),
  'CMP-DOC': async () => {
    const [composition = {}] = entries()
    const section = ((composition as JsonObject)['section'] as readonly Json[]).slice(0, 1)
    // what was made for the summary is stored with it alone
    const plain = { ...composition, id: 'plain', author: [{ reference: 'Practitioner/d' }], section }
    await put('Composition/plain', plain)
    const { status, body } = await service.get('/Composition/plain/$document')
    expect(status).toBe(200)
    expect((body as Bundle).entry?.[0]?.resource?.id).toBe('plain')
  },
  'VAL-1': async () => {
    const [{ bundle } = {}] = summaryRecords().filter(({ name }) => name.includes('ips-2.0.0_Bundle-bundle-minimal'))
    expect((await service.post('/Bundle/$validate', bundle as Json as JsonObject)).status).toBe(200)
  },
}

/** Types that the kit reads under another name. */
const TYPES: Readonly<Record<string, string>> = { DeviceObserver: 'Device', MediaObservation: 'Observation' }
/** Profiles that have another name than their type. */
const PROFILES: Readonly<Record<string, string>> = {
  Device: 'Device-uv-ips',
  Observation: 'Observation-results-laboratory-pathology-uv-ips',
}

async function isReadAndKept(name: string): Promise<void> {
  const type = TYPES[name] ?? name
  const known = [...RECORD, ...MINIMAL].find(({ resourceType }) => resourceType === type)
  const resource = await isRead(type, known?.id ?? '')
  await keeps(resource, PROFILES[type] ?? `${type}-uv-ips`)
}

describe.skipIf(corpusDir === undefined)('Inferno states', () => {
  it.each(statements)('$id: $statement', async ({ id }) => {
    const [, name] = /^READ-(.+)$/.exec(id) ?? []
    if (name !== undefined) return isReadAndKept(name)
    const check = CHECKS[id]
    expect(check, `a check of ${id}`).toBeDefined()
    await check?.()
  })
})
