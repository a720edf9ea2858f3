/** Signatures over single resources speak for these alone, whatever they name and wherever they stand. */

import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { canonical } from '../../src/fhir/canonical.ts'
import type { Bundle, JsonObject, Resource } from '../../src/fhir/types.ts'
import type { SigningKey } from '../../src/ports.ts'
import { coveredOctets } from '../../src/sign/placement.ts'
import { sign } from '../../src/sign/sign.ts'
import { verify, type Report, type VerifyRequest } from '../../src/sign/verify.ts'
import { model } from '../model.ts'
import { jsonPart, replaced, withEntry, xmlPart } from '../part-signing.ts'
import { bundleOf, letter, testKey, testTrust, WHEN } from '../signing.ts'

let key: SigningKey
let rsa: SigningKey
let trust: Awaited<ReturnType<typeof testTrust>>
beforeAll(async () => {
  ;[key, rsa, trust] = await Promise.all([testKey('p256'), testKey('rsa'), testTrust()])
})

const WAYS = { json: jsonPart, xml: xmlPart } as const
type Way = keyof typeof WAYS
const BOTH = ['json', 'xml'] as const
const ONE = ['Observation/o1']
const TWO = ['Observation/o1', 'https://clinic.example/fhir/Patient/p1']

/** The letter with a part signature over the targets in an entry. */
async function signedPart(way: Way, targets: readonly string[], bundle: Bundle = letter()): Promise<Bundle> {
  return withEntry(bundle, await WAYS[way](bundle, { key, targets }))
}

function judged(bundle: Bundle, request: VerifyRequest = {}): Promise<Report> {
  return verify(bundle, { ...trust, model, ...request })
}

/** The part signature of a report. */
function partIn({ signatures }: Report): Report['signatures'][number] {
  const found = signatures.find(({ covers }) => covers !== undefined)
  return found ?? expect.fail('The report has no signature over single resources')
}

function integrityOf(report: Report): string {
  return partIn(report).checks.find(({ name }) => name === 'integrity')?.text ?? ''
}

const ALONE = { indication: 'INDETERMINATE', subIndication: 'NO_DOCUMENT_SIGNATURE' }

describe.each(BOTH)('a signature over single resources in %s', (way) => {
  it.each([
    ['one', ONE, ['Bundle.entry[5].resource']],
    ['several', TWO, ['Bundle.entry[5].resource', 'Bundle.entry[1].resource']],
  ])('over %s holds for these, and never for the document', async (_, targets, covers) => {
    const report = await judged(await signedPart(way, targets))
    expect(report).toMatchObject(ALONE)
    expect(report.signatures).toHaveLength(1)
    expect(partIn(report)).toMatchObject({ where: 'Provenance/part', indication: 'TOTAL_PASSED', covers })
    expect(integrityOf(report)).toContain(`${targets.join(', ')}, and over nothing else of the document`)
  })

  it('lists all that it does not cover, down to the fullUrl of what it covers', async () => {
    const { notCovered } = partIn(await judged(await signedPart(way, ONE)))
    for (const part of [
      'Bundle.timestamp',
      'Bundle.identifier',
      'Bundle.entry[0]',
      'Bundle.entry[5].fullUrl',
      'Bundle.entry[6]',
    ])
      expect(notCovered).toContain(part)
    expect(notCovered).not.toContain('Bundle.entry[5]')
    expect(notCovered).not.toContain('Bundle')
  })

  it('over every entry is still none of the document', async () => {
    const targets = (letter().entry ?? []).map(({ fullUrl = '' }) => fullUrl)
    const signed = await signedPart(way, targets)
    const report = await judged(signed)
    expect(report).toMatchObject(ALONE)
    expect(partIn(report).indication).toBe('TOTAL_PASSED')
    expect(await judged(replaced(signed, '2026-03-01T09:30:00Z', '2027-03-01T09:30:00Z'))).toMatchObject(ALONE)
  })

  it('fails where one of the resources was changed', async () => {
    const report = await judged(replaced(await signedPart(way, TWO), '"Ada"', '"Eva"'))
    expect(report.indication).toBe('TOTAL_FAILED')
    expect(partIn(report)).toMatchObject({ indication: 'TOTAL_FAILED', covers: [], notCovered: ['Bundle'] })
  })

  it('holds where another resource was changed', async () => {
    const report = await judged(replaced(await signedPart(way, TWO), '"Doktor"', '"Doctor"'))
    expect(report).toMatchObject(ALONE)
    expect(partIn(report).indication).toBe('TOTAL_PASSED')
  })

  it('is not known to hold where what it names is not in the document', async () => {
    const signed = await signedPart(way, TWO)
    const { entry = [] } = signed
    const report = await judged(bundleOf({ ...signed, entry: entry.filter((_, at) => at !== 1) }))
    const expected = { indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' }
    expect(report).toMatchObject(expected)
    expect(partIn(report)).toMatchObject({ ...expected, covers: [], notCovered: ['Bundle'] })
    expect(partIn(report).checks[0]?.text).toMatch(/Patient\/p1, which is not in the document/)
  })

  it('fails where its Provenance was made to name another resource', async () => {
    const report = await judged(
      replaced(
        await signedPart(way, ONE),
        '"target":[{"reference":"Observation/o1"',
        '"target":[{"reference":"Patient/p1"',
      ),
    )
    expect(partIn(report).indication).toBe('TOTAL_FAILED')
  })

  it('is over the version that its Provenance names', async () => {
    const versioned = (version: string | undefined): Bundle => {
      const { entry = [] } = letter()
      const meta = version === undefined ? {} : { meta: { versionId: version } }
      return bundleOf({
        ...letter(),
        entry: entry.map((row, at) =>
          at === 5 && row.resource ? { ...row, resource: { ...row.resource, ...meta } } : row,
        ),
      })
    }
    const targets = ['Observation/o1/_history/1']
    const same = await signedPart(way, targets, versioned('1'))
    expect(partIn(await judged(same)).indication).toBe('TOTAL_PASSED')
    const NOT_FOUND = { indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' }
    expect(partIn(await judged(replaced(same, '"versionId":"1"', '"versionId":"2"')))).toMatchObject(NOT_FOUND)
    expect(partIn(await judged(replaced(same, ',"meta":{"versionId":"1"}', '')))).toMatchObject(NOT_FOUND)
    expect(partIn(await judged(await signedPart(way, targets, versioned(undefined)))).indication).toBe('TOTAL_PASSED')
  })

  it('stands beside the document too, named by type and id', async () => {
    const provenance = await WAYS[way](letter(), { key, targets: ONE })
    const report = await judged(letter(), { provenances: [provenance] })
    expect(report).toMatchObject(ALONE)
    expect(partIn(report)).toMatchObject({ where: 'Provenance/part', indication: 'TOTAL_PASSED' })
    expect(partIn(report).notCovered).toContain('Provenance/part')
  })

  it('is judged by trust and by revocation as any other', async () => {
    const signed = await signedPart(way, ONE)
    expect(partIn(await judged(signed, { trust: [] })).subIndication).toBe('NO_CERTIFICATE_CHAIN_FOUND')
    expect(partIn(await judged(signed, { crls: [] })).subIndication).toBe('TRY_LATER')
    expect(partIn(await judged(signed, { at: '2020-01-01T00:00:00Z' })).subIndication).toBe('SIG_CONSTRAINTS_FAILURE')
    const provenance = { ...(signed.entry?.at(-1)?.resource ?? { resourceType: 'Provenance' }) }
    const [signature] = provenance['signature'] as readonly JsonObject[]
    const other = { ...provenance, signature: [{ ...signature, when: '2026-02-01T10:00:00Z' }] }
    expect(partIn(await judged(withEntry(letter(), other)))).toMatchObject({ subIndication: 'FORMAT_FAILURE' })
  })

  it('keeps a document from passing that it fails in, and leaves one that it passes in', async () => {
    const sealed = await sign(letterWith(await WAYS[way](letter(), { key, targets: TWO })) as never, rsa, {
      when: WHEN,
    })
    expect((await judged(sealed)).indication).toBe('TOTAL_PASSED')
    const stale = await WAYS[way](replaced(letter(), '"Ada"', '"Eva"'), { key, targets: TWO })
    const report = await judged(await sign(letterWith(stale) as never, rsa, { when: WHEN }))
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'PART_SIGNATURE_FAILED' })
    expect(report.signatures.map(({ indication }) => indication)).toEqual(['TOTAL_PASSED', 'TOTAL_FAILED'])
  })

  it('says nothing where what a signature of the document says is against it', async () => {
    const sealed = await sign(letterWith(await WAYS[way](letter(), { key, targets: TWO })) as never, rsa, {
      when: WHEN,
    })
    const report = await judged(replaced(sealed, '2026-03-01T09:30:00Z', '2027-03-01T09:30:00Z'))
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' })
    expect(partIn(report).indication).toBe('TOTAL_PASSED')
  })

  it('names each target once', async () => {
    const provenance = await WAYS[way](letter(), { key, targets: ['Observation/o1', 'Observation/o1'] })
    expect(partIn(await judged(withEntry(letter(), provenance)))).toMatchObject({
      indication: 'INDETERMINATE',
      covers: [],
    })
  })

  it('fails whatever is changed in what it covers, and holds whatever is changed elsewhere', async () => {
    const signed = await signedPart(way, TWO)
    const covered = new Set([1, 5])
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.string({ minLength: 1, unit: 'grapheme-ascii' }), async (at, text) => {
        const entry = (signed.entry ?? []).map((row, index) => {
          const { resource } = row
          return index === at && resource ? { ...row, resource: { ...resource, language: `x${text.trim()}` } } : row
        })
        const { indication } = partIn(await judged(bundleOf({ ...signed, entry })))
        expect(indication).toBe(covered.has(at) ? 'TOTAL_FAILED' : 'TOTAL_PASSED')
      }),
      { numRuns: 40 },
    )
  })
})

function letterWith(provenance: Resource): Bundle {
  return withEntry(letter(), provenance)
}

describe('a list of resources in JSON', () => {
  it('is signed in the order of the targets', async () => {
    const signed = await signedPart('json', TWO)
    const [first = '', second = ''] = TWO
    const names = (one: string, other: string): string => `[{"reference":"${one}"},{"reference":"${other}"}]`
    const report = await judged(replaced(signed, names(first, second), names(second, first)))
    expect(partIn(report)).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' })
    expect(integrityOf(report)).toContain('in another order')
  })

  it('may be of one resource', async () => {
    const provenance = await jsonPart(letter(), { key, targets: ONE, text: listText(ONE) })
    expect(partIn(await judged(letterWith(provenance))).indication).toBe('TOTAL_PASSED')
  })

  it('that is not one is none', async () => {
    const text = listText(TWO).replace(/^\[|\]$/g, '')
    const provenance = await jsonPart(letter(), { key, targets: TWO, text })
    expect(partIn(await judged(letterWith(provenance))).indication).toBe('TOTAL_FAILED')
  })

  it('has octets that can be written out', async () => {
    const signed = await signedPart('json', TWO)
    const octets = Buffer.from(coveredOctets(signed, { where: 'Provenance/part' })).toString()
    expect(octets).toBe(listText(TWO))
    const one = await signedPart('xml', ONE)
    expect(Buffer.from(coveredOctets(one, { where: 'Provenance/part', model })).toString()).toMatch(
      /^<Observation xmlns/,
    )
    const two = await signedPart('xml', TWO)
    expect(() => coveredOctets(two, { where: 'Provenance/part', model })).toThrow(/several resources/)
  })

  it('of the form for documents leaves out the id and meta of each, and says so', async () => {
    const canon = 'http://hl7.org/fhir/canonicalization/json#document'
    const { id: _id, ...bare } = letter().entry?.[5]?.resource ?? expect.fail()
    const provenance = await jsonPart(letter(), { key, targets: ONE, signed: [bare], canon })
    const report = partIn(await judged(letterWith(provenance)))
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.notCovered).toEqual(
      expect.arrayContaining(['Bundle.entry[5].resource.id', 'Bundle.entry[5].resource.meta']),
    )
  })

  it('of a form without narrative is not known to cover what is read', async () => {
    const canon = 'http://hl7.org/fhir/canonicalization/json#data'
    const report = await judged(letterWith(await jsonPart(letter(), { key, targets: ONE, canon })))
    expect(partIn(report)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' })
  })
})

describe('references to resources in XML', () => {
  it('may name nothing, and are then in the order of the targets', async () => {
    const provenance = await xmlPart(letter(), { key, targets: TWO, uris: ['#', '#'] })
    expect(partIn(await judged(letterWith(provenance))).indication).toBe('TOTAL_PASSED')
    const [first = '', second = ''] = TWO
    const turned = { ...provenance, target: [{ reference: second }, { reference: first }] }
    const report = await judged(letterWith(turned))
    expect(partIn(report)).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' })
  })

  it('that name targets are over these in any order', async () => {
    const provenance = await xmlPart(letter(), { key, targets: TWO })
    const [first = '', second = ''] = TWO
    const turned = { ...provenance, target: [{ reference: second }, { reference: first }] }
    expect(partIn(await judged(letterWith(turned))).indication).toBe('TOTAL_PASSED')
  })

  it.each([
    ['one target twice', TWO, ['Observation/o1', 'Observation/o1']],
    ['some targets only', TWO, ['#', 'Observation/o1']],
  ])('that name %s are refused', async (_, targets, uris) => {
    const provenance = await xmlPart(letter(), { key, targets, uris })
    expect(partIn(await judged(letterWith(provenance)))).toMatchObject({ subIndication: 'FORMAT_FAILURE', covers: [] })
  })

  it.each([
    ['more', ONE, TWO],
    ['fewer', TWO, ONE],
  ])('that are %s than the targets are refused', async (_, targets, signed) => {
    const provenance = await xmlPart(letter(), { key, targets: signed })
    const other = { ...provenance, target: targets.map((reference) => ({ reference })) }
    expect(partIn(await judged(letterWith(other)))).toMatchObject({ subIndication: 'FORMAT_FAILURE', covers: [] })
  })

  it('tell which resource was changed', async () => {
    const report = await judged(replaced(await signedPart('xml', TWO), '"Ada"', '"Eva"'))
    expect(integrityOf(report)).toContain('Of what is signed, https://clinic.example/fhir/Patient/p1 was changed')
  })
})

describe('a Provenance', () => {
  it.each([
    ['without targets', []],
    ['with a target that has no reference', [{ display: 'Something' }]],
    ['with a contained target', [{ reference: '#x' }]],
    ['with a target in the document more than once', [{ reference: 'Observation/o1' }]],
  ])('%s is not known to sign anything', async (name, target) => {
    const provenance = { ...(await jsonPart(letter(), { key, targets: ONE })), target }
    const twin = { resourceType: 'Observation', id: 'o1', status: 'final', code: { text: 'Other' } }
    const twice = bundleOf({
      ...letter(),
      entry: [...(letter().entry ?? []), { fullUrl: 'https://clinic.example/fhir/Observation/o1', resource: twin }],
    })
    const bundle = withEntry(name.includes('more than once') ? twice : letter(), provenance)
    expect(partIn(await judged(bundle))).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'SIGNED_DATA_NOT_FOUND',
      covers: [],
    })
  })

  it('that signs itself too does so without the value of its signature', async () => {
    const draft = await jsonPart(letter(), { key, targets: ['Observation/o1'] })
    const [{ data: _data, ...signature } = {}] = draft['signature'] as readonly JsonObject[]
    const own = { ...draft, target: [{ reference: 'Observation/o1' }, { reference: '#' }], signature: [signature] }
    const signed = [letter().entry?.[5]?.resource ?? expect.fail(), own]
    const made = await jsonPart(letter(), { key, targets: ['Observation/o1', '#'], signed })
    expect(partIn(await judged(letterWith(made)))).toMatchObject({
      indication: 'TOTAL_PASSED',
      covers: ['Bundle.entry[5].resource', 'Bundle.entry[6].resource'],
    })
    expect(partIn(await judged(letterWith({ ...made, recorded: '2020-01-01T00:00:00Z' }))).indication).toBe(
      'TOTAL_FAILED',
    )
  })

  it('cannot make the signature of a document one of its parts, or the other way round', async () => {
    const part = await jsonPart(letter(), { key, targets: TWO })
    const asWhole = { ...part, target: [{ reference: '#/' }] }
    expect((await judged(letterWith(asWhole))).indication).toBe('TOTAL_FAILED')
    const whole = await sign(letter(), key, { when: WHEN, as: 'provenance' })
    const provenance = whole.entry?.at(-1)?.resource ?? expect.fail()
    const asPart = { ...provenance, id: 'part', target: TWO.map((reference) => ({ reference })) }
    expect(partIn(await judged(letterWith(asPart))).indication).toBe('TOTAL_FAILED')
  })
})

function listText(targets: readonly string[]): string {
  const { entry = [] } = letter()
  const places = targets.map((target) => (target.includes('Patient') ? 1 : 5))
  const texts = places.map((at) => canonical(entry[at]?.resource ?? expect.fail()))
  return `[${texts.join(',')}]`
}
