/** The rows of the service as pages: metadata, definitions, OpenAPI, docs/http.md. */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { capabilityStatement, definedBy, idOf, operationDefinition, operationsOf } from '../../src/http/capability.ts'
import { openApi } from '../../src/http/openapi.ts'
import type { Service } from '../../src/http/route.ts'
import { ROUTES } from '../../src/http/routes.ts'

const { model } = await loadDefinitions()
const about = {
  base: 'https://documents.example/fhir',
  version: '1.2.3',
  startedAt: '2026-03-01T10:00:00Z',
  searchParameters: () => [],
  design: { collect: { model } },
} as unknown as Service
const sealing = { ...about, seal: {} } as unknown as Service

/** The definitions of the operations of ours, each with its rows. */
const defined = [...new Set(operationsOf(ROUTES).map(idOf))].flatMap((id) => {
  const rows = definedBy(ROUTES, id)
  return rows === undefined ? [] : [rows]
})

interface Named {
  readonly name: string
  readonly definition: string
}
function operations(service: Service): readonly Named[] {
  const statement = capabilityStatement(ROUTES, service) as unknown as {
    rest: { operation: Named[]; resource: { operation?: Named[] }[] }[]
  }
  const named = statement.rest.flatMap((rest) => [
    ...rest.operation,
    ...rest.resource.flatMap(({ operation = [] }) => operation),
  ])
  return [...new Map(named.map((each) => [each.name, each])).values()]
}

describe('metadata lists exactly what works', () => {
  it.each([
    ['with a key', () => sealing],
    ['without one, as the key may be elsewhere', () => about],
  ])('every operation, %s', (_, service) => {
    expect(
      operations(service())
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      'compose',
      'convert',
      'document',
      'due',
      'erase',
      'erase-due',
      'everything',
      'extract',
      'hold',
      'octets',
      'original',
      'receipt',
      'release',
      'render',
      'sign',
      'validate',
      'verify',
    ])
  })
  it('each operation of ours has its definition at the address that it names', () => {
    const ours = operations(sealing).filter(({ definition }) => definition.startsWith(about.base))
    const urls = defined.map((rows) => operationDefinition(rows, about)['url'])
    expect(ours.length).toBeGreaterThan(4)
    for (const { definition } of ours) expect(urls).toContain(definition)
  })
})

it('an OperationDefinition names every parameter of its row', () => {
  for (const rows of defined) {
    const { parameter } = operationDefinition(rows, about) as unknown as { parameter: { name: string; use: string }[] }
    const names = parameter.filter(({ use }) => use === 'in').map(({ name }) => name)
    const parts = rows.flatMap(({ operation }) => operation.part ?? []).slice(0, 1)
    expect(names).toEqual([...parts, ...new Set(rows.flatMap((row) => Object.keys(row.parameters)))])
  }
})

it('metadata and definitions have the shape of FHIR', async () => {
  const { shapes } = await loadDefinitions()
  const resources = [capabilityStatement(ROUTES, sealing), ...defined.map((rows) => operationDefinition(rows, about))]
  const faults = resources.map(({ resourceType, ...rest }) => {
    const shape = shapes[resourceType]
    return shape?.({ resourceType, ...rest }) === true ? [] : (shape?.errors ?? ['no shape'])
  })
  expect(faults.flat()).toEqual([])
})

it('OpenAPI has every row', () => {
  const { paths } = openApi(ROUTES, about) as { paths: Record<string, object> }
  expect(Object.keys(paths)).toEqual([...new Set(ROUTES.map(({ path }) => path.replace(/:(\w+)/g, '{$1}')))])
})

it('docs/http.md is written from the rows', async () => {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const answered = Map.groupBy(ROUTES, ({ path, text, parameters }) => [path, text, ...Object.keys(parameters)].join())
  const rows = [...answered.values()].map((alike) => {
    const [row] = alike
    const methods = alike.map(({ method }) => method).join(' or ')
    const options = Object.entries(row?.parameters ?? {}).map(([name, { shape }]) => `\`${name}\` (${shape.label})`)
    const free = row?.isFree === true ? ['search parameters'] : []
    const formats = row?.formats.map(({ mediaTypes }) => `\`${mediaTypes[0]}\``) ?? []
    return `| \`${methods} ${row?.path}\` | ${cell(row?.text ?? '')} | ${cell([...free, ...options].join(', '))} | ${formats.join(', ')} |`
  })
  const parameters = Object.fromEntries(ROUTES.flatMap((row) => Object.entries(row.parameters)))
  const later = ROUTES.filter((row) => row.operation !== undefined && row.later.length > 0)
  const page = [
    '# HTTP',
    '',
    'Written from the rows of `src/http` by a test. A body is the resource itself, or Parameters with it in the part `content` (`resource` for `$validate`) and the options beside it; options may be query parameters too. Every request may carry `_format` and `_pretty`; JSON is sent as `application/json` too, pages as `text/html`. An unknown option is 400 and names the allowed ones. Errors are OperationOutcomes; the statuses are in [errors](errors.md). `X-Issues` is the number of errors that an answer comes with, `X-Request-Id` the name of the request in the log.',
    '',
    '| request | answer | options | formats |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '| option | what it decides |',
    '| --- | --- |',
    ...Object.entries(parameters).map(([name, { text }]) => `| \`${name}\` | ${cell(text)} |`),
    '',
    'The RESTful API is that of FHIR R4. Resources are taken where they have the form that their definitions give them; all faults of it are told at once (422). `If-Match`, `If-None-Match`, `If-Modified-Since` and `If-None-Exist` are heeded, and of `Prefer` `return=` and `handling=`: an unknown search parameter is 400 unless handling is lenient. Documents (`Bundle` of type `document`) are kept byte for byte and never changed; `Binary` keeps exact bytes of any media type. JSON Patch is the patch format.',
    '',
    ...(later.length === 0 ? [] : ['To come, and 501 until then:', '']),
    ...new Set(
      later.map((row) => `- \`$${row.operation?.code}\`: ${row.later.map((name) => `\`${name}\``).join(', ')}`),
    ),
    '',
    'Only requests whose Host is a loopback name or in `FHIRDOC_HOSTS` are answered; pages of other origins only where `FHIRDOC_ORIGINS` names them; bodies only as FHIR or plain JSON, but for patches, forms of a search, and Binary.',
    '',
  ].join('\n')
  expect(operationsOf(ROUTES).length).toBeGreaterThan(5)
  await expect(page).toMatchFileSnapshot('../../docs/http.md')
})
