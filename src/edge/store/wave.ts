/** Many reads of a FHIR server at once: a batch; where it takes none, searches by `_id`; where it offers neither, one by one. */

import { isBundle, isObject, type Bundle, type Json, type Resource } from '../../fhir/types.ts'
import { refusal, type Answer, type Exchange } from './exchange.ts'
import { matchesOn, objects } from './search-pages.ts'

export interface WaveOptions {
  /** The most reads in one batch (500). */
  readonly batchSize?: number
}

/** A server, and what it was seen to take. */
export interface Server {
  readonly base: string
  readonly exchange: Exchange
  readonly options: WaveOptions
  /** Until when it is not asked for a batch after it refused one, by the clock of `performance.now()`. */
  noBatchUntilMs: number
  noIdSearchUntilMs: number
  noIncludeUntilMs: number
}

/** A read, or a search, below the base. */
export interface Read {
  readonly path: string
  /** The version that is known: an answer of 304 says that it still is the current one. */
  readonly ifNoneMatch?: string
}

export type Answers = ReadonlyMap<string, Answer>

const BATCH_SIZE = 500
/** The length up to which a search is sent as GET by every server. */
export const MAX_QUERY = 1_500
/** How long a server that refused a way of asking is not asked that way again: it may have been a matter of that moment. */
const PAUSE_MS = 600_000
/** Answers to a batch after which its parts are asked for in another way. */
const NO_BATCH: ReadonlySet<number> = new Set([
  301, 302, 303, 400, 401, 403, 404, 405, 406, 410, 411, 413, 415, 422, 501,
])
/** Answers of a server that is busy: the same is asked again, with patience. */
const BUSY: ReadonlySet<number> = new Set([429, 503])

/** The answer to each path, in as few exchanges as the server allows. */
export async function answersOf(server: Server, reads: readonly Read[], signal: AbortSignal): Promise<Answers> {
  if (reads.length < 2) return singly(server, reads, signal)
  if (server.noBatchUntilMs > performance.now()) return byId(server, reads, signal)
  const size = server.options.batchSize ?? BATCH_SIZE
  const chunks = Array.from({ length: Math.ceil(reads.length / size) }, (_, place) =>
    reads.slice(place * size, (place + 1) * size),
  )
  return merged(await Promise.all(chunks.map((chunk) => batch(server, chunk, signal))))
}

function merged(parts: readonly Answers[]): Answers {
  return new Map(parts.flatMap((part) => [...part]))
}

async function singly(server: Server, reads: readonly Read[], signal: AbortSignal): Promise<Answers> {
  return new Map(
    await Promise.all(reads.map(async (read) => [read.path, await server.exchange(read, signal)] as const)),
  )
}

async function batch(server: Server, reads: readonly Read[], signal: AbortSignal): Promise<Answers> {
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: reads.map(({ path, ...condition }) => ({ request: { method: 'GET', url: path, ...condition } })),
  }
  const request = { path: '', name: 'a batch', body: JSON.stringify(bundle) }
  const { status, body } = await server.exchange(request, signal)
  const entries = isBundle(body) && body.entry?.length === reads.length ? body.entry : undefined
  if (entries === undefined) {
    if (body === undefined && !NO_BATCH.has(status)) throw refusal(status, 'a batch')
    server.noBatchUntilMs = performance.now() + PAUSE_MS
    return byId(server, reads, signal)
  }
  const answers = new Map(reads.map(({ path }, place) => [path, answerIn(entries[place])]))
  const busy = reads.filter(({ path }) => BUSY.has(answers.get(path)?.status ?? 0))
  return merged([answers, await singly(server, busy, signal)])
}

function answerIn(entry: Json | undefined): Answer {
  const { response, resource } = isObject(entry) ? entry : {}
  const text = isObject(response) ? response['status'] : undefined
  const status = typeof text === 'string' ? Number.parseInt(text, 10) : Number.NaN
  const isFine = status >= 200 && status < 300 && resource !== undefined
  return { status: Number.isNaN(status) ? 500 : status, ...(isFine && { body: resource }) }
}

/** By searches; what no search gives is read by itself, for an index may be late or may not say why. */
async function byId(server: Server, reads: readonly Read[], signal: AbortSignal): Promise<Answers> {
  if (server.noIdSearchUntilMs > performance.now()) return singly(server, reads, signal)
  const searches = idSearches(reads)
  const found = merged(await Promise.all(searches.map((search) => foundById(server, search, signal))))
  return merged([
    found,
    await singly(
      server,
      reads.filter(({ path }) => !found.has(path)),
      signal,
    ),
  ])
}

interface IdSearch {
  readonly type: string
  readonly ids: readonly string[]
}

const LITERAL = /^([A-Z][A-Za-z]*)\/([A-Za-z0-9.-]+)$/

/** A search for each type of which several are read; long ones in parts. */
function idSearches(reads: readonly Read[]): readonly IdSearch[] {
  const literals = reads.flatMap(({ path }) => {
    const [, type = '', id = ''] = LITERAL.exec(path) ?? []
    return id === '' ? [] : [{ type, id }]
  })
  return [...Map.groupBy(literals, ({ type }) => type)].flatMap(([type, group]) => {
    const parts: string[][] = [[]]
    for (const { id } of group) {
      const last = parts.at(-1) ?? []
      if (last.length > 0 && last.join().length + id.length + 1 > MAX_QUERY) parts.push([id])
      else last.push(id)
    }
    return parts.filter(({ length }) => length > 1).map((ids) => ({ type, ids }))
  })
}

/** What the first page holds of those asked for: no more is needed of a search that only saves reads. */
async function foundById(server: Server, { type, ids }: IdSearch, signal: AbortSignal): Promise<Answers> {
  const path = `${type}?_id=${ids.join()}&_count=${ids.length}`
  const { body } = await server.exchange({ path }, signal).catch((): Answer => ({ status: 0 }))
  const matches = isBundle(body) ? matchesOn(body, path) : undefined
  const isUnderstood = matches?.every((match) => match.resourceType === type && ids.includes(match.id ?? ''))
  if (matches === undefined || isUnderstood !== true) {
    server.noIdSearchUntilMs = performance.now() + PAUSE_MS
    return new Map()
  }
  return new Map(matches.filter(isWhole).map((body) => [`${type}/${body.id}`, { status: 200, body }]))
}

/** Whether all elements are there. @see https://hl7.org/fhir/R4/valueset-resource-security-category.html */
export function isWhole({ meta }: Resource): boolean {
  return !objects(meta?.['tag']).some(({ code }) => code === 'SUBSETTED')
}
