/** What the references of a profile may name: resources of the document that keep one of its target profiles. */

import type { ElementType, Structure } from '../../fhir/library.ts'
import { parseReference } from '../../fhir/reference.ts'
import { isObject } from '../../fhir/types.ts'
import { finding } from './finding.ts'
import type { Place } from './place.ts'
import { baseType, conforms, urlOf, type Check, type Compiler, type Profile, type Run } from './run.ts'
import type { TreeNode } from './tree.ts'
import { lazily } from './type.ts'

const ANY: ReadonlySet<string> = new Set(['Resource', 'DomainResource'])

/** The check of a row's target profiles and aggregation that say more than its base's. */
export function referenceCheck({ row, base, structure }: TreeNode, compiler: Compiler): readonly Check[] {
  const type = row.type?.find(({ code }) => code === 'Reference')
  if (type === undefined) return []
  const own = base?.type?.find(({ code }) => code === 'Reference')
  return [...targetCheck(type, own, structure, compiler), ...aggregationCheck(type, structure)]
}

function targetCheck(
  { targetProfile = [] }: ElementType,
  base: ElementType | undefined,
  structure: Structure,
  compiler: Compiler,
): readonly Check[] {
  const known = new Set((base?.targetProfile ?? []).map(urlOf))
  const isOwn = targetProfile.length < known.size || targetProfile.some((url) => !known.has(urlOf(url)))
  if (targetProfile.length === 0 || !isOwn) return []
  const profiles = lazily(() => targetProfile.map((url) => compiler.profile(url, structure)))
  return [
    (place, run, found) => {
      const target = run.resolve(place)
      if (target === undefined) return
      const text = unkept(target, profiles(), targetProfile, run)
      if (text === undefined) return
      found.push(
        finding({ structure }, { rule: 'profile-target', place, text: `The reference ${named(place)} ${text}` }),
      )
    },
  ]
}

/** Why a resource is none that a reference may name; undefined where it may, or where that cannot be told. */
function unkept(
  target: Place,
  profiles: readonly (Profile | undefined)[],
  urls: readonly string[],
  run: Run,
): string | undefined {
  const known = profiles.filter((one) => one !== undefined)
  if (known.some(({ structure }) => ANY.has(structure.type))) return undefined
  const ofType = known.filter(({ structure }) => structure.type === target.type)
  if (ofType.length === 0) {
    if (known.length < profiles.length) return undefined
    return `names a ${target.type}, expected ${[...new Set(known.map(({ structure }) => structure.type))].join(' or ')}`
  }
  if (ofType.every(({ structure }) => baseType(structure) !== undefined)) return undefined
  if (ofType.some((profile) => conforms(target, profile, run) || keepsPublished(target, profile, run))) return undefined
  return `names a ${target.type} that does not keep the profile that is asked of it, expected one that keeps ${urls.join(' or ')}`
}

/** Of a profile of the specification itself, what is wrong with the resource by the base definitions is told there alone. */
function keepsPublished(target: Place, profile: Profile, run: Run): boolean {
  return profile.structure.url.startsWith(SPECIFICATION) && run.outcome(target, profile).isKept
}

const SPECIFICATION = 'http://hl7.org/fhir/StructureDefinition/'

/** Where the target of a reference may be: contained, in the Bundle, or elsewhere. */
function aggregationCheck({ aggregation = [] }: ElementType, structure: Structure): readonly Check[] {
  if (aggregation.length === 0) return []
  const told = aggregation.join(' or ')
  return [
    (place, run, found) => {
      const mode = modeOf(place, run)
      if (mode === undefined || mode.some((one) => aggregation.includes(one))) return
      const text = `The reference ${named(place)} is ${mode[0] ?? ''}, expected ${told}`
      found.push(finding({ structure }, { rule: 'profile-aggregation', place, text }))
    },
  ]
}

function modeOf(place: Place, run: Run): readonly string[] | undefined {
  const reference = isObject(place.value) ? place.value['reference'] : undefined
  if (typeof reference !== 'string') return undefined
  if (parseReference(reference).form === 'fragment') return ['contained']
  return run.resolve(place) === undefined ? ['referenced'] : ['bundled', 'referenced']
}

function named({ value }: Place): string {
  const reference = isObject(value) ? value['reference'] : undefined
  return typeof reference === 'string' ? reference : ''
}
