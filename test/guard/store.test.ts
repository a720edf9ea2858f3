/** What a caller may read, find and write, in both stores. */

import { afterAll, describe, expect, it } from 'vitest'
import { MARKS, load } from '../http/access/records.ts'
import { accessService, ALL, failuresSeen, ISSUER, token } from '../http/access/access-service.ts'
import { startPostgres } from '../edge/store/sql/postgres.ts'

const postgres = await startPostgres()
afterAll(() => postgres.stop())
const open = async (name: string, store: string) => {
  const service = await accessService({ store })
  return [name, service, await load(service)] as const
}
const STORES = [await open('sqlite', 'sqlite::memory:'), await open('postgres', await postgres.database())]
const refusing = await accessService({ consentDefault: 'deny' })

describe.each(STORES)('in %s', (_, { send, store }, documents) => {
  const statusOf = async (path: string, bearer: string): Promise<number> => (await send({ path: `/fhir/${path}` }, bearer)).status
  const totalOf = async (path: string, bearer: string): Promise<number | undefined> => (JSON.parse((await send({ path: `/fhir/${path}` }, bearer)).text) as { total?: number }).total
  const patientA = token({ scope: 'patient/*.cruds', patient: 'a' })

  it('a token of one patient reads that record and what is nobody\'s, and finds as much', async () => {
    for (const path of ['Patient/a', 'Observation/a1', 'Practitioner/d', 'Binary/bina', 'Provenance/pa', 'Task/ta', `Bundle/${documents.a}`, 'Observation/a1/_history', 'Patient/a/$everything'])
      expect(await statusOf(path, patientA), path).toBe(200)
    for (const path of ['Patient/b', 'Observation/b1', 'Binary/binb', 'Provenance/pb', 'Task/tb', `Bundle/${documents.b}`, 'Observation/b1/_history', 'Patient/b/$everything'])
      expect(await statusOf(path, patientA), path).toBe(404)
    expect(await totalOf('Observation', patientA)).toBe(2)
    expect(await totalOf('Patient', patientA)).toBe(1)
    expect(await totalOf('Bundle', patientA)).toBe(1)
    expect(await totalOf('Provenance', patientA)).toBe(1)
    expect(await totalOf('Binary?_summary=count', patientA)).toBe(1)
    expect(await totalOf('Practitioner', patientA)).toBe(1)
  })

  it('a constraint of a scope narrows reading, finding and writing', async () => {
    const bearer = token({ scope: 'patient/Observation.cruds?category=laboratory patient/Patient.r', patient: 'a' })
    expect(await statusOf('Observation/a1', bearer)).toBe(200)
    expect(await statusOf('Observation/a2', bearer)).toBe(404)
    expect(await totalOf('Observation', bearer)).toBe(1)
    const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/a' } }
    expect((await send({ method: 'POST', path: '/fhir/Observation', body }, bearer)).status).toBe(403)
    const before = await totalOf('Observation', patientA)
    const category = [{ coding: [{ code: 'laboratory' }] }]
    expect((await send({ method: 'POST', path: '/fhir/Observation', body: { ...body, category } }, bearer)).status).toBe(201)
    expect(await totalOf('Observation', patientA)).toBe((before ?? 0) + 1)
  })

  it('a constraint of a scope over all types grants what is of a type that has the parameter', async () => {
    const bearer = token({ scope: 'patient/*.rs?category=laboratory', patient: 'a' })
    expect([await statusOf('Observation/a1', bearer), await statusOf('Observation/a2', bearer)]).toEqual([200, 404])
    expect([await statusOf('Patient/a', bearer), await statusOf('Observation/b1', bearer)]).toEqual([404, 404])
    expect(await totalOf('Observation', bearer)).toBe(await totalOf('Observation?category=laboratory', patientA))
    expect(await totalOf('Patient', bearer)).toBe(0)
  })

  it.each(['?nonsense=x', '?category=', '?_count=1'])('a constraint that is not understood grants nothing: %s', async (query) => {
    const bearer = token({ scope: `user/Observation.rs${query}` })
    expect([403, 404]).toContain(await statusOf('Observation/a1', bearer))
    expect((await send({ path: '/fhir/Observation' }, bearer)).text).not.toContain(MARKS.a)
  })

  it('pages hold all that may be seen, and as much as was asked for', async () => {
    const seen: string[] = []
    let path: string | undefined = '/fhir/Observation?_count=1&_sort=_id'
    while (path !== undefined) {
      const page = JSON.parse((await send({ path }, patientA)).text) as { entry: { resource: { id: string } }[]; link: { relation: string; url: string }[] }
      expect(page.entry).toHaveLength(1)
      seen.push(...page.entry.map(({ resource }) => resource.id))
      path = page.link.find(({ relation }) => relation === 'next')?.url.replace(/^https:\/\/[^/]*/, '')
    }
    expect(seen.filter((id) => /^[abcv]\d$/.test(id))).toEqual(['a1', 'a2'])
  })

  it('nothing is written out of the record, nor into another', async () => {
    const body = (id: string | undefined, patient: string): object => ({ resourceType: 'Observation', ...(id !== undefined && { id }), status: 'final', code: { text: 'x' }, subject: { reference: `Patient/${patient}` } })
    expect((await send({ method: 'POST', path: '/fhir/Observation', body: body(undefined, 'b') }, patientA)).status).toBe(403)
    expect((await send({ method: 'PUT', path: '/fhir/Observation/a2', body: body('a2', 'b') }, patientA)).status).toBe(403)
    expect((await send({ method: 'PUT', path: '/fhir/Observation/b1', body: body('b1', 'a') }, patientA)).status).toBe(404)
    expect((await send({ method: 'DELETE', path: '/fhir/Practitioner/d' }, patientA)).status).toBe(403)
    expect((await send({ method: 'DELETE', path: '/fhir/Observation/b1' }, patientA)).status).toBe(204)
    expect(await statusOf('Observation/b1', ALL)).toBe(200)
    expect((await send({ method: 'PUT', path: '/fhir/Observation/a2', body: body('a2', 'a') }, patientA)).status).toBe(200)
  })

  it('the audit is read by those who administer, or by a scope that names it', async () => {
    const event = { type: 'AuditEvent', id: 'e', method: 'PUT', resource: { resourceType: 'AuditEvent', id: 'e' } } as const
    await store.transaction((writer) => writer.write(event))
    const clinician = token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d', roles: ['read'] })
    expect(await statusOf('AuditEvent/e', clinician)).toBe(403)
    expect((await send({ path: '/fhir?_id=e' }, clinician)).text).not.toContain('AuditEvent')
    for (const allowed of [token({ scope: 'user/*.rs', roles: ['administer'] }), token({ scope: 'user/AuditEvent.rs' })])
      expect(await totalOf('AuditEvent?_id=e', allowed)).toBe(1)
  })

  it('the letters of a scope are all that it grants', async () => {
    const reading = token({ scope: 'user/Observation.r', roles: ['read'] })
    expect(await statusOf('Observation/a1', reading)).toBe(200)
    expect(await statusOf('Observation?code=x', reading)).toBe(403)
    expect((await send({ method: 'DELETE', path: '/fhir/Observation/a1' }, reading)).status).toBe(403)
    expect(await statusOf('Patient/a', reading)).toBe(403)
    expect(await statusOf('Patient/nowhere', reading)).toBe(403)
  })

  it('a reason breaks the glass for those who may, and for nobody else', async () => {
    const headers = { 'X-Emergency-Reason': 'unconscious' }
    const clinician = token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d', roles: ['read'] })
    for (const path of ['Observation/v1', 'Observation/c1']) {
      expect(await statusOf(path, clinician), path).toBe(404)
      expect((await send({ path: `/fhir/${path}`, headers }, clinician)).status, path).toBe(200)
    }
    expect((await send({ path: '/fhir/Observation/c1', headers }, token({ scope: 'user/*.rs' }))).status).toBe(403)
    expect((await send({ path: '/fhir/Observation/b1', headers }, token({ scope: 'patient/*.rs', patient: 'a', roles: ['read'] }))).status).toBe(404)
  })

  it('a deletion, and the versions before it, are seen by those who saw the resource', async () => {
    const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/b' } }
    const { headers } = await send({ method: 'POST', path: '/fhir/Observation', body }, ALL)
    const id = headers['location']?.split('/')[5] ?? ''
    await send({ method: 'DELETE', path: `/fhir/Observation/${id}` }, ALL)
    expect(await statusOf(`Observation/${id}`, ALL)).toBe(410)
    expect(await statusOf(`Observation/${id}`, patientA)).toBe(404)
    expect(await statusOf(`Observation/${id}/_history`, patientA)).toBe(404)
    expect(await statusOf(`Observation/${id}/_history/1`, patientA)).toBe(404)
  })

  it('that something was erased is told to those who administer, and to nobody else', async () => {
    const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/a' } }
    const { headers } = await send({ method: 'POST', path: '/fhir/Observation', body }, ALL)
    const id = headers['location']?.split('/')[5] ?? ''
    expect(await statusOf(`Observation/${id}`, patientA)).toBe(200)
    expect((await send({ method: 'POST', path: `/fhir/Observation/${id}/$erase?reason=asked&basis=law` }, ALL)).status).toBe(200)
    const told = await send({ path: `/fhir/Observation/${id}` }, ALL)
    expect([told.status, told.text.includes('was erased on')]).toEqual([410, true])
    expect(await statusOf(`Observation/${id}/_history/1`, ALL)).toBe(410)
    const ofOnePatient = token({ scope: 'patient/*.cruds', patient: 'a', roles: ['administer'] })
    for (const bearer of [patientA, ofOnePatient, token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d', purpose_of_use: 'TREAT' })])
      for (const path of [`Observation/${id}`, `Observation/${id}/_history/1`, `Observation/${id}/_history`])
        expect(await statusOf(path, bearer), path).toBe(404)
  })

  it('a consent that denies a part keeps that from being found, and the document that holds it', async () => {
    const consent = { resourceType: 'Consent', id: 'part-b', status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'x' }], patient: { reference: 'Patient/b' }, policyRule: { coding: [{ code: 'OPTIN' }] }, provision: { type: 'permit', provision: [{ type: 'deny', class: [{ code: 'Observation' }] }] } }
    await send({ method: 'PUT', path: '/fhir/Consent/part-b', body: consent }, ALL)
    const clinician = token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d' })
    expect(await statusOf('Patient/b', clinician)).toBe(200)
    expect(await statusOf('Observation/b1', clinician)).toBe(404)
    expect(await statusOf(`Bundle/${documents.b}`, clinician)).toBe(404)
    expect(await statusOf('Provenance/pb', clinician)).toBe(404)
    expect(await totalOf('Observation?patient=b', clinician)).toBe(0)
    expect(await totalOf('Patient?_has:Observation:patient:_id=b1', clinician)).toBe(0)
    expect(await statusOf('Composition/cb/$document', clinician)).toBe(403)
    const against = { ...consent, provision: { type: 'deny' } }
    expect((await send({ method: 'PUT', path: '/fhir/Consent/part-b', body: against }, ALL)).status).toBe(200)
    const loader = token({ scope: 'system/*.cruds', purpose_of_use: ['ETREAT'] })
    // who administers can withdraw it, though it denies all: its data stays denied, and it itself to others
    expect(await statusOf('Consent/part-b', loader)).toBe(404)
    expect((await send({ method: 'PUT', path: '/fhir/Consent/part-b', body: consent }, loader)).status).toBe(403)
    expect([await statusOf('Consent/part-b', ALL), await statusOf('Observation/b1', ALL)]).toEqual([200, 404])
    const event = { type: 'AuditEvent', id: 'of-b', method: 'PUT', resource: { resourceType: 'AuditEvent', id: 'of-b', entity: [{ what: { reference: 'Patient/b' } }] } } as const
    await store.transaction((writer) => writer.write(event))
    const found = async (bearer: string): Promise<readonly (number | undefined)[]> => Promise.all(['Consent?patient=b', 'Observation?patient=b', 'AuditEvent?patient=b'].map((path) => totalOf(path, bearer)))
    expect((await found(ALL)).map((total) => (total ?? 0) > 0)).toEqual([true, false, true])
    expect(await found(token({ scope: 'system/*.rs system/AuditEvent.rs' }))).toEqual([0, 0, 0])
    expect((await send({ method: 'DELETE', path: '/fhir/Consent/part-b' }, ALL)).status).toBe(204)
    expect(await statusOf('Consent/part-b', ALL)).toBe(410)
    expect(await statusOf('Observation/b1', clinician)).toBe(200)
  })
}) // prettier-ignore

describe('where nothing is permitted that no consent permits', () => {
  const { send, ...service } = refusing
  const load = (resource: object): Promise<unknown> =>
    service.store.transaction((writer) => writer.write({ type: (resource as { resourceType: string }).resourceType, id: (resource as { id: string }).id, method: 'PUT', resource: resource as never })) // prettier-ignore
  const clinician = token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d' })

  it("only the records of those who consented are seen, and what is nobody's", async () => {
    for (const id of ['x', 'y']) await load({ resourceType: 'Patient', id })
    await load({ resourceType: 'Practitioner', id: 'd' })
    await load({ resourceType: 'Consent', id: 'c', status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, patient: { reference: 'Patient/x' }, provision: { type: 'permit', actor: [{ reference: { reference: 'Practitioner/d' } }] } }) // prettier-ignore
    expect((await send({ path: '/fhir/Patient/x' }, clinician)).status).toBe(200)
    expect((await send({ path: '/fhir/Patient/y' }, clinician)).status).toBe(404)
    expect((await send({ path: '/fhir/Practitioner/d' }, clinician)).status).toBe(200)
    expect(JSON.parse((await send({ path: '/fhir/Patient' }, clinician)).text)).toMatchObject({ total: 1 })
  })

  it('somebody whom a consent names by an identifier is who has it, of the same system', async () => {
    const [npi, employee] = ['urn:npi', 'urn:employee']
    await load({ resourceType: 'Patient', id: 'z' })
    await load({ resourceType: 'Practitioner', id: 'n', identifier: [{ system: npi, value: '7' }] })
    const named = (type: string, identifier: object, id: string): Promise<unknown> => load({ resourceType: 'Consent', id, status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, patient: { reference: 'Patient/z' }, provision: { type, actor: [{ reference: { identifier } }] } }) // prettier-ignore
    const colleague = token({ scope: 'user/*.rs', fhirUser: 'Practitioner/n', sub: '8' })
    const status = async (): Promise<readonly number[]> => [
      (await send({ path: '/fhir/Patient/z' }, colleague)).status,
      Number((JSON.parse((await send({ path: '/fhir/Patient?_id=z' }, colleague)).text) as { readonly total: number }).total), // prettier-ignore
    ]
    for (const identifier of [{ system: employee, value: '7' }, { value: '7' }, { system: npi, value: '8' }]) {
      await named('permit', identifier, 'by-identifier')
      expect(await status(), JSON.stringify(identifier)).toEqual([404, 0])
    }
    for (const identifier of [
      { system: npi, value: '7' },
      { system: ISSUER, value: '8' },
    ]) {
      await named('permit', identifier, 'by-identifier')
      expect(await status(), JSON.stringify(identifier)).toEqual([200, 1])
    }
    for (const identifier of [{ system: npi, value: '7' }, { value: '7' }, { value: '8' }]) {
      await named('deny', identifier, 'against-identifier')
      expect(await status(), JSON.stringify(identifier)).toEqual([404, 0])
    }
    await named('deny', { system: npi, value: '9' }, 'against-identifier')
    expect(await status()).toEqual([200, 1])
    // who they are is what the store says now
    await load({ resourceType: 'Practitioner', id: 'n', identifier: [{ system: npi, value: '9' }] })
    expect(await status()).toEqual([404, 0])
  })
})

it('nothing failed', () => {
  expect(failuresSeen()).toEqual([])
})
