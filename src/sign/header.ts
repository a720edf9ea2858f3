/**
 * The protected header of a document's signature: what JAdES baseline B and HL7's rules both ask for, and no more.
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf
 */

import { fromBase64, fromBase64url, sha256, toBase64, toBase64url } from '../fhir/digest.ts'
import { fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import { isObject, type Instant, type Json, type JsonObject } from '../fhir/types.ts'
import type { Alg } from '../ports.ts'
import { algorithm, type Algorithm } from './algorithms.ts'
import type { Commitment } from './commitments.ts'
import { instantOf, milliseconds } from './instant.ts'
import { must } from './must.ts'
import { readCertificate, type Certificate } from './x509.ts'

/** The header that bears the signing time; `sigT` is for readers of the rule before 2025. */
export type TimeHeader = 'iat' | 'sigT'

export interface HeaderRequest {
  readonly alg: Alg
  /** The signer's certificate first; the root is left out. */
  readonly certificates: readonly Certificate[]
  /** In whole seconds and UTC: the text of Signature.when. */
  readonly when: Instant
  readonly time: TimeHeader
  readonly canon: string
  readonly commitment: Commitment
  /** The signature policy that the signer keeps: `urn:oid:…`, or a URL. */
  readonly policy?: string | undefined
}

/** The base64url of a protected header. */
export function writeHeader({ alg, certificates, when, time, canon, commitment, policy }: HeaderRequest): string {
  const [leaf, ...others] = certificates
  if (leaf === undefined) throw new TypeError('A header needs the certificate of its signer')
  // ETSI TS 119 182-1 leaves the trust anchor out; a signer who is its own issuer has nothing else to show.
  const shown = [leaf, ...others.filter(({ subject, issuer }) => subject !== issuer)]
  const header = {
    alg,
    ...(time === 'iat' ? { iat: Math.floor((milliseconds(when) ?? 0) / 1000) } : { sigT: when }),
    'x5t#S256': toBase64url(sha256(leaf.der)),
    x5c: shown.map(({ der }) => toBase64(der)),
    srCms: [{ commId: { id: `urn:oid:${commitment.code}`, desc: commitment.display } }],
    ...(policy !== undefined && { sigPId: { id: { id: policy } } }),
    canon,
  }
  return toBase64url(JSON.stringify(header))
}

export interface Header {
  readonly algorithm: Algorithm
  /** The canonical form that the header declares. */
  readonly canon: string | undefined
  /** The time that the signer claims; undefined where the header has none. */
  readonly time: Instant | undefined
  readonly timeHeader: TimeHeader | undefined
  /** The signer's first; empty where the header has none. */
  readonly certificates: readonly Certificate[]
  /** Whether the header names its certificate by digest, which JAdES asks for. */
  readonly namesCertificate: boolean
  /** Identifiers of what the signature is for, such as `urn:oid:1.2.840.10065.1.12.1.1`; undefined where it does not say. */
  readonly commitments: readonly string[] | undefined
  /** The signature policy that it says to keep; undefined where it names none. */
  readonly policy: string | undefined
  /** Time-stamps of what is signed, as `etsiU` writes them too. */
  readonly contentStamps: Json | undefined
  /** Members that are not judged. */
  readonly unread: readonly string[]
}

/** Header members that may be named critical: those that are read here. */
const UNDERSTOOD: readonly string[] = ['sigT', 'iat', 'srCms', 'x5t#S256', 'canon', 'adoTst']
/** What is read beside those; `typ`, `cty` and `kid` say nothing that anything rests on. */
const READ: readonly string[] = [...UNDERSTOOD, 'alg', 'crit', 'x5c', 'sigPId', 'typ', 'cty', 'kid']
const MOST_CERTIFICATES = 10

/** The facts of a protected header. @throws FhirError with the first reason to refuse it */
export function readHeader(protectedPart: string): Header {
  const members = parseHeader(protectedPart)
  mustBeUnderstood(members)
  const certificates = certificatesOf(members['x5c'])
  const { canon } = members
  must(canon === undefined || typeof canon === 'string', 'The header canon is no text')
  return {
    algorithm: algorithmOf(members['alg']),
    canon,
    ...timeOf(members),
    certificates,
    namesCertificate: namesCertificate(members, certificates[0]),
    commitments: commitmentsOf(members['srCms']),
    policy: policyOf(members['sigPId']),
    contentStamps: members['adoTst'],
    unread: Object.keys(members).filter((name) => !READ.includes(name)),
  }
}

function parseHeader(protectedPart: string): JsonObject {
  const bytes = fromBase64url(protectedPart)
  must(bytes !== undefined, 'The header of the JWS is not base64url')
  let members: Json
  try {
    members = parseJson(bytes, { maxDepth: 10 })
  } catch (cause) {
    throw fail('structure', 'The header of the JWS is not JSON with each member once', { cause })
  }
  must(isObject(members), 'The header of the JWS is not a JSON object')
  return members
}

function algorithmOf(alg: Json | undefined): Algorithm {
  const name = typeof alg === 'string' ? alg : '(none)'
  const row = algorithm(name)
  must(row !== undefined, `The algorithm ${name} proves no signer, expected one with an RSA or EC key`, 'security')
  return row
}

/** @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 */
function mustBeUnderstood(members: JsonObject): void {
  const { b64, crit, sigD } = members
  must(b64 === undefined, 'The header has b64, expected a payload in base64url', 'not-supported')
  must(sigD === undefined, 'The header has sigD, expected a signature over the Bundle alone', 'not-supported')
  if (crit === undefined) return
  const names = texts(crit)
  must(names.length > 0 && new Set(names).size === names.length, 'The header crit is no list of different names')
  const unknown = names.find((name) => !UNDERSTOOD.includes(name) || members[name] === undefined) ?? ''
  must(unknown === '', `The header names ${unknown} as critical, which is not understood here`, 'not-supported')
}

function certificatesOf(x5c: Json | undefined): readonly Certificate[] {
  if (x5c === undefined) return []
  const encoded = texts(x5c)
  must(encoded.length > 0, 'The header x5c is no list of certificates')
  must(
    encoded.length <= MOST_CERTIFICATES,
    `The header x5c has more than ${MOST_CERTIFICATES} certificates`,
    'too-costly',
  )
  return encoded.map((text) => {
    const der = fromBase64(text)
    must(der !== undefined, 'A certificate in the header x5c is not base64')
    return readCertificate(der)
  })
}

/** JAdES 5.2.7: what the policy demands is not known here, only its name is told. */
function policyOf(sigPId: Json | undefined): string | undefined {
  if (sigPId === undefined) return undefined
  const { id } = isObject(sigPId) ? sigPId : {}
  const name = isObject(id) ? id['id'] : undefined
  must(typeof name === 'string' && name !== '', 'The header sigPId names no signature policy')
  return name
}

function namesCertificate(members: JsonObject, leaf: Certificate | undefined): boolean {
  const named = members['x5t#S256']
  const fits = named === undefined || leaf === undefined || named === toBase64url(sha256(leaf.der))
  must(fits, 'The header x5t#S256 names another certificate than the first of x5c', 'security')
  return named !== undefined
}

/** 9999-12-31T23:59:59Z, the last second that FHIR writes. */
const LAST_SECOND = 253_402_300_799

function timeOf({ iat, sigT }: JsonObject): Pick<Header, 'time' | 'timeHeader'> {
  must(iat === undefined || sigT === undefined, 'The header has both iat and sigT, expected one of them')
  if (iat !== undefined) {
    const isSeconds = typeof iat === 'number' && Number.isInteger(iat) && iat >= 0 && iat <= LAST_SECOND
    must(isSeconds, 'The header iat is no number of whole seconds')
    return { time: instantOf(Number(iat)), timeHeader: 'iat' }
  }
  if (sigT === undefined) return { time: undefined, timeHeader: undefined }
  must(typeof sigT === 'string' && milliseconds(sigT) !== undefined, 'The header sigT is no date and time with offset')
  return { time: sigT, timeHeader: 'sigT' }
}

function commitmentsOf(srCms: Json | undefined): readonly string[] | undefined {
  if (srCms === undefined) return undefined
  const rows = Array.isArray(srCms) ? (srCms as readonly Json[]) : []
  const ids = texts(
    rows.map((row) => (isObject(row) && isObject(row['commId']) ? (row['commId']['id'] ?? null) : null)),
  )
  must(ids.length > 0, 'The header srCms is no list of commitments')
  return ids
}

/** The texts of a list; none where the value is no list, or holds anything else. */
function texts(value: Json): readonly string[] {
  if (!Array.isArray(value)) return []
  const items = (value as readonly Json[]).filter((item) => typeof item === 'string')
  return items.length === value.length ? items : []
}
