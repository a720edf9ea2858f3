import { beforeAll, describe, expect, it } from 'vitest'
import { bundleSource } from '../../../src/edge/store/bundle.ts'
import type { Bundle, JsonObject, Resource } from '../../../src/fhir/types.ts'
import { PATIENT, RECORD } from '../../record.ts'
import { summaryService, type SummaryService } from './summary-service.ts'

let service: SummaryService

beforeAll(async () => {
  service = await summaryService({ record: [...RECORD, { ...PATIENT, id: 'other' }] })
})

function parameters(...parameter: readonly JsonObject[]): JsonObject {
  return { resourceType: 'Parameters', parameter: [...parameter] }
}

const patient = { name: 'patient', valueId: 'p' }
const type = {
  name: 'type',
  valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '60591-5' }] },
}

function attachments(body: Resource): readonly string[] {
  return ((body as Bundle).entry ?? []).map(({ resource }) => {
    const { content } = resource as unknown as { content: { attachment: { url: string } }[] }
    return content[0]?.attachment.url ?? ''
  })
}

describe('$docref', () => {
  it('finds nothing where nothing is stored and none is to be made', async () => {
    const asked = parameters({ name: 'patient', valueId: 'other' }, { name: 'on-demand', valueBoolean: false })
    const { status, body } = await service.post('/DocumentReference/$docref', asked)
    expect(status).toBe(200)
    expect(body).toMatchObject({ type: 'searchset', total: 0 })
  })

  it('names a summary that it makes and stores, and the same one from then on', async () => {
    const first = await service.post('/DocumentReference/$docref', parameters(patient, type))
    expect(first.status).toBe(200)
    const [url = ''] = attachments(first.body)
    const document = await service.get(url.slice(service.base.length))
    expect(document.body).toMatchObject({ resourceType: 'Bundle', type: 'document' })
    const again = await service.post('/DocumentReference/$docref', parameters(patient, type))
    expect(attachments(again.body)).toEqual([url])
    const byGet = await service.get('/DocumentReference/$docref?patient=p&type=http://loinc.org%7C60591-5')
    expect(attachments(byGet.body)).toEqual([url])
  })

  it('tells the type, the status and the day of the document', async () => {
    const { body } = await service.post('/DocumentReference/$docref', parameters(patient))
    expect((body as Bundle).entry?.[0]?.resource).toMatchObject({
      resourceType: 'DocumentReference',
      status: 'current',
      docStatus: 'preliminary',
      type: { coding: [{ code: '60591-5' }] },
      subject: { reference: `${service.base}/Patient/p` },
    })
  })

  it('leaves out what is of another type or another time', async () => {
    await service.post('/DocumentReference/$docref', parameters(patient, type))
    const other = await service.get('/DocumentReference/$docref?patient=p&type=34105-7')
    expect(attachments(other.body)).toEqual([])
    const earlier = await service.get('/DocumentReference/$docref?patient=p&end=2020-01-01')
    expect(attachments(earlier.body)).toEqual([])
    const later = await service.get('/DocumentReference/$docref?patient=p&start=2026-01-01')
    expect(attachments(later.body)).toHaveLength(1)
  })

  it('needs to know whose, and somebody who is there', async () => {
    expect((await service.get('/DocumentReference/$docref')).status).toBe(400)
    expect((await service.get('/DocumentReference/$docref?patient=nobody')).status).toBe(404)
  })

  it('is declared by the definition of its guide', async () => {
    const { body } = await service.get('/metadata')
    expect(JSON.stringify(body)).toContain('"http://hl7.org/fhir/uv/ipa/OperationDefinition/docref"')
  })
})

describe('$docref of a patient on a server that is read from', () => {
  it('names the summary that it makes and stores, and the same one from then on', async () => {
    const far = bundleSource('far', {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'https://far.example/fhir/Patient/far', resource: { ...PATIENT, id: 'far' } }],
    })
    const reading = await summaryService({ upstream: [far] })
    const first = await reading.get('/DocumentReference/$docref?patient=far')
    expect(first.body).toMatchObject({
      total: 1,
      entry: [{ resource: { subject: { reference: 'https://far.example/fhir/Patient/far' } } }],
    })
    const again = await reading.get('/DocumentReference/$docref?patient=far')
    expect(attachments(again.body)).toEqual(attachments(first.body))
    expect((await reading.get('/DocumentReference/$docref?patient=nobody')).status).toBe(404)
  })
})
