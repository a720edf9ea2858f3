/** A document with its signature: what is written, what is refused. */

import { beforeAll, describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import type { Checked } from '../../src/fhir/types.ts'
import type { SigningKey } from '../../src/ports.ts'
import { embed, prepare, sign, type SignRequest } from '../../src/sign/sign.ts'
import { verify } from '../../src/sign/verify.ts'
import {
  bundleOf,
  copyOf,
  keyOf,
  letter,
  newKey,
  SIGNERS,
  testAuthority,
  testKey,
  testTrust,
  WHEN,
} from '../signing.ts'

let key: SigningKey
beforeAll(async () => {
  key = await testKey('p256')
})

/** The issue of a signing that is refused. */
async function refused(
  bundle: Checked,
  request: Partial<SignRequest> = {},
  signer = key,
): Promise<FhirError['issues'][number]> {
  const thrown: unknown = await sign(bundle, signer, { when: WHEN, ...request }).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof FhirError)) throw new TypeError('The signing was not refused')
  return thrown.issues[0]
}

function header(data: string | undefined): Record<string, unknown> {
  const [first = ''] = Buffer.from(data ?? '', 'base64')
    .toString()
    .split('.')
  return JSON.parse(Buffer.from(first, 'base64url').toString()) as Record<string, unknown>
}

describe('a signature', () => {
  it('names the signature policy that is kept, and the report says that it was not checked', async () => {
    const signed = await sign(letter(), await testKey('p256'), { when: WHEN, policy: 'urn:oid:1.2.3' })
    const { indication, signatures } = await verify(signed, await testTrust())
    expect(indication).toBe('TOTAL_PASSED')
    const format = signatures[0]?.checks.find(({ name }) => name === 'format')
    expect(format?.text).toContain('the signature policy urn:oid:1.2.3, whose rules were not checked')
  })

  it('is a detached JWS, encoded once more, over the form #document', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN })
    expect(signature).toMatchObject({
      type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1', display: "Author's Signature" }],
      when: WHEN,
      targetFormat: 'application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document',
      sigFormat: 'application/jose',
    })
    expect(Buffer.from(signature?.data ?? '', 'base64').toString()).toMatch(/^[\w-]+\.\.[\w-]+$/)
  })

  it('has a header that JAdES and HL7 both take: iat equal to when, no sigT, typ, crit, b64 or sigD', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN })
    expect(header(signature?.data)).toEqual({
      alg: 'ES256',
      iat: Date.parse(WHEN) / 1000,
      'x5t#S256': expect.stringMatching(/^[\w-]{43}$/) as string,
      x5c: key.certificates.map((der) => Buffer.from(der).toString('base64')),
      srCms: [{ commId: { id: 'urn:oid:1.2.840.10065.1.12.1.1', desc: "Author's Signature" } }],
      canon: 'http://hl7.org/fhir/canonicalization/json#document',
    })
  })

  it('has sigT instead of iat where the older rule is asked for', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN, time: 'sigT' })
    expect(header(signature?.data)).toMatchObject({ sigT: WHEN })
    expect(header(signature?.data)).not.toHaveProperty('iat')
  })

  it('has its time in whole seconds and UTC, whatever the clock gave', async () => {
    const { signature } = await sign(letter(), key, { when: '2026-03-01T12:00:00.999+02:00' })
    expect(signature?.when).toBe(WHEN)
    expect(header(signature?.data)['iat']).toBe(Date.parse(WHEN) / 1000)
  })

  it('leaves the root out of x5c, but not a signer who is its own issuer', async () => {
    const authority = testAuthority()
    const leaf = authority.issue({})
    const withRoot = await sign(letter(), keyOf(leaf, authority.anchor), { when: WHEN })
    expect(header(withRoot.signature?.data)['x5c']).toEqual([Buffer.from(leaf).toString('base64')])
  })

  it.each(SIGNERS)('is made with the key %s', async (name) => {
    const signed = await sign(letter(), await testKey(name), { when: WHEN })
    expect(signed.signature?.data).toBeTypeOf('string')
  })

  it('leaves the document given as it was, and its decimals with their text', async () => {
    const bundle = letter()
    const before = stringify(bundle)
    const signed = await sign(bundle, key, { when: WHEN })
    expect(stringify(bundle)).toBe(before)
    expect(stringify(signed)).toContain('"value":71.50')
  })

  it('has the type asked for', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN, type: '1.2.840.10065.1.12.1.7' })
    expect(signature?.type?.[0]?.display).toBe('Consent Signature')
    expect(header(signature?.data)['srCms']).toEqual([
      { commId: { id: 'urn:oid:1.2.840.10065.1.12.1.7', desc: 'Consent Signature' } },
    ])
  })

  it('is made in three steps by a key elsewhere, with the same result', async () => {
    const prepared = prepare(letter(), { alg: key.alg, certificates: key.certificates }, { when: WHEN })
    const signed = embed(prepared, await key.sign(prepared.input))
    expect({ ...signed.signature, data: '' }).toEqual({ ...prepared.signature, data: '' })
  })

  it('a document takes only a value that its certificate verifies', async () => {
    const prepared = prepare(letter(), key, { when: WHEN })
    const other = prepare(letter(), key, { when: '2026-03-01T10:00:01Z' })
    const value = await key.sign(other.input)
    expect(() => embed(prepared, value)).toThrow(/no signature by the key/)
  })
})

describe('who signs is what the certificate says (H-4)', () => {
  it('the alternative name of the certificate is the identifier of the signer', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN })
    expect(signature?.who).toEqual({
      identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:fhirdoc-test:p256' },
      display: 'fhirdoc test p256 (test key)',
    })
  })

  it('the row of the table of signers is the reference of the signer, however its fingerprint is written', async () => {
    const { fingerprint256 } = new (await import('node:crypto')).X509Certificate(key.certificates[0] ?? '')
    const { signature } = await sign(letter(), key, { when: WHEN, signers: { [fingerprint256]: 'Practitioner/d1' } })
    expect(signature?.who?.reference).toBe('Practitioner/d1')
  })

  it('a claim that the certificate says nothing of is kept', async () => {
    const { signature } = await sign(letter(), keyOf(testAuthority().issue({})), {
      when: WHEN,
      who: { reference: 'Practitioner/d1' },
    })
    expect(signature?.who).toEqual({ reference: 'Practitioner/d1' })
  })

  it('a claim that the certificate contradicts is refused', async () => {
    const signer = keyOf(testAuthority().issue({ uri: 'https://clinic.example/fhir/Practitioner/d1' }))
    const issue = await refused(letter(), { who: { reference: 'https://clinic.example/fhir/Practitioner/d2' } }, signer)
    expect(issue).toMatchObject({ code: 'business-rule', rule: 'signer-claim' })
  })

  it('a claim beside the row of the table of signers is refused', async () => {
    const { fingerprint256 } = new (await import('node:crypto')).X509Certificate(key.certificates[0] ?? '')
    const signers = { [fingerprint256]: 'Practitioner/d1' }
    expect(await refused(letter(), { who: { reference: 'Practitioner/d2' }, signers })).toMatchObject({
      rule: 'signer-claim',
    })
  })

  it('a seal is that of an Organization or Device, and verifies', async () => {
    const { signature } = await sign(letter(), key, { when: WHEN, seal: true })
    expect(signature?.who?.type).toBe('Organization')
    expect(signature?.type?.[0]?.code).toBe('1.2.840.10065.1.12.1.5')
  })

  it.each([
    ['by a Practitioner', { who: { reference: 'Practitioner/d1' } }],
    ['with the type of an author', { type: '1.2.840.10065.1.12.1.1' }],
  ])('a seal %s is refused', async (_, request) => {
    expect(await refused(letter(), { seal: true, ...request })).toMatchObject({
      code: 'business-rule',
      rule: 'signer-claim',
    })
  })

  it('a seal with the certificate of a person is refused', async () => {
    const signer = keyOf(testAuthority().issue({ subject: { CN: 'Ada Muster', SN: 'Muster', GN: 'Ada' } }))
    expect(await refused(letter(), { seal: true }, signer)).toMatchObject({ rule: 'signer-claim' })
  })

  it('the certificate of an organization signs as no Practitioner', async () => {
    const signer = keyOf(testAuthority().issue({ subject: { CN: 'Clinic', organizationIdentifier: 'NTRAT-1' } }))
    expect(await refused(letter(), { who: { reference: 'Practitioner/d1' } }, signer)).toMatchObject({
      rule: 'signer-claim',
    })
  })
})

describe('what a signature would not cover (H-5)', () => {
  it('numbers that the canonical form would alter are refused, all of them, with their place', async () => {
    const document = parseJson(
      stringify(letter()).replace(
        '"value":71.50',
        '"value":0.12345678901234567890,"extension":[{"valueDecimal":9007199254740993}]',
      ),
    )
    const thrown: unknown = await sign(bundleOf(document) as Checked, key, { when: WHEN }).catch(
      (error: unknown) => error,
    )
    expect(thrown).toBeInstanceOf(FhirError)
    expect((thrown as FhirError).issues).toMatchObject([
      { expression: 'Bundle.entry[5].resource.valueQuantity.value', code: 'business-rule', rule: 'signed-numbers' },
      { expression: 'Bundle.entry[5].resource.valueQuantity.extension[0].valueDecimal', rule: 'signed-numbers' },
    ])
  })

  it('numbers that lose but trailing zeros are signed', async () => {
    expect((await sign(letter(), key, { when: WHEN })).signature).toBeDefined()
  })
})

describe('a second signature (H-6)', () => {
  it('is not added to a Bundle that bears one', async () => {
    const signed = await sign(letter(), key, { when: WHEN })
    expect(await refused(signed)).toMatchObject({
      code: 'business-rule',
      rule: 'signed-once',
    })
  })

  it('is not added to a Bundle that a Provenance inside signs', async () => {
    const document = copyOf(letter())
    const provenance = {
      resourceType: 'Provenance',
      id: 's',
      target: [{ reference: '#/' }],
      signature: [{ sigFormat: 'application/jose' }],
    }
    ;(document['entry'] as unknown[]).push({
      fullUrl: 'https://clinic.example/fhir/Provenance/s',
      resource: provenance,
    })
    expect(await refused(bundleOf(document as never) as Checked)).toMatchObject({ rule: 'signed-once' })
  })
})

describe('a key that may not sign', () => {
  const authority = testAuthority()
  it.each([
    ['whose certificate has expired', { from: '2025-01-01T00:00:00Z', until: '2026-02-28T00:00:00Z' }],
    ['whose certificate is not valid yet', { from: '2026-03-02T00:00:00Z' }],
    ['whose certificate is for encryption', { keyUsage: ['keyEncipherment'] as const }],
    ['whose certificate is for TLS servers', { purposes: ['1.3.6.1.5.5.7.3.1'] }],
  ])('%s is refused', async (_, request) => {
    expect(await refused(letter(), {}, keyOf(authority.issue(request)))).toMatchObject({
      code: 'security',
      rule: 'signer-key',
    })
  })

  it('without certificate is refused', async () => {
    expect(await refused(letter(), {}, { ...key, certificates: [] })).toMatchObject({
      code: 'security',
      rule: 'signer-key',
    })
  })

  it('of another kind than its algorithm is refused', async () => {
    expect(await refused(letter(), {}, { ...key, alg: 'ES384' })).toMatchObject({
      code: 'security',
      rule: 'signer-key',
    })
  })

  it('with the certificate of another key is refused', async () => {
    const certificates = [authority.issue({ key: newKey() })]
    expect(await refused(letter(), {}, { ...key, certificates })).toMatchObject({
      code: 'security',
      rule: 'signer-key',
    })
  })
})

it.each([
  ['a time that is none', { when: 'yesterday' }, 'value'],
  ['a type that ASTM does not know', { type: '1.2.3' }, 'code-invalid'],
])('%s is refused', async (_, request, code) => {
  expect(await refused(letter(), request)).toMatchObject({ code })
})
