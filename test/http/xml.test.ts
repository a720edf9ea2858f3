/** FHIR XML over HTTP: asked for and sent on the rows that speak JSON, and nothing lost on the way. */

import { beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, requests } from './rest/requests.ts'
import { restService } from './rest/rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})
const { send } = requests(() => base)
const XML = { 'Content-Type': 'application/fhir+xml' }
const AS_XML = { Accept: 'application/fhir+xml' }
const patient =
  '<Patient xmlns="http://hl7.org/fhir"><active value="true"/><name><family value="Quill"/></name></Patient>'

const document = `<?xml version="1.0" encoding="UTF-8"?>
<Bundle xmlns="http://hl7.org/fhir"><identifier><system value="urn:d"/><value value="xml"/></identifier><type value="document"/>
<timestamp value="2026-03-01T10:00:00+01:00"/><entry><fullUrl value="urn:uuid:5b1b9c8e-5a0e-4a54-8c4c-0c7f6d1f0001"/><resource>
<Composition><status value="final"/><date value="2026-03-01"/><title value="A"/></Composition></resource></entry></Bundle>
`

describe('XML that is asked for', () => {
  it.each([
    ['Patient', 'application/fhir+xml', 'application/fhir+xml; charset=utf-8'],
    ['metadata', 'text/xml', 'text/xml; charset=utf-8'],
    ['Patient?_format=xml', '*/*', 'application/fhir+xml; charset=utf-8'],
    ['Patient', 'application/json;q=0.5, application/xml', 'application/xml; charset=utf-8'],
    ['OperationDefinition/compose', 'application/fhir+xml', 'application/fhir+xml; charset=utf-8'],
  ])('of %s by %s is sent as %s', async (path, Accept, expected) => {
    const answer = await send('GET', path, undefined, { Accept })
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, expected])
    expect(await answer.text()).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<\w+ xmlns="http:\/\/hl7\.org\/fhir">/,
    )
  })

  it('is an OperationOutcome where a request is refused', async () => {
    const answer = await send('GET', 'Patient/none', undefined, AS_XML)
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([404, 'application/fhir+xml; charset=utf-8'])
    expect(await answer.text()).toContain(
      '<OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="error"/>',
    )
  })

  it('is laid out for human eyes by _pretty', async () => {
    const answer = await send('GET', 'Patient/none?_pretty=true', undefined, AS_XML)
    expect(await answer.text()).toContain('\n    <severity value="error"/>')
  })

  it('is not what says nothing of resources', async () => {
    expect((await fetch(`${base.replace('/fhir', '')}/openapi.json`, { headers: AS_XML })).status).toBe(406)
  })
})

describe('XML that is sent', () => {
  it('is stored, read back in both formats, and searched', async () => {
    const made = await send('POST', 'Patient', patient, { ...XML, ...AS_XML })
    expect(made.status).toBe(201)
    const id = /<id value="([^"]+)"/.exec(await made.text())?.[1] ?? ''
    expect(await bodyOf(send('GET', `Patient/${id}`))).toMatchObject({ active: true, name: [{ family: 'Quill' }] })
    const xml = await (await send('GET', `Patient/${id}`, undefined, AS_XML)).text()
    expect(xml).toContain('<active value="true"/><name><family value="Quill"/></name></Patient>')
    const found = await (await send('GET', 'Patient?family=Quill', undefined, AS_XML)).text()
    expect(found).toContain(`<fullUrl value="${base}/Patient/${id}"/>`)
    const changed = xml.replace('Quill', 'Quillon')
    expect((await send('PUT', `Patient/${id}`, changed, XML)).status).toBe(200)
    expect(await bodyOf(send('GET', `Patient/${id}`))).toMatchObject({ name: [{ family: 'Quillon' }] })
  })

  it('is a transaction, and its answer', async () => {
    const entry = `<entry><resource>${patient.replace(' xmlns="http://hl7.org/fhir"', '')}</resource><request><method value="POST"/><url value="Patient"/></request></entry>`
    const bundle = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/>${entry}</Bundle>`
    const answer = await send('POST', '', bundle, { ...XML, ...AS_XML })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('<type value="transaction-response"/><entry>')
  })

  it('is the resource and the options of an operation', async () => {
    const parameters = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource>${patient.replace(' xmlns="http://hl7.org/fhir"', '')}</resource></parameter><parameter><name value="mode"/><valueCode value="update"/></parameter></Parameters>`
    const answer = await send('POST', 'Patient/$validate', parameters, { ...XML, ...AS_XML })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('The resource has no id')
  })

  it.each([
    ['<Patient', 400, 'The XML is not well-formed'],
    ['<!DOCTYPE a><Patient xmlns="http://hl7.org/fhir"/>', 400, 'The XML has a document type'],
    [`<Patient xmlns="http://hl7.org/fhir">${'<contact>'.repeat(300)}`, 400, 'Patient.contact has no element contact'],
  ])('%s is refused', async (xml, status, text) => {
    const answer = await send('POST', 'Patient', xml, XML)
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)])
  })

  it('is kept byte for byte where it is a document, and read by what works on documents', async () => {
    const made = await bodyOf(send('POST', 'Bundle', document, XML))
    const original = await send('GET', `Bundle/${made.id}/$original`)
    expect([original.headers.get('Content-Type'), await original.text()]).toEqual(['application/fhir+xml', document])
    expect(await bodyOf(send('GET', `Bundle/${made.id}/$verify`))).toMatchObject({ resourceType: 'Parameters' })
    expect(await (await send('GET', `Bundle/${made.id}/$render?_format=xhtml`)).text()).toContain('<title>A')
  })

  it('is a Binary by itself where it does not say that it is FHIR', async () => {
    const made = await bodyOf(send('POST', 'Binary', '<a/>', { 'Content-Type': 'application/xml' }))
    expect(made).toMatchObject({ resourceType: 'Binary', contentType: 'application/xml' })
  })
})

describe('$convert', () => {
  const json = '{"resourceType":"Observation","valueQuantity":{"value":1.50,"unit":"g"}}'

  it('gives JSON as XML and XML as JSON, decimals with their own text', async () => {
    const xml = await (
      await send('POST', '$convert', json, { 'Content-Type': 'application/fhir+json', ...AS_XML })
    ).text()
    expect(xml).toContain('<valueQuantity><value value="1.50"/><unit value="g"/></valueQuantity>')
    expect(await (await send('POST', '$convert', xml, { ...XML, Accept: 'application/fhir+json' })).text()).toBe(json)
  })

  it('takes Parameters as a resource like any other', async () => {
    const parameters = '{"resourceType":"Parameters","parameter":[{"name":"a","valueCode":"b"}]}'
    const answer = await send('POST', '$convert', parameters, { 'Content-Type': 'application/fhir+json', ...AS_XML })
    expect(await answer.text()).toContain('<parameter><name value="a"/><valueCode value="b"/></parameter>')
  })

  it('says what XML cannot', async () => {
    const answer = await send('POST', '$convert', '{"resourceType":"Patient","nickname":"A"}', { 'Content-Type': 'application/json', ...AS_XML }) // prettier-ignore
    expect([answer.status, await answer.text()]).toEqual([406, expect.stringContaining('cannot be written as XML')])
  })
})
