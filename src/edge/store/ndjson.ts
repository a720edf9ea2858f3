/**
 * A file of one resource a line as a source: read once for its index, then line by line where one is asked for. What is
 * packed (`.ndjson.gz`), and a line that is a Bundle to carry resources, is kept.
 */

import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { fail, FhirError } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { parseJson } from '../../fhir/json.ts'
import { isBundle, isResource, type Json, type Resource } from '../../fhir/types.ts'
import type { Source } from '../../ports.ts'
import { cardsOf, isCarrier } from './bundle.ts'
import { cardOf, catalogSource, type Card, type Contents } from './catalog.ts'

const NEWLINE = 0x0a

/** A source of the resources in a file of newline-delimited JSON; lines that are none are warnings. */
export function ndjsonSource(name: string, path: string): Source {
  return catalogSource(name, () => ndjsonContents(path, name)).source
}

/** The cards of a file; `label` stands for it in messages. @throws FhirError `no-store` where it cannot be read */
export async function ndjsonContents(path: string, label: string): Promise<Contents> {
  const cards: Card[] = []
  const issues: Issue[] = []
  let number = 0
  for await (const { bytes, offset } of lines(path, label)) {
    number += 1
    const text = bytes
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trim()
    if (text === '') continue
    const resource = quickly(text)
    const place: Place = { path, offset, length: bytes.length, label: `${label}, line ${number}` }
    if (!isResource(resource)) issues.push(noResource(place.label))
    else if (isCarrier(resource)) cards.push(...(await carried(bytes, place.label)))
    else if (isPacked(path)) cards.push(cardOf(resource, keptLine(Buffer.from(bytes), place.label, resource)))
    else cards.push(cardOf(resource, () => resourceAt(place, resource)))
  }
  return { cards, issues }
}

function isPacked(path: string): boolean {
  return path.toLowerCase().endsWith('.gz')
}

/** The entries of a line that is a Bundle. */
async function carried(bytes: Uint8Array, label: string): Promise<readonly Card[]> {
  const bundle = await inFile(label, () => parseJson(bytes))
  return isBundle(bundle) ? cardsOf(bundle) : []
}

/** A line that is read, with nothing lost, when it is first asked for. */
function keptLine(bytes: Uint8Array, label: string, expected: Resource): () => Promise<Resource> {
  let read: Promise<Resource> | undefined
  return () => (read ??= wholly(label, () => parseJson(bytes), expected))
}

/** The value of a JSON text read for its index only: decimals are not kept. Undefined where it is no JSON. */
export function quickly(text: string): Resource | undefined {
  try {
    return JSON.parse(text) as Resource
  } catch {
    return undefined
  }
}

/** The warning for a file or line that a source passes over. */
export function noResource(label: string): Issue {
  return {
    severity: 'warning',
    code: 'structure',
    text: `${label} is passed over: it is no FHIR resource in JSON`,
    rule: 'source-file',
  }
}

/** The error for what cannot be read, with the operating system's word for it. */
export function unreadable(label: string, cause: unknown): FhirError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return fail('no-store', `${label} cannot be read${code}`, { cause })
}

/** The resource of a file or line, read with nothing lost. @throws FhirError where it is not what the index was made from */
export async function wholly(label: string, read: () => Json | Promise<Json>, expected: Resource): Promise<Resource> {
  const resource = await inFile(label, read)
  const same = isResource(resource, expected.resourceType) && resource.id === expected.id
  if (!same) throw fail('conflict', `${label} was changed while it was read`)
  return resource
}

/** What `read` gives; its errors name the file. */
export async function inFile<T>(label: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof FhirError)) throw cause
    const [first] = cause.issues
    throw fail(first.code, `${label}: ${first.text}`, { cause })
  }
}

interface Place {
  readonly path: string
  readonly offset: number
  readonly length: number
  readonly label: string
}

async function resourceAt({ path, offset, length, label }: Place, expected: Resource): Promise<Resource> {
  const bytes = Buffer.alloc(length)
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(label, cause)
  })
  try {
    await file.read(bytes, 0, length, offset)
  } catch (cause) {
    throw unreadable(label, cause)
  } finally {
    await file.close()
  }
  return wholly(label, () => parseJson(bytes), expected)
}

interface Line {
  readonly bytes: Buffer
  readonly offset: number
}

/** The most that a packed file may unpack to. */
const MAX_UNPACKED_BYTES = 1024 * 1024 * 1024

async function* chunksOf(path: string, label: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 })
  if (!isPacked(path)) {
    yield* file as AsyncIterable<Buffer>
    return
  }
  const unpacked = createGunzip()
  file.once('error', (cause) => unpacked.destroy(cause))
  let bytes = 0
  for await (const chunk of file.pipe(unpacked) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_UNPACKED_BYTES)
      throw fail('too-costly', `${label} unpacks to more than ${MAX_UNPACKED_BYTES} bytes`)
    yield chunk
  }
}

async function* lines(path: string, label: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  try {
    for await (const chunk of chunksOf(path, label)) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let start = 0
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield { bytes: rest.subarray(start, end), offset: offset + start }
        start = end + 1
      }
      offset += start
      rest = rest.subarray(start)
    }
  } catch (cause) {
    throw cause instanceof FhirError ? cause : unreadable(label, cause)
  }
  if (rest.length > 0) yield { bytes: rest, offset }
}
