/** Ways to learn of what is hidden without being shown it: by its values, its counts, its order, its address, or who else may. */

import { describe, expect, it } from 'vitest'
import { accessService, ALL, failuresSeen, token, type Answered, type Sent } from './access-service.ts'
import { load, MARKS } from './records.ts'

const service = await accessService()
const { send } = service
const documents = await load(service)

const roles = ['compose', 'attest', 'sign', 'read']
const patientA = token({ scope: 'patient/*.cruds', patient: 'a', roles })
const treating = token({ scope: 'user/*.cruds', fhirUser: 'Practitioner/d', purpose_of_use: 'TREAT', roles })
/** Whom something is hidden from, and a mark, an id and a patient of what is. */
const CALLERS = [
  { name: 'of another patient', bearer: patientA, mark: MARKS.b, id: 'b1', patient: 'b', document: documents.b },
  { name: 'whom a consent denies', bearer: treating, mark: MARKS.c, id: 'c1', patient: 'c', document: documents.c },
  { name: 'without the purpose of a label', bearer: treating, mark: MARKS.v, id: 'v1', patient: 'pv', document: documents.v },
] as const // prettier-ignore

const get = (path: string, bearer: string, headers: Sent['headers'] = {}): Promise<Answered> =>
  send({ path: `/fhir/${path}`, headers }, bearer)
const bodyOf = ({ text }: Answered): { readonly total?: number; readonly entry?: readonly unknown[] } =>
  JSON.parse(text) as { total?: number }

/** Searches by what is hidden. */
const queriesOf = ({ id, mark, patient, document }: Pick<(typeof CALLERS)[number], 'id' | 'mark' | 'patient' | 'document'>): readonly string[] => [
    `Observation?value-string=${mark}`,
    `Observation?code:text=${mark}`,
    `Observation?_id=${id}&_summary=count`,
    `Observation?_id=${id}&_total=accurate&_count=0`,
    `Observation?_id:not=zz&value-string=${mark}`,
    `Observation?_has:Provenance:target:_id=p${patient}&_id=${id}`,
    `Patient?_has:Observation:patient:value-string=${mark}`,
    `Patient?_has:Observation:patient:code:text=${mark}`,
    `Patient?_has:Observation:subject:_has:Provenance:target:_id=p${patient}&name=${mark}`,
    `Observation?subject:Patient.family=${mark}`,
    `Observation?patient.family=${mark}`,
    `Provenance?target:Observation.value-string=${mark}`,
    `Provenance?target=Observation/${id}`,
    `Task?patient.family=${mark}`,
    `Composition?entry:Observation.value-string=${mark}`,
    `Composition?section-text=${mark}&_id=c${patient}`,
    `Bundle?composition.title=${mark}`,
    `Bundle?composition.patient.family=${mark}`,
    `Bundle?_id=${document}`,
    `Practitioner?_has:Composition:author:title=${mark}`,
    `Practitioner?_has:Composition:author:patient.family=${mark}`,
] // prettier-ignore

it('asks what finds something for one who may', async () => {
  const found = await Promise.all(
    queriesOf(CALLERS[0]).map(async (query) => {
      const answer = await get(query, ALL)
      return answer.status === 200 && (bodyOf(answer).total ?? 0) > 0
    }),
  )
  expect(found.filter((one) => one).length).toBeGreaterThanOrEqual(15)
})

describe.each(CALLERS)('a caller $name', ({ bearer, mark, id, patient, document }) => {
  it.each(queriesOf({ id, mark, patient, document }))('finds nothing by %s', async (query) => {
    const answer = await get(query, bearer)
    if (answer.status === 400) return
    expect(answer.status).toBe(200)
    expect(bodyOf(answer).total ?? 0).toBe(0)
    expect(bodyOf(answer).entry?.length ?? 0).toBe(0)
  })

  it('sees no order, no page and no count that is made by it', async () => {
    for (const query of ['Observation?_sort=value-string', 'Observation?_sort=-_lastUpdated', 'Task?_sort=patient', 'Observation?_count=1&_sort=_id', 'Observation?_summary=count']) {
      const answer = await get(query, bearer)
      if (answer.status === 400) continue
      const readable = await get('Observation?_total=accurate&_count=100', bearer)
      expect(answer.text).not.toContain(mark)
      if (query.startsWith('Observation')) expect(bodyOf(answer).total ?? bodyOf(readable).total).toBe(bodyOf(readable).total)
    }
  }) // prettier-ignore

  it('is told the same by HEAD, OPTIONS and conditions, whether it is there or not', async () => {
    const way = async (request: Omit<Sent, 'path'>, at: string): Promise<string> => {
      const { status, text, headers } = await send({ ...request, path: `/fhir/Observation/${at}` }, bearer)
      return JSON.stringify([status, text.replaceAll(at, '*'), headers['etag'], headers['last-modified'], headers['allow'], headers['content-length']]) // prettier-ignore
    }
    for (const request of [
      { method: 'HEAD' },
      { method: 'OPTIONS' },
      { headers: { 'If-None-Match': 'W/"1"' } },
      { headers: { 'If-None-Match': '*' } },
      { headers: { 'If-Modified-Since': 'Sat, 01 Jan 2000 00:00:00 GMT' } },
      { method: 'DELETE', headers: { 'If-Match': 'W/"1"' } },
      { method: 'DELETE', headers: { 'If-Match': 'W/"9"' } },
    ])
      expect(await way(request, id), JSON.stringify(request)).toBe(await way(request, 'z9'))
  })

  it('is told the same of a record that is hidden and of one that is not there', async () => {
    const told = async (path: (at: string) => string, at: string): Promise<string> => {
      const { status, text, headers } = await get(path(at), bearer)
      const shown = text.replaceAll(new RegExp(`(Patient/|patient=)${at}\\b`, 'g'), '*')
      return JSON.stringify([status, shown, headers['etag'], headers['last-modified']])
    }
    const ways = [
      (at: string): string => `Patient/${at}/Observation`,
      (at: string): string => `Patient/${at}/Observation?_total=accurate&_count=0`,
      (at: string): string => `Patient/${at}/Observation?_revinclude=Provenance:target`,
      (at: string): string => `Observation?patient=${at}`,
    ]
    // the last may see the patient, and not what is labelled
    for (const way of ways) expect(await told(way, patient), way('x')).toBe(await told(way, 'zz'))
  })

  it('is told the same by writes to an address of their choice, alone, in a batch and in a transaction', async () => {
    const body = (at: string): object => ({ resourceType: 'Observation', id: at, status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/a' } }) // prettier-ignore
    const patch = [{ op: 'replace', path: '/status', value: 'amended' }]
    const entryOf = (at: string): object => ({
      request: { method: 'PUT', url: `Observation/${at}` },
      resource: body(at),
    })
    const ways: readonly ((at: string) => Sent)[] = [
      ...[{}, { 'If-Match': 'W/"1"' }, { 'If-None-Match': '*' }, { Prefer: 'return=minimal' }].map(
        (headers) => (at: string): Sent => ({ method: 'PUT', path: `/fhir/Observation/${at}`, body: body(at), headers }),
      ),
      (at) => ({ method: 'PATCH', path: `/fhir/Observation/${at}`, body: patch, headers: { 'Content-Type': 'application/json-patch+json' } }),
      (at) => ({ method: 'PUT', path: `/fhir/Observation?_id=${at}`, body: body(at) }),
      ...['batch', 'transaction'].map(
        (type) => (at: string): Sent => ({ method: 'POST', path: '/fhir', body: { resourceType: 'Bundle', type, entry: [entryOf(at)] } }),
      ),
    ] // prettier-ignore
    for (const way of ways) {
      const told = async (at: string): Promise<string> => {
        const { status, text, headers } = await send(way(at), bearer)
        return JSON.stringify([status, text.replaceAll(at, '*'), headers['etag'], headers['location'], headers['last-modified']]) // prettier-ignore
      }
      const ofHidden = await told(id)
      expect(ofHidden, JSON.stringify(way(id))).toBe(await told('z9'))
      expect(ofHidden).not.toMatch(/^\[20[01],.*"id"/)
    }
  })

  it('learns nothing by writes on a condition', async () => {
    const body = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/a' } } // prettier-ignore
    const made = async (condition: string): Promise<number> => {
      const headers = { 'If-None-Exist': condition }
      const { status, headers: told } = await send({ method: 'POST', path: '/fhir/Observation', body, headers }, bearer)
      const location = told['location']?.replace(/^https:\/\/[^/]*/, '').replace(/\/_history.*/, '')
      if (status === 201 && location !== undefined) await send({ method: 'DELETE', path: location }, ALL)
      return status
    }
    expect(await made(`value-string=${mark}`)).toBe(await made('value-string=Nobody'))
    expect(await made(`_id=${id}`)).toBe(await made('_id=z9'))
    for (const method of ['DELETE', 'PATCH']) {
      const request = (value: string): Sent => ({
        method,
        path: `/fhir/Observation?value-string=${value}`,
        ...(method === 'PATCH' && {
          body: [{ op: 'replace', path: '/status', value: 'amended' }],
          headers: { 'Content-Type': 'application/json-patch+json' },
        }),
      })
      expect((await send(request(mark), bearer)).status, method).toBe((await send(request('Nobody'), bearer)).status)
    }
    const again = await get(`Observation/${id}`, ALL, { 'X-Emergency-Reason': 'to see that it is there' })
    expect(again.status).toBe(200)
  })

  it('is shown nothing of it by a reference of their own to it', async () => {
    const sneaking = {
      resourceType: 'Composition', identifier: { system: 'urn:x', value: `sneak-${patient}` }, status: 'preliminary',
      type: { text: 'x' }, subject: { reference: 'Patient/a' }, date: '2026-03-01', author: [{ reference: 'Practitioner/d' }],
      title: 'Sneak', section: [{ title: 'x', code: { text: 'x' }, text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }, entry: [{ reference: `Observation/${id}` }] }],
    } // prettier-ignore
    const stored = await send({ method: 'POST', path: '/fhir/Composition', body: sneaking }, bearer)
    expect(stored.status).toBe(201)
    const at = /Composition\/([^/]+)/.exec(stored.headers['location'] ?? '')?.[1] ?? ''
    for (const path of [`Composition/${at}/$document`, `Composition?_id=${at}&_include=*`, `Composition?_id=${at}&_include:iterate=*`, `Patient/a/$everything`]) {
      const answer = await get(path, bearer)
      expect(answer.text, path).not.toContain(mark)
      if (path.includes('$document')) expect(answer.status).toBeGreaterThanOrEqual(400)
    }
    await send({ method: 'DELETE', path: `/fhir/Composition/${at}` }, ALL)
  }) // prettier-ignore

  it('is shown nothing of it by a graph', async () => {
    const graph = { resourceType: 'GraphDefinition', url: `urn:graph:${patient}`, name: 'G', status: 'active', start: 'Composition', link: [{ path: 'Composition.subject', target: [{ type: 'Patient', link: [{ target: [{ type: 'Observation', params: 'patient={ref}' }] }] }] }, { target: [{ type: 'Observation', params: `_id=${id}` }] }] } // prettier-ignore
    expect((await send({ method: 'POST', path: '/fhir/GraphDefinition', body: graph }, ALL)).status).toBe(201)
    const answer = await get(`Composition/ca/$document?persist=false&graph=urn:graph:${patient}`, bearer)
    expect(answer.text).not.toContain(mark)
  })

  it('does no more in a batch or a transaction than alone', async () => {
    const entry = [
      { request: { method: 'GET', url: `Observation/${id}` } },
      { request: { method: 'HEAD', url: `Observation/${id}` } },
      { request: { method: 'GET', url: `Observation/${id}/_history/1` } },
      { request: { method: 'GET', url: `Patient/${patient}/$everything` } },
      { request: { method: 'GET', url: `Bundle/${document}/$original` } },
      { request: { method: 'GET', url: `Observation?value-string=${mark}` } },
    ]
    for (const type of ['batch', 'transaction']) {
      const { text } = await send({ method: 'POST', path: '/fhir', body: { resourceType: 'Bundle', type, entry } }, bearer) // prettier-ignore
      expect(text, type).not.toContain(`"${mark}`)
      expect(text, type).not.toContain('"W/')
    }
    const referring = { resourceType: 'Task', status: 'requested', intent: 'order', for: { reference: `Patient?family=${mark}` } } // prettier-ignore
    const linked = (reference: string): object => ({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource: { ...referring, for: { reference } }, request: { method: 'POST', url: 'Task' } }] }) // prettier-ignore
    const [hidden, absent] = [
      await send({ method: 'POST', path: '/fhir', body: linked(`Patient?family=${mark}`) }, bearer),
      await send({ method: 'POST', path: '/fhir', body: linked('Patient?family=Nobody') }, bearer),
    ]
    expect([hidden.status, hidden.text.replaceAll(mark, '*')]).toEqual([
      absent.status,
      absent.text.replaceAll('Nobody', '*'),
    ])
  })

  it.each(['$original', '$receipt', '$verify', '$validate', '$render', '_history', '_history/1'])(
    'is told the same of a stored document by %s',
    async (suffix) => {
      const absent = document.replace(/^......../, 'ffffffff')
      const [one, other] = [await get(`Bundle/${document}/${suffix}`, bearer), await get(`Bundle/${absent}/${suffix}`, bearer)] // prettier-ignore
      expect([one.status, one.text.replaceAll(document, '*')]).toEqual([
        other.status,
        other.text.replaceAll(absent, '*'),
      ])
    },
  )
})

describe('constraints of a scope', () => {
  const laboratory = token({ scope: 'patient/Observation.rs?category=laboratory patient/Composition.rs patient/Patient.rs patient/Practitioner.rs patient/Provenance.rs', patient: 'a' }) // prettier-ignore

  it('hold for what is read, found, included, in history and by closure', async () => {
    expect((await get('Observation/a1', laboratory)).status).toBe(200)
    for (const path of ['Observation/a2', 'Observation/a2/_history', 'Observation/a2/_history/1'])
      expect((await get(path, laboratory)).status, path).toBe(404)
    for (const path of [
      'Observation?_include=*',
      'Patient?_revinclude=Observation:subject',
      'Patient?_revinclude=*',
      'Observation/_history',
      'Observation?code=http://loinc.org|8867-4',
    ])
      // prettier-ignore
      expect((await get(path, laboratory)).text, path).not.toContain('"id":"a2"')
    expect(bodyOf(await get('Patient?_has:Observation:patient:category=vital-signs', laboratory)).total).toBe(0)
    expect(bodyOf(await get('Observation?category=vital-signs', laboratory)).total).toBe(0)
    const entries = { title: 'x', code: { text: 'x' }, text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' } } // prettier-ignore
    const body = { resourceType: 'Composition', id: 'vitals', identifier: { system: 'urn:x', value: 'vitals' }, status: 'preliminary', type: { text: 'x' }, subject: { reference: 'Patient/a' }, date: '2026-03-01', author: [{ reference: 'Practitioner/d' }], title: 'x', section: [{ ...entries, entry: [{ reference: 'Observation/a2' }] }] } // prettier-ignore
    expect((await send({ method: 'PUT', path: '/fhir/Composition/vitals', body }, ALL)).status).toBe(201)
    const document = await get('Composition/vitals/$document?persist=false', laboratory)
    expect([document.status, document.text.includes('8867-4')]).toEqual([403, false])
    expect((await get('Composition/ca/$document?persist=false', laboratory)).status).toBe(200)
  })

  it('are none in version 1, whose words are letters', async () => {
    const reading = token({ scope: 'patient/Observation.read', patient: 'a' })
    expect((await get('Observation/a1', reading)).status).toBe(200)
    expect((await get('Observation?code=x', reading)).status).toBe(200)
    expect((await send({ method: 'DELETE', path: '/fhir/Observation/a2' }, reading)).status).toBe(403)
    const writing = token({ scope: 'patient/Observation.write', patient: 'a' })
    expect((await get('Observation/a1', writing)).status).toBe(403)
    for (const scope of [
      'patient/Observation.read?category=laboratory',
      'patient/Observation.sr',
      'Patient/Observation.rs',
      'patient/observation.rs',
      'user/**.rs',
      'system/Observation.',
    ])
      // prettier-ignore
      expect([401, 403, 404], scope).toContain((await get('Observation/a1', token({ scope, patient: 'a' }))).status)
  })
})

describe('whom a token is about', () => {
  it('bounds what is composed: the document of another patient is not there', async () => {
    for (const path of [
      'Composition/cb/$document',
      'Composition/$document?id=cb',
      `Composition/$document?id=https://records.example/fhir/Composition/cb`,
    ])
      // prettier-ignore
      expect((await get(path, patientA)).status, path).toBe(404)
    const led = await get('Composition/cx/$document', patientA)
    expect(led.status).toBeGreaterThanOrEqual(400)
    expect(led.text).not.toContain(MARKS.b)
  })

  it('counts a resource of several patients as each of theirs only where the compartment says so', async () => {
    const group = { resourceType: 'Group', id: 'both', type: 'person', actual: true, member: [{ entity: { reference: 'Patient/a' } }, { entity: { reference: 'Patient/b' } }] } // prettier-ignore
    const list = { resourceType: 'List', id: 'mixed', status: 'current', mode: 'working', subject: { reference: 'Group/both' }, entry: [{ item: { reference: 'Observation/b1' } }] } // prettier-ignore
    const media = { resourceType: 'Bundle', id: 'two', type: 'collection', entry: [{ fullUrl: 'https://records.example/fhir/Patient/a', resource: { resourceType: 'Patient', id: 'a' } }, { fullUrl: 'https://records.example/fhir/Patient/b', resource: { resourceType: 'Patient', id: 'b', name: [{ family: MARKS.b }] } }] } // prettier-ignore
    for (const body of [group, list, media])
      expect((await send({ method: 'PUT', path: `/fhir/${body.resourceType}/${body.id}`, body }, ALL)).status).toBe(201) // prettier-ignore
    expect((await get('Bundle/two', patientA)).status).toBe(404)
    for (const path of [
      'List?_include=List:item',
      'Group?_include=Group:member',
      'Bundle?_id=two',
      'Patient/a/$everything',
    ])
      // prettier-ignore
      expect((await get(path, patientA)).text, path).not.toContain(MARKS.b)
  })

  it('finds no other patient who says to be linked, and no event or group that tells of others too', async () => {
    const linked = { resourceType: 'Patient', id: 'linked', name: [{ family: MARKS.b }], link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }] } // prettier-ignore
    const eventOf = (id: string, patients: readonly string[]): object => ({ resourceType: 'AuditEvent', id, entity: patients.map((one) => ({ what: { reference: `Patient/${one}` } })) }) // prettier-ignore
    expect((await send({ method: 'PUT', path: '/fhir/Patient/linked', body: linked }, ALL)).status).toBe(201)
    for (const [id, patients] of [['of-a', ['a']], ['of-both', ['a', 'b']]] as const)
      await service.store.transaction((writer) => writer.write({ type: 'AuditEvent', id, method: 'PUT', resource: eventOf(id, patients) as never })) // prettier-ignore
    const bearer = token({ scope: 'patient/*.rs patient/AuditEvent.rs', patient: 'a' })
    for (const path of ['Patient/linked', 'AuditEvent/of-both', 'Group/both'])
      expect((await get(path, bearer)).status, path).toBe(404)
    for (const path of ['Patient', 'Patient?name=Zebedee', 'Patient?_has:Patient:link:_id=linked', 'Patient?_revinclude=Patient:link', 'Patient/a/Patient', 'Group', 'Patient/a/Group', 'AuditEvent', 'AuditEvent?patient=b', 'Patient/a/AuditEvent', 'Patient/a/$everything', 'AuditEvent/_history']) {
      const { entry = [] } = bodyOf(await get(path, bearer))
      expect(JSON.stringify(entry), path).not.toMatch(/Zebedee"|"linked"|of-both|Patient\/b"/)
    } // prettier-ignore
    expect((await get('AuditEvent/of-a', bearer)).status).toBe(200)
    expect((await get('AuditEvent', bearer)).text).toContain('"of-a"')
    expect((await get('AuditEvent/of-both', ALL)).status).toBe(200)
    await send({ method: 'DELETE', path: '/fhir/Patient/linked' }, ALL)
  })

  it('cannot be widened by what the token does not say', async () => {
    for (const claims of [
      { scope: 'patient/*.rs' },
      { scope: 'patient/*.rs', patient: '' },
      { scope: 'patient/*.rs', patient: ['a', 'b'] },
      { scope: 'patient/*.rs', patient: '*' },
      { scope: 'patient/*.rs', patient: 'a,b' },
      { scope: 'patient/*.rs', patient: '../Patient/b' },
      { scope: 'user/*.rs', fhirUser: 'Patient/a' },
      { scope: 'user/*.rs', fhirUser: 'RelatedPerson/x' },
      // who says to be somebody, and be it in no form that is understood, is not one of the staff
      { scope: 'user/*.rs', fhirUser: 'Patient/a/' },
      { scope: 'user/*.rs', fhirUser: 'Patient/a/_history/1' },
      { scope: 'user/*.rs', fhirUser: 'Patient/a?x=y' },
      { scope: 'user/*.rs', fhirUser: ' Patient/a ' },
      { scope: 'user/*.rs', fhirUser: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' },
      { scope: 'user/*.rs', fhirUser: 'Person/a' },
      { scope: 'user/*.rs', fhirUser: '' },
    ])
      expect([403, 404], JSON.stringify(claims)).toContain((await get('Patient/b', token(claims))).status)
  })
})

it('nothing failed', () => {
  expect(failuresSeen()).toEqual([])
})
