/** A signature made to last, as the options and settings have it. */

import { kindOf, readWhole } from '../edge/files.ts'
import { openTimeStamper } from '../edge/timestamps.ts'
import type { Bundle } from '../fhir/types.ts'
import { outlast, type Edge, type Lasting } from '../pipeline.ts'
import { asked, misuse, surroundings } from './answer.ts'
import type { Cli } from './command.ts'
import type { Delivery } from './output.ts'
import { openTrust, type TrustValues } from './trust.ts'

/** The options of {@link lasting} in the table of options. */
export interface LastingValues extends TrustValues {
  readonly level: 'B' | 'T' | 'LT' | 'LTA' | undefined
  readonly sidecar: string | undefined
  readonly tsa: string | undefined
  readonly as?: 'bundle' | 'provenance' | 'beside' | undefined
}

/** Where the sidecar goes, and what it is made with. */
export interface OpenLasting extends Lasting {
  readonly path: string
}

const OF_HIGHER_LEVELS = ['sidecar', 'tsa', 'revocation'] as const

/** Undefined for level B. @throws Stop 2 where something that the level needs is not named */
export async function openLasting(values: LastingValues, cli: Pick<Cli, 'settings'>): Promise<OpenLasting | undefined> {
  const { level = 'B', sidecar: path, as = 'bundle' } = values
  if (level === 'B') {
    const useless = OF_HIGHER_LEVELS.find((name) => values[name] !== undefined)
    if (useless !== undefined) throw misuse(`--${useless} is of no use for level B, expected --level T, LT or LTA`)
    return undefined
  }
  if (as !== 'bundle') throw misuse(`--level ${level} is for a signature in the Bundle, not for --as ${as}`)
  if (path === undefined) throw misuse(`A file for the signature of level ${level} is missing, expected --sidecar`)
  return { path, ...(await openSources(level, values, cli)) }
}

/** What a level above B is made with, wherever it comes to stand. @throws Stop 2 where something that it needs is not named */
export async function openSources(
  level: Lasting['level'],
  values: TrustValues & Pick<LastingValues, 'tsa'>,
  cli: Pick<Cli, 'settings'>,
): Promise<Lasting> {
  const { tsa = cli.settings.tsa } = values
  if (tsa === undefined) throw misuse('A time-stamping authority is missing, expected --tsa or FHIRDOC_TSA')
  const known = await openTrust(values, cli)
  if (level !== 'T' && known.trust.length === 0)
    throw misuse(`Trust anchors are missing, which level ${level} needs, expected --trust or FHIRDOC_TRUST`)
  return { level, stamper: asked(() => openTimeStamper(tsa)), ...known }
}

/** The sidecar of a signed document, made of the one that is there where the signature is not new. */
export async function sidecarOf(
  bundle: Bundle,
  { path, ...lasting }: OpenLasting,
  { edge, isNew }: { readonly edge: Edge; readonly isNew: boolean },
): Promise<Delivery> {
  const isThere = !isNew && (await kindOf(path)) !== 'nothing'
  const sidecar = isThere ? await surroundings(readWhole(path)) : undefined
  return { path, bytes: await outlast(bundle, lasting, edge, sidecar) }
}
