/** A folder of JSON, XML and NDJSON files as a source, subfolders too; files are read for the index, and again when asked for. */

import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FhirError } from '../../fhir/error.ts'
import type { Issue } from '../../fhir/issue.ts'
import { isXml, parseFhir, type ReadOptions } from '../../fhir/format.ts'
import { isBundle, isResource, type Json, type Resource } from '../../fhir/types.ts'
import { FHIR } from '../../fhir/xml-names.ts'
import type { Source } from '../../ports.ts'
import { cardsOf, isCarrier } from './bundle.ts'
import { cardOf, catalogSource, type Contents } from './catalog.ts'
import { inFile, ndjsonContents, noResource, quickly, unreadable, wholly } from './ndjson.ts'

/** A file by its path, and by its path within the folder, which messages may show. */
interface File {
  readonly path: string
  readonly label: string
}

type Options = Pick<ReadOptions, 'model'>

/** How many files are open at once. */
const OPEN_FILES = 32

/**
 * A source of the resources below a folder. A file that is no FHIR resource is passed over with a warning, one that
 * cannot be read is an error among the issues; names that begin with a dot and links to folders are not entered.
 */
export function directorySource(path: string, options: Options, name: string = basename(path)): Source {
  return catalogSource(name, () => contentsOf(path, name, options)).source
}

async function contentsOf(path: string, name: string, options: Options): Promise<Contents> {
  const issues: Issue[] = []
  const files = await filesBelow({ path, label: name }, issues)
  const read: Contents[] = []
  const queue = files.entries()
  const worker = async (): Promise<void> => {
    for (const [place, file] of queue) read[place] = await contentsOfFile(file, options)
  }
  await Promise.all(Array.from({ length: OPEN_FILES }, worker))
  return {
    cards: read.flatMap(({ cards }) => cards),
    issues: [...issues, ...read.flatMap((contents) => contents.issues)],
  }
}

/** The files of a folder in the order of their names, so that one folder always gives one document. */
async function filesBelow({ path, label }: File, issues: Issue[]): Promise<readonly File[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    issues.push(...unreadable(label, cause).issues)
    return []
  })
  const files: File[] = []
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const file = { path: join(path, entry.name), label: `${label}/${entry.name}` }
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) files.push(...(await filesBelow(file, issues)))
    else if (/\.(?:json|ndjson(?:\.gz)?|xml)$/i.test(entry.name)) files.push(file)
    else if (/\.(?:json|xml)\.gz$/i.test(entry.name)) issues.push(packed(file.label))
  }
  return files
}

function packed(label: string): Issue {
  return { ...noResource(label), text: `${label} is passed over: it is packed, expected it unpacked or as .ndjson.gz` }
}

async function contentsOfFile(file: File, options: Options): Promise<Contents> {
  try {
    return /\.ndjson(?:\.gz)?$/i.test(file.path)
      ? await ndjsonContents(file.path, file.label)
      : await resourceContents(file, options)
  } catch (cause) {
    if (!(cause instanceof FhirError)) throw cause
    return { cards: [], issues: cause.issues }
  }
}

async function resourceContents(file: File, options: Options): Promise<Contents> {
  const bytes = await bytesOf(file)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  const whole = async (again: Uint8Array): Promise<Json> => parseFhir(again, options)
  // XML of another kind, such as CDA, may lie in a folder
  const isForeign = isXml(text) && !text.includes(FHIR)
  const resource = isForeign ? null : isXml(text) ? await inFile(file.label, () => whole(bytes)) : quickly(text)
  if (!isResource(resource)) return { cards: [], issues: [noResource(file.label)] }
  if (isCarrier(resource)) {
    const bundle = await inFile(file.label, () => whole(bytes))
    return { cards: isBundle(bundle) ? cardsOf(bundle) : [], issues: [] }
  }
  const load = async (): Promise<Resource> => wholly(file.label, async () => whole(await bytesOf(file)), resource)
  return { cards: [cardOf(resource, load)], issues: [] }
}

async function bytesOf({ path, label }: File): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(label, cause)
  })
}
