/** The packages that a user has dropped into a folder: compiled once, kept in the cache by the digest of their bytes. */

import { existsSync, globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FhirError } from '../../fhir/error.ts'
import type { BaseConstraints } from '../../fhir/compact.ts'
import type { PackageFault } from '../../fhir/library.ts'
import { cacheFolder } from '../cache-folder.ts'
import { compilePackage, FORM, readIndex } from './compiled.ts'
import { isPackage, openPackage } from './content.ts'
import type { AtHand } from './library.ts'

interface Dropped {
  readonly packages: readonly AtHand[]
  /** Packages that cannot be read. */
  readonly faults: readonly PackageFault[]
}

export interface DropOptions {
  /** Packages of other versions of FHIR are passed over. */
  readonly fhirVersion: string
  readonly base: BaseConstraints
  /** Where compiled packages are kept; else in the cache of the user. */
  readonly cache?: string
}

/** The packages in folders, each of which may be a package itself. A package that is there twice counts once. */
export function droppedIn(folders: readonly string[], options: DropOptions): Dropped {
  const packages = new Map<string, AtHand>()
  const faults: PackageFault[] = []
  for (const path of folders.flatMap(packagesIn)) {
    try {
      const one = compiled(path, options)
      if (isSameRelease(one.index.fhirVersion, options.fhirVersion) && !packages.has(one.index.package))
        packages.set(one.index.package, one)
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
      faults.push({ package: basename(path), text: error.issues[0].text })
    }
  }
  return { packages: [...packages.values()], faults }
}

function packagesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  if (isPackage(folder)) return [folder]
  return globSync('*', { cwd: folder })
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => isPackage(path))
}

function compiled(path: string, { base, cache = cacheFolder() }: DropOptions): AtHand {
  const content = openPackage(path)
  const { name, version } = content
  const own = `${name}-${version}`.replaceAll(/[^\w.-]/g, '_')
  const folder = join(cache, 'packages', `${own}-${content.digest().slice(0, 32)}-${FORM}`)
  const known = readIndex(folder)
  if (known !== undefined) return { folder, index: known }
  compilePackage({ content, base }, folder)
  const index = readIndex(folder)
  if (index === undefined) throw new TypeError('A package was compiled and cannot be read')
  return { folder, index }
}

/** Whether two versions of FHIR are of one release: 4.0.0 and 4.0.1. */
function isSameRelease(one: string, other: string): boolean {
  const release = (version: string): string => version.split('.').slice(0, 2).join('.')
  return release(one) === release(other)
}
