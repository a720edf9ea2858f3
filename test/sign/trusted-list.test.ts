/** Trusted lists: whose signature makes them count, and what a service was when. */

import { createHash, sign as signWith, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { sign } from '../../src/sign/sign.ts'
import { readTrustedList } from '../../src/sign/trusted-list.ts'
import { verify, type Report, type VerifyRequest } from '../../src/sign/verify.ts'
import { readCertificate } from '../../src/sign/x509.ts'
import { c14nOf, canonicalElement, EXCLUSIVE } from '../../src/sign/xml/c14n.ts'
import { elementNamed, transformed } from '../../src/sign/xml/references.ts'
import { mustHave, readTree, type XmlElement } from '../../src/sign/xml/tree.ts'
import { AT, keyOf, letter, newKey, testAuthority, WHEN } from '../signing.ts'

const operator = testAuthority('Scheme operator')
const operatorKey = newKey()
const operatorCertificate = operator.issue({ subject: { CN: 'Lists' }, key: operatorKey, serial: 40 })
const authority = testAuthority('Listed')
const DS = 'http://www.w3.org/2000/09/xmldsig#'

interface ListRequest {
  readonly type?: string
  /** Statuses and their times, the latest first. */
  readonly statuses?: readonly (readonly [status: string, from: string])[]
  readonly nextUpdate?: string
  readonly key?: KeyObject
  readonly certificate?: Uint8Array
  readonly change?: (text: string) => string
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function sha256(bytes: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function bodyOf({
  type = 'CA/QC',
  statuses = [['granted', '2020-01-01T00:00:00Z']],
  nextUpdate = '2026-06-01T00:00:00Z',
}: ListRequest): string {
  const information = ([status, from]: readonly [string, string]): string =>
    `<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/${type}</ServiceTypeIdentifier>` +
    '<ServiceName><Name xml:lang="en">Certificates</Name><Name xml:lang="de">Zertifikate</Name></ServiceName>' +
    `<ServiceDigitalIdentity><DigitalId><X509Certificate>${base64(authority.anchor)}</X509Certificate></DigitalId></ServiceDigitalIdentity>` +
    `<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/${status}</ServiceStatus>` +
    `<StatusStartingTime>${from}</StatusStartingTime>`
  const [now = ['granted', ''], ...before] = statuses
  const history = before.map((one) => `<ServiceHistoryInstance>${information(one)}</ServiceHistoryInstance>`).join('')
  const next = nextUpdate === 'closed' ? '<NextUpdate/>' : `<NextUpdate><dateTime>${nextUpdate}</dateTime></NextUpdate>`
  return (
    `<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier>${next}</SchemeInformation>` +
    '<TrustServiceProviderList><TrustServiceProvider><TSPServices><TSPService>' +
    `<ServiceInformation>${information(now)}</ServiceInformation><ServiceHistory>${history}</ServiceHistory>` +
    '</TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList>'
  )
}

/** A list with the signature of its operator, enveloped. */
function list(request: ListRequest = {}): Uint8Array {
  const { key = operatorKey, certificate = operatorCertificate, change = (text: string) => text } = request
  const written = (parts: Parts): string =>
    `<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list">${bodyOf(request)}${signatureText(parts, certificate)}</TrustServiceStatusList>`
  const empty = { whole: '', properties: '', value: '' }
  const first = readTree(written(empty))
  const signature = mustHave(first.root, DS, 'Signature')
  const form = c14nOf(EXCLUSIVE) ?? { isExclusive: true, hasComments: false }
  const digests = {
    whole: base64(
      sha256(
        transformed({ kind: 'element', element: first.root, document: first, signature }, [
          { kind: 'enveloped' },
          { kind: 'c14n', uri: EXCLUSIVE, form },
        ]),
      ),
    ),
    properties: base64(sha256(canonicalElement(elementNamed(first, 'properties'), { form }))),
  }
  const second = readTree(written({ ...empty, ...digests }))
  const info = mustHave(mustHave(second.root, DS, 'Signature'), DS, 'SignedInfo') satisfies XmlElement
  const value = signWith('sha256', canonicalElement(info, { form }), { key, dsaEncoding: 'ieee-p1363' })
  return Buffer.from(change(written({ ...digests, value: base64(value) })))
}

interface Parts {
  readonly whole: string
  readonly properties: string
  readonly value: string
}

function signatureText({ whole, properties, value }: Parts, certificate: Uint8Array): string {
  const method = `<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>`
  const c14n = `<Transform Algorithm="${EXCLUSIVE}"/>`
  return (
    `<Signature xmlns="${DS}" Id="s"><SignedInfo><CanonicalizationMethod Algorithm="${EXCLUSIVE}"/>` +
    '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>' +
    `<Reference URI=""><Transforms><Transform Algorithm="${DS}enveloped-signature"/>${c14n}</Transforms>${method}<DigestValue>${whole}</DigestValue></Reference>` +
    `<Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#properties"><Transforms>${c14n}</Transforms>${method}<DigestValue>${properties}</DigestValue></Reference>` +
    `</SignedInfo><SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${base64(certificate)}</X509Certificate></X509Data></KeyInfo>` +
    '<Object><x:QualifyingProperties xmlns:x="http://uri.etsi.org/01903/v1.3.2#" Target="#s"><x:SignedProperties Id="properties"><x:SignedSignatureProperties>' +
    `<x:SigningTime>2026-01-02T00:00:00Z</x:SigningTime><x:SigningCertificateV2><x:Cert><x:CertDigest>${method}<DigestValue>${base64(sha256(certificate))}</DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>` +
    '</x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object></Signature>'
  )
}

const trust = { anchors: [readCertificate(operator.anchor)], atMs: Date.parse(AT) }
const key = keyOf(authority.issue({}))

async function judged(request: ListRequest, own: VerifyRequest = {}): Promise<Report> {
  const known = { trust: [operator.anchor], trustedLists: [list(request)], crls: [authority.list()], at: AT }
  return verify(await sign(letter(), key, { when: WHEN }), { ...known, ...own })
}

describe('a trusted list', () => {
  it('names services by their certificates, with their history', () => {
    const statuses = [
      ['withdrawn', '2026-02-01T00:00:00Z'],
      ['granted', '2020-01-01T00:00:00Z'],
    ] as const
    expect(readTrustedList(list({ statuses }), trust)).toMatchObject([
      {
        name: 'Certificates',
        purposes: ['signature', 'stamp'],
        statuses: [{ name: 'withdrawn' }, { name: 'granted', fromMs: Date.parse('2020-01-01T00:00:00Z') }],
        listUntilMs: Date.parse('2026-06-01T00:00:00Z'),
      },
    ])
  })

  it.each<readonly [string, ListRequest, RegExp]>([
    ['signed by another key', { key: newKey() }, /does not hold/],
    [
      'signed by a stranger',
      { certificate: testAuthority('Other').issue({ key: operatorKey }) },
      /no trust anchor vouches/,
    ],
    [
      'whose signer has expired',
      { certificate: operator.issue({ key: operatorKey, until: '2026-02-01T00:00:00Z' }) },
      /has expired/,
    ],
    [
      'whose signer may not sign',
      { certificate: operator.issue({ key: operatorKey, keyUsage: ['keyEncipherment'] }) },
      /not to be trusted/,
    ],
    ['that was changed', { change: (text) => text.replace('/granted', '/granteb') }, /changed after signing/],
    [
      'with a service added',
      { change: (text) => text.replace('</TSPServices>', '<TSPService/></TSPServices>') },
      /changed after signing/,
    ],
    [
      'without signature',
      { change: (text) => text.replace(/<Signature .*<\/Signature>/, '') },
      /exactly one signature/,
    ],
    [
      'with two signatures',
      {
        change: (text) =>
          text.replace('</TrustServiceStatusList>', `<Signature xmlns="${DS}"/></TrustServiceStatusList>`),
      },
      /exactly one signature/,
    ],
    [
      'wrapped in another',
      {
        change: (text) =>
          `<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#">${text}</TrustServiceStatusList>`,
      },
      /exactly one signature/,
    ],
    ['that is none', { change: () => '<list/>' }, /no ETSI trusted list/],
  ])('%s does not count', (_, request, text) => {
    expect(() => readTrustedList(list(request), trust)).toThrow(text)
  })

  it('does not count without anchors, whoever signed it', () => {
    expect(() => readTrustedList(list(), { ...trust, anchors: [] })).toThrow(FhirError)
  })
})

describe('a signature by a certificate of a service', () => {
  it('passes while the service was granted', async () => {
    expect(await judged({})).toMatchObject({ indication: 'TOTAL_PASSED' })
  })

  it('is not trusted without the list', async () => {
    expect(await judged({}, { trustedLists: [] })).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
  })

  it.each<readonly [string, ListRequest, RegExp]>([
    [
      'was withdrawn',
      {
        statuses: [
          ['withdrawn', '2026-02-01T00:00:00Z'],
          ['granted', '2020-01-01T00:00:00Z'],
        ],
      },
      /was withdrawn at/,
    ],
    ['was not listed yet', { statuses: [['granted', '2026-05-01T00:00:00Z']] }, /was not listed at/],
    ['is for time-stamps alone', { type: 'TSA/QTST' }, /not trusted for signatures/],
    ['is of a list that ran out', { nextUpdate: '2026-02-01T00:00:00Z' }, /ran out on/],
    ['is of a list that is closed', { nextUpdate: 'closed' }, /is closed/],
  ])('that %s does not pass, and the report says so', async (_, request, text) => {
    const report = await judged(request)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
    expect(report.signatures[0]?.checks.find(({ name }) => name === 'trust')?.text).toMatch(text)
  })

  it('that was withdrawn later passes for the time before', async () => {
    const statuses = [
      ['withdrawn', '2026-03-02T00:00:00Z'],
      ['granted', '2020-01-01T00:00:00Z'],
    ] as const
    expect(await judged({ statuses })).toMatchObject({ indication: 'TOTAL_PASSED' })
  })

  it('of another type is passed over', async () => {
    expect(await judged({ type: 'Certstatus/OCSP' })).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' })
  })
})
