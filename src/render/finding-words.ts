/** What a verification found, in the words of a language: a phrase for each code of a report's findings. */

import type { Instant } from '../fhir/types.ts'
import type { Phrase } from './locale.ts'

/** A finding of a verification report, by its code. */
export interface Finding {
  readonly code: string
  readonly values?: Readonly<Record<string, string>>
  /** Where it is another than that of its check. */
  readonly verdict?: 'passed' | 'failed' | 'not-checked'
}

/** How an instant is told. */
export type Time = (instant: Instant) => string

/** The sentences of findings, in their order. */
export function findingTexts(findings: readonly Finding[], phrase: Phrase, time: Time): readonly string[] {
  return findings.map(({ code, values = {} }) => phrase(findingKey(code), shownValues(values, phrase, time)))
}

/** Findings that a banner says already are said in its words. */
const BANNERS: Readonly<Record<string, string>> = {
  'superseded.unknown': 'verification.successors-unknown',
  'superseded.replaces': 'banner.successor.replaces',
  'superseded.appends': 'banner.successor.appends',
  'superseded.transforms': 'banner.successor.transforms',
  'superseded.entered-in-error': 'banner.successor.entered-in-error',
  'superseded.later': 'banner.successor.later',
}

/** The key of the phrase of a finding. */
export function findingKey(code: string): string {
  return BANNERS[code] ?? `finding.${code}`
}

const ATTRIBUTE = /(?:^|,)(CN|O)=((?:\\.|[^,\\])*)/g

/**
 * Whom a distinguished name means, as people are called: the common name and the organization, as they are written; a
 * name without a common name as a whole. @see https://www.rfc-editor.org/rfc/rfc4514
 */
export function nameIn(subject: string): string {
  const parts = new Map(Array.from(subject.matchAll(ATTRIBUTE), ([, key = '', value = '']) => [key, value]))
  const [person, organization] = [parts.get('CN'), parts.get('O')]
  const named = [person, organization === person ? undefined : organization].filter(Boolean).join(', ')
  return person === undefined || person === '' ? subject : named.replaceAll(/\\([^0-9A-Fa-f])/g, '$1')
}

type Shown = (value: string, phrase: Phrase, time: Time) => string

const instant: Shown = (value, _, time) => time(value)
const name: Shown = (value) => nameIn(value)

/** Values that are not shown as they are, by their names. */
const SHOWN: Readonly<Record<string, Shown>> = {
  from: instant,
  to: instant,
  at: instant,
  time: instant,
  date: (value, phrase, time) => (value === '' ? phrase('banner.successor.no-date') : time(value)),
  subject: name,
  authority: name,
  purpose: (value, phrase) =>
    value
      .split(' ')
      .map((one) => purposeText(one, phrase))
      .join(', '),
}

function shownValues(
  values: NonNullable<Finding['values']>,
  phrase: Phrase,
  time: Time,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, SHOWN[name]?.(value, phrase, time) ?? value]),
  )
}

/** How many purposes ASTM E1762 has, each numbered by the last part of its code. */
export const PURPOSES = 18
const PURPOSE = /^(?:urn:oid:)?1\.2\.840\.10065\.1\.12\.1\.([1-9]\d?)$/

/** A commitment in words, a code that is none of the known ones as it is. @see https://hl7.org/fhir/R4/valueset-signature-type.html */
function purposeText(id: string, phrase: Phrase): string {
  const number = Number(PURPOSE.exec(id)?.[1] ?? Infinity)
  return number <= PURPOSES ? phrase(`finding.purpose.${number}`) : id
}
