/**
 * A FHIR server as a source: a wave of reads is one batch, or bounded single reads where the server takes no batch.
 * @see https://hl7.org/fhir/R4/http.html
 */

import { fail } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { identifiersOf, parseReference } from '../../fhir/reference.ts'
import {
  isBundle,
  isObject,
  isResource,
  type Bundle,
  type Json,
  type JsonObject,
  type Resource,
} from '../../fhir/types.ts'
import type { Found, Source, Target } from '../../ports.ts'
import { exchange, refusal, type Answer, type ExchangeOptions } from './exchange.ts'

export interface RestOptions extends ExchangeOptions {
  /** The most reads in one batch (500). */
  readonly batchSize?: number
  /** How many requests run at once (6). */
  readonly concurrency?: number
  /** The most pages of one search (100). */
  readonly maxPages?: number
}

const defaults = { batchSize: 500, concurrency: 6, maxPages: 100 } as const
/** The length up to which a search is sent as GET by every server. */
const MAX_QUERY = 1_500
const ID = /^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$/
const TYPE = /^[A-Z][A-Za-z]{1,63}$/
const ABSENT: ReadonlySet<number> = new Set([404, 410])
/** Answers to a batch after which its parts are asked for one by one. */
const NO_BATCH: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 406, 410, 411, 413, 415, 422, 501])
/** Answers of a server that does not offer a search. */
const NO_SEARCH: ReadonlySet<number> = new Set([400, 404, 405, 422, 501])

/**
 * A source of the resources below a base URL. No other address is ever asked.
 * @throws FhirError `value` where the text is no such URL
 */
export function restSource(url: string, options: RestOptions = {}): Source {
  const base = url.replace(/\/+$/, '')
  if (!URL.canParse(base) || /[?#@\s]/.test(base))
    throw fail('value', 'The FHIR base is no http URL without user, query and fragment')
  const server: Server = { base, options, takesBatch: true, issues: [] }
  return { name: base, base, read: read(server), provenances: provenances(server), issues: () => server.issues }
}

interface Server {
  readonly base: string
  readonly options: RestOptions
  /** Until it has once refused one. */
  takesBatch: boolean
  readonly issues: Issue[]
}

function read(server: Server): Source['read'] {
  return async (targets) => {
    const paths = targets.map((target) => pathOf(server.base, target))
    const asked = [...new Set(paths)].filter((path) => path !== undefined)
    const answers = new Map(await answersOf(server, asked))
    return Promise.all(targets.map((target, place) => foundIn(server, target, answers.get(paths[place] ?? ''))))
  }
}

/** The request for a target; undefined for what is not below the base. */
function pathOf(base: string, target: Target): string | undefined {
  if (target.by === 'identifier') {
    if (target.type === undefined || !TYPE.test(target.type)) return undefined
    const token = [target.system, target.value].map((part) => part.replace(/[\\|,$]/g, '\\$&')).join('|')
    return `${target.type}?identifier=${encodeURIComponent(token)}`
  }
  const named = target.by === 'id' ? target : below(base, target.url)
  if (named === undefined || !TYPE.test(named.type) || !ID.test(named.id)) return undefined
  if (target.version === undefined) return `${named.type}/${named.id}`
  return ID.test(target.version) ? `${named.type}/${named.id}/_history/${target.version}` : undefined
}

function below(base: string, url: string): { readonly type: string; readonly id: string } | undefined {
  const parsed = parseReference(url)
  return parsed.form === 'rest' && parsed.base === base ? parsed : undefined
}

async function foundIn(server: Server, target: Target, answer: Answer | undefined): Promise<readonly Found[]> {
  if (answer === undefined || ABSENT.has(answer.status)) return []
  const path = pathOf(server.base, target) ?? ''
  if (!isResource(answer.body)) throw refusal(answer.status, path)
  if (target.by === 'identifier') {
    const hits = await searched(server, answer.body, path)
    // A server that does not know the parameter answers with everything.
    return hits
      .filter((hit) => hit.resourceType === target.type && hasIdentifier(hit, target))
      .map((hit) => foundAs(server, hit))
  }
  const { type, id } = target.by === 'id' ? target : (below(server.base, target.url) ?? { type: '', id: '' })
  if (answer.body.resourceType !== type || answer.body.id !== id) {
    throw fail('no-store', `The FHIR server answered another resource to ${path}`)
  }
  const version = answer.body.meta?.versionId
  if (target.version !== undefined && version !== target.version) {
    throw fail('no-store', `The FHIR server answered version ${version ?? 'unknown'} to ${path}`)
  }
  return [foundAs(server, answer.body)]
}

function hasIdentifier(resource: Resource, { system, value }: Target & { by: 'identifier' }): boolean {
  return identifiersOf(resource).some((own) => isObject(own) && own.system === system && own.value === value)
}

function foundAs({ base }: Server, resource: Resource): Found {
  return {
    resource,
    source: base,
    ...(resource.id !== undefined && { url: `${base}/${resource.resourceType}/${resource.id}` }),
  }
}

/** The answer to each path, in as few exchanges as the server allows. */
async function answersOf(server: Server, paths: readonly string[]): Promise<readonly (readonly [string, Answer])[]> {
  const { batchSize = defaults.batchSize } = server.options
  if (paths.length < 2 || !server.takesBatch) return singly(server, paths)
  const chunks = Array.from({ length: Math.ceil(paths.length / batchSize) }, (_, place) =>
    paths.slice(place * batchSize, (place + 1) * batchSize),
  )
  const answers = await inParallel(server, chunks, (chunk) => batch(server, chunk))
  return answers.flat()
}

function singly(server: Server, paths: readonly string[]): Promise<readonly (readonly [string, Answer])[]> {
  return inParallel(
    server,
    paths,
    async (path) => [path, await exchange(server.base, { path }, server.options)] as const,
  )
}

async function batch(server: Server, paths: readonly string[]): Promise<readonly (readonly [string, Answer])[]> {
  const request: Bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: paths.map((path) => ({ request: { method: 'GET', url: path } })),
  }
  const { status, body } = await exchange(server.base, { path: '', body: JSON.stringify(request) }, server.options)
  const entries = isBundle(body) && body.entry?.length === paths.length ? body.entry : undefined
  if (entries !== undefined) return paths.map((path, place) => [path, answerIn(entries[place])] as const)
  if (body === undefined && !NO_BATCH.has(status)) throw refusal(status, 'a batch')
  server.takesBatch = false
  return singly(server, paths)
}

function answerIn(entry: Json | undefined): Answer {
  const { response, resource } = isObject(entry) ? entry : {}
  const text = isObject(response) ? response['status'] : undefined
  const status = typeof text === 'string' ? Number.parseInt(text, 10) : Number.NaN
  const isFine = status >= 200 && status < 300 && resource !== undefined
  return { status: Number.isNaN(status) ? 500 : status, ...(isFine && { body: resource }) }
}

async function inParallel<T, R>(
  { options }: Server,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [place, item] of queue) results[place] = await work(item)
  }
  await Promise.all(Array.from({ length: options.concurrency ?? defaults.concurrency }, worker))
  return results
}

/** The matches of a search, paged to its end. @throws FhirError where a page is missing or there are too many */
async function searched(server: Server, first: Resource, path: string): Promise<readonly Resource[]> {
  const { maxPages = defaults.maxPages } = server.options
  const matches: Resource[] = []
  let page: Json | undefined = first
  for (let count = 1; page !== undefined; count += 1) {
    if (!isBundle(page)) throw fail('no-store', `The FHIR server's answer to ${path} is no Bundle`)
    if (count > maxPages) throw fail('too-costly', `The search ${path} has more than ${maxPages} pages`)
    for (const { resource, search } of objects(page.entry)) {
      const mode = isObject(search) ? search['mode'] : undefined
      if (isResource(resource) && (mode ?? 'match') === 'match') matches.push(resource)
    }
    page = await following(server, page, path)
  }
  return matches
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : []
}

async function following(server: Server, { link }: Bundle, path: string): Promise<Json | undefined> {
  const next = objects(link).find(({ relation }) => relation === 'next')?.['url']
  if (typeof next !== 'string') return undefined
  const url = URL.parse(next, `${server.base}/`)?.href ?? next
  const { status, body } = await exchange(server.base, { path: url }, server.options)
  if (body === undefined) throw refusal(status, `the next page of ${path}`)
  return body
}

function provenances(server: Server): Source['provenances'] {
  return async (targets) => {
    const names = targets.flatMap((target) => {
      const named = below(server.base, target)
      return named !== undefined && ID.test(named.id) ? [`${named.type}/${named.id}`] : []
    })
    const found = new Map<string, Found>()
    for (const [path, answer] of await answersOf(server, searches(names))) {
      if (NO_SEARCH.has(answer.status)) {
        if (server.issues.length === 0) server.issues.push(noProvenance)
        continue
      }
      if (!isResource(answer.body)) throw refusal(answer.status, path)
      for (const resource of await searched(server, answer.body, path)) {
        if (resource.resourceType === 'Provenance') found.set(resource.id ?? '', foundAs(server, resource))
      }
    }
    return [...found.values()]
  }
}

const noProvenance: Issue = {
  severity: 'warning',
  code: 'not-supported',
  text: 'The FHIR server does not search Provenance by target, so the document may lack Provenance that it has',
  rule: 'no-provenance-search',
}

/** Searches for a long list of targets, each of a length that servers take. */
function searches(names: readonly string[]): readonly string[] {
  const paths: string[] = []
  for (const name of names) {
    const last = paths.at(-1)
    if (last === undefined || last.length + name.length + 1 > MAX_QUERY) paths.push(`Provenance?target=${name}`)
    else paths[paths.length - 1] = `${last},${name}`
  }
  return paths
}
