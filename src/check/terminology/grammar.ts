/** Code systems that no list holds: what they allow is told by their grammar. @see https://hl7.org/fhir/R4/terminologies-systems.html */

import { isUcum } from '../../fhir/ucum.ts'

/** Whether a text is a code of the system; undefined where well-formed is not enough to know. */
export type Grammar = (code: string) => boolean | undefined

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(?: *; *[\w!#$&^.+-]+=(?:"[^"]*"|[^\s;"]+))*$/

/** A row for each: its URL, and what it allows. */
export const GRAMMARS: Readonly<Record<string, Grammar>> = {
  'http://unitsofmeasure.org': isUcum,
  'urn:ietf:bcp:47': remembered(isLanguage),
  'urn:ietf:bcp:13': (code) => MEDIA_TYPE.test(code),
  'urn:ietf:rfc:3986': (code) => /^[A-Za-z][\w+.-]*:\S+$/.test(code),
  'urn:iso:std:iso:3166': (code) =>
    /^[A-Z]{2}$/.test(code) ? isRegion(code) : /^(?:[A-Z]{3}|\d{3})$/.test(code) ? undefined : false,
  'urn:iso:std:iso:3166:-2': (code) => (/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) ? undefined : false),
  'urn:iso:std:iso:4217': (code) => CURRENCIES.has(code),
  'https://www.iana.org/time-zones': isZone,
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))
const REGIONS = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/** So many answers are remembered; documents have a handful. */
const MAX_KNOWN = 1000

/** The same, remembered: the tables of the runtime are slow to ask. */
function remembered(grammar: (code: string) => boolean): Grammar {
  const known = new Map<string, boolean>()
  return (code) => {
    const found = known.get(code) ?? grammar(code)
    if (known.size < MAX_KNOWN) known.set(code, found)
    return found
  }
}

/** A tag that is well-formed and whose language is registered. @see https://www.rfc-editor.org/rfc/rfc5646 */
function isLanguage(code: string): boolean {
  try {
    const { language } = new Intl.Locale(code)
    return /^(?:x|i)-/i.test(code) || LANGUAGES.of(language) !== undefined
  } catch {
    return /^(?:x|i)-[a-z0-9-]+$/i.test(code)
  }
}

function isRegion(code: string): boolean {
  return REGIONS.of(code) !== undefined
}

function isZone(code: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: code }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
