/** A package in the form that is read at run time: its definitions as lines, and an index of where each line is. */

import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { compactStructure, compactTerminology, type BaseConstraints } from '../../fhir/compact.ts'
import type { Published } from '../../fhir/library.ts'
import { isObject, type Json, type Resource } from '../../fhir/types.ts'
import type { PackageContent } from './content.ts'

/** Changes with the form of what is written: a folder of another form is made anew. */
export const FORM = 4

/** A definition: its kind, url and version, and where its line is; a profile without snapshot has its base there. An N is a URI that a NamingSystem gives, which needs no line. */
export type Row = readonly [
  kind: 'S' | 'V' | 'C' | 'N',
  url: string,
  version: string,
  offset: number,
  length: number,
  base?: string,
]

export interface PackageIndex {
  readonly form: number
  /** `hl7.fhir.uv.ips#2.0.0` */
  readonly package: string
  readonly fhirVersion: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly faults: readonly string[]
  readonly rows: readonly Row[]
}

const LETTERS = { StructureDefinition: 'S', ValueSet: 'V', CodeSystem: 'C' } as const

export interface CompileOptions {
  readonly content: PackageContent
  readonly base: BaseConstraints
  /** Of a package that does not say it. */
  readonly fhirVersion?: string
}

/** Writes the compiled form of a package into a folder, which is there whole or not at all. */
export function compilePackage({ content, base, fhirVersion }: CompileOptions, folder: string): void {
  const lines: Buffer[] = []
  const rows: Row[] = []
  const faults: string[] = []
  let offset = 0
  let version = content.fhirVersion ?? fhirVersion
  for (const resource of content.resources()) {
    if ('fault' in resource && typeof resource.fault === 'string') {
      faults.push(resource.fault)
      continue
    }
    const definition = resource as Resource
    if (typeof definition['fhirVersion'] === 'string') version ??= definition['fhirVersion']
    if (definition.resourceType === 'NamingSystem') {
      for (const uri of namedBy(definition)) rows.push(['N', uri, '', 0, 0])
      continue
    }
    const kind = LETTERS[definition.resourceType as keyof typeof LETTERS]
    if (typeof definition['url'] !== 'string') continue
    const compact = kind === 'S' ? compactStructure(definition, base) : compactTerminology(definition)
    const line = Buffer.from(`${JSON.stringify(compact)}\n`)
    rows.push([kind, definition['url'], textOf(definition['version']), offset, line.length, ...baseOf(kind, compact)])
    lines.push(line)
    offset += line.length
  }
  const index: PackageIndex = {
    form: FORM,
    package: `${content.name}#${content.version}`,
    fhirVersion: version ?? '4.0.1',
    dependencies: content.dependencies,
    faults,
    rows,
  }
  write(folder, { 'definitions.ndjson': Buffer.concat(lines), 'index.json': JSON.stringify(index) })
}

function namedBy({ uniqueId }: Resource): readonly string[] {
  const ids = Array.isArray(uniqueId) ? (uniqueId as readonly Json[]).filter(isObject) : []
  return ids.flatMap(({ type, value }) => (type === 'uri' && typeof value === 'string' ? [value] : []))
}

function baseOf(kind: Row[0], compact: object): readonly [] | readonly [string] {
  const { elements, baseDefinition = '' } = compact as Partial<Published>
  return kind === 'S' && elements === undefined ? [baseDefinition] : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Written beside and renamed, so that nobody reads half of it. */
function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  const part = `${folder}.${randomBytes(6).toString('hex')}`
  mkdirSync(part, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(part, name), bytes)
  rmSync(folder, { recursive: true, force: true })
  try {
    renameSync(part, folder)
  } catch (error) {
    // another process was first
    rmSync(part, { recursive: true, force: true })
    if (readIndex(folder) === undefined) throw error
  }
}

/** The index of a compiled package; undefined where there is none of this form. */
export function readIndex(folder: string): PackageIndex | undefined {
  try {
    const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as PackageIndex
    return index.form === FORM ? index : undefined
  } catch {
    return undefined
  }
}

/** Reads single lines of a compiled package; the file is opened for each, which is rare. */
export function readDefinition(folder: string, [, , , offset, length]: Row): unknown {
  const file = openSync(join(folder, 'definitions.ndjson'), 'r')
  try {
    const bytes = Buffer.alloc(length)
    readSync(file, bytes, 0, length, offset)
    return JSON.parse(bytes.toString('utf8'))
  } finally {
    closeSync(file)
  }
}
