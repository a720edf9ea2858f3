/** `$validate` on Bundles, on resources by themselves, posted and stored. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { observation, patient, put } from '../../storing.ts'
import { documentService, type DocumentService } from './document-service.ts'

let service: DocumentService
beforeAll(async () => {
  service = await documentService()
  await put(service.store, patient, observation('a'))
})

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition/Patient-uv-ips'
const named = { resourceType: 'Patient', id: 'p', name: [{ text: 'A' }], birthDate: '1970-01-01' }

interface Told {
  readonly severity: string
  readonly rule?: string
  readonly expression?: string
}

async function told(path: string, body?: JsonObject): Promise<readonly Told[]> {
  const headers = { 'Content-Type': 'application/fhir+json' }
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${service.base}/${path}`, init)
  const { issue } = (await answer.json()) as {
    issue: { severity: string; details: { coding?: { code: string }[] }; expression?: string[] }[]
  }
  expect(answer.status).toBe(200)
  return issue.map(({ severity, details, expression }) => {
    const [rule, place] = [details.coding?.[0]?.code, expression?.[0]]
    return { severity, ...(rule !== undefined && { rule }), ...(place !== undefined && { expression: place }) }
  })
}

const errors = (issues: readonly Told[]): readonly Told[] => issues.filter(({ severity }) => severity === 'error')

describe('[type]/$validate', () => {
  it('judges a resource by itself', async () => {
    expect(errors(await told('Patient/$validate', named))).toEqual([])
    expect(await told('Patient/$validate', { ...named, gender: 'x' })).toContainEqual(
      expect.objectContaining({ severity: 'error', expression: 'Patient.gender' }),
    )
  })

  it('finds nothing against what is to be deleted, where it is there', async () => {
    expect(errors(await told('Patient/$validate?mode=delete', { ...named, gender: 'x' }))).toEqual([])
    expect(errors(await told('Observation/a/$validate?mode=delete'))).toEqual([])
    expect((await fetch(`${service.base}/Observation/none/$validate?mode=delete`)).status).toBe(404)
  })

  it('judges it by a profile, from the query or a part of Parameters', async () => {
    const bare = { resourceType: 'Patient', id: 'p' }
    const parameter = [
      { name: 'resource', resource: bare },
      { name: 'profile', valueUri: IPS },
    ]
    const finding = { severity: 'error', rule: 'profile-min', expression: 'Patient' }
    expect(await told(`Patient/$validate?profile=${encodeURIComponent(IPS)}`, bare)).toContainEqual(finding)
    expect(await told('Patient/$validate', { resourceType: 'Parameters', parameter })).toContainEqual(finding)
    expect(errors(await told(`Patient/$validate?profile=${encodeURIComponent(IPS)}`, named))).toEqual([])
  })

  it('tells a resource of another type, and a profile that is not at hand', async () => {
    expect(errors(await told('Patient/$validate', { resourceType: 'Group' }))).toHaveLength(1)
    expect(await told('Patient/$validate?profile=urn:none', named)).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'profile-unknown' }),
    )
  })

  it('asks what the mode asks', async () => {
    const { id: _, ...unnamed } = named
    expect(errors(await told('Patient/$validate?mode=create', unnamed))).toEqual([])
    expect(errors(await told('Patient/$validate?mode=update', unnamed))).toEqual([
      { severity: 'error', expression: 'Patient.id' },
    ])
    expect(errors(await told('Patient/$validate?mode=profile', named))).toHaveLength(1)
  })

  it('judges what is stored', async () => {
    expect(await told('Observation/a/$validate?profile=urn:none')).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'profile-unknown', expression: 'Observation' }),
    )
  })
})

describe('Bundle/$validate', () => {
  it('judges a Bundle by a profile', async () => {
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: named }] }
    const profile = encodeURIComponent('http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips')
    expect(await told(`Bundle/$validate?profile=${profile}`, bundle)).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'profile-fixed', expression: 'Bundle.type' }),
    )
  })
})
