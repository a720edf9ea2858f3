/** Closure across patients: a document for one patient never holds anything of another, whatever the references say. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { JsonObject, Resource } from '../../src/fhir/types.ts'
import { accessService, ALL, token } from '../http/access/access-service.ts'
import { load, MARKS } from '../http/access/records.ts'

const service = await accessService()
const { send, store } = service
await load(service)

const bearer = token({ scope: 'patient/*.cruds', patient: 'a', roles: ['compose'], purpose_of_use: 'TREAT' })
const TARGETS = ['Patient/a', 'Patient/b', 'Patient/c', 'Observation/a1', 'Observation/a2', 'Observation/b1', 'Observation/c1', 'Observation/v1', 'Composition/cb', 'Binary/binb', 'Provenance/pb', 'Task/tb', 'Practitioner/d', 'Observation/r0', 'Observation/r1', 'Observation/r2', 'Observation/nowhere'] as const // prettier-ignore

const visible = fc.constantFrom('Observation/a1', 'Observation/a2', 'Practitioner/d', 'Patient/a')
const reference = fc
  .oneof({ weight: 9, arbitrary: visible }, { weight: 1, arbitrary: fc.constantFrom(...TARGETS) })
  .map((one): JsonObject => ({ reference: one }))
const observation = fc.record({
  subject: fc.constantFrom('Patient/a', 'Patient/b').map((one): JsonObject => ({ reference: one })),
  hasMember: fc.array(reference, { minLength: 1, maxLength: 3 }),
  focus: fc.array(reference, { minLength: 1, maxLength: 2 }),
  performer: fc.array(reference, { minLength: 1, maxLength: 2 }),
})
const record = fc.record({
  observations: fc.array(observation, { minLength: 3, maxLength: 3 }),
  entries: fc.array(reference, { minLength: 1, maxLength: 4 }),
  author: fc.constantFrom('Practitioner/d', 'Patient/a', 'Patient/b').map((one): JsonObject => ({ reference: one })),
})

it('holds nothing of another patient, nor what is withheld, whatever refers to what', { timeout: 60_000 }, async () => {
  let made = 0
  await fc.assert(
    fc.asyncProperty(record, async ({ observations, entries, author }) => {
      const put = (resource: JsonObject): Promise<unknown> =>
        store.transaction((writer) => writer.write({ type: (resource as Resource).resourceType, id: (resource as Resource).id ?? '', method: 'PUT', resource: resource as Resource })) // prettier-ignore
      for (const [at, members] of observations.entries()) {
        const marked = members.subject['reference'] === 'Patient/b' ? MARKS.b : 'mine'
        await put({ resourceType: 'Observation', id: `r${at}`, status: 'final', code: { text: marked }, ...members })
      }
      await put({
        resourceType: 'Composition', id: 'random', status: 'preliminary', type: { text: 'x' }, subject: { reference: 'Patient/a' }, date: '2026-03-01', author: [author], title: 'x',
        section: [{ title: 'x', code: { text: 'x' }, text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>' }, entry: entries }],
      }) // prettier-ignore
      const { status, text } = await send({ path: '/fhir/Composition/random/$document?persist=false' }, bearer)
      expect(status).toBeLessThan(500)
      if (status === 200) made += 1
      for (const mark of [MARKS.b, MARKS.c, MARKS.v]) expect(text).not.toContain(mark)
    }),
    { numRuns: 60, seed: 7 },
  )
  expect(made).toBeGreaterThan(0)
})

it('says that something is withheld, and nothing of what it is', async () => {
  const path = '/fhir/Composition/cw/$document'
  const { status, text } = await send({ path }, bearer)
  expect(status).toBe(403)
  expect(text).toContain('is withheld from whoever asks')
  expect(text).not.toMatch(/Observation|v1|Quagmire/)
  expect((await send({ path }, ALL)).status).toBe(200)
})

it('takes what is in the record of another patient for missing', async () => {
  const { status, text } = await send({ path: '/fhir/Composition/cx/$document' }, bearer)
  expect(status).toBe(422)
  expect(text).toContain('no source has it')
})

it('withholds what the scopes do not grant, whether it is there or not', async () => {
  const narrow = token({ scope: 'patient/Composition.rs patient/Patient.rs patient/Practitioner.rs', patient: 'a' })
  const { status, text } = await send({ path: '/fhir/Composition/ca/$document' }, narrow)
  expect(status).toBe(403)
  expect(text).toContain('is withheld')
})

it('says in the section what is withheld, where the deployment wants that', async () => {
  const told = await accessService({ withheld: 'section' })
  await load(told)
  const { status, text } = await told.send(
    { path: '/fhir/Composition/cw/$document?persist=true', method: 'POST' },
    bearer,
  )
  expect(status).toBe(200)
  expect(text).not.toMatch(/Quagmire|v1/)
  const { id, entry } = JSON.parse(text) as {
    id: string
    entry: { resource: { section: { entry: unknown[]; text: { div: string } }[] } }[]
  }
  expect(entry[0]?.resource.section[0]?.entry).toHaveLength(1)
  expect(entry[0]?.resource.section[0]?.text.div).toContain('withheld')
  const receipt = await told.send({ path: `/fhir/Bundle/${id}/$receipt` }, ALL)
  expect(receipt.text).toContain('"refused"')
  expect(receipt.text).toContain('withheld from whoever asks')
})
