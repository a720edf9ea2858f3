/** What the pages for clinicians have beside their templates: phrases by language, one style sheet, one script. */

import { FhirError } from '../fhir/error.ts'
import type { Locale } from './locale.ts'

/** The phrases of the pages in one language; those of documents are apart, for they are judged by others (H-13). */
export type WebLocale = Pick<Locale, 'language' | 'status' | 'source' | 'phrases'>

export interface WebFiles {
  /** By language tag. */
  readonly locales: Readonly<Record<string, WebLocale>>
  /** All style sheets of the folder as one, those nearer to its root first. */
  readonly style: string
  /** All scripts as one module. */
  readonly script: string
}

type Files = Readonly<Record<string, string>>

const LOCALE = /^web\/(?:.+\/)?locale\/([A-Za-z0-9-]+)\.json$/

/** Of the files of a folder of templates, those of the pages that are no templates and no style sheets. */
export function ofWeb(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => LOCALE.test(path) || /^web\/.*\.js$/.test(path)))
}

/** What a folder of templates, by path, has for the pages. @throws FhirError `invalid` where phrases are no JSON */
export function webFiles(files: Files): WebFiles {
  const locales: Record<string, WebLocale> = {}
  for (const [path, text] of inOrder(files, LOCALE)) {
    const { language, ...own } = parsed(path, text)
    const before = locales[language]
    locales[language] = before === undefined ? { language, ...own } : joined(before, own)
  }
  const all = (pattern: RegExp): string => inOrder(files, pattern).map(([, text]) => text).join('\n') // prettier-ignore
  return { locales, style: all(/^web\/.*\.css$/), script: all(/^web\/.*\.js$/) }
}

function inOrder(files: Files, pattern: RegExp): readonly (readonly [string, string])[] {
  const depth = (path: string): number => path.split('/').length
  return Object.entries(files)
    .filter(([path]) => pattern.test(path))
    .sort(([one], [other]) => depth(one) - depth(other) || (one < other ? -1 : 1))
}

/** A language whose phrases are in several files is as reviewed as the least of them. */
function joined(one: WebLocale, other: Omit<WebLocale, 'language'>): WebLocale {
  const status = one.status === 'reviewed' ? other.status : one.status
  return { ...one, status, phrases: { ...one.phrases, ...other.phrases } }
}

function parsed(path: string, text: string): WebLocale {
  try {
    return JSON.parse(text) as WebLocale
  } catch (cause) {
    throw new FhirError([{ severity: 'error', code: 'invalid', text: `Template ${path}: is not JSON` }], { cause })
  }
}
