/** A store as lines of text, the same for every database: a head, each version in its order, and a foot that counts and digests them. */

import { createHash } from 'node:crypto'
import { fail } from '../../../fhir/error.ts'
import { INTEGER, statement } from './statement.ts'
import type { Database, Session } from './session.ts'

/** The first member of the head says what the lines are. */
export const FORMAT = 'fhirdoc-backup-1'
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

/** The last line. */
export interface Foot {
  readonly versions: number
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
  const versions = await database.snapshot((session) => tellVersions(session, tell))
  const foot: Foot = { versions, sha256: hash.digest('hex') }
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

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** The versions that the lines of a backup hold. @throws FhirError `structure` at its end where it is not whole, or is none */
export async function* versionsOf(lines: AsyncIterable<string>): AsyncGenerator<Line> {
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
  if (count < 0 || foot?.versions !== count || foot.sha256 !== hash.digest('hex'))
    throw fail('structure', 'The backup is not whole: its end does not agree with what it holds')
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    return undefined
  }
}

function mustBeHead(line: string): void {
  const head = parsed(line) as { readonly format?: unknown } | null | undefined
  if (head?.format !== FORMAT) throw fail('structure', `The file is no backup, expected one in the format ${FORMAT}`)
}

function lineOf(line: string): Line {
  const value = parsed(line) as Line | null | undefined
  if (typeof value?.name !== 'string') throw fail('structure', 'The backup is not whole: a line of it is broken')
  return value
}

function footOf(line: string | undefined): Foot | undefined {
  const value = parsed(line) as Foot | null | undefined
  return value ?? undefined
}
