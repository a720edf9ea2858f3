/** The OpenAPI description, written from the routes. @see https://spec.openapis.org/oas/v3.1.1.html */

import type { Json, JsonObject } from '../fhir/types.ts'
import { FORMATS, offeredBy, readableBy, type Format } from './negotiation.ts'
import type { Parameter } from './parameters.ts'
import type { Route, Service } from './route.ts'

/** What any client generator reads. */
export function openApi(routes: readonly Route[], { base, version }: Pick<Service, 'base' | 'version'>): JsonObject {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: described(route) }
  }
  return {
    openapi: '3.1.1',
    info: { title: 'fhirdoc', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: base.replace(/\/fhir$/, '') || '/' }],
    paths,
    components: {
      schemas: {
        Resource: { type: 'object', required: ['resourceType'], properties: { resourceType: { type: 'string' } } },
      },
    },
  }
}

function described(route: Route): JsonObject {
  const { path, text, parameters, formats } = route
  const fromPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const fromQuery = Object.entries(parameters).map(([name, parameter]) => query(name, parameter))
  return {
    operationId: `${route.method.toLowerCase()}${path.replace(/[^a-z0-9]+/gi, '_')}`,
    summary: text,
    parameters: [...fromPath, ...fromQuery, ...(route.isFree === true ? [CRITERIA] : []), ...common(formats)],
    ...(route.reads !== undefined && route.method !== 'GET' && { requestBody: requestBody(route) }),
    responses: {
      '200': { description: text, content: content(formats) },
      default: { description: 'An OperationOutcome', content: content([FORMATS.json]) },
    },
  }
}

/** Names that no table lists: the search parameters of the type. */
const CRITERIA: JsonObject = {
  name: 'criteria',
  in: 'query',
  description: 'search parameters, as metadata lists them',
  style: 'form',
  explode: true,
  schema: { type: 'object', additionalProperties: { type: 'string' } },
}

function requestBody({ reads, isBodyOptional }: Route): JsonObject {
  const readable = reads === undefined ? 'any' : readableBy(reads)
  const mediaTypes = readable === 'any' ? ['*/*'] : readable
  const json: readonly string[] = FORMATS.json.mediaTypes
  const types = mediaTypes.map((type) => [type, json.includes(type) ? OF_JSON : {}] as const)
  return { required: isBodyOptional !== true, content: Object.fromEntries(types) }
}

function query(name: string, { shape, type, text }: Parameter<unknown>): JsonObject {
  const schema = { type: type === 'boolean' ? 'boolean' : 'string' }
  return { name, in: 'query', description: `${text} (${shape.label})`, schema }
}

function common(formats: readonly Format[]): JsonObject[] {
  const names = offeredBy(formats).map(({ name }) => name)
  return [
    {
      name: '_format',
      in: 'query',
      description: 'the format of the answer, before Accept',
      schema: { type: 'string', examples: names },
    },
    { name: '_pretty', in: 'query', description: 'JSON or XML laid out for human eyes', schema: { type: 'boolean' } },
  ]
}

const OF_JSON = { schema: { $ref: '#/components/schemas/Resource' } }

function content(formats: readonly Format[]): JsonObject {
  return Object.fromEntries(
    offeredBy(formats).flatMap(({ name, mediaTypes }) =>
      mediaTypes.map((type) => [type, name === 'json' ? OF_JSON : {}]),
    ),
  )
}
