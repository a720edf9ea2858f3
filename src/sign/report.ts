/**
 * The verification report, in the words of ETSI EN 319 102-1: facts weighed by the policy.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import type { Instant } from '../fhir/types.ts'
import type { Successor } from '../ports.ts'
import type { Case, Facts } from './facts.ts'
import { found, type Finding } from './finding.ts'
import { instantOf } from './instant.ts'
import { FORMAT, POLICY, type CheckName } from './policy.ts'
import type { SignatureKind } from './reading.ts'
import type { Row, Ruling, Verdict } from './ruling.ts'

export type Indication = 'TOTAL_PASSED' | 'INDETERMINATE' | 'TOTAL_FAILED'

export interface Check {
  readonly name: 'format' | CheckName | 'superseded'
  readonly verdict: Verdict
  /** What was found, in a sentence for the reader of the document. */
  readonly text: string
  /** The same by its codes, for whoever says it in another language. */
  readonly findings: readonly Finding[]
}

export interface SignatureReport {
  /** `Bundle.signature`, or `Provenance/…`. */
  readonly where: string
  readonly format: SignatureKind['format']
  /** The baseline level, where the signature has one: `B-B`. */
  readonly level?: string
  readonly indication: Indication
  readonly subIndication?: string
  /** The subject of the certificate, as RFC 4514 writes it. */
  readonly signer?: string
  /** An Organization or Device sealed the document; nobody signed it. */
  readonly seal?: true
  /** The time that the signature claims. */
  readonly signingTime?: Instant
  /** The earliest time at which the signature is known to have been there: without time-stamps that of the verification. */
  readonly bestSignatureTime?: Instant
  readonly checks: readonly Check[]
  /** Of a signature over single resources: the expressions of these, in their order; none where they are not known. */
  readonly covers?: readonly string[]
  /** What may change without the signature being broken; `Bundle` where it is not known to cover anything. */
  readonly notCovered: readonly string[]
}

export interface Report {
  readonly indication: Indication
  /** One of EN 319 102-1, such as `NO_CERTIFICATE_CHAIN_FOUND`. */
  readonly subIndication?: string
  /** None where the document bears no signature. */
  readonly signatures: readonly SignatureReport[]
  /** What is stored and says something of the document; absent where no store was asked. */
  readonly successors?: readonly Successor[]
  /** Of a PDF: whether its pages show the document that it carries. */
  readonly pages?: PagesCheck
}

export interface PagesCheck {
  readonly name: 'pages'
  readonly verdict: Verdict
  readonly text: string
  readonly findings: readonly Finding[]
}

/** What the judgement depends on beside the signatures. */
export interface Circumstances {
  readonly revocation: Case['revocation']
  readonly successors: readonly Successor[] | undefined
}

/** From the worst. */
const INDICATIONS: readonly Indication[] = ['TOTAL_FAILED', 'INDETERMINATE', 'TOTAL_PASSED']

/** The report of a document: as good as the worst of its signatures, and INDETERMINATE without one over all of it. */
export function reportOf(facts: readonly Facts[], circumstances: Circumstances): Report {
  const signatures = facts.map((one) => signatureReport(one, circumstances))
  const { successors } = circumstances
  return { ...verdictOn(signatures), ...(successors !== undefined && { successors }), signatures }
}

type Whole = Pick<Report, 'indication' | 'subIndication'>

/** EN 319 102-1 judges a signature by itself; these are our words for what follows of one over single resources. */
const OF_PARTS = { alone: 'NO_DOCUMENT_SIGNATURE', failed: 'PART_SIGNATURE_FAILED' } as const

/** A signature over single resources never speaks for the document, and where it does not pass the document does not either. */
function verdictOn(signatures: readonly SignatureReport[]): Whole {
  const whole = worstOf(signatures.filter(({ covers }) => covers === undefined))
  const part = worstOf(signatures.filter(({ covers }) => covers !== undefined))
  if (part === undefined) return whole ?? { indication: 'INDETERMINATE' }
  if (whole === undefined)
    return part.indication === 'TOTAL_PASSED' ? { indication: 'INDETERMINATE', subIndication: OF_PARTS.alone } : part
  if (whole.indication !== 'TOTAL_PASSED') return whole
  return part.indication === 'TOTAL_FAILED' ? { indication: 'INDETERMINATE', subIndication: OF_PARTS.failed } : part
}

function worstOf(signatures: readonly SignatureReport[]): Whole | undefined {
  const [worst] = INDICATIONS.flatMap((rank) => signatures.filter(({ indication }) => indication === rank))
  if (worst === undefined) return undefined
  const { indication, subIndication } = worst
  return { indication, ...(subIndication !== undefined && { subIndication }) }
}

interface Judged extends Check {
  readonly ruling: Ruling
}

function signatureReport(facts: Facts, { revocation, successors }: Circumstances): SignatureReport {
  const judged = judge(facts, revocation)
  const { reading, certified, where } = facts
  const time = reading?.claims.time
  const subject = certified?.signer.holder.subject
  return {
    where,
    ...formatOf(facts),
    ...overall(judged),
    ...(subject !== undefined && { signer: subject }),
    ...(certified?.signer.isSeal === true && { seal: true }),
    ...(time !== undefined && { signingTime: time }),
    ...(certified?.bestMs !== undefined && { bestSignatureTime: instantOf(certified.bestMs / 1000) }),
    ...(facts.targets !== undefined && { covers: coveredBy(facts) }),
    checks: [
      ...judged.map(({ name, verdict, text, findings }) => ({ name, verdict, text, findings })),
      superseded(successors),
    ],
    notCovered: notCovered(facts),
  }
}

/**
 * Whether a later document is known, which only a store says (H-7). It takes nothing from what the signature proves, so
 * that this check leaves the whole as it is.
 */
function superseded(successors: Circumstances['successors']): Check {
  const name = 'superseded'
  if (successors === undefined) {
    const text = 'Later versions of the document were not checked'
    return { name, verdict: 'not-checked', text, findings: [found('superseded.unknown')] }
  }
  const [latest] = successors
  if (latest === undefined) {
    const text = 'The store holds no later document that replaces or amends this one'
    return { name, verdict: 'passed', text, findings: [found('superseded.none')] }
  }
  const { relation, identifier, date } = latest
  const text = `${SUCCEEDED[relation]}: ${identifier}${date === '' ? '' : ` of ${date}`}`
  return { name, verdict: 'failed', text, findings: [found(`superseded.${relation}`, { identifier, date })] }
}

const SUCCEEDED: Readonly<Record<Successor['relation'], string>> = {
  replaces: 'This document was replaced by a later one',
  appends: 'A later document adds to this one',
  transforms: 'A later document was transformed from this one',
  'entered-in-error': 'This document was entered in error, as a later one says',
  later: 'A later document of the same series is stored',
}

const NAMES = Object.keys(POLICY) as readonly CheckName[]

function judge(facts: Facts, revocation: Case['revocation']): readonly Judged[] {
  const { certified } = facts
  const format = decide('format', FORMAT, facts)
  if (certified === undefined) return [format, ...NAMES.map((name) => notReached(name, facts))]
  const known: Case = { ...facts, ...certified, revocation }
  return [format, ...NAMES.map((name) => decide(name, POLICY[name], known))]
}

/** A header may say what it likes, and at any length. */
const LONGEST_TEXT = 500

function decide<T>(name: Check['name'], rows: readonly Row<T>[], facts: T): Judged {
  const row = rows.find(([when]) => when(facts))
  if (row === undefined) throw new TypeError(`The policy has no row for the check ${name}`)
  const [, ruling, text, findings] = row
  const said = typeof text === 'string' ? text : text(facts)
  const told = typeof findings === 'string' ? found(findings) : findings(facts)
  return { name, verdict: ruling.verdict, text: said.slice(0, LONGEST_TEXT), findings: [told].flat(), ruling }
}

function notReached(name: CheckName, { refusal }: Facts): Judged {
  const text =
    refusal === undefined ? 'Not checked, as the signature was not read' : 'Not checked, as the signature was refused'
  const findings = [found(refusal === undefined ? 'unreached.unread' : 'unreached.refused')]
  return { name, verdict: 'not-checked', text, findings, ruling: { verdict: 'not-checked' } }
}

/** Which check speaks for the whole where several have something to say: a chain comes before what hangs on it. */
const PRECEDENCE: readonly Check['name'][] = [
  'format',
  'integrity',
  'trust',
  'certificate',
  'revocation',
  'timestamps',
  'time',
  'purpose',
  'signer',
]

function overall(judged: readonly Judged[]): Pick<SignatureReport, 'indication' | 'subIndication'> {
  const rulings = PRECEDENCE.flatMap((name) => judged.filter((one) => one.name === name)).map(({ ruling }) => ruling)
  const [worst] = INDICATIONS.flatMap((rank) => rulings.filter(({ indication }) => indication === rank))
  const { indication = 'TOTAL_PASSED', subIndication } = worst ?? {}
  return { indication, ...(subIndication !== undefined && { subIndication }) }
}

function formatOf({ syntax, reading }: Facts): SignatureKind {
  if (reading === undefined) return { format: syntax }
  const { format, level } = reading
  return { format, ...(level !== undefined && { level }) }
}

/** What a signature over single resources is known to cover. */
function coveredBy({ certified, targets = [] }: Facts): readonly string[] {
  const { holds, payload } = certified?.integrity ?? {}
  return holds === true && payload !== 'other' ? targets.map(({ place }) => place) : []
}

/** H-5 of the safety table. */
function notCovered({ certified, leftOut, where }: Facts): readonly string[] {
  const { integrity } = certified ?? {}
  if (integrity === undefined || !integrity.holds || integrity.payload === 'other') return ['Bundle']
  // a Provenance is left out as a whole, and what the Bundle's own signature says is not of it
  const isElsewhere = where !== 'Bundle.signature'
  const parts = integrity.notCovered.filter((part) => !isElsewhere || !part.startsWith('Bundle.signature.'))
  return [...leftOut, ...parts, ...(integrity.altered ?? [])]
}
