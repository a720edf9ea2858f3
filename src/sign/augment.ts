/**
 * A signature made to last: baseline T, LT or LTA of JAdES as a JWS in JSON beside the document, over the same header and
 * value as the one inside it, which stays as it is.
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf
 */

import type { FhirError } from '../fhir/error.ts'
import { fail } from '../fhir/error.ts'
import type { Bundle } from '../fhir/types.ts'
import { additionsOf, archiveData, laterLevel, stampMember, valueData, valueMembers } from './etsi-u.ts'
import {
  fresh,
  sourcesOf,
  stampOver,
  valuesFor,
  valuesForStamp,
  type LastingRequest,
  type Sources,
  type Values,
} from './gather.ts'
import { readHeader } from './header.ts'
import { integrityOf } from './integrity.ts'
import { readData } from './jws.ts'
import { must } from './must.ts'
import { isSame } from './schemes.ts'
import { readSidecar, writeSidecar, type Sidecar } from './sidecar.ts'
import { bundleTarget, type Target } from './target.ts'
import { readTimestamp } from './timestamp.ts'
import type { Certificate } from './x509.ts'

export type LastingLevel = 'T' | 'LT' | 'LTA'

export interface AugmentRequest extends LastingRequest {
  readonly level: LastingLevel
  /** What was made of the signature before; without it the compact signature of the Bundle is taken. */
  readonly sidecar?: Uint8Array
}

/**
 * The sidecar of the document's signature at the level given, the text of a JWS in JSON. What has the level already gets
 * a further archive time-stamp, which is how LTA is renewed.
 * @throws FhirError `business-rule` where the signature does not hold or what the level needs is not to be had
 */
export async function augment(bundle: Bundle, request: AugmentRequest): Promise<string> {
  const { level } = request
  const sources = sourcesOf(request)
  const start = startOf(bundle, request)
  const has = laterLevel(start.sidecar)
  if (level !== 'LTA' && RANK[has] >= RANK[`B-${level}`])
    throw refused(`The signature has the level ${has} already, expected a higher one or LTA, which is renewed`)
  let state = start
  for (const step of STEPS[level]) state = await step(state, sources)
  return writeSidecar(state.sidecar)
}

const RANK = { 'B-B': 0, 'B-T': 1, 'B-LT': 2, 'B-LTA': 3 } as const

/** A signature on its way up. */
interface State {
  readonly sidecar: Sidecar
  readonly octets: Uint8Array
  readonly certificates: readonly [Certificate, ...Certificate[]]
}

type Step = (state: State, sources: Sources) => Promise<State>

const STEPS: Readonly<Record<LastingLevel, readonly Step[]>> = {
  T: [stampValue],
  LT: [stampValue, addValues],
  LTA: [stampValue, addValues, addStampValues, stampAll],
}

/** The signature as it is, where it holds: nothing else is worth a time-stamp. */
function startOf(bundle: Bundle, { sidecar: content }: AugmentRequest): State {
  const sidecar = content === undefined ? ownSidecar(bundle) : readSidecar(content)
  mustBeOwn(bundle, sidecar)
  return stateOf(sidecar, bundleTarget(bundle))
}

function ownSidecar({ signature }: Bundle): Sidecar {
  const { data } = signature ?? {}
  must(typeof data === 'string', 'The document bears no signature, expected one in Bundle.signature', 'business-rule')
  return { ...readData(data), additions: [] }
}

function mustBeOwn({ signature }: Bundle, sidecar: Sidecar): void {
  const { data } = signature ?? {}
  if (typeof data !== 'string') return
  const own = readData(data)
  if (own.protected === sidecar.protected && isSame(own.value, sidecar.value)) return
  throw refused('The sidecar is another signature than that of the document')
}

function stateOf(sidecar: Sidecar, target: Target): State {
  const header = readHeader(sidecar.protected)
  const [leaf, ...others] = header.certificates
  if (leaf === undefined) throw refused('The signature bears no certificate of its signer')
  const { facts, octets } = integrityOf(target, sidecar, header, leaf)
  if (!facts.holds || octets === undefined) throw refused('The signature does not hold over the document')
  const [altered] = facts.altered ?? []
  if (altered !== undefined) throw refused(`The signature is over another number than the one in ${altered}`)
  return { sidecar, octets, certificates: [leaf, ...others] }
}

function refused(text: string): FhirError {
  return fail('business-rule', text, { rule: 'lasting-signature' })
}

/** Level T: a time-stamp over the value, where there is none. */
async function stampValue(state: State, sources: Sources): Promise<State> {
  const { sidecar } = state
  if (sidecar.additions.some(({ name }) => name === 'sigTst')) return state
  const token = await stampOver(valueData(sidecar), sources)
  return withMembers(state, [stampMember('sigTst', token)])
}

/** Level LT: the chain of the signer, and what says that nobody on it was revoked. */
async function addValues(state: State, sources: Sources): Promise<State> {
  if (RANK[laterLevel(state.sidecar)] >= RANK['B-LT']) return state
  const values = await valuesFor(state.certificates, sources)
  const ofSigner = fresh([values], presentIn(state))
  const signed = withMembers(state, valueMembers(ofSigner, 'signature'))
  return addStampValues(signed, sources)
}

/** The same for the time-stamps from the last archive time-stamp on: those before it had theirs when it was made. */
async function addStampValues(state: State, sources: Sources): Promise<State> {
  const stamps = additionsOf(state.sidecar, state.octets).filter((one) => one.kind !== 'gathered')
  const last = stamps.findLastIndex(({ kind }) => kind === 'archive')
  const tokens = stamps.slice(Math.max(0, last)).map(({ token }) => token)
  const values: Values[] = []
  for (const token of tokens) values.push(await valuesForStamp(token, sources))
  return withMembers(state, valueMembers(fresh(values, presentIn(state)), 'stamp'))
}

/** Level LTA: a time-stamp over all of it. */
async function stampAll(state: State, sources: Sources): Promise<State> {
  const { sidecar, octets } = state
  const data = archiveData(sidecar, sidecar.additions.length, octets)
  if (data === undefined)
    throw refused('The sidecar has members in clear, over which no archive time-stamp can be made')
  return withMembers(state, [stampMember('arcTst', await stampOver(data, sources))])
}

function withMembers(state: State, members: Sidecar['additions']): State {
  return { ...state, sidecar: { ...state.sidecar, additions: [...state.sidecar.additions, ...members] } }
}

/** What stands in the signature already, its time-stamps included. */
function presentIn({ sidecar, octets, certificates }: State): Values {
  const additions = additionsOf(sidecar, octets)
  const gathered = additions.flatMap((one) => (one.kind === 'gathered' ? [one] : []))
  const inTokens = additions.flatMap((one) =>
    one.kind === 'gathered' ? [] : readTimestamp(one.token).cms.certificates,
  )
  return {
    certificates: [...certificates, ...inTokens, ...gathered.flatMap((one) => one.certificates)].map(({ der }) => der),
    crls: gathered.flatMap(({ crls }) => crls).map(({ der }) => der),
    ocsps: gathered.flatMap(({ ocsps }) => ocsps).map(({ der }) => der),
  }
}
