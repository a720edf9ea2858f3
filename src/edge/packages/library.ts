/** The library over compiled packages: each definition is found by canonical, read when it is first asked for, and kept. */

import { FhirError } from '../../fhir/error.ts'
import type { CodeSystem, Library, Origin, PackageFault, Published, Structure, ValueSet } from '../../fhir/library.ts'
import { snapshot } from '../../fhir/snapshot.ts'
import type { JsonObject } from '../../fhir/types.ts'
import { readDefinition, type PackageIndex, type Row } from './compiled.ts'
import { compareVersions, isVersion, nearest } from './version.ts'

/** A compiled package at hand. */
export interface AtHand {
  readonly folder: string
  readonly index: PackageIndex
}

interface Candidate {
  readonly row: Row
  readonly at: AtHand
}

const BASE = 'http://hl7.org/fhir/StructureDefinition/'
const CORE = /^hl7\.fhir\.r\w+\.core#/

/** The library of packages of one FHIR version. `broken` are packages that could not be read at all. */
export function openLibrary(packages: readonly AtHand[], broken: readonly PackageFault[] = []): Library {
  const byKey = candidates(packages)
  const reach = dependencies(packages)
  const read = new Map<Row, JsonObject>()
  const structures = new Map<Row, Structure | FhirError>()

  function find(kind: Row[0], canonical: string, from?: Origin): Candidate | undefined {
    const [url = '', version] = (canonical.split('#')[0] ?? '').split('|')
    const all = byKey.get(`${kind} ${url}`) ?? []
    if (version !== undefined) {
      const exact = all.filter(({ row }) => isVersion(row[2], version))
      return exact.at(0) ?? (from === undefined ? undefined : nearest(all, ({ row }) => row[2], version))
    }
    const near = from === undefined ? undefined : reach.get(from.package)
    return all.find(({ at }) => near?.has(at.index.package) === true) ?? all[0]
  }

  function definition({ row, at }: Candidate): JsonObject {
    const known = read.get(row)
    if (known !== undefined) return known
    const made = { ...(readDefinition(at.folder, row) as JsonObject), package: at.index.package }
    read.set(row, made)
    return made
  }

  function structure(canonical: string, from?: Origin): Structure | undefined {
    const candidate = find('S', canonical.includes(':') ? canonical : BASE + canonical, from)
    if (candidate === undefined) return undefined
    const known = structures.get(candidate.row) ?? completed(candidate)
    structures.set(candidate.row, known)
    if (known instanceof FhirError) throw known
    return known
  }

  /** With its snapshot, or why there can be none; a profile that stands on itself is none. */
  function completed({ row, at }: Candidate): Structure | FhirError {
    const made = definition({ row, at }) as unknown as Published & Origin
    if (made.elements !== undefined) return made as Structure
    structures.set(row, circular(made.url))
    try {
      const elements = snapshot(made, (canonical) => structure(canonical, made))
      const { differential: _, ...rest } = made
      return { ...rest, elements }
    } catch (error) {
      if (error instanceof FhirError) return error
      throw error
    }
  }

  return {
    structure,
    valueSet: (canonical, from) => {
      const candidate = find('V', canonical, from)
      return candidate === undefined ? undefined : (definition(candidate) as ValueSet)
    },
    codeSystem: (canonical, from) => {
      const candidate = find('C', canonical, from)
      return candidate === undefined ? undefined : (definition(candidate) as CodeSystem)
    },
    isNamed: (uri) => byKey.has(`N ${uri}`),
    get faults() {
      return [...broken, ...packages.flatMap((one) => faultsOf(one, (url, from) => find('S', url, from) !== undefined))]
    },
    packages: packages.map(({ index }) => index.package),
  }
}

function circular(url: string): FhirError {
  const text = `The profile ${url} stands on itself, expected a base that does not`
  return new FhirError([{ severity: 'error', code: 'processing', text }])
}

/** What is wrong with the files of a package, and which of its profiles stand on one that is not at hand. */
function faultsOf({ index }: AtHand, isAtHand: (canonical: string, from: Origin) => boolean): readonly PackageFault[] {
  const origin = { package: index.package }
  return [
    ...index.faults.map((text) => ({ ...origin, text })),
    ...index.rows.flatMap(([, url, , , , base]): readonly PackageFault[] => {
      if (base === undefined || isAtHand(base, origin)) return []
      return [{ ...origin, url, text: `The base ${base} of ${url} is not at hand, expected a package that has it` }]
    }),
  ]
}

/** By kind and url: what another package redefines of the core stands before it, and the latest version first. */
function candidates(packages: readonly AtHand[]): ReadonlyMap<string, readonly Candidate[]> {
  const byKey = new Map<string, Candidate[]>()
  for (const at of packages) {
    for (const row of at.index.rows) {
      const key = `${row[0]} ${row[1]}`
      const all = byKey.get(key)
      if (all === undefined) byKey.set(key, [{ row, at }])
      else all.push({ row, at })
    }
  }
  for (const all of byKey.values()) {
    if (all.length > 1) all.sort((one, other) => rank(one) - rank(other) || compareVersions(other.row[2], one.row[2]))
  }
  return byKey
}

function rank({ at }: Candidate): number {
  return CORE.test(at.index.package) ? 1 : 0
}

/** By package, itself and the packages that it depends on, in their nearest versions at hand; the core is everybody's. */
function dependencies(packages: readonly AtHand[]): ReadonlyMap<string, ReadonlySet<string>> {
  const reach = new Map<string, ReadonlySet<string>>()
  const collect = (one: AtHand, found: Set<string>): void => {
    if (found.has(one.index.package) || CORE.test(one.index.package)) return
    found.add(one.index.package)
    for (const [name, version] of Object.entries(one.index.dependencies)) {
      const named = packages.filter(({ index }) => index.package.startsWith(`${name}#`))
      const best = nearest(named, ({ index }) => index.package.slice(name.length + 1), version)
      if (best !== undefined) collect(best, found)
    }
  }
  for (const one of packages) {
    const found = new Set<string>()
    collect(one, found)
    reach.set(one.index.package, found)
  }
  return reach
}
