/** Types of a profile's elements: which datatypes a choice or a resource may have, and the profiles that they keep. */

import { baseType, urlOf, type Check, type Compiler, type Profile, type Run } from './run.ts'
import { finding } from './finding.ts'
import type { Place } from './place.ts'
import { isOf } from './discriminator.ts'
import type { TreeNode } from './tree.ts'
import { isObject } from '../../fhir/types.ts'
import type { ElementType, Structure } from '../../fhir/library.ts'

const ANY: ReadonlySet<string> = new Set(['Resource', 'DomainResource', '*'])

/** The checks of a row's types that say more than its base's. */
export function typeChecks({ row, base, structure }: TreeNode, compiler: Compiler): readonly Check[] {
  return [
    ...allowed(row.type ?? [], base?.type ?? [], structure),
    ...profiled(row.type ?? [], base?.type ?? [], structure, compiler),
  ]
}

function allowed(types: readonly ElementType[], base: readonly ElementType[], structure: Structure): readonly Check[] {
  const codes = new Set(types.map(({ code }) => code))
  // where the base allows one datatype alone, that is its to tell
  const isOpen = base.length > 1 || base.some(({ code }) => ANY.has(code))
  const isNarrowed = isOpen && codes.size > 0 && base.some(({ code }) => !codes.has(code))
  if (!isNarrowed || [...codes].some((code) => ANY.has(code))) return []
  const told = [...codes].join(' or ')
  return [
    (place, _run, found) => {
      if (place.type === undefined || codes.has(place.type)) return
      const text = `There is a ${place.type}, expected ${told}`
      found.push(finding({ structure }, { rule: 'profile-type', place, text }))
    },
  ]
}

/** The profiles that the types of an element name beyond those of the base: one of them is to be kept. */
function profiled(
  types: readonly ElementType[],
  base: readonly ElementType[],
  structure: Structure,
  compiler: Compiler,
): readonly Check[] {
  const known = new Set(base.flatMap(({ profile = [] }) => profile).map(urlOf))
  return types.flatMap(({ code, profile = [] }): readonly Check[] => {
    const urls = profile.filter((url) => !known.has(urlOf(url)))
    if (urls.length === 0) return []
    const rows = lazily(() => urls.map((url) => compiler.profile(url, structure)))
    return [
      (place, run, found) => {
        if (!isOfCode(place, code) || isOwnExtension(place, urls)) return
        const profiles = rows()
        const [only] = profiles
        if (only === undefined || profiles.includes(undefined)) return
        if (profiles.length === 1) found.push(...outcomeOf(place, only, run))
        else if (!profiles.some((one) => one !== undefined && isOf(place, one, run))) {
          const text = `There is what keeps none of the profiles that are allowed, expected one that keeps ${urls.join(' or ')}`
          found.push(finding({ structure }, { rule: 'profile-type', place, text }))
        }
      },
    ]
  })
}

function isOfCode({ type, value, resource }: Place, code: string): boolean {
  return type === undefined || type === code || (value === resource && ANY.has(code))
}

/** Every extension is checked by its own definition wherever it stands. */
function isOwnExtension({ value }: Place, urls: readonly string[]): boolean {
  return isObject(value) && urls.some((url) => urlOf(url) === value['url'])
}

function outcomeOf(place: Place, profile: Profile, run: Run): ReturnType<Run['outcome']>['findings'] {
  return baseType(profile.structure) === undefined ? run.outcome(place, profile).findings : []
}

export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
