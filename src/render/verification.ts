/** What a verification found, as a page in plain words: who, as what, when, whether anything changed, and what is not known. */

import type { Bundle, Instant } from '../fhir/types.ts'
import type { Successor } from '../ports.ts'
import { contentLanguage, type RenderDesign } from './design.ts'
import { findingTexts, nameIn, type Finding, type Time } from './finding-words.ts'
import { showDateTime } from './format-time.ts'
import { inStyleElement } from './furniture.ts'
import { chooseLocale, phrasesOf, SOURCE_LANGUAGE, type Phrase } from './locale.ts'
import { plainText, type Wording } from './wording.ts'

/** A check of a verification report. */
interface Check {
  readonly name: string
  readonly verdict: 'passed' | 'failed' | 'not-checked'
  /** What was found, in the English of the report: the detail. */
  readonly text: string
  /** The same by its codes, which are said in the reader's language. */
  readonly findings: readonly Finding[]
}

/** What a verification report says of one signature. */
interface Judged {
  readonly where: string
  readonly format: string
  readonly level?: string
  readonly indication: Indication
  readonly subIndication?: string
  readonly signer?: string
  readonly seal?: true
  readonly signingTime?: Instant
  readonly bestSignatureTime?: Instant
  readonly checks: readonly Check[]
  /** Of a signature over single resources: their expressions. */
  readonly covers?: readonly string[]
  readonly notCovered: readonly string[]
}

type Indication = 'TOTAL_PASSED' | 'INDETERMINATE' | 'TOTAL_FAILED'

/** A verification report, as far as a page tells it. */
export interface Verification {
  readonly indication: Indication
  readonly subIndication?: string
  readonly signatures: readonly Judged[]
  readonly successors?: readonly Successor[]
  readonly pages?: Check
}

/** What was verified, and when. */
export interface Verified {
  /** Undefined where it is no Bundle. */
  readonly bundle: Bundle | undefined
  readonly at: Instant
}

interface Fact {
  readonly label: string
  readonly text: string
}

/** One signature on the page. */
interface SignatureView {
  readonly heading: string
  readonly tone: Tone
  readonly summary: string
  readonly facts: readonly Fact[]
  readonly failed: readonly string[]
  readonly unchecked: readonly string[]
  readonly notCovered: readonly string[]
  readonly checks: readonly FindingView[]
  readonly technical: string
}

/** What a check found, said in the reader's language and in the report's own. */
interface FindingView {
  readonly name: string
  readonly verdict: string
  readonly tone: Tone
  readonly said: string
  readonly text: string
}

type Tone = 'notice' | 'warning' | 'error'

/** What a page tells of a verification. */
export interface Verdict {
  readonly title: string
  readonly banners: readonly { readonly tone: Tone; readonly text: string }[]
  readonly facts: readonly Fact[]
  readonly signatures: readonly SignatureView[]
  /** Of a PDF: whether its pages show the document that it carries. */
  readonly pages?: FindingView
}

interface VerificationView extends Verdict {
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  readonly documentTitle: string
  readonly css: string
}

const STYLES = ['style/page.css', 'verification/page.css', 'style/print.css'] as const

const TONES: Readonly<Record<Indication, Tone>> = {
  TOTAL_PASSED: 'notice',
  INDETERMINATE: 'warning',
  TOTAL_FAILED: 'error',
}

const CHECK_TONES: Readonly<Record<Check['verdict'], Tone>> = {
  passed: 'notice',
  'not-checked': 'warning',
  failed: 'error',
}

const SUCCEEDED: Readonly<Record<Successor['relation'], Tone>> = {
  'entered-in-error': 'error',
  replaces: 'error',
  appends: 'warning',
  transforms: 'notice',
  later: 'warning',
}

/**
 * The report as XHTML: never a bare "valid" (H-7), but what was found, what was not checked, and what is not covered (H-5).
 * @throws FhirError `not-supported` where there is no such language
 */
export function verificationPage(report: Verification, verified: Verified, design: RenderDesign): string {
  const { templates } = design
  const { locale, phrase } = languageOf(verified, design)
  const verdict = verdictOf(report, verified, design)
  const view: VerificationView = {
    ...verdict,
    lang: locale.language,
    dir: locale.direction,
    documentTitle: phrase('verification.of', { title: verdict.title }),
    css: STYLES.map((path) => inStyleElement(templates.styles[path] ?? '')).join('\n'),
  }
  return templates.render('verification/page', view, phrase)
}

/** What any page tells of a report, in the language of the design. @throws FhirError as `verificationPage` */
export function verdictOf(report: Verification, verified: Verified, design: RenderDesign): Verdict {
  const { locale, phrase } = languageOf(verified, design)
  const { bundle, at } = verified
  const wording: Wording = { locale, phrase, model: design.model, zone: design.zone, show: () => '', refer: () => '' }
  const time = (instant: Instant): string => showDateTime(instant, wording)
  return {
    title: titleOf(bundle) ?? phrase('verification.untitled'),
    banners: [...successorBanners(report, phrase, time), overall(report, phrase)],
    facts: [...documentFacts(bundle, phrase, time), { label: phrase('verification.at'), text: time(at) }],
    signatures: report.signatures.map((one) => signatureView(one, phrase, time)),
    ...(report.pages !== undefined && { pages: checkView(report.pages, phrase, time) }),
  }
}

function languageOf({ bundle }: Verified, { templates, lang }: RenderDesign): Pick<Wording, 'locale' | 'phrase'> {
  const locale = chooseLocale(templates.locales, lang, bundle && contentLanguage(bundle))
  return { locale, phrase: phrasesOf(locale, chooseLocale(templates.locales, SOURCE_LANGUAGE)) }
}

function titleOf(bundle: Bundle | undefined): string | undefined {
  const title = plainText(bundle?.entry?.[0]?.resource?.['title'])
  return title === '' ? undefined : title
}

function documentFacts(bundle: Bundle | undefined, phrase: Phrase, time: Time): readonly Fact[] {
  const identifier = plainText(bundle?.identifier?.value)
  const timestamp = plainText(bundle?.timestamp)
  return [
    ...(identifier === '' ? [] : [{ label: phrase('document.identifier'), text: identifier }]),
    ...(timestamp === '' ? [] : [{ label: phrase('document.timestamp'), text: time(timestamp) }]),
  ]
}

/** What came after the document stands before all that was found of it. */
function successorBanners({ successors }: Verification, phrase: Phrase, time: Time): VerificationView['banners'] {
  if (successors === undefined) return [{ tone: 'warning', text: phrase('verification.successors-unknown') }]
  return successors.map(({ relation, identifier, date }) => ({
    tone: SUCCEEDED[relation],
    text: phrase(`banner.successor.${relation}`, {
      identifier,
      date: date === '' ? phrase('banner.successor.no-date') : time(date),
    }),
  }))
}

/** Reasons of the whole that follow of signatures over parts alone. */
const OF_PARTS: readonly string[] = ['NO_DOCUMENT_SIGNATURE', 'PART_SIGNATURE_FAILED']

function overall(report: Verification, phrase: Phrase): VerificationView['banners'][number] {
  const { indication, subIndication = '', signatures } = report
  if (signatures.length === 0) return { tone: 'warning', text: phrase('verification.overall.none') }
  if (OF_PARTS.includes(subIndication))
    return { tone: TONES[indication], text: phrase(`verification.overall.${subIndication}`) }
  return { tone: TONES[indication], text: phrase(`verification.overall.${indication}`) }
}

/** Checks whose findings answer the questions of a reader, under their question. */
const QUESTIONS = ['integrity', 'signer', 'purpose', 'trust', 'revocation', 'timestamps'] as const

function signatureView(judged: Judged, phrase: Phrase, time: Time): SignatureView {
  const { checks, indication, subIndication, where, format, level } = judged
  const said = ({ findings }: Pick<Check, 'findings'>): readonly string[] => findingTexts(findings, phrase, time)
  const found = (verdict: Check['verdict']): readonly string[] => [
    ...new Set(checks.flatMap((check) => said(having(check, verdict)))),
  ]
  const holds = checks.some(({ name, verdict }) => name === 'integrity' && verdict === 'passed')
  // of a signature that does not hold, nothing that it says is an answer
  const questions = (holds ? QUESTIONS : QUESTIONS.slice(0, 1)).flatMap((name): readonly Fact[] => {
    const check = checks.find((one) => one.name === name)
    return check === undefined ? [] : [{ label: phrase(`verification.${name}`), text: said(check).join(' ') }]
  })
  return {
    heading: headingOf(judged, phrase),
    tone: TONES[indication],
    summary: phrase(`verification.signature.${isOfPart(judged) ? 'part' : indication}`),
    facts: [...coverFacts(judged, phrase), ...timeFacts(judged, phrase, time), ...questions],
    failed: found('failed'),
    unchecked: found('not-checked'),
    notCovered: notCoveredTexts(judged, phrase),
    checks: checks.map((check) => checkView(check, phrase, time)),
    technical: [where, format, level, indication, subIndication, judged.signer].filter(Boolean).join(' · '),
  }
}

/** A check with what of its findings has a verdict; one that says nothing else has that of its check. */
function having(check: Check, verdict: Check['verdict']): Pick<Check, 'findings'> {
  return { findings: check.findings.filter((one) => (one.verdict ?? check.verdict) === verdict) }
}

function checkView({ name, verdict, text, findings }: Check, phrase: Phrase, time: Time): FindingView {
  const said = findingTexts(findings, phrase, time).join(' ')
  return { name, verdict: phrase(`verification.verdict.${verdict}`), tone: CHECK_TONES[verdict], said, text }
}

/** A seal is no signature (H-4), and only of a signature that holds it is said who made it. */
function headingOf(judged: Judged, phrase: Phrase): string {
  const { seal, format, indication } = judged
  const signer = judged.signer === undefined ? undefined : nameIn(judged.signer)
  if (format === 'image') return phrase('verification.heading.image')
  if (signer === undefined) return phrase('verification.heading.unread')
  if (indication !== 'TOTAL_PASSED') return phrase('verification.heading.claimed', { signer })
  if (isOfPart(judged)) return phrase(`verification.heading.part${seal === true ? '-sealed' : ''}`, { signer })
  return phrase(seal === true ? 'verification.heading.sealed' : 'verification.heading.signed', { signer })
}

/** A signature that holds over single resources, and so never for the document. */
function isOfPart({ covers, indication }: Judged): boolean {
  return covers !== undefined && indication === 'TOTAL_PASSED'
}

function coverFacts({ covers = [] }: Judged, phrase: Phrase): readonly Fact[] {
  return covers.length === 0 ? [] : [{ label: phrase('verification.covers'), text: covers.join(', ') }]
}

/** What a signature over parts leaves out is all else, in one line; the report names each place of it. */
function notCoveredTexts({ covers = [], notCovered }: Judged, phrase: Phrase): readonly string[] {
  const isElsewhere = (part: string): boolean =>
    covers.length > 0 && part.startsWith('Bundle.') && !covers.some((place) => part.startsWith(`${place}.`))
  const own = notCovered.filter((part) => !isElsewhere(part)).map((part) => notCoveredText(part, phrase))
  return own.length < notCovered.length ? [phrase('verification.part.rest'), ...own] : own
}

function timeFacts({ signingTime, bestSignatureTime }: Judged, phrase: Phrase, time: Time): readonly Fact[] {
  return [
    ...(signingTime === undefined
      ? []
      : [{ label: phrase('verification.when'), text: phrase('verification.claimed', { time: time(signingTime) }) }]),
    ...(bestSignatureTime === undefined
      ? []
      : [{ label: phrase('verification.known-since'), text: time(bestSignatureTime) }]),
  ]
}

/** What a reader may take for signed although it is not, by the parts that the report names. */
const PARTS: readonly (readonly [pattern: RegExp, key: string])[] = [
  [/^Bundle$/, 'all'],
  [/^Bundle\.id$/, 'id'],
  [/^Bundle\.meta$/, 'meta'],
  [/^Bundle\.entry\[\d+\]/, 'entry'],
  [/^Provenance\//, 'beside'],
  [/signature\.who$/, 'who'],
  [/signature\.onBehalfOf$/, 'onBehalfOf'],
  [/signature\.type$/, 'type'],
  [/^the precision of decimals/, 'precision'],
]

function notCoveredText(part: string, phrase: Phrase): string {
  const [, key] = PARTS.find(([pattern]) => pattern.test(part)) ?? []
  return key === undefined ? part : phrase(`verification.part.${key}`, { part })
}
