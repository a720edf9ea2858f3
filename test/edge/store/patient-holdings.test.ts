import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { restSource } from '../../../src/edge/store/rest.ts'
import type { JsonObject } from '../../../src/fhir/types.ts'
import { condition, PATIENT } from '../../record.ts'

type Answers = (path: string, base: string) => { readonly status: number; readonly body?: JsonObject }

const servers: { close: () => void }[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** A FHIR server that answers each GET as it is told, and no batch. */
async function serverOf(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`
    const path = (request.url ?? '').replace('/fhir/', '')
    const { status, body } = request.method === 'GET' ? answers(path, base) : { status: 405 }
    response.writeHead(status, { 'Content-Type': 'application/fhir+json' }).end(JSON.stringify(body ?? {}))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`
}

function searchset(resources: readonly JsonObject[], next?: string): JsonObject {
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(next !== undefined && { link: [{ relation: 'next', url: next }] }),
    entry: resources.map((resource) => ({ resource, search: { mode: 'match' } })),
  }
}

async function holdings(
  answers: Answers,
): Promise<{ names: readonly string[]; gaps: readonly unknown[]; issues: readonly unknown[] }> {
  const source = restSource(await serverOf(answers))
  const patient = { resource: PATIENT, source: source.name, url: `${source.base}/Patient/p` }
  const { found, gaps } = (await source.record?.(patient, ['Condition', 'Observation'])) ?? { found: [], gaps: [] }
  const names = found.map(({ resource }) => `${resource.resourceType}/${resource.id}`)
  return { names, gaps, issues: source.issues?.() ?? [] }
}

describe('the record of a patient on a server', () => {
  it('is all that $everything gives, from its first page to its last', async () => {
    const { names, gaps } = await holdings((path, base) => {
      if (path.startsWith('Patient/p/$everything')) return { status: 200, body: searchset([PATIENT], `${base}/page2`) }
      return path === 'page2' ? { status: 200, body: searchset([condition('c', 'Gout')]) } : { status: 404 }
    })
    expect(names).toEqual(['Patient/p', 'Condition/c'])
    expect(gaps).toEqual([])
  })

  it('is searched type by type where there is no $everything, by patient or by subject', async () => {
    const { names } = await holdings((path) => {
      if (path.startsWith('Condition?patient=')) return { status: 200, body: searchset([condition('c', 'Gout')]) }
      if (path.startsWith('Observation?subject='))
        return { status: 200, body: searchset([{ resourceType: 'Observation', id: 'o', status: 'final' }]) }
      return { status: 400 }
    })
    expect(names).toEqual(['Condition/c', 'Observation/o'])
  })

  it('a type that is not searched is a gap, and said', async () => {
    const { gaps, issues } = await holdings((path) =>
      path.startsWith('Condition?patient=') ? { status: 200, body: searchset([]) } : { status: 400 },
    )
    expect(gaps).toEqual([{ type: 'Observation', reason: 'unavailable' }])
    expect(issues).toMatchObject([{ severity: 'warning', rule: 'type-not-searched' }])
  })

  it('a page that fails is an error, never a shorter record', async () => {
    const failing = holdings((path, base) =>
      path.startsWith('Patient/p/$everything')
        ? { status: 200, body: searchset([PATIENT], `${base}/page2`) }
        : { status: 410 },
    )
    await expect(failing).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })

  it('a refusal is an error, never an empty record', async () => {
    await expect(holdings(() => ({ status: 403 }))).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })
})
