/**
 * OCSP responders and revocation lists, asked only below addresses that the deployment named: what a certificate says of
 * where to ask counts as far as it lies below one of these.
 * @see https://www.rfc-editor.org/rfc/rfc6960#appendix-A
 */

import { createHash, X509Certificate } from 'node:crypto'
import { bitsOf, child, identifierOf, octetsOf, readDer, TAG, tagged, type Element } from '../fhir/der.ts'
import * as der from '../fhir/der-write.ts'
import { fail, FhirError } from '../fhir/error.ts'
import type { Revocations } from '../ports.ts'
import { hostOf } from './network/address.ts'
import { openNetwork, type Errand, type NetworkOptions } from './network/network.ts'

const TIMEOUT_MS = 10_000
const MOST_BYTES = 32 * 1024 * 1024

/** The services below the addresses. @throws FhirError `value` where one is no HTTP address */
export function openRevocations(addresses: readonly string[], options: NetworkOptions = {}): Revocations {
  const named = addresses.map((address) => {
    const url = URL.parse(address)
    if (url === null) throw fail('value', 'An address of revocation services is none, expected an HTTP URL')
    return url
  })
  const network = openNetwork(named.map(hostOf), {
    timeoutMs: TIMEOUT_MS,
    maxBytes: MOST_BYTES,
    attempts: 2,
    ...options,
  })
  const ask = async (errand: Omit<Errand, 'signal'>): Promise<Uint8Array> => {
    const { status, body } = await network({ ...errand, signal: AbortSignal.timeout(2 * TIMEOUT_MS) })
    if (status !== 200) throw fail('no-store', `The revocation service answered with HTTP ${status}`)
    return body
  }
  return {
    ocsp: (certificate, issuer) => {
      const own = addressesIn(certificate).ocsp
      const urls = own.length === 0 ? addresses : own.filter((url) => isBelow(url, named))
      const headers = { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' }
      const body = ocspRequest(certificate, issuer)
      return firstOf(urls, (url) => ask({ method: 'POST', url, headers, body }))
    },
    crl: (certificate) => {
      const urls = addressesIn(certificate).crl.filter((url) => isBelow(url, named))
      return firstOf(urls, async (url) => derOf(await ask({ method: 'GET', url, headers: {} })))
    },
  }
}

/** Whether an address is one of those named or lies in the folder of one. */
export function isBelow(address: string, named: readonly URL[]): boolean {
  const url = URL.parse(address)
  return (
    url !== null &&
    named.some(({ origin, pathname }) => {
      const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
      return url.origin === origin && (url.pathname === pathname || url.pathname.startsWith(folder))
    })
  )
}

/** The first answer; undefined where there is nobody to ask. @throws FhirError of the last that failed */
async function firstOf(
  urls: readonly string[],
  ask: (url: string) => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  let failure: FhirError | undefined
  for (const url of urls) {
    try {
      return await ask(url)
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

const BEGIN = '-----BEGIN X509 CRL-----'

/** Some lists are served as PEM. */
function derOf(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body.subarray(0, BEGIN.length)).toString('latin1')
  if (text !== BEGIN) return body
  const [, base64 = ''] = /-----BEGIN X509 CRL-----([^-]+)-----END/.exec(Buffer.from(body).toString('latin1')) ?? []
  return Buffer.from(base64, 'base64')
}

interface Addresses {
  readonly ocsp: readonly string[]
  readonly crl: readonly string[]
}

const AUTHORITY_ACCESS = '1.3.6.1.5.5.7.1.1'
const OCSP = '1.3.6.1.5.5.7.48.1'
const DISTRIBUTION_POINTS = '2.5.29.31'
const URI = 0x86

/** The addresses that a certificate names: of OCSP responders, and of lists. */
export function addressesIn(certificate: Uint8Array): Addresses {
  const access = extensionOf(certificate, AUTHORITY_ACCESS)?.children ?? []
  const points = extensionOf(certificate, DISTRIBUTION_POINTS)
  return {
    ocsp: access.filter((row) => identifierOf(child(row, 0)) === OCSP).flatMap((row) => urisIn(child(row, 1))),
    crl: points === undefined ? [] : urisIn(points),
  }
}

function extensionOf(certificate: Uint8Array, id: string): Element | undefined {
  const extensions = tagged(child(readDer(certificate), 0), 0xa3)?.children[0]?.children ?? []
  const found = extensions.find((row) => identifierOf(child(row, 0)) === id)
  const value = found?.children.at(-1)
  return value === undefined ? undefined : readDer(octetsOf(value))
}

/** Every URI in the element, however deep. */
function urisIn({ tag, content, children }: Element): readonly string[] {
  return tag === URI ? [Buffer.from(content).toString('latin1')] : children.flatMap(urisIn)
}

const SHA1 = der.sequence(der.objectIdentifier('1.3.14.3.2.26'), Buffer.from([0x05, 0x00]))

/** A request for one certificate; SHA-1 only names the issuer, and is what every responder takes. */
function ocspRequest(certificate: Uint8Array, issuer: Uint8Array): Uint8Array {
  const body = child(readDer(issuer), 0)
  const first = body.children[0]?.tag === 0xa0 ? 1 : 0
  const serial = child(child(readDer(certificate), 0), first, TAG.integer)
  const key = new X509Certificate(issuer).publicKey.export({ format: 'der', type: 'spki' })
  const id = der.sequence(
    SHA1,
    der.octetString(sha1(child(body, first + 4).bytes)),
    der.octetString(sha1(bitsOf(child(readDer(key), 1)))),
    serial.bytes,
  )
  return der.sequence(der.sequence(der.sequence(der.sequence(id))))
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}
