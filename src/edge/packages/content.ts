/** What a FHIR package holds, as a user has it: a .tgz, a folder with package.json, or a folder of `*.ndjson.gz`. */

import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { fail } from '../../fhir/error.ts'
import { isObject, isResource, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import { packageFiles, type PackageFile } from './archive.ts'

export interface PackageContent {
  readonly name: string
  readonly version: string
  /** Absent where the package does not say. */
  readonly fhirVersion?: string
  /** By name, the version: `1.0.x`, `current`. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Each definition of it in turn, or what is wrong with a file. */
  readonly resources: () => Iterable<Resource | { readonly fault: string }>
  /** Of all of its bytes. */
  readonly digest: () => string
}

const KINDS = ['StructureDefinition', 'ValueSet', 'CodeSystem', 'NamingSystem'] as const
const NAMED = new RegExp(`^(?:package/)?(?:${KINDS.join('|')})[-.][^/]*$`)
/** Files of other packages' tools need not be named by their type. */
const ANY_JSON = /^(?:package\/)?[^/]+\.json$/

/** Whether there is a package at a path. */
export function isPackage(path: string): boolean {
  if (/\.tgz$|\.tar\.gz$/.test(path)) return true
  if (!statSync(path).isDirectory()) return false
  return manifestOf(path) !== undefined || globSync('*.ndjson.gz', { cwd: path }).length > 0
}

function manifestOf(folder: string): string | undefined {
  return ['package/package.json', 'package.json'].map((name) => join(folder, name)).find((path) => existsSync(path))
}

/** The package at a path. @throws FhirError `invalid` naming the package and what is wrong with it */
export function openPackage(path: string): PackageContent {
  const files = /\.tgz$|\.tar\.gz$/.test(path) ? packageFiles(readFileSync(path), basename(path)) : folderFiles(path)
  const own = files.find(({ name }) => /^(?:package\/)?package\.json$/.test(name))
  const manifest = own === undefined ? fromFolderName(path) : jsonOf(own, basename(path))
  const { name, version, fhirVersions, dependencies } = manifest
  if (typeof name !== 'string' || typeof version !== 'string')
    throw fail('invalid', `The package ${basename(path)} has no name and version, expected both in its package.json`)
  const listed = fhirVersions ?? manifest['fhir-version-list']
  const [fhirVersion] = Array.isArray(listed) ? (listed as readonly Json[]) : []
  return {
    name,
    version,
    ...(typeof fhirVersion === 'string' && { fhirVersion }),
    dependencies: isObject(dependencies) ? (dependencies as Readonly<Record<string, string>>) : {},
    resources: () => definitions(files),
    digest: () => digestOf(files),
  }
}

function folderFiles(folder: string): readonly PackageFile[] {
  const at = manifestOf(folder)?.endsWith(join('package', 'package.json')) === true ? join(folder, 'package') : folder
  return globSync('*.{json,ndjson.gz}', { cwd: at })
    .toSorted()
    .map((name) => ({ name, bytes: () => readFileSync(join(at, name)) }))
}

/** `hl7.fhir.eu.hdr-2026-06-26`: what a folder without package.json is called. */
function fromFolderName(path: string): JsonObject {
  const [, name = basename(path), version = '0.0.0'] = /^(.+?)-(\d.*)$/.exec(basename(path)) ?? []
  const release = RELEASES[/\.(r4b?|r5)$/.exec(name)?.[1] ?? '']
  return { name, version, ...(release !== undefined && { fhirVersions: [release] }) }
}

const RELEASES: Readonly<Record<string, string>> = { r4: '4.0.1', r4b: '4.3.0', r5: '5.0.0' }

function jsonOf(file: PackageFile, packageName: string): JsonObject {
  try {
    const value = JSON.parse(textOf(file.bytes())) as Json
    if (isObject(value)) return value
  } catch (cause) {
    throw fail('invalid', `The file ${file.name} of the package ${packageName} is no JSON, expected an object`, {
      cause,
    })
  }
  throw fail('invalid', `The file ${file.name} of the package ${packageName} holds no object, expected one`)
}

function* definitions(files: readonly PackageFile[]): Generator<Resource | { readonly fault: string }> {
  const isByType = files.some(({ name }) => NAMED.test(name))
  for (const file of files) {
    if (file.name.endsWith('.ndjson.gz')) yield* lines(file)
    else if (isByType ? NAMED.test(file.name) : ANY_JSON.test(file.name) && !file.name.endsWith('package.json'))
      yield* parsed(() => textOf(file.bytes()), file.name)
  }
}

const MAX_UNPACKED_BYTES = 512 * 1024 * 1024

function* lines(file: PackageFile): Generator<Resource | { readonly fault: string }> {
  if (!KINDS.some((kind) => file.name.startsWith(kind))) return
  let text: string
  try {
    text = textOf(gunzipSync(file.bytes(), { maxOutputLength: MAX_UNPACKED_BYTES }))
  } catch {
    yield { fault: `The file ${file.name} cannot be unpacked, expected gzip of at most ${MAX_UNPACKED_BYTES} bytes` }
    return
  }
  for (const [index, line] of text.split('\n').entries())
    if (line.trim() !== '') yield* parsed(() => line, `${file.name}, line ${index + 1}`)
}

function* parsed(read: () => string, name: string): Generator<Resource | { readonly fault: string }> {
  try {
    const value = JSON.parse(read()) as Json
    if (isResource(value) && KINDS.some((kind) => kind === value.resourceType)) yield value
  } catch {
    yield { fault: `The file ${name} is no JSON, expected a definition` }
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
}

function digestOf(files: readonly PackageFile[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file.name}\0`).update(file.bytes())
  return hash.digest('hex')
}
