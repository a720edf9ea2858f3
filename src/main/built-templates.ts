/** The templates that come along. */

import { readFileSync } from 'node:fs'
import { lazyRecord } from '../fhir/lazy-record.ts'
import type { BuiltTemplates, CompiledTemplates } from '../render/templates.ts'

const build = new URL('../../build/', import.meta.url)

/** The templates that the build has compiled; a language is read when it is first spoken. */
export async function builtTemplates(): Promise<BuiltTemplates> {
  const { languages = [], ...templates } = (await import(new URL('templates.js', build).href)) as CompiledTemplates
  const folder = new URL('templates/', build)
  return { ...templates, languages: lazyRecord(languages, (path) => readFileSync(new URL(path, folder), 'utf8')) }
}
