/** Slices: which elements of a list are of which, how many there may be, and in what order. @see https://hl7.org/fhir/R4/profiling.html#slicing */

import type { Slicing } from '../../fhir/library.ts'
import { isObject } from '../../fhir/types.ts'
import { matcherOf, readingsOf, type Matcher, type Reading } from './discriminator.ts'
import { finding } from './finding.ts'
import type { Place } from './place.ts'
import type { Check, Compiler, ProfileFinding, Run } from './run.ts'
import { extensionUrl, spotOf } from './spot.ts'
import { codesOf, type TreeNode } from './tree.ts'
import { described } from './values.ts'

/** Asks of the values of one element what their slices ask; `owner` holds them. */
export type ListCheck = (places: readonly Place[], owner: Place, run: Run, found: ProfileFinding[]) => void

interface Slice {
  readonly node: TreeNode
  /** Undefined where nothing tells what is of it. */
  readonly matches: Matcher | undefined
  /** What each of its elements is asked, and its own slices. */
  readonly each: readonly Check[]
  readonly list: ListCheck | undefined
}

export interface SlicePart {
  readonly each: readonly Check[]
  readonly list: ListCheck | undefined
}

/** The check of an element's slices; undefined where it has none. */
export function slicingCheck(
  node: TreeNode,
  partOf: (slice: TreeNode) => SlicePart,
  compiler: Compiler,
): ListCheck | undefined {
  if (node.slices.length === 0) return undefined
  const slicing = slicingOf(node)
  const readings = readingsOf(slicing.discriminator ?? [])
  const named = node.slices.filter(({ row }) => row.sliceName !== '@default')
  const slices = named.map((slice, order): Slice => ({
    node: slice,
    matches: slicerOf(slice, { ...slicing, readings }, order, compiler),
    ...partOf(slice),
  }))
  const rest = node.slices.find(({ row }) => row.sliceName === '@default')
  const restPart = rest === undefined ? undefined : partOf(rest)
  return (places, owner, run, found) => {
    const sorted = sort(places, slices, run)
    for (const slice of slices) checkSlice(slice, sorted, { owner, run, found })
    const others = places.filter((_, index) => sorted.of[index] === undefined)
    if (restPart !== undefined) checkEach(restPart, others, { owner, run, found })
    else checkRules({ node, slicing, slices }, places, sorted, found)
  }
}

/** A choice whose slices say no more is told apart by its type. */
function slicingOf({ row, name }: TreeNode): Slicing {
  const { slicing } = row
  if (slicing?.discriminator !== undefined) return slicing
  const isChoice = name.endsWith('[x]')
  return { rules: 'open', ...slicing, ...(isChoice && { discriminator: [{ type: 'type', path: '$this' }] }) }
}

function slicerOf(
  slice: TreeNode,
  { discriminator = [], readings }: Slicing & { readonly readings: readonly Reading[] | undefined },
  order: number,
  compiler: Compiler,
): Matcher | undefined {
  const url = slice.name === 'extension' || slice.name === 'modifierExtension' ? extensionUrl(slice) : undefined
  const [only, another] = discriminator
  if (url !== undefined && only?.path === 'url' && another === undefined) {
    return ({ value }) => isObject(value) && value['url'] === url
  }
  if (only?.type === 'type' && only.path === '$this' && another === undefined) return typeMatcher(slice)
  const spot = spotOf(slice)
  const matchers = (readings ?? []).map((reading) => matcherOf(reading, spot, order, compiler))
  const known = matchers.filter((one) => one !== undefined)
  return known.length === 0 || known.length < matchers.length ? undefined : all(known)
}

function typeMatcher(slice: TreeNode): Matcher {
  const types = new Set(codesOf(slice.row))
  return ({ type }) => type !== undefined && types.has(type)
}

function all(matchers: readonly Matcher[]): Matcher {
  const [only, another] = matchers
  if (only !== undefined && another === undefined) return only
  return (place, run, index) => {
    let answer: boolean | undefined = true
    for (const matcher of matchers) {
      const own = matcher(place, run, index)
      if (own === false) return false
      if (own === undefined) answer = undefined
    }
    return answer
  }
}

/** By place, the slice that it is of, and those that it may be of besides. */
interface Sorted {
  readonly of: readonly (Slice | undefined)[]
  readonly places: ReadonlyMap<Slice, readonly Place[]>
  /** How many may be of a slice: those of several count for each, and those of which it cannot be told. */
  readonly counts: ReadonlyMap<Slice, number>
  /** Of which it cannot be told. */
  readonly open: ReadonlySet<Place>
}

function sort(places: readonly Place[], slices: readonly Slice[], run: Run): Sorted {
  const of: (Slice | undefined)[] = []
  const bySlice = new Map<Slice, Place[]>()
  const counts = new Map<Slice, number>()
  const open = new Set<Place>()
  for (const [index, place] of places.entries()) {
    for (const slice of slices) {
      const answer = slice.matches?.(place, run, index)
      if (answer === false) continue
      if (answer === undefined) open.add(place)
      counts.set(slice, (counts.get(slice) ?? 0) + 1)
      if (answer !== true || of[index] !== undefined) continue
      of[index] = slice
      const own = bySlice.get(slice)
      if (own === undefined) bySlice.set(slice, [place])
      else own.push(place)
    }
    of[index] ??= undefined
  }
  return { of, places: bySlice, counts, open }
}

interface Asked {
  readonly owner: Place
  readonly run: Run
  readonly found: ProfileFinding[]
}

function checkSlice(slice: Slice, { places, counts }: Sorted, asked: Asked): void {
  const own = places.get(slice) ?? []
  const { row, structure } = slice.node
  const { owner, found } = asked
  const told = `${nameIn(slice.node)}`
  if (slice.matches !== undefined && (counts.get(slice) ?? 0) < row.min) {
    const text = `There is ${own.length === 0 ? 'no' : `only ${own.length}`} ${told}, expected at least ${row.min}`
    found.push(finding({ structure }, { rule: 'profile-min', place: owner, text }))
  }
  if (row.max === '0') {
    for (const place of own)
      found.push(finding({ structure }, { rule: 'profile-max', place, text: `There is ${told}, expected none` }))
  } else if (row.max !== '*' && own.length > Number(row.max)) {
    const text = `There are ${own.length} of ${told}, expected at most ${row.max}`
    found.push(finding({ structure }, { rule: 'profile-max', place: owner, text }))
  }
  checkEach(slice, own, asked)
}

/** `section of the slice sectionProblems` */
function nameIn({ name, row }: TreeNode): string {
  return `${name.replace('[x]', '')} of the slice ${row.sliceName ?? ''}`
}

function checkEach({ each, list }: SlicePart, places: readonly Place[], { owner, run, found }: Asked): void {
  for (const place of places) for (const check of each) check(place, run, found)
  list?.(places, owner, run, found)
}

interface Sliced {
  readonly node: TreeNode
  readonly slicing: Slicing
  readonly slices: readonly Slice[]
}

/** What the rules of the slicing ask: none besides, those besides at the end, all in order. */
function checkRules(
  { node, slicing, slices }: Sliced,
  places: readonly Place[],
  sorted: Sorted,
  found: ProfileFinding[],
): void {
  const { rules, ordered } = slicing
  if (rules === 'open' && ordered !== true) return
  if (slices.some(({ matches }) => matches === undefined)) return
  const { structure } = node
  const add = (place: Place, rule: 'profile-closed' | 'profile-order', text: string): void => {
    found.push(finding({ structure }, { rule, place, text }))
  }
  let last = 0
  let isAfterOthers = false
  for (const [index, place] of places.entries()) {
    const slice = sorted.of[index]
    if (slice === undefined) {
      if (sorted.open.has(place)) continue
      isAfterOthers = true
      if (rules === 'closed')
        add(place, 'profile-closed', `There is ${described(place)}, expected one of the slices ${listOf(slices)}`)
      continue
    }
    if (rules === 'openAtEnd' && isAfterOthers)
      add(place, 'profile-order', `There is ${nameIn(slice.node)} after others, expected it before them`)
    const order = slices.indexOf(slice)
    if (ordered === true && order < last)
      add(place, 'profile-order', `There is ${nameIn(slice.node)} out of order, expected the order ${listOf(slices)}`)
    last = Math.max(last, order)
  }
}

function listOf(slices: readonly Slice[]): string {
  return slices.map(({ node }) => node.row.sliceName ?? '').join(', ')
}
