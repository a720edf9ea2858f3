/** XML signatures of documents are judged as what they are, and whatever has two meanings is refused. */

import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { stringifyXml } from '../../../src/fhir/xml-write.ts'
import { parseXml } from '../../../src/fhir/xml.ts'
import { toBase64 } from '../../../src/fhir/digest.ts'
import type { Bundle } from '../../../src/fhir/types.ts'
import { verify, verifyFile } from '../../../src/sign/verify.ts'
import { xmlOctets } from '../../../src/sign/xml/octets.ts'
import { model } from '../../model.ts'
import { bundleOf, letter, SIGNERS, testKey, testTrust, withSignature } from '../../signing.ts'
import { tampered, tamperings } from '../../tampering.ts'
import { found, inTemplate, judged, withXml, xmlLetter, xmlOf } from '../../xml-signing.ts'

let signed: Bundle
let text: string
beforeAll(async () => {
  signed = await xmlLetter()
  text = xmlOf(signed)
})

/** The text with one thing in it another, which must be there. */
function changed(from: string | RegExp, to: string): string {
  const other = text.replace(from, to)
  if (other === text) throw new TypeError(`The signature has no ${String(from)}`)
  return other
}

const NONSENSE = toBase64('nonsense')

describe('a sound XML signature', () => {
  it.each(SIGNERS)('of the key %s passes, whichever format the document came in', async (name) => {
    const bundle = await xmlLetter(name)
    const report = await judged(bundle)
    expect(report.indication).toBe('TOTAL_PASSED')
    expect(report.signatures[0]).toMatchObject({ format: 'XAdES', level: 'B-B' })
    const back = bundleOf(parseXml(stringifyXml(bundle, model, 'pretty'), model))
    expect(await judged(back)).toEqual(report)
  })

  it('covers the digits of decimals, and neither id nor meta', async () => {
    const { notCovered = [] } = (await judged(signed)).signatures[0] ?? {}
    expect(notCovered).toContain('Bundle.meta')
    expect(notCovered.join()).not.toContain('decimals')
    const { id: _id, meta: _meta, ...others } = signed
    expect((await judged(bundleOf({ ...others, id: 'other' }))).indication).toBe('TOTAL_PASSED')
    const more = JSON.stringify(signed).replace('71.50', '71.5')
    expect((await judged(bundleOf(JSON.parse(more) as never))).subIndication).toBe('HASH_FAILURE')
  })

  it('is not read without definitions, and nothing is said of it then', async () => {
    const { model: _model, ...request } = { ...(await testTrust()), model }
    const report = await verify(signed, request)
    expect(report.indication).toBe('INDETERMINATE')
    expect(found(report, 'format')).toContain('without definitions')
  })

  it('may stand beside the document, and beside its octets alone', async () => {
    const { signature: _signature, ...bare } = signed
    const sidecars = [Buffer.from(text)]
    const beside = await judged(bundleOf(bare), { sidecars })
    expect(beside).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ where: 'sidecar', level: 'B-B' }] })
    const octets = xmlOctets(letter(), model)
    const request = { ...(await testTrust()), sidecars }
    expect((await verifyFile(octets, request)).indication).toBe('TOTAL_PASSED')
    const others = Buffer.from(Buffer.from(octets).toString().replace('Ada', 'Eva'))
    expect(await verifyFile(others, request)).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication: 'HASH_FAILURE',
    })
  })

  it('of another form than the one declared is told as such', async () => {
    const targetFormat = 'application/fhir+xml;canonicalization=http://hl7.org/fhir/canonicalization/xml'
    const report = await judged(withSignature(signed, { targetFormat }))
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' })
    expect(found(report, 'integrity')).toContain(
      'it holds over the form http://hl7.org/fhir/canonicalization/xml#document',
    )
    const unknown = await judged(withSignature(signed, { targetFormat: `${targetFormat}#narrative` }))
    expect(unknown).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' })
    const undeclared = await judged(withSignature(signed, { targetFormat: undefined }))
    expect(undeclared.indication).toBe('TOTAL_PASSED')
  })

  it('over a document that XML cannot say is not known to cover it', async () => {
    const [first, ...others] = signed.entry ?? []
    const resource = { ...first?.resource, resourceType: 'Composition', date: 5 }
    const report = await judged(bundleOf({ ...signed, entry: [{ ...first, resource }, ...others] }))
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND' })
  })
})

describe('a signature in the layout of HL7', () => {
  it.each(['rsa', 'p256'] as const)('of the key %s holds, and its certificate is told as not covered', async (name) => {
    const report = await judged(await inTemplate(letter(), await testKey(name)))
    expect(report).toMatchObject({ indication: 'TOTAL_PASSED', signatures: [{ format: 'XML-DSig (HL7)' }] })
    expect(report.signatures[0]?.notCovered).toContain('the certificate in the signature')
  })

  it('holds where its SignedInfo came in another layout, as that of the tool is fixed', async () => {
    const bundle = await inTemplate(letter(), await testKey('rsa'), (info) => info.replace(/\n\s*/g, ''))
    expect((await judged(bundle)).indication).toBe('TOTAL_PASSED')
  })

  it('does not hold over another document, or under other properties', async () => {
    const bundle = await inTemplate(letter(), await testKey('rsa'))
    const { timestamp: _timestamp, ...others } = bundle
    const another = await judged(bundleOf({ ...others, timestamp: '2001-01-01T00:00:00Z' }))
    expect(another).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' })
    expect(found(another, 'integrity')).toContain('The document was changed')
    const properties = await judged(withXml(bundle, xmlOf(bundle).replace('12.1.1<', '12.1.7<')))
    expect(properties).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'HASH_FAILURE' })
    expect(found(properties, 'integrity')).toContain('What the signature says of itself was changed')
  })

  it('is refused where it and targetFormat declare two forms', async () => {
    const bundle = await inTemplate(letter(), await testKey('rsa'))
    const targetFormat = 'application/fhir+xml;canonicalization=http://hl7.org/fhir/canonicalization/xml'
    expect(found(await judged(withSignature(bundle, { targetFormat })), 'format')).toContain('targetFormat declares')
  })
})

const OF_DOCUMENT = Object.keys(tamperings).slice(0, 8)

describe('a tampered document', () => {
  it.each(OF_DOCUMENT)('with %s fails', async (how) => {
    expect((await judged(tampered(signed, how))).indication).toBe('TOTAL_FAILED')
  })

  it.each([
    ['another value', /<ds:SignatureValue([^>]*)>.{4}/, '<ds:SignatureValue$1>AAAA', 'SIG_CRYPTO_FAILURE'],
    ['another purpose', '12.1.1<', '12.1.7<', 'HASH_FAILURE'],
    ['another time', '2026-03-01T10:00:00Z', '2026-03-01T10:00:01Z', 'HASH_FAILURE'],
    ['another digest', /<ds:DigestValue>.{4}/, '<ds:DigestValue>AAAA', 'SIG_CRYPTO_FAILURE'],
    ['a blank in SignedInfo', '<ds:SignedInfo>', '<ds:SignedInfo> ', 'SIG_CRYPTO_FAILURE'],
    ['another algorithm of the same kind', 'ecdsa-sha256', 'ecdsa-sha512', 'SIG_CRYPTO_FAILURE'],
    ['an algorithm for another key', 'ecdsa-sha256', 'rsa-sha256', 'SIG_CRYPTO_FAILURE'],
  ] as const)('with %s in the signature fails', async (_, from, to, subIndication) => {
    expect(await judged(withXml(signed, changed(from, to)))).toMatchObject({
      indication: 'TOTAL_FAILED',
      subIndication,
    })
  })

  it('with any octet of the signature text changed does not pass, or nothing else is said of it', async () => {
    const sound = await judged(signed)
    for (let at = 7; at < text.length; at += 97) {
      const other = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
      const report = await judged(withXml(signed, other))
      if (report.indication === 'TOTAL_PASSED') expect([at, report]).toEqual([at, sound])
    }
  })
})

/** The document with one value of it another, for each of them. */
function* alterations(value: unknown, replace: (other: unknown) => unknown): Generator<unknown> {
  if (typeof value === 'string') yield replace(`${value}x`)
  else if (typeof value === 'boolean') yield replace(!value)
  else if (typeof value === 'number') yield replace(value + 1)
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* alterations(item, (other) => replace(value.with(index, other)))
  } else if (typeof value === 'object' && value !== null && !JSON.isRawJSON(value)) {
    for (const [name, member] of Object.entries(value))
      yield* alterations(member, (other) => replace({ ...value, [name]: other }))
  }
}

describe('any change', () => {
  it('of any value that is covered makes the verification fail', async () => {
    const { id: _id, meta: _meta, signature, ...covered } = signed
    let count = 0
    for (const altered of alterations(covered, (other) => other)) {
      const report = await judged({ ...(altered as Bundle), signature } as Bundle)
      expect([JSON.stringify(altered), report.indication]).not.toEqual([JSON.stringify(altered), 'TOTAL_PASSED'])
      count += 1
    }
    expect(count).toBeGreaterThan(40)
  })

  it('into whatever text leaves a signature that is judged and not passed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(40), fc.string({ unit: 'binary' }), async (at, length, inserted) => {
        const start = at % text.length
        const other = `${text.slice(0, start)}${inserted}${text.slice(start + length)}`
        const report = await judged(withXml(signed, other))
        if (report.indication === 'TOTAL_PASSED') expect(report).toEqual(await judged(signed))
      }),
    )
  })
})

describe('a hostile signature', () => {
  const reference = /<ds:Reference Id=[^]*?<\/ds:Reference>/
  const object = /<ds:Object>[^]*<\/ds:Object>/
  const properties = /<xades:SignedProperties[^]*<\/xades:SignedProperties>/
  const transforms = (algorithm: string): string =>
    `<ds:Transforms><ds:Transform Algorithm="${algorithm}"/></ds:Transforms>`
  const inner = (pattern: RegExp): string => pattern.exec(text)?.[0] ?? ''
  const forged = (): string => inner(properties).replace('12.1.1<', '12.1.7<')

  it.each<readonly [string, () => string, string]>([
    ['is no XML', () => 'nonsense', 'not well-formed'],
    ['is not the root', () => `<a>${text}</a>`, 'no Signature'],
    ['has a document type', () => `<!DOCTYPE a>${text}`, 'document type'],
    [
      'has entities of its own',
      () => `<!DOCTYPE a [<!ENTITY t "2026">]>${text.replace('2026-', '&t;-')}`,
      'document type',
    ],
    ['has an unknown entity', () => changed('2026-', '&t;-'), 'not well-formed'],
    [
      'has two SignedInfo',
      () => changed('<ds:SignatureValue', `${inner(/<ds:SignedInfo>[^]*<\/ds:SignedInfo>/)}<ds:SignatureValue`),
      'SignedInfo more than once',
    ],
    [
      'has two values',
      () => changed('<ds:KeyInfo>', `<ds:SignatureValue>${NONSENSE}</ds:SignatureValue><ds:KeyInfo>`),
      'more than once',
    ],
    ['has parts of another namespace', () => changed('<ds:KeyInfo>', '<a/><ds:KeyInfo>'), 'other parts'],
    [
      'has parts in another order',
      () => changed(object, '').replace('<ds:KeyInfo>', `${inner(object)}<ds:KeyInfo>`),
      'other parts',
    ],
    [
      'has other parts in SignedInfo',
      () => changed('</ds:SignedInfo>', '<ds:Object/></ds:SignedInfo>'),
      'SignedInfo has other parts',
    ],
    ['signs nothing', () => changed(/<ds:Reference[^]*<\/ds:Reference>/, ''), 'signs nothing'],
    ['is by HMAC', () => changed('2001/04/xmldsig-more#ecdsa-sha256', '2000/09/xmldsig#hmac-sha1'), 'proves no signer'],
    ['is by SHA-1', () => changed('2001/04/xmldsig-more#ecdsa-sha256', '2000/09/xmldsig#rsa-sha1'), 'proves no signer'],
    ['has a weak digest', () => changed('2001/04/xmlenc#sha256', '2000/09/xmldsig#sha1'), 'weak or unknown'],
    [
      'has XSLT',
      () =>
        changed(
          'URI="document.xml">',
          `URI="document.xml">${transforms('http://www.w3.org/TR/1999/REC-xslt-19991116')}`,
        ),
      'is not taken',
    ],
    [
      'has XPath',
      () =>
        changed(
          'URI="document.xml">',
          `URI="document.xml">${transforms('http://www.w3.org/TR/1999/REC-xpath-19991116')}`,
        ),
      'is not taken',
    ],
    [
      'has base64',
      () =>
        changed('URI="document.xml">', `URI="document.xml">${transforms('http://www.w3.org/2000/09/xmldsig#base64')}`),
      'is not taken',
    ],
    [
      'is detached and enveloped',
      () =>
        changed(
          'URI="document.xml">',
          `URI="document.xml">${transforms('http://www.w3.org/2000/09/xmldsig#enveloped-signature')}`,
        ),
      'not in what it signs',
    ],
    [
      'has an unknown canonical form',
      () =>
        changed(
          'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"',
          'CanonicalizationMethod Algorithm="http://www.w3.org/2010/xml-c14n2"',
        ),
      'is not taken',
    ],
    ['is over two documents', () => changed(reference, inner(reference).repeat(2)), 'not over one document'],
    ['is over no document', () => changed(reference, ''), 'not over one document'],
    [
      'is over a part of itself',
      () =>
        changed('URI="document.xml"', 'URI="#payload"').replace(
          '</ds:Signature>',
          '<ds:Object Id="payload">a</ds:Object></ds:Signature>',
        ),
      'expected the document alone',
    ],
    ['is over what is not there', () => changed('URI="document.xml"', 'URI="#nothing"'), 'not there'],
    ['is over a pointer', () => changed('URI="document.xml"', 'URI="#xpointer(/)"'), 'not there'],
    [
      'has the signed properties twice',
      () => changed(properties, `${inner(properties)}${inner(properties)}`),
      'more than once',
    ],
    [
      'has forged properties, the signed ones in another place',
      () =>
        changed(properties, forged()).replace(
          '</ds:Signature>',
          `<ds:Object xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">${inner(properties)}</ds:Object></ds:Signature>`,
        ),
      'more than once',
    ],
    [
      'has forged properties of another id',
      () =>
        changed(properties, forged().replace(/ Id="[^"]*"/, ' Id="forged"')).replace(
          '</ds:Signature>',
          `<ds:Object xmlns:xades="http://uri.etsi.org/01903/v1.3.2#">${inner(properties)}</ds:Object></ds:Signature>`,
        ),
      'other properties than its own',
    ],
    [
      'has an id twice, once in other case',
      () => changed('<ds:KeyInfo>', `<ds:KeyInfo ID="${/Id="(properties[^"]*)"/.exec(text)?.[1] ?? ''}">`),
      'more than once',
    ],
    [
      'bears properties that are not signed',
      () => changed(/<ds:Reference Type=[^]*?<\/ds:Reference>/, ''),
      'does not sign',
    ],
    [
      'has properties of another signature',
      () => changed('Target="#signature', 'Target="#other'),
      'of another signature',
    ],
    [
      'has its properties in two objects',
      () => changed('</ds:Signature>', `${inner(object).replace(/Id="[^"]*"/g, '')}</ds:Signature>`),
      'two places',
    ],
    [
      'has a comment in a digest',
      () => changed('<ds:DigestValue>', '<ds:DigestValue><!-- -->'),
      'something else than text',
    ],
    ['has a comment in its time', () => changed('2026-03', '2026<!-- -->-03'), 'something else than text'],
    ['has a comment in its purpose', () => changed('12.1.1<', '12.1.1<!-- -->7<'), 'something else than text'],
    [
      'has a comment in its certificate',
      () => changed('<ds:X509Certificate>', '<ds:X509Certificate><!-- -->'),
      'something else than text',
    ],
    ['has an element in its value', () => changed(/(<ds:SignatureValue[^>]*>)/, '$1<a/>'), 'something else than text'],
    ['has a value that is no base64', () => changed(/(<ds:SignatureValue[^>]*>)/, '$1*'), 'no base64'],
    [
      'has a certificate that is none',
      () => changed(/<ds:X509Certificate>[^<]*</, `<ds:X509Certificate>${NONSENSE}<`),
      'no X.509 certificate',
    ],
    [
      'has parameters of C14N that cannot be',
      () => changed(/(<ds:Transform [^>]*)\/>/, '$1><a/></ds:Transform>'),
      'parameters',
    ],
  ])('that %s is refused', async (_, hostile, why) => {
    const report = await judged(withXml(signed, hostile()))
    expect(report).toMatchObject({ indication: 'TOTAL_FAILED', subIndication: 'FORMAT_FAILURE' })
    expect(found(report, 'format')).toContain(why)
  })

  it('that names another certificate than it bears is refused', async () => {
    const other = toBase64((await testKey('p384')).certificates[0] ?? new Uint8Array())
    const report = await judged(
      withXml(
        signed,
        changed(
          /<ds:X509Data>[^]*<\/ds:X509Data>/,
          `<ds:X509Data><ds:X509Certificate>${other}</ds:X509Certificate></ds:X509Data>`,
        ),
      ),
    )
    expect(found(report, 'format')).toContain('names another certificate')
  })

  it('that bears its key alone has no signer', async () => {
    const keyValue = '<ds:KeyValue><a/></ds:KeyValue>'
    const report = await judged(withXml(signed, changed(/<ds:X509Data>[^]*<\/ds:X509Data>/, keyValue)))
    expect(report).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'NO_SIGNING_CERTIFICATE_FOUND' })
  })

  it('that a forger put first is judged by the certificate that is signed', async () => {
    const other = toBase64((await testKey('p384')).certificates[0] ?? new Uint8Array())
    const report = await judged(
      withXml(signed, changed('<ds:X509Data>', `<ds:X509Data><ds:X509Certificate>${other}</ds:X509Certificate>`)),
    )
    expect(report).toMatchObject({
      indication: 'TOTAL_PASSED',
      signatures: [{ signer: expect.stringContaining('p256') as string }],
    })
  })

  it('that is too long for one is refused', async () => {
    const hostile = changed('</ds:Signature>', `${'<ds:Object/>'.repeat(10)}${'<ds:Object>'.repeat(300)}`)
    expect(found(await judged(withXml(signed, hostile)), 'format')).toContain('Nesting is deeper')
    expect(found(await judged(withSignature(signed, { data: '' })), 'format')).toContain('no data')
    expect(found(await judged(withSignature(signed, { data: '*' })), 'format')).toContain('not base64')
  })
})
