/**
 * The verification report, in the words of ETSI EN 319 102-1: facts weighed by the policy.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31910201/01.04.01_60/en_31910201v010401p.pdf
 */

import type { Instant } from '../fhir/types.ts'
import type { Facts } from './facts.ts'
import { instantOf, milliseconds } from './instant.ts'
import { FORMAT, POLICY, type Case, type CheckName } from './policy.ts'
import type { Row, Ruling, Verdict } from './ruling.ts'

export type Indication = 'TOTAL_PASSED' | 'INDETERMINATE' | 'TOTAL_FAILED'

export interface Check {
  readonly name: 'format' | CheckName | 'superseded'
  readonly verdict: Verdict
  /** What was found, in a sentence for the reader of the document. */
  readonly text: string
}

export interface SignatureReport {
  /** `Bundle.signature`, or `Provenance/…`. */
  readonly where: string
  readonly format: 'JAdES' | 'JWS' | 'XML-DSig' | 'image' | 'PDF' | 'unknown'
  /** The baseline level of JAdES, where the signature has one: `B-B`. */
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
  /** What may change without the signature being broken; `Bundle` where it is not known to cover anything. */
  readonly notCovered: readonly string[]
}

export interface Report {
  readonly indication: Indication
  /** One of EN 319 102-1, such as `NO_CERTIFICATE_CHAIN_FOUND`. */
  readonly subIndication?: string
  /** None where the document bears no signature. */
  readonly signatures: readonly SignatureReport[]
}

/** From the worst. */
const INDICATIONS: readonly Indication[] = ['TOTAL_FAILED', 'INDETERMINATE', 'TOTAL_PASSED']

/** The report of a document: as good as the worst of its signatures, and INDETERMINATE without one. */
export function reportOf(facts: readonly Facts[], revocation: Case['revocation']): Report {
  const signatures = facts.map((one) => signatureReport(one, revocation))
  const [worst] = INDICATIONS.flatMap((rank) => signatures.filter(({ indication }) => indication === rank))
  if (worst === undefined) return { indication: 'INDETERMINATE', signatures }
  const { indication, subIndication } = worst
  return { indication, ...(subIndication !== undefined && { subIndication }), signatures }
}

interface Judged extends Check {
  readonly ruling: Ruling
}

function signatureReport(facts: Facts, revocation: Case['revocation']): SignatureReport {
  const judged = judge(facts, revocation)
  const { header, certified, where, atMs } = facts
  const subject = certified?.signer.holder.subject
  return {
    where,
    ...formatOf(facts),
    ...overall(judged),
    ...(subject !== undefined && { signer: subject }),
    ...(certified?.signer.isSeal === true && { seal: true }),
    ...(header?.time !== undefined && { signingTime: header.time }),
    ...(certified !== undefined && atMs !== undefined && { bestSignatureTime: instantOf(atMs / 1000) }),
    checks: [...judged.map(({ name, verdict, text }) => ({ name, verdict, text })), superseded],
    notCovered: notCovered(facts),
  }
}

/** Only a store knows (H-7), so that this check leaves the whole as it is. */
const superseded: Check = {
  name: 'superseded',
  verdict: 'not-checked',
  text: 'Later versions of the document were not checked',
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
  const [, ruling, text] = row
  const said = typeof text === 'string' ? text : text(facts)
  return { name, verdict: ruling.verdict, text: said.slice(0, LONGEST_TEXT), ruling }
}

function notReached(name: CheckName, { refusal }: Facts): Judged {
  const text =
    refusal === undefined ? 'Not checked, as the signature was not read' : 'Not checked, as the signature was refused'
  return { name, verdict: 'not-checked', text, ruling: { verdict: 'not-checked' } }
}

/** Which check speaks for the whole where several have something to say: a chain comes before what hangs on it. */
const PRECEDENCE: readonly Check['name'][] = [
  'format',
  'integrity',
  'trust',
  'certificate',
  'revocation',
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

/** From then on JAdES takes `iat` alone. */
const LAST_SIGT_MS = milliseconds('2025-07-15T00:00:00Z') ?? 0

function formatOf({ syntax, header }: Facts): Pick<SignatureReport, 'format' | 'level'> {
  if (syntax !== 'JWS') return { format: syntax }
  if (header === undefined || !header.namesCertificate || header.time === undefined) return { format: 'JWS' }
  const isBaseline = header.timeHeader === 'iat' || (milliseconds(header.time) ?? 0) < LAST_SIGT_MS
  return isBaseline ? { format: 'JAdES', level: 'B-B' } : { format: 'JAdES' }
}

/** H-5 of the safety table. */
function notCovered({ certified }: Facts): readonly string[] {
  const { integrity } = certified ?? {}
  if (integrity === undefined || !integrity.holds || integrity.payload === 'other') return ['Bundle']
  const omitted = integrity.omits?.filter((name) => name !== 'signature') ?? []
  return [
    ...omitted.map((name) => `Bundle.${name}`),
    'Bundle.signature.who',
    'Bundle.signature.onBehalfOf',
    'Bundle.signature.type',
    'the precision of decimals (trailing zeros)',
  ]
}
