/**
 * What makes a signature last: time-stamps from an authority, and the certificates and revocation data that it will be
 * judged by when nobody can be asked any more. The same for JAdES, XAdES and PAdES.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import { sha256 } from '../fhir/digest.ts'
import { fail, FhirError } from '../fhir/error.ts'
import type { Instant } from '../fhir/types.ts'
import type { Revocations, TimeStamper } from '../ports.ts'
import { pathToAnchor } from './chain.ts'
import { evidenceOf, type EvidenceRequest } from './evidence.ts'
import { milliseconds } from './instant.ts'
import { must } from './must.ts'
import { readOcsp } from './ocsp.ts'
import { standing, type Material, type Standing } from './revocation.ts'
import { readTimestamp, validateTimestamp } from './timestamp.ts'
import { anchorsOf, type Evidence } from './trust.ts'
import { readCrl, type Certificate } from './x509.ts'

/** Where what is gathered comes from. */
export interface Sources extends Evidence {
  readonly stamper: TimeStamper
  readonly revocations?: Revocations | undefined
  /** The time of the gathering. */
  readonly atMs: number
}

/** Certificates and revocation data, DER. */
export interface Values {
  readonly certificates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly ocsps: readonly Uint8Array[]
}

/** What a lasting signature is asked for with, as the faces have it. */
export interface LastingRequest extends EvidenceRequest {
  readonly stamper: TimeStamper
  readonly revocations?: Revocations
  readonly at: Instant
}

/** Where what such a request needs comes from. @throws FhirError where what it gives cannot be read */
export function sourcesOf({ stamper, revocations, at, ...known }: LastingRequest): Sources {
  const atMs = milliseconds(at)
  must(atMs !== undefined, 'The time of the signature is no instant, expected date and time with offset', 'value')
  return { ...evidenceOf(known, atMs), stamper, revocations, atMs }
}

/** What may be lacking of a fresh time-stamp: it is asked for when the stamp is judged. */
const TOLERATED: readonly string[] = ['NO_CERTIFICATE_CHAIN_FOUND', 'TRY_LATER']

/** A time-stamp over the data. @throws FhirError `no-store` where the authority gives none that proves anything */
export async function stampOver(data: Uint8Array, sources: Sources): Promise<Uint8Array> {
  const token = await sources.stamper.stamp(sha256(data))
  const { fault } = validateTimestamp(token, data, sources)
  if (fault === undefined || TOLERATED.includes(fault.subIndication)) return token
  throw fail('no-store', `The time-stamp that came proves nothing: ${fault.text}`)
}

/**
 * What a certificate is to be judged by: its chain, the anchor last, and for each certificate but the anchor what says
 * that it was not revoked.
 * @throws FhirError `business-rule` where it leads to no anchor, was revoked, or nobody says whether it was
 */
export async function valuesFor(
  [leaf, ...others]: readonly [Certificate, ...Certificate[]],
  sources: Sources,
): Promise<Values> {
  const path = pathToAnchor(leaf, [...others, ...(sources.pool ?? [])], anchorsOf(sources))
  if (path === undefined) throw lacking(`No chain leads from the certificate of ${leaf.subject} to a trust anchor`)
  const found: Values[] = []
  for (const [index, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[index + 1]
    if (issuer !== undefined) found.push(await sayingGood(certificate, issuer, sources))
  }
  return {
    certificates: path.map(({ der }) => der),
    crls: found.flatMap(({ crls }) => crls),
    ocsps: found.flatMap(({ ocsps }) => ocsps),
  }
}

/** What a time-stamp is to be judged by. @throws FhirError as `valuesFor` */
export function valuesForStamp(token: Uint8Array, sources: Sources): Promise<Values> {
  const { cms, signer } = readTimestamp(token)
  const authority = [...cms.certificates, ...(sources.pool ?? [])].find((one) => signer.isNamed(one))
  if (authority === undefined) throw lacking('The certificate of the time-stamping authority is not at hand')
  return valuesFor([authority, ...cms.certificates], sources)
}

/** The first of the data at hand, an OCSP response and a list asked for that says that the certificate is good. */
async function sayingGood(certificate: Certificate, issuer: Certificate, sources: Sources): Promise<Values> {
  const { revocations, material } = sources
  const attempts: readonly (() => Promise<readonly Material[]>)[] = [
    () => Promise.resolve(material.flatMap(single)),
    async () => ocspOf(await revocations?.ocsp(certificate.der, issuer.der)),
    async () => crlOf(await revocations?.crl(certificate.der)),
  ]
  let said: Pick<Standing, 'status'> & { readonly text?: string } = { status: 'unknown' }
  let failure: FhirError | undefined
  for (const attempt of attempts) {
    try {
      for (const one of await attempt()) {
        said = standing([certificate, issuer], [one], sources.atMs)
        if (said.status === 'good') return valuesOf(one)
        if (said.status === 'revoked') throw lacking(said.text ?? '')
      }
    } catch (error) {
      if (!(error instanceof FhirError) || said.status === 'revoked') throw error
      failure = error
    }
  }
  const why = failure === undefined ? '' : `: ${failure.message}`
  throw lacking(`Nobody at hand says whether the certificate of ${certificate.subject} was revoked${why}`)
}

function lacking(text: string): FhirError {
  return fail('business-rule', text, { rule: 'lasting-signature' })
}

/** Each list and each response by itself, responses first as they are shorter. */
function single({ crls, ocsps }: Material): readonly Material[] {
  return [...ocsps.map((ocsp) => ({ crls: [], ocsps: [ocsp] })), ...crls.map((crl) => ({ crls: [crl], ocsps: [] }))]
}

function ocspOf(der: Uint8Array | undefined): readonly Material[] {
  return der === undefined ? [] : [{ crls: [], ocsps: [readOcsp(der)] }]
}

function crlOf(der: Uint8Array | undefined): readonly Material[] {
  return der === undefined ? [] : [{ crls: [readCrl(der)], ocsps: [] }]
}

/** The certificates of responders travel inside their responses. */
function valuesOf({ crls, ocsps }: Material): Values {
  return { certificates: [], crls: crls.map(({ der }) => der), ocsps: ocsps.map(({ der }) => der) }
}

/** The values without those that are there already, each once. */
export function fresh(values: readonly Values[], present: Values): Values {
  const only = (kind: keyof Values): readonly Uint8Array[] => {
    const seen = new Set(present[kind].map(keyOf))
    return values.flatMap((one) => one[kind]).filter((der) => !seen.has(keyOf(der)) && seen.add(keyOf(der)))
  }
  return { certificates: only('certificates'), crls: only('crls'), ocsps: only('ocsps') }
}

function keyOf(der: Uint8Array): string {
  return Buffer.from(sha256(der)).toString('hex')
}
