/** A store as lines of text, the same for every database: a head, each version in its order, and a foot that counts and digests them. */

import { createHash } from 'node:crypto'
import { fail } from '../../../fhir/error.ts'
import type { Head } from '../../../audit/chain.ts'
import { headOf } from './audit.ts'
import { stateOf } from './audit-published.ts'
import { pagesAfter } from './audit-verified.ts'
import { INTEGER, statement } from './statement.ts'
import type { AuditTable, HoldTable, TombstoneTable } from './tables.ts'
import type { Database, Session } from './session.ts'

/** The first member of the head says what the lines are. */
export const FORMAT = 'fhirdoc-backup-3'
/** Earlier formats that are read too: without the head of the audit, the first without audit, tombstones and holds. */
const EARLIER: readonly unknown[] = ['fhirdoc-backup-1', 'fhirdoc-backup-2']
const PAGE = 200

/** One version as a line has it. */
export interface Line {
  readonly name: string
  readonly version: number
  readonly lastUpdated: number
  readonly method: string
  readonly text: string | null
  /** The bytes in base64. */
  readonly original?: { readonly mediaType: string; readonly bytes: string }
  readonly receipt?: string
}

/** What is kept beside the versions, as a line has it. */
export type Kept =
  | { readonly audit: AuditTable }
  | { readonly start: Head }
  | { readonly head: Head }
  | { readonly tombstone: TombstoneTable }
  | { readonly hold: HoldTable }

/** The last line. */
export interface Foot {
  readonly versions: number
  /** How many lines there are between head and foot; as many as versions in the first format. */
  readonly lines?: number
  /** SHA-256 of all lines before, each with its end, in hexadecimal. */
  readonly sha256: string
}

const PAGE_OF_VERSIONS = statement({ after: INTEGER }, ({ db, slots }) =>
  db
    .selectFrom('version')
    .leftJoin('original', 'original.seq', 'version.seq')
    .leftJoin('receipt', 'receipt.seq', 'version.seq')
    .select(['version.seq', 'name', 'version', 'last_updated', 'method', 'version.text'])
    .select(['original.media_type', 'original.bytes', 'receipt.text as receipt'])
    .where('version.seq', '>', slots.after)
    // they are made of the audit again
    .where('type', '<>', 'AuditEvent')
    .orderBy('version.seq')
    .limit(PAGE),
)

/** Calls `take` with each line of a snapshot, which ends with a line feed; the number of versions. */
export async function backupLines(database: Database, take: (line: string) => Promise<void>): Promise<number> {
  const hash = createHash('sha256')
  const tell = async (line: string): Promise<void> => {
    hash.update(line)
    await take(line)
  }
  await tell(`${JSON.stringify({ format: FORMAT })}\n`)
  const { versions, lines } = await database.snapshot(async (session) => {
    const versions = await tellVersions(session, tell)
    return { versions, lines: versions + (await tellKept(session, tell)) }
  })
  const foot: Foot = { versions, lines, sha256: hash.digest('hex') }
  await take(`${JSON.stringify(foot)}\n`)
  return versions
}

async function tellVersions(session: Session, tell: (line: string) => Promise<void>): Promise<number> {
  let count = 0
  for (let after = 0; ;) {
    const rows = await session.rows(PAGE_OF_VERSIONS(session.dialect, { after }))
    for (const { seq, last_updated: lastUpdated, media_type: mediaType, bytes, receipt, ...own } of rows) {
      const { name, version, method, text } = own
      const original = mediaType === null || bytes === null ? {} : { original: { mediaType, bytes: base64(bytes) } }
      const line: Line = { name, version, lastUpdated, method, text, ...original, ...(receipt !== null && { receipt }) }
      await tell(`${JSON.stringify(line)}\n`)
      after = seq
    }
    count += rows.length
    if (rows.length < PAGE) return count
  }
}

const TOMBSTONES = statement({}, ({ db }) => db.selectFrom('tombstone').selectAll().orderBy('name'))
const HOLDS = statement({}, ({ db }) => db.selectFrom('hold').selectAll().orderBy('name'))

/** The audit, the tombstones and the holds; how many lines they are. */
async function tellKept(session: Session, tell: (line: string) => Promise<void>): Promise<number> {
  let count = 0
  const tellOne = async (kept: Kept): Promise<void> => {
    await tell(`${JSON.stringify(kept)}\n`)
    count += 1
  }
  for (const tombstone of await session.rows(TOMBSTONES(session.dialect, {}))) await tellOne({ tombstone })
  for (const hold of await session.rows(HOLDS(session.dialect, {}))) await tellOne({ hold })
  const { start_seq: seq, start_digest: digest } = await stateOf(session)
  await tellOne({ start: { seq, digest } })
  for await (const page of pagesAfter(0, session)) for (const audit of page) await tellOne({ audit })
  // as it was written, so that an end that was cut off is found in what is restored too
  await tellOne({ head: await headOf(session) })
  return count
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** What the lines of a backup hold. @throws FhirError `structure` at its end where it is not whole, or is none */
export async function* contentOf(lines: AsyncIterable<string>): AsyncGenerator<Line | Kept> {
  const hash = createHash('sha256')
  let held: string | undefined
  let count = -1
  for await (const line of lines) {
    if (held !== undefined) {
      if (count < 0) mustBeHead(held)
      else yield lineOf(held)
      hash.update(`${held}\n`)
      count += 1
    }
    held = line
  }
  const foot = footOf(held)
  if (count < 0 || (foot?.lines ?? foot?.versions) !== count || foot?.sha256 !== hash.digest('hex'))
    throw fail('structure', 'The backup is not whole: its end does not agree with what it holds')
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    // What is no JSON has no foot and no head: the backup is refused as not whole.
    return undefined
  }
}

function mustBeHead(line: string): void {
  const head = parsed(line) as { readonly format?: unknown } | null | undefined
  if (head?.format === FORMAT || EARLIER.includes(head?.format)) return
  throw fail('structure', `The file is no backup, expected one in the format ${FORMAT}`)
}

/** Whether a line is a version. */
export function isVersion(line: Line | Kept): line is Line {
  return 'name' in line
}

const KEPT = ['audit', 'start', 'head', 'tombstone', 'hold']

function lineOf(line: string): Line | Kept {
  const value = parsed(line) as Line | Kept | null | undefined
  const isKnown =
    typeof value === 'object' && value !== null && (isVersion(value) || KEPT.some((name) => name in value))
  if (!isKnown) throw fail('structure', 'The backup is not whole: a line of it is broken')
  return value
}

function footOf(line: string | undefined): Foot | undefined {
  const value = parsed(line) as Foot | null | undefined
  return value ?? undefined
}
