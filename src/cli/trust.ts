/** What signatures are judged by, from the options and settings that name it. */

import { kindOf, readWhole } from '../edge/files.ts'
import { readTrust, type Trust } from '../edge/trust.ts'
import type { Revocations } from '../ports.ts'
import { misuse, surroundings } from './answer.ts'
import type { Cli } from './command.ts'

/** The options that name it. */
export interface TrustValues {
  readonly trust: readonly string[] | undefined
  readonly crl: readonly string[] | undefined
  readonly ocsp: readonly string[] | undefined
  readonly revocation: readonly string[] | undefined
}

/** Trust anchors, revocation lists and OCSP responses, DER. */
export interface Known {
  readonly trust: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly ocsps: readonly Uint8Array[]
  /** ETSI trusted lists, XML. */
  readonly trustedLists: readonly Uint8Array[]
  /** Who is asked after what is not at hand. */
  readonly revocations?: Revocations
}

/** Where no option names anything, so that the settings do. */
export const NO_VALUES: TrustValues = { trust: undefined, crl: undefined, ocsp: undefined, revocation: undefined }

/** @throws Stop 2 where a file that is named is not there or holds no list, 3 where one cannot be read */
export async function openTrust(
  { trust, crl, ocsp, revocation }: TrustValues,
  { settings }: Pick<Cli, 'settings'>,
): Promise<Known> {
  const ofSettings = settings.trust === undefined ? [] : [settings.trust]
  const known = await (trust === undefined ? surroundings(readTrust(ofSettings)) : trustOf(trust))
  const lists = await trustOf(crl ?? [])
  if (crl !== undefined && lists.crls.length === 0) throw misuse('--crl names no certificate revocation list')
  for (const path of ocsp ?? []) await mustBeThere(path)
  const ocsps = await surroundings(Promise.all((ocsp ?? []).map(readWhole)))
  const asked = revocation ?? settings.revocation
  const revocations = asked && (await import('../edge/revocation.ts')).openRevocations(asked)
  return {
    trust: known.anchors,
    crls: [...known.crls, ...lists.crls],
    ocsps,
    trustedLists: known.lists,
    ...(revocations && { revocations }),
  }
}

/** What the files hold; one that is not there is the command line's fault. */
async function trustOf(paths: readonly string[]): Promise<Trust> {
  for (const path of paths) await mustBeThere(path)
  return surroundings(readTrust(paths))
}

async function mustBeThere(path: string): Promise<void> {
  if ((await kindOf(path)) === 'nothing') throw misuse(`The file ${path} is not there`)
}
