/** What can be said of a document's signature. */

import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64 } from '../../src/fhir/digest.ts'
import { parseJson, stringify } from '../../src/fhir/json.ts'
import { isObject, type Bundle, type Json, type Signed } from '../../src/fhir/types.ts'
import type { SigningKey } from '../../src/ports.ts'
import type { Report } from '../../src/sign/report.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type VerifyRequest } from '../../src/sign/verify.ts'
import {
  AT,
  bundleOf,
  copyOf,
  keyOf,
  letter,
  SIGNERS,
  signUnder,
  subordinate,
  testAuthority,
  testKey,
  testTrust,
  WHEN,
  withSignature,
} from '../signing.ts'
import { tampered, tamperings } from '../tampering.ts'

let key: SigningKey
let signed: Signed
let trust: VerifyRequest
beforeAll(async () => {
  key = await testKey('p256')
  signed = await sign(letter(), key, { when: WHEN })
  trust = await testTrust()
})

type CheckName = Report['signatures'][number]['checks'][number]['name']

/** A check of the only signature of a report. */
function check(report: Report, name: CheckName): { verdict?: string; text?: string } {
  return report.signatures[0]?.checks.find((one) => one.name === name) ?? {}
}

function verdicts(report: Report): Readonly<Record<string, string>> {
  return Object.fromEntries(report.signatures[0]?.checks.map(({ name, verdict }) => [name, verdict]) ?? [])
}

describe('a sound signature', () => {
  it.each(SIGNERS)('of the key %s passes with trust and revocation lists', async (name) => {
    const report = await verify(await sign(letter(), await testKey(name), { when: WHEN }), trust)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(verdicts(report)).toEqual({
      format: 'passed',
      integrity: 'passed',
      certificate: 'passed',
      trust: 'passed',
      revocation: 'passed',
      timestamps: 'not-checked',
      time: 'passed',
      purpose: 'passed',
      signer: 'passed',
      superseded: 'not-checked',
    })
  })

  it('is reported with its signer, its times, its level, and what it does not cover (H-5)', async () => {
    const [signature] = (await verify(signed, trust)).signatures
    expect(signature).toMatchObject({
      where: 'Bundle.signature',
      format: 'JAdES',
      level: 'B-B',
      indication: 'TOTAL_PASSED',
      signer: 'CN=fhirdoc test p256 (test key),O=fhirdoc test',
      signingTime: WHEN,
      bestSignatureTime: AT,
      notCovered: [
        'Bundle.id',
        'Bundle.meta',
        'Bundle.signature.who',
        'Bundle.signature.onBehalfOf',
        'Bundle.signature.type',
        'the precision of decimals (trailing zeros)',
      ],
    })
    expect(signature).not.toHaveProperty('seal')
  })

  it('passes with the header sigT too, though that is no baseline any more', async () => {
    const report = await verify(await sign(letter(), key, { when: WHEN, time: 'sigT' }), trust)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.signatures[0]).not.toHaveProperty('level')
  })

  it('holds whatever the layout and the order of members', async () => {
    const turned = bundleOf(reversed(parseJson(JSON.stringify(JSON.parse(stringify(signed)), null, 7))))
    expect((await verify(turned, trust)).indication).toBe('TOTAL_PASSED')
  })

  it('holds when only what the report lists as not covered changes', async () => {
    const text = stringify(signed).replace('"value":71.50', '"value":71.500')
    const moved = { ...(parseJson(text) as Bundle), id: 'elsewhere', meta: { versionId: '9' } }
    expect((await verify(bundleOf(moved), trust)).indication).toBe('TOTAL_PASSED')
  })

  it('lists what somebody put into the signature that nothing covers', async () => {
    const said = { extension: [{ url: 'urn:x', valueString: 'countersigned' }], _when: { id: 'x' } }
    const report = await verify(withSignature(signed, said), trust)
    expect(report.signatures[0]?.notCovered).toEqual(expect.arrayContaining(['Bundle.signature.extension', 'Bundle.signature._when'])) // prettier-ignore
    expect((await verify(signed, trust)).signatures[0]?.notCovered).not.toContain('Bundle.signature.data')
  })
})

describe('never passed when what was signed cannot be told from something else', () => {
  it.each(['71.500000000000001', '71.4999999999999999', '7.15000000000000001e1'])(
    'as the number 71.50 that became %s, which a double cannot tell from it',
    async (number) => {
      const report = await verify(bundleOf(parseJson(stringify(signed).replace('71.50', number))), trust)
      expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
      expect(check(report, 'integrity').text).toContain('Bundle.entry[5].resource.valueQuantity.value')
      expect(report.signatures[0]?.notCovered).toContain('Bundle.entry[5].resource.valueQuantity.value')
    },
  )

  it('as base64 with bits that are no part of its bytes', async () => {
    const bytes = Buffer.from(String(signed.signature?.data), 'base64')
    const headers = [0, 1, 2].map((length) => bytes.subarray(0, bytes.length - length).toString('base64'))
    const padded = headers.find((text) => text.endsWith('=')) ?? expect.fail()
    const last = padded.replace(/=*$/, '').at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const other = alphabet[alphabet.indexOf(last) + 1] ?? ''
    const data = padded.replace(new RegExp(`${last.replace(/[+/]/, '\\$&')}(=*)$`), `${other}$1`)
    expect(Buffer.from(data, 'base64')).toEqual(Buffer.from(padded, 'base64'))
    const report = await verify(withSignature(signed, { data }), trust)
    expect(check(report, 'format').text).toBe('Signature.data is not base64')
  })
})

describe('never passed when a part was not checked', () => {
  it.each([
    ['trust', {}, 'NO_CERTIFICATE_CHAIN_FOUND', 'trust'],
    ['revocation data', { crls: [] }, 'TRY_LATER', 'revocation'],
    ['the time of verification', { at: undefined }, 'NO_POE', 'certificate'],
  ] as const)('without %s it is INDETERMINATE', async (_, without, subIndication, name) => {
    const { at, ...rest } = { ...trust, ...without }
    const request: VerifyRequest =
      subIndication === 'NO_CERTIFICATE_CHAIN_FOUND' ? { at: AT } : { ...rest, ...(at !== undefined && { at }) }
    const report = await verify(signed, request)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication })
    expect(check(report, name).verdict).toBe('not-checked')
  })

  it('revocation that was waived is not checked, but stops nothing', async () => {
    const report = await verify(signed, { ...trust, crls: [], revocation: 'waived' })
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(check(report, 'revocation').verdict).toBe('not-checked')
  })

  it('a document without signature is INDETERMINATE', async () => {
    expect(await verify(letter(), trust)).toEqual({ indication: 'INDETERMINATE', signatures: [] })
  })

  it('later versions are not checked without a store, and the report says so (H-7)', async () => {
    expect(check(await verify(signed, trust), 'superseded')).toMatchObject({
      verdict: 'not-checked',
      text: 'Later versions of the document were not checked',
    })
  })

  it('a later document in the store is told, and the signature proves what it proved (H-7)', async () => {
    const later = { reference: 'Bundle/2', identifier: 'urn:uuid:2', date: '2026-03-02' }
    const successors = [{ ...later, relation: 'replaces' }] as const
    const report = await verify(signed, { ...trust, successors })
    expect(check(report, 'superseded')).toMatchObject({
      verdict: 'failed',
      text: 'This document was replaced by a later one: urn:uuid:2 of 2026-03-02',
    })
    expect([report.indication, report.successors]).toEqual(['TOTAL_PASSED', successors])
  })

  it('a store that holds no later document is said to be asked', async () => {
    const report = await verify(signed, { ...trust, successors: [] })
    expect(check(report, 'superseded').verdict).toBe('passed')
    expect(report.successors).toEqual([])
  })

  it.each([
    ['application/signature+xml', 'XML-DSig'],
    ['application/pkcs7-signature', 'XML-DSig'],
    ['image/png', 'image'],
    ['application/pdf', 'PDF'],
    ['application/x-unheard-of', 'unknown'],
  ])('a signature of sigFormat %s is recognised and not checked', async (sigFormat, format) => {
    const report = await verify(withSignature(signed, { sigFormat }), trust)
    expect(report.indication).toBe('INDETERMINATE')
    expect(report.signatures[0]).toMatchObject({ format, notCovered: ['Bundle'] })
    expect(new Set(Object.values(verdicts(report)))).toEqual(new Set(['not-checked']))
  })

  it('a signature without value in a Provenance over the Bundle is listed and keeps the document from passing', async () => {
    const document = copyOf(letter())
    const provenance = {
      resourceType: 'Provenance',
      id: 's',
      target: [{ reference: 'Bundle/letter' }],
      signature: [{ sigFormat: 'application/jose' }],
    }
    ;(document['entry'] as unknown[]).push({
      fullUrl: 'https://clinic.example/fhir/Provenance/s',
      resource: provenance,
    })
    const report = await verify(bundleOf(document as never), trust)
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', signatures: [{ where: 'Provenance/s' }] })
  })
})

describe('ten ways to tamper', () => {
  it.each(SIGNERS.flatMap((name) => Object.keys(tamperings).map((how) => [name, how] as const)))(
    '%s: %s is refused',
    async (name, how) => {
      const document = await sign(letter(), await testKey(name), { when: WHEN })
      expect((await verify(document, trust)).indication).toBe('TOTAL_PASSED')
      expect((await verify(tampered(document, how), trust)).indication).toBe('TOTAL_FAILED')
    },
  )

  it('any single change of a covered value breaks the signature', async () => {
    const places = covered(signed)
    await fc.assert(
      fc.asyncProperty(fc.nat(places.length - 1), fc.nat(), async (place, seed) => {
        const report = await verify(changed(signed, places[place] ?? [], seed), trust)
        expect(check(report, 'integrity').verdict).toBe('failed')
        expect(report.indication).toBe('TOTAL_FAILED')
      }),
      { numRuns: 300 },
    )
  })

  it('what was changed cannot be said, and the report says that', async () => {
    const report = await verify(tampered(signed, 'an entry less'), trust)
    expect(report.subIndication).toBe('SIG_CRYPTO_FAILURE')
    expect(check(report, 'integrity').text).toContain('what was changed cannot be said')
    expect(report.signatures[0]?.notCovered).toEqual(['Bundle'])
  })
})

describe('the form that matched', () => {
  it('is named where the signature declares another', async () => {
    const canon = 'http://hl7.org/fhir/canonicalization/json'
    const document = await signUnder(letter(), key, (header) => ({ ...header, canon }))
    const targetFormat = `application/fhir+json;canonicalization=${canon}`
    const report = await verify(withSignature(document, { targetFormat }), trust)
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' })
    expect(check(report, 'integrity').text).toContain(
      'it holds over the form http://hl7.org/fhir/canonicalization/json#document',
    )
  })

  it('may be the R4 form #static, which leaves the meta of the Bundle open', async () => {
    const canon = 'http://hl7.org/fhir/canonicalization/json#static'
    const { id: _id, ...nameless } = letter()
    const document = await signUnder(nameless, key, (header) => ({ ...header, canon }))
    const report = await verify(
      withSignature(document, { targetFormat: `application/fhir+json;canonicalization=${canon}` }),
      trust,
    )
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.signatures[0]?.notCovered).toContain('Bundle.meta')
  })

  it('is found where the signature declares none', async () => {
    const document = await signUnder(letter(), key, ({ canon: _, ...header }) => header)
    expect((await verify(withSignature(document, { targetFormat: 'application/fhir+json' }), trust)).indication).toBe(
      'TOTAL_PASSED',
    )
  })

  it('that is not known here is not checked', async () => {
    const canon = 'http://hl7.org/fhir/canonicalization/json-xml#document'
    const document = withSignature(await signUnder(letter(), key, (header) => ({ ...header, canon })), {
      targetFormat: `application/fhir+json;canonicalization=${canon}`,
    })
    const report = await verify(document, trust)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' })
    expect(check(report, 'integrity').verdict).toBe('not-checked')
  })

  it('as a media type may be written with a blank and in quotes', async () => {
    const targetFormat = 'application/fhir+json; canonicalization="http://hl7.org/fhir/canonicalization/json#document"'
    expect((await verify(withSignature(signed, { targetFormat }), trust)).indication).toBe('TOTAL_PASSED')
  })
})

describe('the time', () => {
  it('in another spelling of the same instant is the same', async () => {
    const document = withSignature(signed, { when: '2026-03-01T11:00:00+01:00' })
    expect(check(await verify(document, trust), 'time').verdict).toBe('passed')
  })

  it.each([
    ['when is missing', { when: undefined }, 'INDETERMINATE'],
    ['when is another', { when: '2026-03-01T10:00:01Z' }, 'TOTAL_FAILED'],
    ['when is no instant', { when: 'noon' }, 'TOTAL_FAILED'],
  ])('%s: %o', async (_, members, indication) => {
    expect((await verify(withSignature(signed, members), trust)).indication).toBe(indication)
  })

  it('that the signature does not cover is not checked', async () => {
    const document = await signUnder(letter(), key, ({ iat: _, ...header }) => header)
    expect(await verify(document, trust)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
    })
  })

  it('after that of the verification fails', async () => {
    const report = await verify(signed, { ...trust, at: '2026-03-01T09:50:00Z' })
    expect(check(report, 'time').verdict).toBe('failed')
    expect(report.indication).toBe('INDETERMINATE')
  })
})

describe('the purpose', () => {
  it('that is another than the signed one fails', async () => {
    const type = [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.5' }]
    const report = await verify(withSignature(signed, { type }), trust)
    expect(check(report, 'purpose').verdict).toBe('failed')
    expect(report.indication).toBe('TOTAL_FAILED')
  })

  it('that the signature does not cover is a claim, and keeps it from passing', async () => {
    const document = await signUnder(letter(), key, ({ srCms: _, ...header }) => header)
    const report = await verify(document, trust)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(check(report, 'purpose').verdict).toBe('not-checked')
  })
})

describe('the signer (H-4)', () => {
  it('whom the signature names without the certificate is a claim that was not checked', async () => {
    const report = await verify(withSignature(signed, { who: { reference: 'Practitioner/d2' } }), trust)
    expect(check(report, 'signer')).toMatchObject({ verdict: 'not-checked' })
    expect(check(report, 'signer').text).toContain('is a claim')
  })

  it('whom the certificate names by an identifier of the resource passes', async () => {
    const report = await verify(withSignature(signed, { who: { reference: 'Practitioner/d1' } }), trust)
    expect(check(report, 'signer').verdict).toBe('passed')
  })

  it('whom the certificate contradicts fails', async () => {
    const who = { identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:fhirdoc-test:rsa' } }
    const report = await verify(withSignature(signed, { who }), trust)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' })
    expect(check(report, 'signer').verdict).toBe('failed')
  })

  it('of a seal has sealed and not signed, even where somebody makes a person of it', async () => {
    const sealed = await sign(letter(), key, { when: WHEN, seal: true })
    const report = await verify(sealed, trust)
    expect(report.signatures[0]?.seal).toBe(true)
    expect(check(report, 'signer').text).toMatch(/^Sealed by/)
    const forged = await verify(withSignature(sealed, { who: { reference: 'Practitioner/d1' } }), trust)
    expect(forged.signatures[0]?.seal).toBe(true)
    expect(check(forged, 'signer').text).toMatch(/^Sealed/)
  })
})

describe('a certificate', () => {
  const authority = testAuthority()
  const lists = { trust: [authority.anchor], crls: [authority.list()], at: AT }

  it('of an issuer that is an anchor passes', async () => {
    expect((await verify(await sign(letter(), keyOf(authority.issue({})), { when: WHEN }), lists)).indication).toBe(
      'TOTAL_PASSED',
    )
  })

  it('that has expired since is not called passed, whether it was revoked or not', async () => {
    const document = await sign(letter(), keyOf(authority.issue({ until: '2026-03-15T00:00:00Z' })), { when: WHEN })
    expect(await verify(document, { ...lists, at: '2026-04-01T00:00:00Z' })).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED',
    })
    expect(await verify(document, { ...lists, crls: [], at: '2026-04-01T00:00:00Z' })).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NO_POE',
    })
  })

  it('is not valid before its time', async () => {
    expect(await verify(signed, { ...trust, at: '2019-01-01T00:00:00Z' })).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'NOT_YET_VALID',
    })
  })

  it('that was revoked is revoked, also where revocation was waived', async () => {
    const document = await sign(letter(), keyOf(authority.issue({})), { when: WHEN })
    const crls = [authority.list({ revoked: [{ serial: 7, date: '2026-02-01T00:00:00Z' }] })]
    for (const request of [
      { ...lists, crls },
      { ...lists, crls, revocation: 'waived' as const },
    ]) {
      expect(await verify(document, request)).toMatchObject({
        indication: 'INDETERMINATE',
        subIndication: 'REVOKED_NO_POE',
      })
    }
  })

  it('that may not sign documents is not taken', async () => {
    const document = await signUnder(letter(), keyOf(authority.issue({})), (header) => header)
    const foreign = authority.issue({ keyUsage: ['keyEncipherment'] })
    const forged = await signUnder(letter(), keyOf(authority.issue({})), ({ 'x5t#S256': _, ...header }) => ({
      ...header,
      x5c: [toBase64(foreign)],
    }))
    expect((await verify(document, lists)).indication).toBe('TOTAL_PASSED')
    expect(await verify(forged, lists)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'CHAIN_CONSTRAINTS_FAILURE',
    })
  })

  it('of a stranger leads to no anchor', async () => {
    const stranger = testAuthority('Stranger')
    const document = await sign(letter(), keyOf(stranger.issue({}), stranger.anchor), { when: WHEN })
    expect(await verify(document, lists)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    })
  })

  it('under an authority that was revoked is not taken', async () => {
    const between = testAuthority('Between')
    const document = await sign(letter(), keyOf(between.issue({}), subordinate(authority, between)), { when: WHEN })
    const good = { ...lists, crls: [authority.list(), between.list()] }
    expect((await verify(document, good)).indication).toBe('TOTAL_PASSED')
    const revoked = authority.list({ revoked: [{ serial: 2, date: '2026-02-01T00:00:00Z' }] })
    expect(await verify(document, { ...good, crls: [revoked, between.list()] })).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_CA_NO_POE',
    })
  })

  it('in the header that is not the one of the signature does not verify', async () => {
    const other = await testKey('p384')
    const document = await signUnder(letter(), key, ({ 'x5t#S256': _, ...header }) => ({
      ...header,
      x5c: other.certificates.map((der) => toBase64(der)),
    }))
    expect(await verify(document, trust)).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'SIG_CRYPTO_FAILURE',
    })
  })
})

describe('a payload in the signature', () => {
  const payloadOf = (bundle: Bundle, payload: string): Bundle => {
    const [header, , value] = Buffer.from(bundle.signature?.data ?? '', 'base64')
      .toString()
      .split('.')
    return withSignature(bundle, {
      data: toBase64([header, Buffer.from(payload).toString('base64url'), value].join('.')),
    })
  }

  it('that is not the document is refused, though the signature over the document holds', async () => {
    expect(await verify(payloadOf(signed, '{"resourceType":"Bundle"}'), trust)).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })

  it('that the signature fits does not make another document right', async () => {
    const { octets } = await import('../../src/sign/octets.ts')
    const whole = payloadOf(signed, Buffer.from(octets(signed)).toString())
    expect((await verify(whole, trust)).indication).toBe('TOTAL_PASSED')
    expect(await verify(tampered(whole, 'an entry less'), trust)).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })
})

describe('no document is too bad for a report', () => {
  it.each([
    ['a signature without data', { data: undefined }],
    ['data that is no text', { data: 5 }],
    ['data that is not base64', { data: '§§§' }],
    ['data that is a bare JWS', { data: 'eyJhbGciOiJFUzI1NiJ9..AAAA' }],
    ['data that is base64 of nothing', { data: toBase64('nothing') }],
    ['several signatures', { data: toBase64('{"payload":"","signatures":[{},{}]}') }],
    ['a line break in the JWS', { data: toBase64('eyJhbGciOiJFUzI1NiJ9.\n.AAAA') }],
  ])('%s', async (_, members) => {
    expect(await verify(withSignature(signed, members), trust)).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'FORMAT_FAILURE',
    })
  })

  it('any value anywhere in the signature gives a report, and none that passes but the signed one', async () => {
    const members = ['type', 'when', 'data', 'targetFormat', 'sigFormat'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...members), fc.jsonValue(), async (member, value) => {
        const report = await verify(withSignature(signed, { [member]: value }), trust)
        expect(['INDETERMINATE', 'TOTAL_FAILED']).toContain(report.indication)
      }),
      { numRuns: 200 },
    )
  })

  it('any who and any entries give a report', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (who, entry) => {
        const report = await verify({ ...withSignature(signed, { who }), entry: entry as never }, trust)
        expect(report.indication).toBe('TOTAL_FAILED')
      }),
    )
  })

  it('a request that cannot be is refused', async () => {
    await expect(verify(signed, { at: 'now' })).rejects.toThrow(/no instant/)
    await expect(verify(signed, { trust: [Buffer.from('trust me')] })).rejects.toThrow(/no X.509 certificate/)
  })
})

/** The value with the members of every object in reverse order. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(reversed)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member ?? null)]),
  )
}

type Place = readonly (string | number)[]

/** The place of every value that the form #document covers. */
function covered(bundle: Bundle): readonly Place[] {
  const { signature: _s, id: _i, meta: _m, ...rest } = bundle
  const places = (value: Json | undefined, at: Place): readonly Place[] => {
    if (Array.isArray(value))
      return [at, ...(value as readonly Json[]).flatMap((item, index) => places(item, [...at, index]))]
    if (!isObject(value)) return [at]
    return [at, ...Object.entries(value).flatMap(([name, member]) => places(member, [...at, name]))]
  }
  return places(rest, []).slice(1)
}

/** A copy in which the value at the place is another, gone, or has a neighbour. */
function changed(bundle: Bundle, place: Place, seed: number): Bundle {
  const copy = copyOf(bundle)
  const holder = place
    .slice(0, -1)
    .reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], copy) as Record<string, unknown>
  const last = String(place.at(-1))
  const value = holder[last]
  const ways = [
    () => void (holder[last] = typeof value === 'string' ? `${value} ` : 'changed'),
    () => void (Array.isArray(holder) ? holder.splice(Number(last), 1) : Reflect.deleteProperty(holder, last)),
    () => void (Array.isArray(holder) ? holder.splice(Number(last), 0, 'added') : (holder[`${last}Added`] = value)),
    () => void (holder[last] = [value]),
  ]
  ways[seed % ways.length]?.()
  return copy as never
}
