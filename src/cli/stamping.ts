/** A time-stamp for a signature in XML, as the options and settings have it: it comes to stand in the signature itself. */

import { openTimeStamper } from '../edge/timestamps.ts'
import type { Stamping } from '../pipeline.ts'
import { asked, misuse } from './answer.ts'
import type { Cli } from './command.ts'
import type { LastingValues } from './lasting.ts'
import { openTrust } from './trust.ts'

export interface StampingValues extends LastingValues {
  readonly format: 'jose' | 'xml' | undefined
}

/** Undefined for level B, and for a JWS. @throws Stop 2 where the level cannot be had so, or something that it needs is not named */
export async function openStamping(values: StampingValues, cli: Pick<Cli, 'settings'>): Promise<Stamping | undefined> {
  const { format, level = 'B', sidecar, as = 'bundle', tsa = cli.settings.tsa } = values
  if (format !== 'xml' || level === 'B') return undefined
  if (level !== 'T') throw misuse(`A signature in XML has no level ${level} here, expected --level B or T`)
  if (sidecar !== undefined) throw misuse('--sidecar is of no use for --format xml, which bears its time-stamp itself')
  if (as !== 'bundle') throw misuse(`--level T is for a signature in the Bundle, not for --as ${as}`)
  if (tsa === undefined) throw misuse('A time-stamping authority is missing, expected --tsa or FHIRDOC_TSA')
  return { stamper: asked(() => openTimeStamper(tsa)), ...(await openTrust(values, cli)) }
}
