import { beforeAll, describe, expect, it } from 'vitest'
import { memorySource } from '../../../src/edge/store/memory.ts'
import type { Bundle, Composition, Resource } from '../../../src/fhir/types.ts'
import { PATIENT, RECORD } from '../../record.ts'
import { summaryService, type SummaryService } from './summary-service.ts'

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips'
const TOKEN = 'urn:oid:1.2.3|4711'

let service: SummaryService

beforeAll(async () => {
  const elsewhere = { ...PATIENT, id: 'far', identifier: [{ system: 'urn:oid:1.2.3', value: '9' }] }
  const far = memorySource('far', [
    { resource: elsewhere, url: 'https://far.example/fhir/Patient/far' },
    {
      resource: { resourceType: 'Condition', id: 'c', code: { text: 'Gout' }, subject: { reference: 'Patient/far' } },
      url: 'https://far.example/fhir/Condition/c',
    },
    ...['parent', 'child'].map((id) => ({
      resource: { ...elsewhere, id, identifier: [] },
      url: `https://far.example/fhir/Patient/${id}`,
    })),
    {
      resource: {
        resourceType: 'Condition',
        id: 'd',
        code: { text: 'Croup' },
        subject: { reference: 'Patient/child' },
        asserter: { reference: 'Patient/parent' },
      },
      url: 'https://far.example/fhir/Condition/d',
    },
  ])
  const twin = { ...PATIENT, id: 'q' }
  const twins = [{ ...twin, identifier: [{ system: 'urn:x', value: '1' }] }, { ...twin, id: 'q2', identifier: [{ system: 'urn:x', value: '1' }] }] // prettier-ignore
  service = await summaryService({ record: [...RECORD, ...twins], upstream: [far] })
})

function compositionOf(bundle: Resource): Composition {
  return (bundle as Bundle).entry?.[0]?.resource as Composition
}

function textOf(body: Resource): string {
  return (body as unknown as { issue: { details: { text: string } }[] }).issue[0]?.details.text ?? ''
}

describe('$summary', () => {
  it('is the document of a stored record', async () => {
    const { status, body } = await service.get('/Patient/p/$summary')
    expect(status).toBe(200)
    expect(body).toMatchObject({ resourceType: 'Bundle', type: 'document', timestamp: expect.any(String) as string })
    const composition = compositionOf(body)
    expect(composition).toMatchObject({
      meta: { profile: [`${IPS}|2.0.0`] },
      status: 'preliminary',
      type: { coding: [{ system: 'http://loinc.org', code: '60591-5' }] },
    })
    expect(composition.section?.every(({ text }) => typeof text?.div === 'string')).toBe(true)
  })

  it('holds exactly one Patient, and every entry that it refers to', async () => {
    const { body } = await service.get('/Patient/p/$summary')
    const types = ((body as Bundle).entry ?? []).map(({ resource }) => resource?.resourceType)
    expect(types.filter((type) => type === 'Patient')).toHaveLength(1)
    expect(types).toContain('Medication')
    expect(types).toContain('Practitioner')
  })

  it('is found by identifier, with its system or without', async () => {
    for (const token of [TOKEN, '4711']) {
      const { status, body } = await service.get(`/Patient/$summary?identifier=${encodeURIComponent(token)}`)
      expect(status).toBe(200)
      expect(body.resourceType).toBe('Bundle')
    }
  })

  it('takes an Identifier too, as the older definition has it', async () => {
    const identifier = { name: 'identifier', valueIdentifier: { system: 'urn:oid:1.2.3', value: '4711' } }
    const { status } = await service.post('/Patient/$summary', { resourceType: 'Parameters', parameter: [identifier] })
    expect(status).toBe(200)
  })

  it('is 404 for an identifier that nobody has, and 412 for one that several have', async () => {
    expect((await service.get('/Patient/$summary?identifier=urn:x%7C2')).status).toBe(404)
    expect((await service.get('/Patient/$summary?identifier=urn:x%7C1')).status).toBe(412)
  })

  it('needs to know whose', async () => {
    const { status, body } = await service.get('/Patient/$summary')
    expect(status).toBe(400)
    expect(textOf(body)).toContain('identifier')
    expect((await service.get('/Patient/nobody/$summary')).status).toBe(404)
  })

  it('is asked by POST as well', async () => {
    const profile = { name: 'profile', valueCanonical: `${IPS}|1.1.0` }
    const { status, body } = await service.post('/Patient/p/$summary', { resourceType: 'Parameters', parameter: [profile] }) // prettier-ignore
    expect(status).toBe(200)
    expect(compositionOf(body).meta?.profile).toEqual([`${IPS}|1.1.0`])
  })

  it('is by the profile that is asked for, and names those there are for another', async () => {
    const { status, body } = await service.get('/Patient/p/$summary?profile=https://records.example/other')
    expect(status).toBe(400)
    expect(textOf(body)).toContain(`${IPS}|2.0.0`)
    expect((await service.get(`/Patient/p/$summary?profile=${IPS}%7C3.0.0`)).status).toBe(400)
    const eps = await service.get(
      '/Patient/p/$summary?profile=http://hl7.eu/fhir/eps/StructureDefinition/composition-eu-eps',
    )
    expect(compositionOf(eps.body).title).toBe('European Patient Summary')
  })

  it('is attested by the practitioner who reviews it', async () => {
    const { body } = await service.get('/Patient/p/$summary?reviewer=Practitioner/d')
    expect(compositionOf(body)).toMatchObject({
      status: 'final',
      attester: [{ mode: 'professional', time: '2026-03-15T10:00:00Z' }],
    })
    expect(compositionOf(body).author).toHaveLength(2)
  })

  it('is in the formats that documents are in', async () => {
    const of = async (accept: string): Promise<Response> =>
      fetch(`${service.base}/Patient/p/$summary`, { headers: { Accept: accept } })
    expect(await (await of('application/fhir+xml')).text()).toContain('<Bundle ')
    expect(await (await of('application/xhtml+xml')).text()).toContain('Type 2 diabetes')
    expect((await of('application/pdf')).headers.get('Content-Type')).toBe('application/pdf')
  })

  it('says in its text what is not shown', async () => {
    const { body } = await service.get('/Patient/p/$summary')
    const results = compositionOf(body).section?.find(({ code }) => code?.coding?.[0]?.code === '30954-2')
    expect(results?.text?.div).toContain('1 older not shown')
  })

  it('is of a record on a server that is read from', async () => {
    const { status, body } = await service.get('/Patient/far/$summary')
    expect(status).toBe(200)
    expect(compositionOf(body).subject?.reference).toBe('https://far.example/fhir/Patient/far')
    expect(compositionOf(body).section?.[0]?.entry).toHaveLength(1)
  })

  it('of a record with a problem of somebody else, which its patient told of, never has it as theirs (H-1)', async () => {
    const { status, body } = await service.get('/Patient/parent/$summary')
    const text = JSON.stringify(body)
    expect([status, text.includes('Patient/parent'), text.includes('Croup'), text.includes('Patient/child')]).toEqual([
      200,
      true,
      false,
      false,
    ])
  })

  it('shows what was written since', async () => {
    await service.get('/Patient/p/$summary')
    const flag = { resourceType: 'Flag', id: 'new', status: 'active', code: { text: 'Deaf' }, subject: { reference: 'Patient/p' } } // prettier-ignore
    await fetch(`${service.base}/Flag/new`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(flag),
    })
    const { body } = await service.get('/Patient/p/$summary')
    expect(JSON.stringify(body)).toContain('Deaf')
  })

  it('is stored with a receipt that says where each resource of the record is', async () => {
    const answer = await fetch(`${service.base}/Patient/p/$summary?persist=true`)
    const location = answer.headers.get('Location') ?? ''
    const { body } = await service.get(`/Bundle/${location.split('/Bundle/')[1]}/$receipt`)
    const record =
      (body as unknown as { record?: { source: string; section?: string; fullUrl?: string }[] }).record ?? []
    const diabetes = record.find(({ source }) => source.includes('/Condition/c1'))
    expect(diabetes).toMatchObject({ section: '11450-4', fullUrl: expect.stringContaining('/Condition/c1') as string })
    expect(record.find(({ source }) => source.includes('/Account/ac1'))).not.toHaveProperty('fullUrl')
  })

  it('is declared by the definition of the guide', async () => {
    const { body } = await service.get('/metadata')
    expect(JSON.stringify(body)).toContain('"http://hl7.org/fhir/uv/ips/OperationDefinition/summary"')
  })
})
