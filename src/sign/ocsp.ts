/**
 * OCSP responses as plain facts: what is said of which certificate, and who may say it.
 * @see https://www.rfc-editor.org/rfc/rfc6960
 */

import { bitsOf, child, identifierOf, octetsOf, readDer, TAG, tagged, timeOf, type Element } from '../fhir/der.ts'
import { must } from './must.ts'
import { digest, isSame, isSignedBy, schemeOf } from './schemes.ts'
import { isIssuedBy, readCertificate, type Certificate } from './x509.ts'

export interface Ocsp {
  readonly der: Uint8Array
  readonly producedMs: number
  /** What it says of the certificate that the issuer issued; undefined where it says nothing. */
  readonly answerOn: (certificate: Certificate, issuer: Certificate) => OcspAnswer | undefined
  /** The certificate whose key signed it, where that may speak for the issuer; undefined where none is found. */
  readonly responderFor: (issuer: Certificate, pool?: readonly Certificate[]) => Certificate | undefined
  /** The certificates that it brings along. */
  readonly certificates: readonly Certificate[]
}

export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown'
  /** Only where it was revoked. */
  readonly revokedMs: number | undefined
  readonly thisUpdateMs: number
  readonly nextUpdateMs: number
}

const BASIC = '1.3.6.1.5.5.7.48.1.1'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
/** The responder's certificate need not be asked about. */
const NO_CHECK = '1.3.6.1.5.5.7.48.1.5'
const SUCCESSFUL = 0
const MOST_CERTIFICATES = 10
/** How long an answer counts that does not say when the next one comes. */
const DAY_MS = 86_400_000

/** The facts of an OCSP response, or of the BasicOCSPResponse inside one, in DER. @throws FhirError `structure` */
export function readOcsp(der: Uint8Array): Ocsp {
  const basic = basicOf(readDer(der))
  const data = child(basic, 0, TAG.sequence)
  const fields = data.children.filter(({ tag }) => tag !== 0xa0)
  const [responder, produced, answers] = fields
  must(responder !== undefined && produced !== undefined && answers !== undefined, 'The OCSP response has no answers')
  const scheme = schemeOf(child(basic, 1, TAG.sequence))
  const value = bitsOf(child(basic, 2, TAG.bitString))
  const own = tagged(basic, 0xa0)?.children[0]?.children ?? []
  must(own.length <= MOST_CERTIFICATES, `The OCSP response has more than ${MOST_CERTIFICATES} certificates`)
  const certificates = own.map(({ bytes }) => readCertificate(bytes))
  const producedMs = timeOf(produced)
  return {
    der,
    producedMs,
    certificates,
    answerOn: (certificate, issuer) => answerOn(answers.children, certificate, issuer),
    responderFor: (issuer, pool = []) =>
      [issuer, ...certificates, ...pool].find(
        (candidate) =>
          isResponder(responder, candidate) &&
          mayAnswerFor(candidate, issuer, producedMs) &&
          isSignedBy(candidate.publicKey, scheme, data.bytes, value),
      ),
  }
}

function basicOf(response: Element): Element {
  const [status, wrapped] = response.children
  if (status?.tag === TAG.sequence) return response
  must(status?.tag === TAG.enumerated && status.content[0] === SUCCESSFUL, 'The OCSP responder gave no answer')
  must(wrapped?.tag === 0xa0, 'The OCSP response has no answer')
  const bytes = child(wrapped, 0, TAG.sequence)
  must(identifierOf(child(bytes, 0)) === BASIC, 'The OCSP response is of an unknown kind')
  return readDer(octetsOf(child(bytes, 1, TAG.octetString)))
}

const BY_NAME = 0xa1

function isResponder(responder: Element, candidate: Certificate): boolean {
  const [inner] = responder.children
  if (inner === undefined) return false
  if (responder.tag === BY_NAME) return hex(inner.bytes) === candidate.subjectName
  return isSame(octetsOf(inner), digest('sha1', keyBits(candidate)))
}

/** The issuer itself, or one to whom the issuer delegated it and whose certificate was in force. */
function mayAnswerFor(candidate: Certificate, issuer: Certificate, atMs: number): boolean {
  if (candidate.fingerprint === issuer.fingerprint) return true
  return (
    candidate.purposes?.includes(OCSP_SIGNING) === true &&
    atMs >= candidate.notBeforeMs &&
    atMs <= candidate.notAfterMs &&
    isIssuedBy(candidate, issuer)
  )
}

/** Whether the certificate of a responder need not be asked about itself. */
export function isUnchecked({ extensions }: Certificate): boolean {
  return extensions.includes(NO_CHECK)
}

const STATUSES: Readonly<Record<number, OcspAnswer['status']>> = { 0x80: 'good', 0xa1: 'revoked', 0x82: 'unknown' }

function answerOn(answers: readonly Element[], certificate: Certificate, issuer: Certificate): OcspAnswer | undefined {
  const found = answers.find((answer) => isAbout(child(answer, 0, TAG.sequence), certificate, issuer))
  if (found === undefined) return undefined
  const [, state, thisUpdate, ...rest] = found.children
  const status = STATUSES[state?.tag ?? 0]
  must(state !== undefined && status !== undefined && thisUpdate !== undefined, 'An answer of OCSP has no status')
  const next = rest.find(({ tag }) => tag === 0xa0)?.children[0]
  const thisUpdateMs = timeOf(thisUpdate)
  return {
    status,
    revokedMs: status === 'revoked' ? timeOf(child(state, 0)) : undefined,
    thisUpdateMs,
    nextUpdateMs: next === undefined ? thisUpdateMs + DAY_MS : timeOf(next),
  }
}

const NAMING: Readonly<Record<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

function isAbout(id: Element, certificate: Certificate, issuer: Certificate): boolean {
  const [algorithm, name, key, serial] = id.children
  if (algorithm === undefined || name === undefined || key === undefined || serial === undefined) return false
  const hash = NAMING[identifierOf(child(algorithm, 0))]
  return (
    hash !== undefined &&
    hex(serial.content) === certificate.serial &&
    isSame(name.content, digest(hash, Buffer.from(issuer.subjectName, 'hex'))) &&
    isSame(key.content, digest(hash, keyBits(issuer)))
  )
}

/** The octets of the public key, without its algorithm. */
export function keyBits({ publicKey }: Certificate): Uint8Array {
  return bitsOf(child(readDer(publicKey.export({ format: 'der', type: 'spki' })), 1, TAG.bitString))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
