/** A document from a FHIR server costs round trips by depth, and the folder or server it is from makes no difference. */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { restSource } from '../../src/edge/store/rest.ts'
import { stringify } from '../../src/fhir/json.ts'
import { fhirServer, type FhirServer } from '../edge/store/fhir-server.ts'
import { at, collecting, composition, names, patient, resource, to } from './composing.ts'

const observations = Array.from({ length: 60 }, (_, index) => index)
const resources = [
  composition(observations.map((index) => `Observation/${index}`)),
  patient,
  ...observations.flatMap((index) => [
    resource(`Observation/${index}/1`, { subject: to('Patient/1'), device: to(`Device/${index}`) }),
    resource(`Device/${index}`, { owner: to('Organization/g') }),
  ]),
  resource('Organization/g', { identifier: [{ system: 'urn:s', value: 'g' }] }),
  resource('Provenance/p', {
    target: [to('Observation/3/_history/1'), to('Observation/3')],
    agent: [{ who: to('Organization/g') }],
  }),
]

let server: FhirServer
beforeAll(async () => {
  server = await fhirServer(resources)
})
afterAll(() => server.close())

it('124 entries in three depths cost six round trips', async () => {
  const collection = await collecting({ reference: 'Composition/c' }, [], {
    sources: [restSource(server.base)],
    fullUrl: 'rest',
  })
  expect(names(collection)).toHaveLength(124)
  expect(names(collection).at(-1)).toBe('Provenance/p')
  expect(collection.issues).toEqual([])
  expect(server.requests.map((request) => request.replace(/,.*/, ',…'))).toEqual([
    'GET Composition/c',
    'POST batch of 61',
    'POST batch of 60',
    'GET Organization/g',
    expect.stringMatching(/^(GET Provenance|POST batch of 2$)/),
    expect.stringMatching(/^GET Provenance/),
  ])
})

it('a server and a memory of it at the same URLs give one document', async () => {
  const [one, other] = await Promise.all([
    collecting({ reference: 'Composition/c' }, [], { sources: [restSource(server.base)] }),
    collecting({ reference: `${server.base}/Composition/c` }, at(server.base, resources)),
  ])
  expect(stringify(one.bundle)).toBe(stringify(other.bundle))
})
