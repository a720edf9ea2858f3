/** The upstream of the settings: for a command its credentials go there alone. */

import { expect, it, onTestFinished } from 'vitest'
import { sourceNamed, upstreamOf } from '../../src/cli/upstream.ts'
import { readSettings } from '../../src/settings.ts'
import { fhirServer, type FhirServer } from '../edge/store/fhir-server.ts'
import { model } from '../model.ts'

async function server(): Promise<FhirServer> {
  const one = await fhirServer([{ resourceType: 'Patient', id: 'p' }])
  onTestFinished(one.close)
  return one
}

it('a source that is the upstream is asked with its token, another server without', async () => {
  const [upstream, other] = await Promise.all([server(), server()])
  const settings = readSettings({ FHIRDOC_UPSTREAM: upstream.base, FHIRDOC_UPSTREAM_AUTH_TOKEN: 'abc' })
  for (const { base } of [upstream, other]) {
    const source = await sourceNamed(`${base}/`, settings, { model: () => Promise.resolve(model) })
    expect((await source.read([{ by: 'id', type: 'Patient', id: 'p' }])).flat()).toHaveLength(1)
  }
  expect(upstream.headers.map(({ authorization }) => authorization)).toEqual(['Bearer abc'])
  expect(other.headers.map(({ authorization }) => authorization)).toEqual([undefined])
})

it('without the setting there is none', async () => {
  expect(await upstreamOf(readSettings({}))).toBeUndefined()
})

it('settings that do not fit together are an error', async () => {
  const settings = readSettings({
    FHIRDOC_UPSTREAM: 'https://ehr.example/fhir',
    FHIRDOC_UPSTREAM_AUTH_TOKEN: 'abc',
    FHIRDOC_UPSTREAM_AUTH_CLIENT_ID: 'x',
  })
  await expect(upstreamOf(settings)).rejects.toThrow('one of them')
})
