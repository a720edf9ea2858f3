/** Documents as files, or on standard input. */

import { readWhole } from '../edge/files.ts'
import { FhirError, fail } from '../fhir/error.ts'
import { parseJson } from '../fhir/json.ts'
import type { Bundle, Json } from '../fhir/types.ts'
import { bundleFrom } from '../request.ts'
import { Stop } from './answer.ts'
import type { Cli } from './command.ts'

/** The bytes of a file that the command line names. @throws Stop 2 where it is not there, 3 where it cannot be read */
export async function readInput(path: string, cli: Pick<Cli, 'stdin'>): Promise<Uint8Array> {
  return path === '-' ? cli.stdin() : named(readWhole(path))
}

/** What the promise gives; that something named on the command line is not there is the command line's fault. */
export async function named<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    const code = error instanceof FhirError ? error.issues[0].code : undefined
    if (error instanceof FhirError && code === 'not-found') throw new Stop(2, error.issues, { cause: error })
    throw error
  }
}

/** Formats that are told by their first characters, and will be read one day. */
const LATER: readonly (readonly [RegExp, string])[] = [
  [/^\s*</, 'XML'],
  [/^%PDF-/, 'PDF'],
]

/** The JSON of a file. @throws FhirError `structure` with position; Stop 2 for a format that is not supported yet */
export async function readJson(path: string, cli: Pick<Cli, 'stdin'>): Promise<Json> {
  const bytes = await readInput(path, cli)
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').replace(/^ï»¿/, '')
  const later = LATER.find(([pattern]) => pattern.test(start))?.[1]
  if (later !== undefined) throw fail('not-supported', `Input in ${later} is not supported yet, supported: JSON`)
  return parseJson(bytes)
}

/** The Bundle of a file. @throws FhirError `structure` where it is none */
export async function readBundle(path: string, cli: Pick<Cli, 'stdin'>): Promise<Bundle> {
  return bundleFrom(await readJson(path, cli))
}
