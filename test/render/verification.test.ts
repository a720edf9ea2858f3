/** The page of a verification: plain words, nothing called valid, and nothing said that was not found. */

import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../src/fhir/types.ts'
import { verificationPage, type Verification } from '../../src/render/verification.ts'
import { openDesign } from '../design.ts'

const { render } = await openDesign()
const AT = '2026-03-01T11:00:00Z'
const bundle: Bundle = {
  resourceType: 'Bundle',
  type: 'document',
  identifier: { value: 'urn:uuid:1' },
  entry: [{ resource: { resourceType: 'Composition', title: 'Letter <script>' } }],
}

type Signature = Verification['signatures'][number]

const passing: Signature = {
  where: 'Bundle.signature',
  format: 'JAdES',
  level: 'B-B',
  indication: 'TOTAL_PASSED',
  signer: 'Ada',
  signingTime: '2026-03-01T10:00:00Z',
  bestSignatureTime: AT,
  checks: [
    {
      name: 'integrity',
      verdict: 'passed',
      text: 'The detail of the octets',
      findings: [{ code: 'integrity.holds' }],
    },
    {
      name: 'signer',
      verdict: 'passed',
      text: 'The detail of the signer',
      findings: [{ code: 'signer.signed', values: { name: 'Ada' } }],
    },
    {
      name: 'revocation',
      verdict: 'not-checked',
      text: 'The detail of revocation',
      findings: [{ code: 'revocation.waived' }],
    },
  ],
  notCovered: ['Bundle.id', 'Bundle.entry[6]', 'something else'],
}

function pageOf(signatures: readonly Signature[], report: Partial<Verification> = {}): string {
  const indication = signatures[0]?.indication ?? 'INDETERMINATE'
  return verificationPage({ indication, signatures, ...report }, { bundle, at: AT }, render)
}

describe('the page of a verification', () => {
  it('says who signed, when, what was not checked and what is not covered', () => {
    const page = pageOf([passing])
    for (const words of [
      'Signed by Ada',
      'UTC, as the signer says',
      'Nothing that the signature covers was changed',
      'What was not checked',
      'Whether the certificate was revoked was not checked',
      'The technical id that a server gave the document (Bundle.id)',
      'An entry that bears a signature itself, with its text (Bundle.entry[6])',
      'something else',
      'Whether a later document replaces or amends this one was not checked.',
    ])
      expect(page).toContain(words)
  })

  it('never calls anything valid, and runs and fetches nothing', () => {
    const page = pageOf([passing])
    expect(page.replace(/<style>[^]*<\/style>/, '')).not.toMatch(/\bvalid\b/i)
    expect(page).toContain("default-src 'none'")
    expect(page).toContain('Letter &lt;script&gt;')
    expect(page).not.toMatch(/<script|<img|<link|href=/)
  })

  it('of a seal says sealed, not signed', () => {
    expect(pageOf([{ ...passing, seal: true }])).toContain('Sealed, not signed, by Ada')
  })

  it.each(['TOTAL_FAILED', 'INDETERMINATE'] as const)(
    'of one that is %s does not say that anyone signed',
    (indication) => {
      const checks = [
        {
          name: 'integrity',
          verdict: 'failed',
          text: 'It was changed',
          findings: [{ code: 'integrity.changed' }],
        } as const,
        ...passing.checks.slice(1),
      ]
      const page = pageOf([{ ...passing, indication, checks }])
      expect(page).toContain('A signature under the certificate of Ada, which is not known to be theirs')
      expect(page).toContain('What does not hold')
      expect(page.replace(/<details>[^]*?<\/details>/g, '')).not.toContain('Signed by')
    },
  )

  it('of an image says that it proves nothing, and of none at all that there is none', () => {
    const image = {
      where: 'Provenance/1',
      format: 'image',
      indication: 'INDETERMINATE',
      checks: [],
      notCovered: ['Bundle'],
    } as const
    expect(pageOf([image])).toContain('The image of a signature, which proves nothing of who made it')
    expect(pageOf([])).toContain('The document bears no signature')
  })

  it('begins with what came later (H-7)', () => {
    const successors = [
      { relation: 'replaces', reference: 'Bundle/2', identifier: 'urn:uuid:2', date: '2026-04-01' },
    ] as const
    const page = pageOf([passing], { successors })
    expect(page.indexOf('takes the place of this one: urn:uuid:2')).toBeGreaterThan(0)
    expect(page.indexOf('takes the place')).toBeLessThan(page.indexOf('Signed by'))
  })

  it('is in the language asked for, with what was found, and the sentences of the report as the detail', () => {
    const page = verificationPage(
      { indication: 'TOTAL_PASSED', signatures: [passing] },
      { bundle, at: AT },
      { ...render, lang: 'de' },
    )
    expect(page).toMatch(/<html[^>]* lang="de"/)
    expect(page).toContain('Signiert von Ada, wie es das Zertifikat sagt.')
    expect(page).toContain('<td lang="en" dir="ltr">The detail of the signer</td>')
    expect(page.replace(/<details>[^]*?<\/details>/g, '')).not.toContain('The detail')
  })
})

describe('the page about a signature over parts of a document', () => {
  const part: Signature = {
    ...passing,
    where: 'Provenance/p',
    covers: ['Bundle.entry[5].resource'],
    notCovered: [
      'Bundle.timestamp',
      'Bundle.entry[0]',
      'Bundle.entry[5].fullUrl',
      'Bundle.entry[5].resource.meta',
      'the precision of decimals (trailing zeros)',
    ],
  }

  it('says that nobody signed the document as a whole, what is covered, and that all else is not', () => {
    const page = pageOf([part], { indication: 'INDETERMINATE', subIndication: 'NO_DOCUMENT_SIGNATURE' })
    for (const words of [
      'Nobody signed this document as a whole',
      'Parts of the document signed by Ada',
      'says nothing of the rest of the document',
      'Bundle.entry[5].resource',
      'Everything else in the document',
      'Bundle.entry[5].resource.meta',
      '1.5 and 1.50 are the same to it',
    ])
      expect(page).toContain(words)
    for (const words of ['Signed by Ada</h2>', 'Everything that had to be checked holds', 'Bundle.timestamp'])
      expect(page).not.toContain(words)
  })

  it('of a seal calls it one', () => {
    expect(pageOf([{ ...part, seal: true }])).toContain('Parts of the document sealed, not signed, by Ada')
  })

  it('warns of one that does not hold although the document does', () => {
    const failed: Signature = { ...part, indication: 'TOTAL_FAILED', covers: [], notCovered: ['Bundle'] }
    const page = pageOf([passing, failed], { indication: 'INDETERMINATE', subIndication: 'PART_SIGNATURE_FAILED' })
    expect(page).toContain('a signature over single parts of it does not hold')
    expect(page).toContain('This signature does not hold.')
    expect(page).not.toContain('Parts of the document signed')
  })
})
