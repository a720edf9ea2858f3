/** A source elsewhere behind the door: nothing of another patient, or that is withheld, gets from it into a document. */

import { describe, expect, it } from 'vitest'
import { bundleSource } from '../../src/edge/store/bundle.ts'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { accessService, ALL, failuresSeen, token } from '../http/access/access-service.ts'

const UP = 'https://upstream.example/fhir'
const V = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] }
const MARK = 'Zebedee'

function observation(id: string, patient: string, members: JsonObject = {}): Resource {
  const text = { text: id === 'own' ? 'Pulse' : MARK }
  return { resourceType: 'Observation', id, status: 'final', code: text, subject: { reference: `Patient/${patient}` }, ...members } // prettier-ignore
}

function composition(id: string, entry: string, members: JsonObject = {}): Resource {
  return {
    resourceType: 'Composition',
    id,
    identifier: { system: 'urn:series', value: id },
    status: 'preliminary',
    type: { text: 'Summary' },
    subject: { reference: `${UP}/Patient/1` },
    date: '2026-03-01',
    author: [{ reference: `${UP}/Practitioner/d` }],
    title: 'Summary',
    section: [
      {
        title: 'Results',
        code: { text: 'Results' },
        text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></div>' },
        entry: [{ reference: entry }],
      },
    ],
    ...members,
  }
}

const THERE: readonly Resource[] = [
  { resourceType: 'Patient', id: '1', name: [{ family: 'Own' }] },
  { resourceType: 'Patient', id: '2', name: [{ family: MARK }] },
  { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Lind' }] },
  observation('own', '1'),
  observation('other', '2'),
  observation('label', '1', { meta: V }),
  observation('asthma', '1', { code: { coding: [{ system: 'urn:kept', code: 'asthma' }], text: MARK } }),
  observation('member', '1', { code: { text: 'Panel' }, hasMember: [{ reference: 'Observation/other' }] }),
  composition('up', 'Observation/own'),
  composition('up-other', 'Observation/own', { subject: { reference: 'Patient/2' }, title: MARK }),
  { resourceType: 'Provenance', id: 'p', meta: V, target: [{ reference: 'Observation/own' }], recorded: '2026-02-01T10:00:00Z', agent: [{ who: { display: MARK } }] },
] // prettier-ignore

const upstream = bundleSource('upstream', {
  resourceType: 'Bundle',
  type: 'collection',
  entry: THERE.map((resource) => ({ fullUrl: `${UP}/${resource.resourceType}/${resource.id ?? ''}`, resource })),
}) // prettier-ignore

const services = {
  refuse: await accessService({ upstream: [upstream] }),
  section: await accessService({ upstream: [upstream], withheld: 'section' }),
}
const KEPT: Resource = {
  resourceType: 'Consent', id: 'kept', status: 'active', scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'x' }], patient: { reference: `${UP}/Patient/1` },
  policyRule: { coding: [{ code: 'OPTIN' }] }, provision: { type: 'permit', provision: [{ type: 'deny', code: [{ coding: [{ system: 'urn:kept', code: 'asthma' }] }] }] },
} // prettier-ignore
const OWN: readonly Resource[] = [
  ...['own', 'other', 'label', 'asthma', 'member', 'nowhere'].map((name) => composition(name, `${UP}/Observation/${name}`)),
  KEPT,
] // prettier-ignore
for (const { send } of Object.values(services))
  for (const body of OWN) {
    const path = `/fhir/${body.resourceType}/${body.id ?? ''}`
    const { status, text } = await send({ method: 'PUT', path, body }, ALL)
    if (status !== 201) throw new Error(text)
  }

const claims = { purpose_of_use: 'TREAT', roles: ['compose'] }
const CALLERS = [
  ['of the patient', token({ scope: 'patient/*.rs', patient: `${UP}/Patient/1`, ...claims })],
  ['who treats', token({ scope: 'user/*.rs', fhirUser: 'Practitioner/d', ...claims })],
] as const

describe.each(Object.keys(services) as (keyof typeof services)[])('where what is withheld is: %s', (way) => {
  const { send } = services[way]
  const ask = (id: string, bearer: string): ReturnType<typeof send> =>
    send({ path: `/fhir/Composition/${id}/$document?persist=false` }, bearer)

  describe.each(CALLERS)('for a caller %s', (_, bearer) => {
    it('what may be read is in the document', async () => {
      const { status, text } = await ask('own', bearer)
      expect([status, text.includes('Pulse')]).toEqual([200, true])
    })

    it.each(['other', 'label', 'asthma'])('%s is in none', async (id) => {
      const { status, text } = await ask(id, bearer)
      expect(text).not.toContain(MARK)
      if (status === 200) expect(text).toContain('withheld')
      else expect([403, 422]).toContain(status)
    })

    it('what another refers to of another patient is left out', async () => {
      const { status, text } = await ask('member', bearer)
      expect([status, text.includes(MARK)]).toEqual([200, false])
    })

    it('a Provenance that is withheld is in none', async () => {
      expect((await ask('own', bearer)).text).not.toContain('Provenance')
    })
  })

  it('another patient is as one who is not there', async () => {
    const [one, none] = [await ask('other', CALLERS[0][1]), await ask('nowhere', CALLERS[0][1])]
    expect([one.status, one.text.replaceAll('other', '*')]).toEqual([none.status, none.text.replaceAll('nowhere', '*')])
  })

  it('a Composition there is composed for its patient alone', async () => {
    const there = (id: string): ReturnType<typeof send> =>
      send({ path: `/fhir/Composition/$document?persist=false&id=${UP}/Composition/${id}` }, CALLERS[0][1])
    expect((await there('up')).status).toBe(200)
    const [other, none] = [await there('up-other'), await there('up-nobody')]
    expect(other.text).not.toContain(MARK)
    expect([other.status, other.text.replaceAll('up-other', '*')]).toEqual([none.status, none.text.replaceAll('up-nobody', '*')]) // prettier-ignore
  })
})

it('whoever may everything is shown it, so that it was there', async () => {
  const bearer = token({ scope: 'system/*.rs', purpose_of_use: 'ETREAT', roles: ['compose'] })
  const { status, text } = await services.refuse.send(
    { path: '/fhir/Composition/label/$document?persist=false' },
    bearer,
  )
  expect([status, text.includes(MARK)]).toEqual([200, true])
  expect(failuresSeen()).toEqual([])
})
