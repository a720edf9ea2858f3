/** Signatures in Provenances: several signers over the same octets, counter-signatures, and what R4 and R6 each write. */

import { beforeAll, describe, expect, it } from 'vitest'
import { FhirError } from '../../src/fhir/error.ts'
import { stringify } from '../../src/fhir/json.ts'
import type { Bundle, Checked, JsonObject, Resource } from '../../src/fhir/types.ts'
import type { SigningKey } from '../../src/ports.ts'
import { coveredOctets } from '../../src/sign/placement.ts'
import { prepare, provenanceBeside, sign, type SignRequest } from '../../src/sign/sign.ts'
import { verify, type Report } from '../../src/sign/verify.ts'
import { bundleOf, copyOf, letter, testKey, testTrust, WHEN } from '../signing.ts'

let [key, other]: SigningKey[] = []
let trust: Awaited<ReturnType<typeof testTrust>>
beforeAll(async () => {
  ;[key, other, trust] = await Promise.all([testKey('p256'), testKey('rsa'), testTrust()])
})

async function signedBy(
  bundle: Bundle,
  signer: SigningKey | undefined,
  request: Partial<SignRequest> = {},
): Promise<Checked> {
  if (signer === undefined) throw new TypeError('There is no key')
  return sign(bundle as Checked, signer, { when: WHEN, as: 'provenance', ...request })
}

async function refusal(work: Promise<unknown>): Promise<FhirError['issues'][number]> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof FhirError)) throw new TypeError('It was not refused')
  return thrown.issues[0]
}

function provenancesOf({ entry = [] }: Bundle): readonly Resource[] {
  return entry.flatMap(({ resource }) => (resource?.resourceType === 'Provenance' ? [resource] : []))
}

/** The document with its last Provenance changed, which no signature covers. */
function withLast(bundle: Bundle, change: (provenance: JsonObject) => JsonObject): Bundle {
  const { entry = [] } = bundle
  const last = entry.length - 1
  const changed = entry.map((row, index) => {
    return index === last ? { ...row, resource: change(copyOf(row.resource ?? {}) as JsonObject) } : row
  })
  return bundleOf({ ...bundle, entry: changed })
}

function outcomes({ signatures }: Report): Readonly<Record<string, string>> {
  return Object.fromEntries(signatures.map(({ where, indication }) => [where, indication]))
}

describe('a signature in a Provenance', () => {
  it('is an entry that says of its signer the same as the signature in it', async () => {
    const signed = await signedBy(letter(), key)
    const [provenance] = provenancesOf(signed)
    const signature = (provenance?.['signature'] as JsonObject[])[0]
    expect(provenance).toMatchObject({
      target: [{ reference: 'Bundle/letter' }],
      recorded: WHEN,
      occurredDateTime: WHEN,
      agent: [{ type: { coding: signature?.['type'] }, who: signature?.['who'] }],
      entity: [{ role: 'source', what: { reference: 'https://clinic.example/fhir/Composition/c1' } }],
    })
    expect(signature).toMatchObject({
      when: WHEN,
      sigFormat: 'application/jose',
      who: { display: 'fhirdoc test p256 (test key)' },
    })
    expect(signed.signature).toBeUndefined()
    expect(signed.entry?.at(-1)?.fullUrl).toBe(`urn:uuid:${provenance?.id}`)
  })

  it('passes, and the report names the Provenance and what it leaves out', async () => {
    const signed = await signedBy(letter(), key)
    const [provenance] = provenancesOf(signed)
    const report = await verify(signed, trust)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.signatures[0]?.where).toBe(`Provenance/${provenance?.id}`)
    expect(report.signatures[0]?.notCovered).toContain('Bundle.entry[6]')
  })

  it('names its signer by the fullUrl of the entry, as a relative reference leads nowhere from a URN', async () => {
    const signed = await signedBy(letter(), key, { who: { reference: 'Practitioner/d1' } })
    const [provenance] = provenancesOf(signed)
    expect(provenance).toMatchObject({ agent: [{ who: { reference: 'https://clinic.example/fhir/Practitioner/d1' } }] })
  })

  it('gives a Bundle without id the one that its target names', async () => {
    const { id: _id, ...nameless } = letter()
    const signed = await signedBy(bundleOf(nameless), key)
    expect(provenancesOf(signed)[0]).toMatchObject({ target: [{ reference: `Bundle/${signed.id}` }] })
    expect(outcomes(await verify(signed, trust))).toEqual({
      [`Provenance/${provenancesOf(signed)[0]?.id}`]: 'TOTAL_PASSED',
    })
  })

  it.each([
    ['#/'],
    ['Bundle/another-id-by-a-server'],
    ['https://clinic.example/fhir/Bundle/letter'],
    ['Bundle/letter/_history/2'],
  ])('holds with the target %s', async (reference) => {
    const signed = withLast(await signedBy(letter(), key), (provenance) => ({ ...provenance, target: [{ reference }] }))
    expect((await verify(signed, trust)).indication).toBe('TOTAL_PASSED')
  })

  it('is read where the signer stands in the agent alone, as R6 has it', async () => {
    const signed = withLast(await signedBy(letter(), key), (provenance) => {
      const [{ sigFormat, targetFormat, data } = {}] = provenance['signature'] as readonly JsonObject[]
      return { ...provenance, target: [{ reference: '#/' }], signature: [{ sigFormat, targetFormat, data }] }
    })
    expect((await verify(signed, trust)).indication).toBe('TOTAL_PASSED')
  })

  it.each([
    ['who', { agent: [{ who: { display: 'Somebody else' } }] }],
    ['onBehalfOf', { agent: [{ onBehalfOf: { reference: 'Organization/1' } }] }],
    ['time', { occurredDateTime: '2020-01-01T00:00:00Z' }],
    [
      'type',
      { agent: [{ type: { coding: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.5' }] } }] },
    ],
  ])('is refused where its Provenance says another %s', async (_, members) => {
    const signed = withLast(await signedBy(letter(), key), (provenance) => {
      const [signature = {}] = provenance['signature'] as readonly JsonObject[]
      return { ...provenance, ...members, signature: [{ ...signature, onBehalfOf: { reference: 'Organization/h1' } }] }
    })
    expect(await verify(signed, trust)).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
  })

  it('fails once anything that it covers is changed', async () => {
    const signed = copyOf(await signedBy(letter(), key)) as { timestamp: string }
    signed.timestamp = '2026-03-01T09:31:00Z'
    expect((await verify(bundleOf(signed as never), trust)).indication).toBe('TOTAL_FAILED')
  })

  it('fails once an entry is added that is no signature', async () => {
    const signed = await signedBy(letter(), key)
    const added = {
      fullUrl: 'urn:uuid:0f0f0f0f-0000-4000-8000-000000000000',
      resource: { resourceType: 'Provenance', target: [{ reference: '#/' }] },
    }
    const bundle = bundleOf({ ...signed, entry: [...(signed.entry ?? []), added] })
    expect((await verify(bundle, trust)).indication).toBe('TOTAL_FAILED')
  })

  it('is not what a Provenance of a Bundle that is an entry has', async () => {
    const inner = {
      fullUrl: 'https://clinic.example/fhir/Bundle/inner',
      resource: { resourceType: 'Bundle', id: 'inner' },
    }
    const signed = withLast(await signedBy(letter(), key), (one) => ({
      ...one,
      target: [{ reference: 'Bundle/inner' }],
    }))
    const bundle = bundleOf({ ...signed, entry: [inner, ...(signed.entry ?? [])] })
    const report = await verify(bundle, trust)
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', signatures: [{ covers: [] }] })
  })

  it('with targets of which it is not known how they are signed is not judged', async () => {
    const signed = withLast(await signedBy(letter(), key), (provenance) => ({
      ...provenance,
      target: [{ reference: '#/' }, { reference: 'Patient/p1' }],
    }))
    const report = await verify(signed, trust)
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' })
    expect(report.signatures[0]?.checks[0]?.text).toContain('names more than the document')
  })

  it('is an image as well, which is never verified', async () => {
    const signed = withLast(await signedBy(letter(), key), (provenance) => ({
      ...provenance,
      signature: [
        { sigFormat: 'image/png', data: 'iVBORw0KGgo=', who: (provenance['agent'] as JsonObject[])[0]?.['who'] },
      ],
    }))
    expect(await verify(signed, trust)).toMatchObject({
      indication: 'INDETERMINATE',
      signatures: [{ format: 'image', indication: 'INDETERMINATE' }],
    })
  })
})

describe('several signers', () => {
  it('sign the same octets, whichever comes first, and each is reported', async () => {
    const one = await signedBy(letter(), key)
    const both = await signedBy(one, other)
    const [first, second] = provenancesOf(both).map(({ id }) => `Provenance/${id}`)
    expect(outcomes(await verify(both, trust))).toEqual({
      [first ?? '']: 'TOTAL_PASSED',
      [second ?? '']: 'TOTAL_PASSED',
    })
    const octets = [first, second].map((where) => Buffer.from(coveredOctets(both, { where })).toString())
    expect(octets[0]).toBe(octets[1])
    expect(octets[0]).toBe(Buffer.from(coveredOctets(letter())).toString())
  })

  it('one of whom is removed leave the other', async () => {
    const both = await signedBy(await signedBy(letter(), key), other)
    const { entry = [] } = both
    const rest = bundleOf({ ...both, entry: entry.filter((_, index) => index !== entry.length - 2) })
    expect((await verify(rest, trust)).indication).toBe('TOTAL_PASSED')
  })

  it('find a Bundle closed that bears its own signature (H-6)', async () => {
    const sealed = await sign(letter(), key ?? expect.fail(), { when: WHEN })
    expect(await refusal(signedBy(sealed, other))).toMatchObject({
      code: 'business-rule',
      rule: 'signed-once',
      text: expect.stringContaining('Bundle.signature') as string,
    })
    expect(await refusal(signedBy(await signedBy(letter(), key), other, { as: 'bundle' }))).toMatchObject({
      rule: 'signed-once',
    })
  })

  it('stand beside it then, over the same octets', async () => {
    const sealed = (await sign(letter(), key ?? expect.fail(), { when: WHEN })) as Checked
    const signer = other ?? expect.fail()
    const prepared = prepare(sealed, signer, { when: WHEN, as: 'beside' })
    const provenance = provenanceBeside(prepared, await signer.sign(prepared.input))
    const report = await verify(sealed, { ...trust, provenances: [provenance] })
    expect(outcomes(report)).toEqual({
      'Bundle.signature': 'TOTAL_PASSED',
      [`Provenance/${provenance.id}`]: 'TOTAL_PASSED',
    })
  })
})

describe('a counter-signature', () => {
  it('covers the signature that it names too, and breaks with it', async () => {
    const one = await signedBy(letter(), key)
    const [first] = provenancesOf(one).map(({ id }) => `Provenance/${id}`)
    const both = await signedBy(one, other, { counter: [first ?? ''] })
    const report = await verify(both, trust)
    expect(Object.values(outcomes(report))).toEqual(['TOTAL_PASSED', 'TOTAL_PASSED'])
    expect(report.signatures[1]?.notCovered).not.toContain('Bundle.entry[6]')
    const text = stringify(both).replace('"recorded":"2026-03-01T10:00:00Z"', '"recorded":"2026-03-01T10:00:01Z"')
    const altered = bundleOf(JSON.parse(text) as never)
    expect(Object.values(outcomes(await verify(altered, trust)))).toEqual(['TOTAL_PASSED', 'TOTAL_FAILED'])
  })

  it.each([
    ['one that is not there', 'provenance', /is not one of the document/],
    ['any from within the Bundle', 'bundle', /Only a signature in a Provenance/],
  ] as const)('does not name %s', async (_, as, text) => {
    const issue = await refusal(signedBy(letter(), key, { as, counter: ['Provenance/none'] }))
    expect(issue).toMatchObject({ rule: 'signer-claim', text: expect.stringMatching(text) as string })
  })

  it('of itself is over the Provenance without the value of its signature', async () => {
    const signer = key ?? expect.fail()
    const prepared = prepare(letter(), signer, { when: WHEN, as: 'provenance' })
    const drafted = await signedBy(letter(), signer)
    const bare = withLast(drafted, ({ signature: _signature, ...provenance }) => ({
      ...provenance,
      target: [{ reference: '#/' }, { reference: '#' }],
      signature: [prepared.signature],
    }))
    const { signingInput, writeData } = await import('../../src/sign/jws.ts')
    const { octets } = await import('../../src/sign/octets.ts')
    const value = await signer.sign(signingInput(prepared.protected, octets(bare)))
    const data = writeData(prepared.protected, value)
    const signed = withLast(bare, (one) => ({ ...one, signature: [{ ...prepared.signature, data }] }))
    expect((await verify(signed, trust)).indication).toBe('TOTAL_PASSED')
    const altered = withLast(signed, (one) => ({ ...one, recorded: '2020-01-01T00:00:00Z' }))
    expect((await verify(altered, trust)).indication).toBe('TOTAL_FAILED')
  })
})
