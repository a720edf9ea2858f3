/** The rows of the service as pages: metadata, definitions, OpenAPI, docs/http.md. */

import { describe, expect, it } from 'vitest'
import { loadDefinitions } from '../../src/edge/packages.ts'
import { capabilityStatement, idOf, operationDefinition, operationsOf } from '../../src/http/capability.ts'
import { openApi } from '../../src/http/openapi.ts'
import type { Service } from '../../src/http/route.ts'
import { ROUTES } from '../../src/http/routes.ts'

const about = {
  base: 'https://documents.example/fhir',
  version: '1.2.3',
  startedAt: '2026-03-01T10:00:00Z',
} as unknown as Service
const sealing = { ...about, seal: {} } as unknown as Service

interface Named {
  readonly name: string
  readonly definition: string
}
function operations(service: Service): readonly Named[] {
  const statement = capabilityStatement(ROUTES, service) as unknown as {
    rest: { operation: Named[]; resource: { operation?: Named[] }[] }[]
  }
  return statement.rest.flatMap((rest) => [
    ...rest.operation,
    ...rest.resource.flatMap(({ operation = [] }) => operation),
  ])
}

describe('metadata lists exactly what works', () => {
  it('with a key also $sign', () => {
    expect(
      operations(sealing)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['compose', 'octets', 'render', 'sign', 'validate', 'verify'])
  })
  it('without a key no $sign', () => {
    expect(operations(about).map(({ name }) => name)).not.toContain('sign')
  })
  it('each operation of ours has its definition at the address that it names', () => {
    const ours = operations(sealing).filter(({ definition }) => definition.startsWith(about.base))
    const urls = operationsOf(ROUTES).map((row) => operationDefinition(row, about)['url'])
    expect(ours.length).toBeGreaterThan(4)
    for (const { definition } of ours) expect(urls).toContain(definition)
  })
})

it('an OperationDefinition names every parameter of its row', () => {
  for (const row of operationsOf(ROUTES)) {
    const { parameter } = operationDefinition(row, about) as unknown as { parameter: { name: string; use: string }[] }
    const names = parameter.filter(({ use }) => use === 'in').map(({ name }) => name)
    expect(names).toEqual([row.part, ...Object.keys(row.parameters)])
  }
})

it('metadata and definitions have the shape of FHIR', async () => {
  const { shapes } = await loadDefinitions()
  const resources = [
    capabilityStatement(ROUTES, sealing),
    ...operationsOf(ROUTES).map((row) => operationDefinition(row, about)),
  ]
  const faults = resources.map(({ resourceType, ...rest }) => {
    const shape = shapes[resourceType]
    return shape?.({ resourceType, ...rest }) === true ? [] : (shape?.errors ?? ['no shape'])
  })
  expect(faults.flat()).toEqual([])
})

it('OpenAPI has every row', () => {
  const { paths } = openApi(ROUTES, about) as { paths: Record<string, object> }
  expect(Object.keys(paths)).toEqual([...new Set(ROUTES.map(({ path }) => path.replace(':id', '{id}')))])
})

it('docs/http.md is written from the rows', async () => {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const rows = ROUTES.map((row) => {
    const options = Object.entries(row.parameters).map(([name, { shape }]) => `\`${name}\` (${shape.label})`)
    const formats = row.formats.flatMap(({ mediaTypes }) => mediaTypes.map((type) => `\`${type}\``))
    return `| \`${row.method} ${row.path}\` | ${cell(row.text)} | ${cell(options.join(', '))} | ${formats.join(', ')} |`
  })
  const parameters = Object.fromEntries(ROUTES.flatMap((row) => Object.entries(row.parameters)))
  const later = operationsOf(ROUTES).filter((row) => row.later.length > 0)
  const page = [
    '# HTTP',
    '',
    'Written from the rows of `src/http` by a test. A body is the resource itself, or Parameters with it in the part `content` (`resource` for `$validate`) and the options beside it; options may be query parameters too. Every request may carry `_format` and `_pretty`. An unknown option is 400 and names the allowed ones. Errors are OperationOutcomes; the statuses are in [errors](errors.md). `X-Issues` is the number of errors that an answer comes with, `X-Request-Id` the name of the request in the log.',
    '',
    '| request | answer | options | formats |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '| option | what it decides |',
    '| --- | --- |',
    ...Object.entries(parameters).map(([name, { text }]) => `| \`${name}\` | ${cell(text)} |`),
    '',
    'To come, and 501 until then:',
    '',
    ...later.map((row) => `- \`$${row.code}\`: ${row.later.map((name) => `\`${name}\``).join(', ')}`),
    '',
    'Only requests whose Host is a loopback name or in `FHIRDOC_HOSTS` are answered; pages of other origins only where `FHIRDOC_ORIGINS` names them; bodies only as FHIR or plain JSON.',
    '',
  ].join('\n')
  expect(operationsOf(ROUTES).map(idOf)).toHaveLength(6)
  await expect(page).toMatchFileSnapshot('../../docs/http.md')
})
