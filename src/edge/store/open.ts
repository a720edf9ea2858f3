/** A source by what a person writes: a folder, a Bundle file, an NDJSON file, or the base URL of a FHIR server. */

import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { fail } from '../../fhir/error.ts'
import { parseFhir, type ReadOptions } from '../../fhir/format.ts'
import { isBundle, isResource } from '../../fhir/types.ts'
import type { Source } from '../../ports.ts'
import { bundleSource } from './bundle.ts'
import { directorySource } from './directory.ts'
import { memorySource } from './memory.ts'
import { inFile, ndjsonSource, unreadable } from './ndjson.ts'
import { restSource, type RestOptions } from './rest.ts'

/** How files are read, and servers. */
export type OpenOptions = RestOptions & Pick<ReadOptions, 'model'>

/**
 * The source that a text names, known by its last path segment or by its base URL.
 * @throws FhirError `not-found` where there is no such file, `no-store` where it cannot be read, `structure` where it is no FHIR
 */
export async function openSource(text: string, options: OpenOptions): Promise<Source> {
  if (/^https?:\/\//i.test(text)) return restSource(text, options)
  const name = basename(text)
  const kind = await stat(text).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw fail(
        'not-found',
        `The source ${name} is not there, expected a folder, a JSON, XML or NDJSON file, or a FHIR base URL`,
        { cause },
      )
    }
    throw unreadable(`The source ${name}`, cause)
  })
  if (kind.isDirectory()) return directorySource(text, options, name)
  return /\.ndjson(?:\.gz)?$/i.test(name) ? ndjsonSource(name, text) : fileSource(name, text, options)
}

async function fileSource(name: string, path: string, options: OpenOptions): Promise<Source> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(`The source ${name}`, cause)
  })
  const value = await inFile(`The source ${name}`, () => parseFhir(bytes, options))
  if (isBundle(value)) return bundleSource(name, value)
  if (isResource(value)) return memorySource(name, [{ resource: value }])
  throw fail('structure', `The source ${name} is no FHIR resource, expected a Bundle`)
}
