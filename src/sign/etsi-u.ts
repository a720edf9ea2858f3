/**
 * What JAdES adds to a signature after signing, the members of `etsiU`: time-stamps, certificates, revocation data.
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf
 */

import { fromBase64, toBase64, toBase64url } from '../fhir/digest.ts'
import { isObject, type Json } from '../fhir/types.ts'
import type { Values } from './gather.ts'
import type { Header } from './header.ts'
import { must } from './must.ts'
import { readOcsp } from './ocsp.ts'
import type { Addition, Gathered } from './reading.ts'
import { addition, type Sidecar, type Addition as Member } from './sidecar.ts'
import { readCertificate, readCrl } from './x509.ts'

/** The additions as they are judged; archive time-stamps are over the octets too. */
export function additionsOf(sidecar: Sidecar, octets: Uint8Array | undefined): readonly Addition[] {
  return sidecar.additions.flatMap(({ name, value }, index): readonly Addition[] => {
    if (name === 'sigTst')
      return tokensOf(value).map((token) => ({ kind: 'signature', token, data: valueData(sidecar) }))
    if (name === 'arcTst') {
      const data = archiveData(sidecar, index, octets)
      return data === undefined ? [] : tokensOf(value).map((token) => ({ kind: 'archive', token, data }))
    }
    return Object.hasOwn(GATHERED, name) ? [gatheredOf(name, value)] : []
  })
}

/** The members that are none of these, and archive time-stamps over what cannot be made again: they are not judged. */
export function unreadIn({ additions }: Sidecar, octets: Uint8Array | undefined): readonly string[] {
  const isClear = (index: number): boolean => additions.slice(0, index).some(({ encoded }) => encoded === undefined)
  return additions.flatMap(({ name }, index) => {
    const isRead =
      name === 'sigTst' ||
      Object.hasOwn(GATHERED, name) ||
      (name === 'arcTst' && octets !== undefined && !isClear(index))
    return isRead ? [] : [name]
  })
}

/** The time-stamps that a header bears of what is signed: over its octets in base64url. */
export function contentStamps(
  { contentStamps: value }: Pick<Header, 'contentStamps'>,
  octets: Uint8Array | undefined,
): readonly Addition[] {
  if (value === undefined || octets === undefined) return []
  const data = Buffer.from(toBase64url(octets), 'latin1')
  return tokensOf(value).map((token) => ({ kind: 'content', token, data }))
}

/** What a signature time-stamp is over. */
export function valueData({ value }: Pick<Sidecar, 'value'>): Uint8Array {
  return Buffer.from(toBase64url(value), 'latin1')
}

/** What an archive time-stamp at the place is over: document, signature, and every addition before it; undefined where one of these is not known as it was. */
export function archiveData(
  { protected: header, value, additions }: Sidecar,
  index: number,
  octets: Uint8Array | undefined,
): Uint8Array | undefined {
  const before = additions.slice(0, index).map(({ encoded }) => encoded)
  if (octets === undefined || before.includes(undefined)) return undefined
  return Buffer.from([toBase64url(octets), header, `${toBase64url(value)}.${before.join('')}`].join('.'), 'latin1')
}

function tokensOf(value: Json): readonly Uint8Array[] {
  const tokens = isObject(value) && Array.isArray(value['tstTokens']) ? (value['tstTokens'] as readonly Json[]) : []
  must(tokens.length > 0, 'A time-stamp of the sidecar has no token')
  return tokens.map(derIn)
}

/** The octets of `{ "val": … }`. */
function derIn(row: Json): Uint8Array {
  const text = isObject(row) ? row['val'] : undefined
  const der = typeof text === 'string' ? fromBase64(text) : undefined
  must(der !== undefined, 'A value of the sidecar is not base64')
  return der
}

/** The members with certificates and revocation data, and where they hold which. */
const GATHERED: Readonly<Record<string, (value: Json) => Parts>> = {
  xVals: (value) => ({ xVals: value, rVals: {} }),
  axVals: (value) => ({ xVals: value, rVals: {} }),
  rVals: (value) => ({ xVals: [], rVals: value }),
  arVals: (value) => ({ xVals: [], rVals: value }),
  tstVD: (value) =>
    isObject(value) ? { xVals: value['xVals'] ?? [], rVals: value['rVals'] ?? {} } : { xVals: [], rVals: {} },
  anyValData: (value) =>
    isObject(value) ? { xVals: value['xVals'] ?? [], rVals: value['rVals'] ?? {} } : { xVals: [], rVals: {} },
}

interface Parts {
  readonly xVals: Json
  readonly rVals: Json
}

function gatheredOf(name: string, value: Json): Gathered {
  const { xVals, rVals } = GATHERED[name]?.(value) ?? { xVals: [], rVals: {} }
  const certificates = list(xVals).flatMap((row) =>
    isObject(row) && row['x509Cert'] !== undefined ? [derIn(row['x509Cert'])] : [],
  )
  const { crlVals = [], ocspVals = [] } = isObject(rVals) ? rVals : {}
  return {
    kind: 'gathered',
    certificates: certificates.map(readCertificate),
    crls: list(crlVals).map((row) => readCrl(derIn(row))),
    ocsps: list(ocspVals).map((row) => readOcsp(derIn(row))),
  }
}

function list(value: Json): readonly Json[] {
  must(Array.isArray(value), 'The certificates or revocation data of the sidecar are no list')
  return value as readonly Json[]
}

/** The level of a signature whose own part is that of baseline B, by what was added to it. */
export function laterLevel({ additions }: Sidecar): 'B-B' | 'B-T' | 'B-LT' | 'B-LTA' {
  const has = (...names: readonly string[]): boolean => additions.some(({ name }) => names.includes(name))
  if (!has('sigTst')) return 'B-B'
  if (!has('rVals', 'tstVD', 'anyValData')) return 'B-T'
  const clear = additions.findIndex(({ encoded }) => encoded === undefined)
  // an archive time-stamp over members in clear cannot be recomputed, so it lifts nothing
  const isStamped = additions.some(({ name }, index) => name === 'arcTst' && (clear < 0 || index < clear))
  return isStamped ? 'B-LTA' : 'B-LT'
}

/** A time-stamp as a member of `etsiU`. */
export function stampMember(name: 'sigTst' | 'arcTst', token: Uint8Array): Member {
  return addition(name, { tstTokens: [{ val: toBase64(token) }] })
}

/** Certificates and revocation data as members of `etsiU`; of a time-stamp they stand in one. */
export function valueMembers({ certificates, crls, ocsps }: Values, of: 'signature' | 'stamp'): readonly Member[] {
  const val = (der: Uint8Array): Json => ({ val: toBase64(der) })
  const xVals = certificates.map((der): Json => ({ x509Cert: val(der) }))
  const rVals = {
    ...(crls.length > 0 && { crlVals: crls.map(val) }),
    ...(ocsps.length > 0 && { ocspVals: ocsps.map(val) }),
  }
  const hasLists = crls.length + ocsps.length > 0
  if (of === 'signature')
    return [...(xVals.length > 0 ? [addition('xVals', xVals)] : []), ...(hasLists ? [addition('rVals', rVals)] : [])]
  const both = { ...(xVals.length > 0 && { xVals }), ...(hasLists && { rVals }) }
  return Object.keys(both).length === 0 ? [] : [addition('tstVD', both)]
}
