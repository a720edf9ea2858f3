/** The chain of the audit: each line is digested together with the digest before it, so that none can change or go unseen. */

import { sha256Hex } from '../fhir/digest.ts'

/** A line in its place. */
export interface Link {
  /** Counts from 1 without a gap. */
  readonly seq: number
  readonly text: string
  /** SHA-256 in hexadecimal: of the digest before, the number and the text. */
  readonly digest: string
}

/** The end of a chain, or what it begins behind. */
export type Head = Pick<Link, 'seq' | 'digest'>

/** What the first line follows. */
export const BEGINNING: Head = { seq: 0, digest: '0'.repeat(64) }

/** The lines as the links that follow a head, in their order. */
export function linked(lines: readonly string[], head: Head): readonly Link[] {
  let { seq, digest } = head
  return lines.map((text) => {
    seq += 1
    digest = digestOf({ seq, text }, digest)
    return { seq, text, digest }
  })
}

function digestOf({ seq, text }: Pick<Link, 'seq' | 'text'>, before: string): string {
  return sha256Hex(`${before}\n${seq}\n${text}`)
}

/** The first place at which a chain is broken. */
export interface Break {
  readonly seq: number
  readonly text: string
}

/** What is wrong with a line that should follow a head; undefined where it does. */
export function breakAt(link: Link, before: Head): Break | undefined {
  const { seq } = link
  const expected = before.seq + 1
  if (seq > expected) {
    const missing =
      seq === expected + 1 ? `The line ${expected} is missing` : `The lines ${expected} to ${seq - 1} are missing`
    return { seq: expected, text: missing }
  }
  if (seq < expected)
    return { seq, text: `The line ${seq} stands behind the line ${before.seq}, expected each once and in order` }
  if (digestOf(link, before.digest) === link.digest) return undefined
  return { seq, text: `The line ${seq} is not the one that was recorded there: its digest does not follow from it` }
}
