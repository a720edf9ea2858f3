/** The definitions of a FHIR version: what the build has compiled, and the packages that a user has dropped in. */

import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { baseConstraints } from '../fhir/compact.ts'
import type { Definitions, Shape } from '../fhir/definitions.ts'
import { lazyRecord } from '../fhir/lazy-record.ts'
import type { Library } from '../fhir/library.ts'
import { isResourceType, type Model } from '../fhir/model.ts'
import { loadPathContext } from '../fhir/path.ts'
import { readIndex } from './packages/compiled.ts'
import { droppedIn } from './packages/dropped.ts'
import { openLibrary, type AtHand } from './packages/library.ts'

const build = new URL('../../build/', import.meta.url)

/** The versions of FHIR, and where the build has put each. */
export const FHIR_VERSIONS = { '4.0.1': 'r4', '4.3.0': 'r4b', '5.0.0': 'r5' } as const

export type FhirVersion = keyof typeof FHIR_VERSIONS

export interface DefinitionsOptions {
  /** 4.0.1 where it is left out. */
  readonly fhirVersion?: FhirVersion
  /** Folders of packages that a user has dropped in. */
  readonly profiles?: readonly string[]
  /** Where these are kept compiled; else in the cache of the user. */
  readonly cache?: string
}

/** The definitions of a FHIR version. @throws Error where `npm run build` has not run */
export async function loadDefinitions({
  fhirVersion = '4.0.1',
  profiles = [],
  cache,
}: DefinitionsOptions = {}): Promise<Definitions> {
  const folder = new URL(`${FHIR_VERSIONS[fhirVersion]}/`, build)
  const read = <Part extends keyof Definitions>(part: Part): Promise<Definitions[Part]> =>
    built(async () => JSON.parse(await readFile(new URL(`${part}.json`, folder), 'utf8')) as Definitions[Part])
  const [model, compartment, invariants, bindings, targets, paths] = await Promise.all([
    read('model'),
    read('compartment'),
    read('invariants'),
    read('bindings'),
    read('targets'),
    loadPathContext(fhirVersion),
  ])
  const library = lazily(() => {
    const own = [...ownPackages(folder), ...(folder.href === r4.href ? [] : sharedPackages())]
    const { packages, faults } = droppedIn(profiles, {
      fhirVersion,
      base: baseConstraints(model, invariants),
      ...(cache !== undefined && { cache }),
    })
    const further = packages.filter(({ index }) => !own.some((other) => other.index.package === index.package))
    return openLibrary([...own, ...further], faults)
  })
  const shapes = shapesOf(model, new URL('shapes/', folder))
  return { model, compartment, invariants, bindings, targets, shapes, paths, library }
}

/** A service meets a few of the types: what tells the shape of one is loaded with its first resource. */
function shapesOf(model: Model, folder: URL): Definitions['shapes'] {
  const load = createRequire(folder)
  const types = Object.keys(model.types).filter((name) => isResourceType(model, name))
  return lazyRecord(types, (type) => load(`./${type}.cjs`) as Shape)
}

/** The packages of the manifest, compiled by the build. */
function ownPackages(folder: URL): readonly AtHand[] {
  const at = fileURLToPath(new URL('packages/', folder))
  return globSync('*/index.json', { cwd: at })
    .toSorted()
    .map((path) => {
      const own = at + path.slice(0, -'/index.json'.length)
      const index = readIndex(own)
      if (index === undefined) throw new Error('The definitions were built by another version, run npm run build')
      return { folder: own, index }
    })
}

const r4 = new URL(`${FHIR_VERSIONS['4.0.1']}/`, build)

/** Terminology and extensions are the same for each version of FHIR; they come in the form of R4. */
function sharedPackages(): readonly AtHand[] {
  return ownPackages(r4).filter(({ index }) => SHARED.test(index.package))
}

const SHARED = /^hl7\.(?:terminology|fhir\.uv\.extensions)\./

/** A library that is opened with the first question. */
function lazily(open: () => Library): Library {
  let opened: Library | undefined
  const library = (): Library => (opened ??= open())
  return {
    structure: (canonical, from) => library().structure(canonical, from),
    valueSet: (canonical, from) => library().valueSet(canonical, from),
    codeSystem: (canonical, from) => library().codeSystem(canonical, from),
    isNamed: (uri) => library().isNamed(uri),
    get faults() {
      return library().faults
    },
    get packages() {
      return library().packages
    },
  }
}

async function built<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new Error('The definitions are not built, run npm run build', { cause })
  }
}
