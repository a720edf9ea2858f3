/** Which rows a path means. */

import { describe, expect, it } from 'vitest'
import { matcher, methodsOf } from '../../src/http/match.ts'

const rows = [
  { method: 'GET', path: '/fhir' },
  { method: 'GET', path: '/fhir/:type/:id' },
  { method: 'PUT', path: '/fhir/:type/:id' },
  { method: 'POST', path: '/fhir/:type/_search' },
  { method: 'GET', path: '/fhir/:type/:id/_history/:vid' },
  { method: 'GET', path: '/fhir/Binary/:id' },
  { method: 'GET', path: '/fhir/:type/:id/$everything' },
] as const
const match = matcher(rows)
const found = (path: string): readonly string[] => match(path).map(({ route }) => `${route.method} ${route.path}`)

describe('a path means', () => {
  it.each([
    ['/fhir', ['GET /fhir']],
    ['/fhir/', ['GET /fhir']],
    ['/fhir/Patient/1', ['GET /fhir/:type/:id', 'PUT /fhir/:type/:id']],
    ['/fhir/Binary/1', ['GET /fhir/Binary/:id', 'GET /fhir/:type/:id', 'PUT /fhir/:type/:id']],
    ['/fhir/Patient/_search', ['POST /fhir/:type/_search']],
    ['/fhir/Patient/1/$everything', ['GET /fhir/:type/:id/$everything']],
    ['/fhir/Patient/$nothing', []],
    ['/fhir/patient/1', []],
    ['/fhir//1', []],
    ['/FHIR', []],
    ['/fhir/Patient/%E0%A4%A', []],
  ])('%s: %j', (path, rowsMeant) => {
    expect(found(path)).toEqual(rowsMeant)
  })
})

it('its variables are decoded', () => {
  const [first] = match('/fhir/Patient/a%2Fb/_history/3')
  expect(first?.variables).toEqual({ type: 'Patient', id: 'a/b', vid: '3' })
})

it('HEAD goes where GET goes', () => {
  expect(methodsOf(match('/fhir/Patient/1'))).toEqual(['GET', 'HEAD', 'PUT'])
  expect(methodsOf(match('/fhir/Patient/_search'))).toEqual(['POST'])
})

it('the nearest row is the same whatever else there is, and in whatever order', () => {
  const others = ['/app', '/app/:id', '/app/drafts/:id/sections/:vid', '/:id', '/:type/:id/:vid/x/y'].map((path) => ({ method: 'GET' as const, path })) // prettier-ignore
  for (const mixed of [
    [...others, ...rows],
    [...rows, ...others].toReversed(),
    rows.flatMap((row, index) => [row, ...others.slice(index, index + 1)]),
  ]) {
    expect(matcher(mixed)('/fhir/Binary/1')[0]?.route.path).toBe('/fhir/Binary/:id')
  }
})
