/** Documents as files, or on standard input. */

import { readWhole } from '../edge/files.ts'
import { FhirError } from '../fhir/error.ts'
import { isXml, parseFhir } from '../fhir/format.ts'
import type { Model } from '../fhir/model.ts'
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
  return fhirIn(await readInput(path, cli), cli)
}

function fhirIn(bytes: Uint8Array, cli: Pick<Cli, 'start'>): Promise<Json> {
  return parseFhir(bytes, { model: async () => (await cli.start()).design.collect.model })
}

/** The Bundle that the bytes of a file are. @throws FhirError `structure` where they are none */
export async function bundleIn(bytes: Uint8Array, cli: Pick<Cli, 'start'>): Promise<Bundle> {
  return bundleFrom(await fhirIn(bytes, cli))
}

/** A document with the bytes of its file. */
export interface DocumentFile {
  readonly bundle: Bundle
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/** The Bundle of a file, and the file itself. @throws FhirError `structure` where it is none */
export async function readDocument(path: string, cli: Pick<Cli, 'stdin' | 'start'>): Promise<DocumentFile> {
  const bytes = await readInput(path, cli)
  const model = async (): Promise<Model> => (await cli.start()).design.collect.model
  const bundle = bundleFrom(await parseFhir(bytes, { model }))
  const start = Buffer.from(bytes.subarray(0, 64))
    .toString('utf8')
    .replace(/^\ufeff/, '')
  return { bundle, bytes, mediaType: isXml(start) ? 'application/fhir+xml' : 'application/fhir+json' }
}

/** The Bundle of a file. @throws FhirError `structure` where it is none */
export async function readBundle(path: string, cli: Pick<Cli, 'stdin' | 'start'>): Promise<Bundle> {
  return bundleFrom(await readFhir(path, cli))
}
