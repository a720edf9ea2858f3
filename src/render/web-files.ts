/** What the pages for clinicians have beside their templates: phrases by language, one style sheet, one script. */

import { FhirError } from '../fhir/error.ts'
import { lazyRecord } from '../fhir/lazy-record.ts'
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
const SCRIPT = /^web\/.*\.js$/

/** Whether a file of a folder of templates holds phrases of the pages, in one language. */
export function isWebLocale(path: string): boolean {
  return LOCALE.test(path)
}

/** The scripts among the files of a folder of templates. */
export function scriptsOf(files: Files): Files {
  return Object.fromEntries(Object.entries(files).filter(([path]) => SCRIPT.test(path)))
}

/** What a folder of templates, by path, has for the pages; a locale without JSON is a FhirError when it is first spoken. */
export function webFiles(files: Files): WebFiles {
  const tags = new Set(inOrder(files, LOCALE).map((path) => LOCALE.exec(path)?.[1] ?? ''))
  const all = (pattern: RegExp): string => inOrder(files, pattern).map((path) => files[path]).join('\n') // prettier-ignore
  return {
    locales: lazyRecord([...tags], (tag) => localeOf(tag, files)),
    style: all(/^web\/.*\.css$/),
    script: all(SCRIPT),
  }
}

function localeOf(tag: string, files: Files): WebLocale {
  const paths = inOrder(files, LOCALE).filter((path) => LOCALE.exec(path)?.[1] === tag)
  return paths.map((path) => parsed(path, files[path] ?? '')).reduce(joined)
}

/** The paths that are like a pattern, those nearer to the root first. */
function inOrder(files: Files, pattern: RegExp): readonly string[] {
  const depth = (path: string): number => path.split('/').length
  return Object.keys(files)
    .filter((path) => pattern.test(path))
    .sort((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1))
}

/** A language whose phrases are in several files is as reviewed as the least of them. */
function joined(one: WebLocale, other: WebLocale): WebLocale {
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
