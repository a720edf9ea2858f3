/**
 * The service measured from outside: complete documents over HTTP while their resources are being changed, reads, memory
 * and start. What a document costs is the CPU of the service and its database together; the clients are not counted.
 */

import { clientOf, percentile, timed, together, type Client, type Laps, type Turn } from './clients.ts'
import { median } from './measure.ts'
import { cpuMs, proportionalMB, residentMB, serve, type Served } from './processes.ts'
import { syntheticRecord } from './record.ts'

/** A database for the service. */
export interface Backend {
  readonly name: 'sqlite' | 'postgres'
  readonly url: string
  /** Another, for what is measured side by side. */
  readonly beside: string
  /** Of the database, where it is a process of its own. */
  readonly pids: readonly number[]
}

export interface DocumentResult {
  readonly clients: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of service and database for a document, without what the writes between them cost. */
  readonly cpuMs: number
  /** With the write before every second document. */
  readonly cpuWithWritesMs: number
}

export interface ServiceResult {
  readonly store: Backend['name']
  readonly entries: number
  readonly kB: number
  readonly documents: readonly DocumentResult[]
  /** Of one write by itself. */
  readonly writeCpuMs: number
  readonly readsPerSecond: number
  readonly readCpuMs: number
  /** Of each process of the service after all of that; in proportion, what several share is counted once. */
  readonly residentMB: readonly number[]
  readonly proportionalMB: readonly number[]
}

const ENTRIES = 40
/** Records that the documents are made of, in turn. */
const RECORDS = 8

interface Record {
  readonly composition: string
  /** Those that change, as they were: an identifier of theirs is given another value each time. */
  readonly resources: readonly (Body & { readonly id: string; readonly identifier: readonly Body[] })[]
}
type Body = { readonly [name: string]: unknown; readonly resourceType: string }

/** Everything that is measured on one store. */
export async function measureService(
  backend: Backend,
  counts: { readonly documents: number; readonly reads: number },
): Promise<ServiceResult> {
  const served = await serve({ FHIRDOC_STORE: backend.url })
  try {
    const records = await loaded(served)
    const bytes = await documentBytes(served, records)
    const pids = [served.pid, ...backend.pids]
    const write = writer(records)
    await together(base(served), { clients: 8, count: 3 * counts.documents }, asker(records))
    const before = cpuMs(pids)
    const writes = await together(base(served), { clients: 8, count: counts.documents / 2 }, write)
    const writeCpuMs = (cpuMs(pids) - before) / writes.count
    const documents: DocumentResult[] = []
    for (const clients of [1, 8, 32])
      documents.push(await measureDocuments(served, { clients, count: counts.documents, pids, records, writeCpuMs }))
    const reads = await measureReads(served, { count: counts.reads, pids, records })
    return {
      store: backend.name,
      entries: ENTRIES,
      kB: bytes / 1e3,
      documents,
      writeCpuMs,
      ...reads,
      residentMB: residentMB(served.pid),
      proportionalMB: proportionalMB(served.pid),
    }
  } finally {
    await served.stop()
  }
}

function base({ url }: Served): string {
  return `${url}/fhir`
}

interface Measuring {
  readonly count: number
  readonly pids: readonly number[]
  readonly records: readonly Record[]
}

async function measureDocuments(
  served: Served,
  { clients, count, pids, records, writeCpuMs }: Measuring & { readonly clients: number; readonly writeCpuMs: number },
): Promise<DocumentResult> {
  const before = cpuMs(pids)
  const laps = await together(base(served), { clients, count }, asker(records))
  const cpuWithWritesMs = (cpuMs(pids) - before) / laps.count
  return { clients, ...figures(laps), cpuMs: cpuWithWritesMs - writeCpuMs / 2, cpuWithWritesMs }
}

function figures({ count, seconds, ms }: Laps): Pick<DocumentResult, 'perSecond' | 'p50Ms' | 'p99Ms'> {
  return { perSecond: count / seconds, p50Ms: percentile(ms, 0.5), p99Ms: percentile(ms, 0.99) }
}

async function measureReads(
  served: Served,
  { count, pids, records }: Measuring,
): Promise<Pick<ServiceResult, 'readsPerSecond' | 'readCpuMs'>> {
  const resources = records.flatMap((record) => record.resources)
  const read = async (client: Client, { client: number, own }: Turn): Promise<number> => {
    const { resourceType, id } = at(resources, number * 7 + own)
    return (await timed(client, { method: 'GET', path: `/${resourceType}/${id}` })).ms
  }
  await together(base(served), { clients: 8, count: count / 4 }, read)
  const before = cpuMs(pids)
  const laps = await together(base(served), { clients: 8, count }, read)
  return { readsPerSecond: laps.count / laps.seconds, readCpuMs: (cpuMs(pids) - before) / laps.count }
}

type Work = (client: Client, turn: Turn) => Promise<number>

let marks = 0

/** Writes the next resource of a client. */
function writer(records: readonly Record[]): Work {
  return async (client, turn) => (await written(client, records, turn)).ms
}

/** Each client has resources of its own in every record, so that what it wrote stands until it writes again. */
async function written(
  client: Client,
  records: readonly Record[],
  turn: Turn,
): Promise<{ readonly ms: number; readonly marker: string }> {
  const { resources } = recordOf(records, turn)
  const own = resources.filter((_, place) => place % turn.clients === turn.client)
  const { identifier, ...resource } = at(own, turn.own >> 1)
  const marker = `mark-${(marks += 1)}`
  const body = JSON.stringify({ ...resource, identifier: [{ ...identifier[0], value: marker }] })
  const { ms } = await timed(client, { method: 'PUT', path: `/${resource.resourceType}/${resource.id}`, body })
  return { ms, marker }
}

/** Asks for a document; before every second one it writes to a resource of it, which the answer must show. */
function asker(records: readonly Record[]): Work {
  return async (client, turn) => {
    const marker = turn.own % 2 === 0 ? (await written(client, records, turn)).marker : undefined
    const { composition } = recordOf(records, turn)
    const { ms, text } = await timed(client, documentOf(composition))
    if (marker !== undefined && !text.includes(`"value":"${marker}"`))
      throw new Error(`The document does not show what was written before it was asked for: ${marker}`)
    return ms
  }
}

function documentOf(composition: string): { readonly method: 'GET'; readonly path: string } {
  return { method: 'GET', path: `/Composition/${composition}/$document?persist=false` }
}

function recordOf(records: readonly Record[], { client, own }: Turn): Record {
  return at(records, client + (own >> 1))
}

function at<T>(items: readonly T[], place: number): T {
  return items[place % items.length] as T
}

/** The records in the store, each under ids of its own. */
async function loaded(served: Served): Promise<readonly Record[]> {
  const client = clientOf(base(served))
  const records = Array.from({ length: RECORDS }, (_, number) => recordNamed(`r${number}`))
  for (const { all } of records) {
    const entry = all.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${String(resource['id'])}` },
    }))
    await client({
      method: 'POST',
      path: '',
      body: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
    })
  }
  client.close()
  return records.map(({ all: [composition, ...resources] }) => ({
    composition: String(composition?.['id']),
    resources: resources as unknown as Record['resources'],
  }))
}

function recordNamed(prefix: string): { readonly all: readonly Body[] } {
  const { composition, resources } = syntheticRecord(ENTRIES)
  const all = [composition, ...resources].map((text) =>
    text.replace(/"(id|reference)":"((?:[A-Z][A-Za-z]+\/)?)([a-z])/g, `"$1":"$2${prefix}-$3`),
  )
  return { all: all.map((text) => JSON.parse(text) as Body) }
}

/** The length of a document, which must be complete. */
async function documentBytes(served: Served, records: readonly Record[]): Promise<number> {
  const client = clientOf(base(served))
  const text = await client(documentOf(at(records, 0).composition))
  client.close()
  const { entry } = JSON.parse(text) as { readonly entry: readonly unknown[] }
  if (entry.length !== ENTRIES) throw new Error(`The document has ${entry.length} entries instead of ${ENTRIES}`)
  return Buffer.byteLength(text)
}

export interface StartResult {
  /** From nothing to the first 200 of `metadata`. */
  readonly metadataMs: number
  /** From nothing to the first document. */
  readonly documentMs: number
}

/** How long the service takes to answer at first, the middle of several starts over a store that holds a record. */
export async function measureStart(backend: Backend, starts = 5): Promise<StartResult> {
  const settings = { FHIRDOC_STORE: backend.url }
  const first = await serve(settings)
  const records = await loaded(first)
  await first.stop()
  const all: StartResult[] = []
  for (let count = 0; count < starts; count += 1) {
    const startMs = performance.now()
    const served = await serve(settings)
    const client = clientOf(base(served))
    await client(documentOf(at(records, 0).composition))
    all.push({ metadataMs: served.startMs, documentMs: performance.now() - startMs })
    client.close()
    await served.stop()
  }
  return { metadataMs: median(all.map((one) => one.metadataMs)), documentMs: median(all.map((one) => one.documentMs)) }
}
