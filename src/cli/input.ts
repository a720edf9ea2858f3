/** Documents as files, or on standard input. */

import { readWhole } from '../edge/files.ts'
import { FhirError } from '../fhir/error.ts'
import { parseFhir } from '../fhir/format.ts'
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

/** The JSON of a file, which may be XML. @throws FhirError `structure` with position */
export async function readFhir(path: string, cli: Pick<Cli, 'stdin' | 'start'>): Promise<Json> {
  return parseFhir(await readInput(path, cli), { model: async () => (await cli.start()).design.collect.model })
}

/** The Bundle of a file. @throws FhirError `structure` where it is none */
export async function readBundle(path: string, cli: Pick<Cli, 'stdin' | 'start'>): Promise<Bundle> {
  return bundleFrom(await readFhir(path, cli))
}
