/**
 * Discriminators: how the elements of a list are told apart. The path is walked once through the profile to find what a
 * slice demands there, and compiled to code that walks the data.
 * @see https://hl7.org/fhir/R4/profiling.html#discriminator
 */

import type { Discriminator } from '../../fhir/library.ts'
import { isObject } from '../../fhir/types.ts'
import { verdictOf } from './binding.ts'
import { membersOf, type Place } from './place.ts'
import { baseType, conforms, type Compiler, type Profile, type Run } from './run.ts'
import { spotsAt, stepsOf, type Spot, type Step } from './spot.ts'
import { codesOf } from './tree.ts'
import { equals, matches } from './values.ts'

/** Whether a place is of a slice; undefined where it cannot be told here. */
export type Matcher = (place: Place, run: Run, index: number) => boolean | undefined

/** What is asked of the values at the end of a path. */
type Criterion = (places: readonly Place[], run: Run) => boolean | undefined

/** A discriminator whose path has been read. */
export interface Reading {
  readonly type: Discriminator['type']
  readonly steps: readonly Step[]
  /** The values at the end of the path. */
  readonly values: (place: Place, run: Run) => readonly Place[]
}

const COST = { position: 0, type: 1, value: 2, pattern: 2, exists: 2, profile: 3 } as const

/** The discriminators of a slicing, what costs least first; undefined where one has a path that none may have. */
export function readingsOf(discriminators: readonly Discriminator[]): readonly Reading[] | undefined {
  const readings = discriminators.map(({ type, path }): Reading | undefined => {
    const steps = stepsOf(path)
    return steps === undefined ? undefined : { type, steps, values: walker(steps) }
  })
  const known = readings.filter((one) => one !== undefined)
  return known.length < readings.length ? undefined : known.toSorted((a, b) => COST[a.type] - COST[b.type])
}

/** Walks the path once for all the slices that are asked about the same element one after the other. */
function walker(steps: readonly Step[]): Reading['values'] {
  let last: { readonly place: Place; readonly run: Run; readonly values: readonly Place[] } | undefined
  return (place, run) => {
    if (last?.place !== place || last.run !== run) last = { place, run, values: walked([place], steps, run) }
    return last.values
  }
}

/** The matcher of one discriminator for a slice; undefined where the profile says nothing that could tell. */
export function matcherOf(
  { type, steps, values }: Reading,
  slice: Spot,
  order: number,
  compiler: Compiler,
): Matcher | undefined {
  if (type === 'position') return (_place, _run, index) => index === order
  const spots = spotsAt(slice, steps, compiler)
  const criteria = CRITERIA[type]
    .map((criterionOf) => spots.map((spot) => criterionOf(spot, compiler)).filter((one) => one !== undefined))
    .find((found) => found.length > 0)
  if (criteria === undefined) return undefined
  const [only, another] = criteria
  if (only !== undefined && another === undefined) return (place, run) => only(values(place, run), run)
  return (place, run) => anyOf(criteria, values(place, run), run)
}

function anyOf(criteria: readonly Criterion[], places: readonly Place[], run: Run): boolean | undefined {
  let answer: boolean | undefined = false
  for (const criterion of criteria) {
    const own = criterion(places, run)
    if (own === true) return true
    if (own === undefined) answer = undefined
  }
  return answer
}

/** The values at the end of a path. */
function walked(places: readonly Place[], steps: readonly Step[], run: Run): readonly Place[] {
  let found = places
  for (const step of steps) found = found.flatMap((place) => WALK[step.kind](place, step, run))
  return found
}

const WALK: Readonly<Record<Step['kind'], (place: Place, step: Step, run: Run) => readonly Place[]>> = {
  child: (place, { name }) => membersOf(place, name),
  type: (place, { name }) => (place.type === name ? [place] : []),
  extension: (place, { name }) =>
    membersOf(place, 'extension').filter(({ value }) => isObject(value) && value['url'] === name),
  resolve: (place, _step, run) => {
    const target = typeof place.value === 'string' ? run.resolveText(place.value, place) : run.resolve(place)
    return target === undefined ? [] : [target]
  },
}

type CriterionOf = (spot: Spot, compiler: Compiler) => Criterion | undefined

/** By the type of discriminator, what is asked: the first that the profile says anything for. */
const CRITERIA: Readonly<Record<Exclude<Discriminator['type'], 'position'>, readonly CriterionOf[]>> = {
  value: [byValue, byExistence],
  pattern: [byValue, byExistence],
  exists: [byExistence],
  type: [byType],
  profile: [byProfile],
}

function byValue({ row, fixed, pattern, structure }: Spot): Criterion | undefined {
  if (fixed !== undefined) return (places) => places.some(({ value }) => equals(value, fixed))
  if (pattern !== undefined)
    return (places) => places.some(({ value }) => value !== undefined && matches(value, pattern))
  const { strength, valueSet } = row?.binding ?? {}
  if (strength !== 'required' || valueSet === undefined) return undefined
  return (places, run) => {
    const verdicts = places.map((place) => verdictOf(place, { valueSet, structure }, run))
    return verdicts.includes('in') ? true : verdicts.includes('unknown') ? undefined : false
  }
}

function byExistence({ row }: Spot): Criterion | undefined {
  if (row?.max === '0') return (places) => places.length === 0
  return row !== undefined && row.min > 0 ? (places) => places.length > 0 : undefined
}

const ANY: ReadonlySet<string> = new Set(['Resource', 'DomainResource', 'Element', 'BackboneElement'])

function byType({ row, type }: Spot): Criterion | undefined {
  const types = new Set(type === undefined ? (row === undefined ? [] : codesOf(row)) : [type])
  if (types.size === 0) return undefined
  if ([...types].some((one) => ANY.has(one))) return (places) => places.length > 0
  return (places) => places.some(({ type: own }) => own === undefined || types.has(own))
}

function byProfile(spot: Spot, compiler: Compiler): Criterion | undefined {
  const urls = spot.root === undefined ? (spot.row?.type ?? []).flatMap(({ profile = [] }) => profile) : [spot.root.url]
  if (urls.length === 0) return byType(spot)
  return (places, run) => {
    const profiles = urls.map((url) => compiler.profile(url, spot.structure))
    if (places.some((place) => profiles.some((profile) => profile !== undefined && isOf(place, profile, run))))
      return true
    return profiles.includes(undefined) && places.length > 0 ? undefined : false
  }
}

/** A resource of another type is none of a profile; asked first, for it costs nothing. */
export function isOf(place: Place, profile: Profile, run: Run): boolean {
  const { type } = profile.structure
  if (place.type !== undefined && place.type !== type && !ANY.has(type)) return false
  return (baseType(profile.structure) !== undefined && place.value !== place.resource) || conforms(place, profile, run)
}
