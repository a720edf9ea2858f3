/** Our verdict beside HL7's own, document by document and error by error. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isError, type Issue } from '../../src/fhir/issue.ts'

/** An issue as the judge recorded it. */
export interface RecordedIssue {
  readonly severity: string
  readonly expression?: string
  readonly messageId?: string
  readonly text: string
  /** For want of a terminology server or a package. */
  readonly offline?: true
  /** A setting of the judge. */
  readonly policy?: true
}

export interface Verdict {
  readonly file: string
  readonly fhir: string
  readonly ig: string | null
  /** Without an error, once those marked offline or policy are left out. */
  readonly clean: boolean
  readonly issues: readonly RecordedIssue[]
}

/** The recorded verdicts on the documents of the corpus; none without the judges' folder. */
export function verdicts(judgesDir: string | undefined): readonly Verdict[] {
  if (judgesDir === undefined) return []
  const text = gunzipSync(readFileSync(join(judgesDir, 'verdicts/documents.json.gz'))).toString()
  return JSON.parse(text) as readonly Verdict[]
}

/** An error by its place, with what each side says of it. */
export interface Difference {
  readonly file: string
  readonly expression: string
  /** The rule or the message's id. */
  readonly rule: string
  readonly text: string
}

export interface Agreement {
  readonly documents: number
  /** Documents on which both find errors, or neither does. */
  readonly same: number
  readonly different: readonly { readonly file: string; readonly clean: boolean }[]
  readonly both: number
  /** Errors of the judge's that we do not find. */
  readonly missed: readonly Difference[]
  /** Errors of ours that the judge does not find. */
  readonly added: readonly Difference[]
}

/** The place of an error without the judge's comments and type functions: `Bundle.entry[1].resource.value`. */
export function placeOf(expression: string | undefined): string {
  return (expression ?? '').replaceAll(/\/\*.*?\*\//g, '').replaceAll(/\.ofType\(\w+\)/g, '')
}

/** The judge counts from 1 where it goes through the entries and the Composition of a document; FHIRPath counts from 0. */
function fromZero(place: string): string {
  return place.replaceAll(/\[(\d+)\]/g, (_, index: string) => `[${Math.max(0, Number(index) - 1)}]`)
}

/** References are judged at the Bundle, and the place of the reference stands in the text. */
function inText(place: string, text: string): string {
  const named = /\((Bundle\.entry\[\d+\][^()]*?)\)/.exec(text)?.[1]
  return place === 'Bundle' && named !== undefined ? named.replaceAll('[x]', '') : fromZero(place)
}

/** Where the judge points elsewhere than at the element that is wrong, by its message: the element. */
const PLACES: Readonly<Record<string, (place: string, text: string) => string>> = {
  BUNDLE_BUNDLE_ENTRY_NOTFOUND_CANNOT: inText,
  BUNDLE_BUNDLE_ENTRY_NOTFOUND_APPARENT: inText,
  BUNDLE_BUNDLE_ENTRY_FOUND_MULTIPLE: inText,
  Bundle_BUNDLE_Entry_NotFound: fromZero,
  Bundle_BUNDLE_Entry_Orphan_DOCUMENT: fromZero,
  Bundle_BUNDLE_Entry_Document: (place) => fromZero(place).replace(/\.entry\[0\]\.resource$/, ''),
  BUNDLE_ENTRY_URL_ABSOLUTE: (place) => `${place}.fullUrl`,
  BUNDLE_ENTRY_URL_MATCHES_TYPE_ID: (place) => `${place}.fullUrl`,
  Type_Specific_Checks_DT_Identifier_System: (place) => `${place}.system`,
  Terminology_TX_System_Relative: (place) => `${place}.system`,
  Type_Specific_Checks_DT_URL_Resolve: (place) => place.replace(/\.url$/, ''),
  CONTAINED_ORPHAN_DOM3: (place) => place.replace(/\.contained\[\d+\]$/, ''),
}

/** The judge names the first entry for a fault in any fullUrl. */
const FULL_URL_RULES = new Set(['full-url-absolute', 'full-url-id'])

function ownPlace({ expression, rule = '' }: Issue): string {
  if (rule === 'link-fragment') return 'Bundle'
  if (rule === 'extension-context') return placeOf(expression).replace(/\.(?:modifierE|e)xtension\[\d+\]$/, '')
  return FULL_URL_RULES.has(rule) ? 'Bundle.entry[0].fullUrl' : placeOf(expression)
}

/**
 * A language that is no tag the judge tells once where it stands, and again at every code that it then looks for in that
 * language and does not find: by each such place, that of the language.
 */
function echoesOf(issues: readonly RecordedIssue[]): ReadonlyMap<string, string> {
  const wrong = issues
    .filter(({ messageId }) => messageId === 'INVALID_DISPLAY_NAME')
    .map((one) => placeOf(one.expression))
  const languages = wrong.filter((place) => place.endsWith('.language'))
  const around = (place: string): string | undefined =>
    languages
      .toSorted((one, other) => other.length - one.length)
      .find((one) => place.startsWith(one.replace(/language$/, '')))
  return new Map(wrong.map((place) => [place, around(place) ?? place]))
}

/** The place of an error as we would name it. */
function judgedPlace({ expression, messageId = '', text }: RecordedIssue, echoes: ReadonlyMap<string, string>): string {
  const place = placeOf(expression)
  const language = echoes.get(place)
  if (language !== undefined && ECHOED.has(messageId)) return language
  const unknown = /^Unrecognized property '([^']+)'/.exec(text)?.[1]
  if (unknown !== undefined) return `${place}.${unknown}`
  return PLACES[messageId]?.(place, text) ?? place
}

const ECHOED = new Set(['INVALID_DISPLAY_NAME', 'Terminology_TX_NoValid_16'])

const isCounted = ({ severity, offline, policy }: RecordedIssue): boolean =>
  (severity === 'error' || severity === 'fatal') && offline !== true && policy !== true

/** How far two sides agree on documents: `ours` by the verdict's file. */
export function agreement(
  recorded: readonly Verdict[],
  ours: (verdict: Verdict) => readonly Issue[] | undefined,
): Agreement {
  const different: { file: string; clean: boolean }[] = []
  const missed: Difference[] = []
  const added: Difference[] = []
  let documents = 0
  let both = 0
  for (const verdict of recorded) {
    const issues = ours(verdict)
    if (issues === undefined) continue
    documents += 1
    const { file } = verdict
    const echoes = echoesOf(verdict.issues)
    const our = byPlace(
      issues
        .filter(isError)
        .map((issue) => ({ file, expression: ownPlace(issue), rule: issue.rule ?? '', text: issue.text })),
    )
    const their = byPlace(
      verdict.issues.filter(isCounted).map((issue) => ({
        file,
        expression: judgedPlace(issue, echoes),
        rule: issue.messageId ?? '',
        text: issue.text,
      })),
    )
    const tolerated = new Set(
      verdict.issues.filter(({ severity }) => severity === 'error').map((issue) => judgedPlace(issue, echoes)),
    )
    if ((our.size === 0) !== verdict.clean) different.push({ file, clean: verdict.clean })
    both += [...their.keys()].filter((place) => our.has(place)).length
    missed.push(...[...their].flatMap(([place, one]) => (our.has(place) ? [] : [one])))
    added.push(...[...our].flatMap(([place, one]) => (their.has(place) || tolerated.has(place) ? [] : [one])))
  }
  return { documents, same: documents - different.length, different, both, missed, added }
}

function byPlace(all: readonly Difference[]): ReadonlyMap<string, Difference> {
  return new Map(all.toReversed().map((one) => [one.expression, one]))
}
