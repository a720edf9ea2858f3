/** A small FHIR server on a free local port: reads, conditional ones, versions, searches, batches, and a record of what it was asked. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { identifiersOf } from '../../../src/fhir/reference.ts'
import type { Bundle, Resource } from '../../../src/fhir/types.ts'

export interface FhirServer {
  readonly base: string
  /** `GET Patient/1`, `POST (batch of 3)`, in the order of arrival. */
  readonly requests: readonly string[]
  /** The headers of each. */
  readonly headers: readonly IncomingMessage['headers'][]
  readonly close: () => Promise<void>
}

export interface ServerOptions {
  readonly takesBatch?: false
  readonly searchesById?: false
  /** Entries on a page of a search. */
  readonly pageSize?: number
  /** Answers instead of the resource: a status, or a whole handler. */
  readonly instead?: Readonly<Record<string, number | ((response: ServerResponse, request: IncomingMessage) => void)>>
  /** Done before each answer; where it gives true, it has answered itself. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean
}

interface Reply {
  readonly status: number
  readonly body?: unknown
}

/** A server of the resources given, which may change while it serves. */
export async function fhirServer(resources: readonly Resource[], options: ServerOptions = {}): Promise<FhirServer> {
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const server = createServer((request, response) => {
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/^\/fhir\/?/, '')
    headers.push(request.headers)
    if (options.before?.(request, response) === true) return void requests.push(`${request.method} ${path}`)
    if (request.method === 'POST') {
      const batch = JSON.parse(await textOf(request)) as Bundle
      requests.push(`POST batch of ${batch.entry?.length ?? 0}`)
      return send(response, options.takesBatch === false ? { status: 404 } : { status: 200, body: batched(batch) })
    }
    requests.push(`GET ${path}`)
    const instead = options.instead?.[path]
    if (typeof instead === 'function') return instead(response, request)
    send(response, replyTo(path, request.headers['if-none-match']))
  }

  function batched({ entry = [] }: Bundle): unknown {
    const replies = entry.map(({ request }) =>
      replyTo(request?.['url'] as string, request?.['ifNoneMatch'] as string | undefined),
    )
    return {
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: replies.map(({ status, body }) => ({
        response: { status: String(status) },
        ...(body !== undefined && { resource: body }),
      })),
    }
  }

  function replyTo(path: string, ifNoneMatch?: string): Reply {
    const instead = options.instead?.[path]
    if (typeof instead === 'number') return { status: instead }
    if (path.includes('?_id=') && options.searchesById === false) return { status: 400 }
    const [, type = '', query = ''] = /^([A-Za-z]+)\?(.*)$/.exec(path) ?? []
    if (type !== '') return { status: 200, body: searched(type, new URLSearchParams(query)) }
    const [kind, id, , version] = path.split('/')
    const found = resources.find(
      (one) => one.resourceType === kind && one.id === id && (version === undefined || one.meta?.versionId === version),
    )
    if (found === undefined) return { status: 404 }
    if (ifNoneMatch !== undefined && ifNoneMatch === `W/"${found.meta?.versionId}"`) return { status: 304 }
    return { status: 200, body: found }
  }

  function searched(type: string, query: URLSearchParams): unknown {
    const matches = resources.filter((one) => one.resourceType === type && isMatch(one, query))
    const { pageSize = 1_000 } = options
    const from = Number(query.get('_from') ?? 0)
    const next = new URLSearchParams([...query].filter(([name]) => name !== '_from'))
    next.set('_from', String(from + pageSize))
    return {
      resourceType: 'Bundle',
      type: 'searchset',
      ...(from + pageSize < matches.length && {
        link: [{ relation: 'next', url: `${base}/${type}?${next.toString()}` }],
      }),
      total: matches.length,
      entry: [
        ...matches.slice(from, from + pageSize).map((resource) => ({ resource, search: { mode: 'match' } })),
        ...includedBy(matches, query).map((resource) => ({ resource, search: { mode: 'include' } })),
      ],
    }
  }

  /** Whatever a match refers to by a relative reference, where anything is to be included. */
  function includedBy(matches: readonly Resource[], query: URLSearchParams): readonly Resource[] {
    if (!query.has('_include')) return []
    const text = JSON.stringify(matches)
    return resources.filter((one) => text.includes(`"reference":"${one.resourceType}/${one.id}"`))
  }

  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  return { base, requests, headers, close }
}

function isMatch(resource: Resource, query: URLSearchParams): boolean {
  const ids = query.get('_id')
  if (ids !== null) return ids.split(',').includes(resource.id ?? '')
  const token = query.get('identifier')
  if (token !== null)
    return identifiersOf(resource).some(({ system, value }) => `${system}|${value}` === token.replaceAll('\\', ''))
  const targets = (query.get('target') ?? '').split(',')
  const own = (resource['target'] ?? []) as readonly { readonly reference?: string }[]
  return own.some(({ reference = '' }) => targets.includes(reference))
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/fhir+json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
