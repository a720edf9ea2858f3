/** Binary: exact bytes under their own media type. */

import { beforeAll, describe, expect, it } from 'vitest'
import { bodyOf, requests } from './requests.ts'
import { restService } from './rest-service.ts'

let base = ''
beforeAll(async () => {
  base = await restService()
})
const { send } = requests(() => base)

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
const upload = (method: string, path: string, type: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${base}/${path}`, { method, body: bytes, headers: { 'Content-Type': type, ...headers } })

describe('bytes of any type', () => {
  it('come back as they were', async () => {
    const answer = await upload('POST', 'Binary', 'image/png', { 'X-Security-Context': 'Patient/1' })
    const made = await bodyOf(answer)
    expect([answer.status, made['contentType'], made['securityContext']]).toEqual([201, 'image/png', { reference: 'Patient/1' }]) // prettier-ignore
    for (const Accept of ['*/*', 'image/png', 'text/html,application/xhtml+xml,*/*;q=0.8']) {
      const read = await send('GET', `Binary/${made.id}`, undefined, { Accept })
      expect(read.status).toBe(200)
      expect(Object.fromEntries(read.headers)).toMatchObject({
        'content-type': 'image/png',
        'content-disposition': 'attachment',
        'content-security-policy': expect.stringContaining('sandbox') as string,
        'x-content-type-options': 'nosniff',
        'x-security-context': 'Patient/1',
        etag: 'W/"1"',
      })
      expect(new Uint8Array(await read.arrayBuffer())).toEqual(bytes)
    }
  })

  it('come as a Binary where FHIR is wanted', async () => {
    const { id } = await bodyOf(upload('POST', 'Binary', 'image/png'))
    const data = Buffer.from(bytes).toString('base64')
    const json = { Accept: 'application/fhir+json' }
    expect(await bodyOf(send('GET', `Binary/${id}`, undefined, json))).toMatchObject({ resourceType: 'Binary', data })
    expect(await bodyOf(send('GET', `Binary/${id}?_format=json`))).toMatchObject({ resourceType: 'Binary', data })
  })

  it('are updated under an id, and each version keeps its own', async () => {
    expect((await upload('PUT', 'Binary/b1', 'text/plain')).status).toBe(201)
    const second = await fetch(`${base}/Binary/b1`, { method: 'PUT', body: 'second', headers: { 'Content-Type': 'text/csv' } }) // prettier-ignore
    expect([second.status, second.headers.get('ETag')]).toEqual([200, 'W/"2"'])
    const first = await send('GET', 'Binary/b1/_history/1')
    expect([first.headers.get('Content-Type'), new Uint8Array(await first.arrayBuffer())]).toEqual(['text/plain', bytes]) // prettier-ignore
    expect(await (await send('GET', 'Binary/b1')).text()).toBe('second')
    expect((await send('GET', 'Binary/b1', undefined, { 'If-None-Match': 'W/"2"' })).status).toBe(304)
  })
})

it('a Binary that is posted as FHIR is read as its bytes', async () => {
  const { id } = await bodyOf(send('POST', 'Binary', { resourceType: 'Binary', contentType: 'text/plain', data: 'aGVsbG8=' })) // prettier-ignore
  const read = await send('GET', `Binary/${id}`)
  expect([read.headers.get('Content-Type'), await read.text()]).toEqual(['text/plain', 'hello'])
})

it('a media type that no header may hold is sent as octets', async () => {
  const { id } = await bodyOf(send('POST', 'Binary', { resourceType: 'Binary', contentType: 'text/plain\nx', data: 'aGVsbG8=' })) // prettier-ignore
  expect((await send('GET', `Binary/${id}`)).headers.get('Content-Type')).toBe('application/octet-stream')
})

it('H-18: a page of another origin can post none', async () => {
  const answer = await upload('POST', 'Binary', 'text/plain', { Origin: 'https://evil.example' })
  expect(answer.status).toBe(403)
})
