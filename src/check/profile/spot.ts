/** Paths of discriminators: read as steps, and walked through a profile to the place that tells slices apart. */

import type { ElementDefinition, Structure } from '../../fhir/library.ts'
import { isObject, type Json } from '../../fhir/types.ts'
import { baseType, urlOf, type Compiler } from './run.ts'
import { baseOf, codesOf, treeOf, type TreeNode } from './tree.ts'

/** `code`, `ofType(Quantity)`, `extension('…')`, `resolve()`. */
export interface Step {
  readonly kind: 'child' | 'type' | 'extension' | 'resolve'
  /** The element, type or URL; empty for `resolve()`. */
  readonly name: string
}

/** Where a path leads in a profile, and what is demanded there. */
export interface Spot {
  /** The element; undefined where a pattern above it alone says what is demanded. */
  readonly row?: ElementDefinition | undefined
  readonly node?: TreeNode | undefined
  readonly fixed?: Json | undefined
  readonly pattern?: Json | undefined
  /** A type that the path itself or the profile of a target names. */
  readonly type?: string | undefined
  /** The profile whose root this is. */
  readonly root?: Structure | undefined
  /** The profile that speaks. */
  readonly structure: Structure
}

const STEP =
  /^(?:\$this|(?<child>[A-Za-z][A-Za-z0-9]*)(?:\[x\])?|(?:ofType|as)\((?<type>\w+)\)|extension\('(?<extension>[^']+)'\)|(?<resolve>resolve)\(\))(?:\.|$)/

/** The steps of a path; undefined where it is none that a discriminator may have. */
export function stepsOf(path: string): readonly Step[] | undefined {
  const steps: Step[] = []
  for (let rest = path; rest !== '';) {
    const match = STEP.exec(rest)
    if (match === null) return undefined
    rest = rest.slice(match[0].length)
    const [kind, name] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? []
    if (kind !== undefined && name !== undefined) steps.push({ kind: kind as Step['kind'], name })
  }
  return steps
}

/** The spot of an element of a profile. */
export function spotOf(node: TreeNode): Spot {
  const { row, structure } = node
  return { row, node, fixed: row.fixed?.value, pattern: row.pattern?.value, structure }
}

/** Where the steps lead from an element: several where it has several types or slices. */
export function spotsAt(from: Spot, steps: readonly Step[], compiler: Compiler): readonly Spot[] {
  let spots: readonly Spot[] = [from]
  for (const step of steps) spots = spots.flatMap((spot) => LEAD[step.kind](spot, step, compiler))
  return spots
}

type Lead = (spot: Spot, step: Step, compiler: Compiler) => readonly Spot[]

const LEAD: Readonly<Record<Step['kind'], Lead>> = {
  child: (spot, { name }, compiler) => childSpots(spot, name, compiler),
  type: (spot, { name }) => [{ ...spot, ...sliceOfType(spot, name), type: name }],
  extension: (spot, { name }, compiler) => extensionSpots(spot, name, compiler),
  resolve: (spot, _step, compiler) => targets(spot, compiler),
}

function sliceOfType({ node }: Spot, type: string): Partial<Spot> {
  const slice = node?.slices.find(({ row }) => codesOf(row).includes(type))
  return slice === undefined ? {} : spotOf(slice)
}

/** A child that the profile says something of; that a pattern above speaks of; or that a profile of the type has. */
function childSpots(spot: Spot, name: string, compiler: Compiler): readonly Spot[] {
  const { node, structure } = spot
  const own = node?.children.filter((child) => child.name === name || child.name === `${name}[x]`) ?? []
  const demanded = { fixed: memberOf(spot.fixed, name), pattern: memberOf(spot.pattern, name) }
  if (own.length > 0) {
    return own
      .flatMap((child) => [child, ...child.slices])
      .map(spotOf)
      .map((found) => ({ ...found, fixed: found.fixed ?? demanded.fixed, pattern: found.pattern ?? demanded.pattern }))
  }
  if (demanded.fixed !== undefined || demanded.pattern !== undefined) return [{ ...demanded, structure }]
  const deeper = rootsOf(spot, compiler).flatMap((root) => childSpots(root, name, compiler))
  if (deeper.length > 0) return deeper
  const base =
    node === undefined
      ? undefined
      : (baseOf(node, name, compiler.library) ?? baseOf(node, `${name}[x]`, compiler.library))
  return base === undefined ? [] : [{ row: base.base, structure }]
}

/** The member of a fixed value or pattern: of the items of a list, the first that has it. */
function memberOf(value: Json | undefined, name: string): Json | undefined {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => memberOf(item, name)).find((one) => one !== undefined)
  }
  return isObject(value) ? value[name] : undefined
}

/** The roots of the profiles that the types of an element name. */
function rootsOf({ row, root, structure }: Spot, compiler: Compiler): readonly Spot[] {
  if (root !== undefined || row === undefined) return []
  return (row.type ?? []).flatMap(({ profile = [] }) => profile).flatMap((url) => rootSpot(url, structure, compiler))
}

function rootSpot(url: string, from: Structure, compiler: Compiler): readonly Spot[] {
  const structure = compiler.library.structure(url, from)
  if (structure === undefined) return []
  const spot = spotOf(treeOf(structure, compiler.library))
  return [{ ...spot, type: structure.type, root: baseType(structure) === undefined ? structure : undefined }]
}

function targets({ row, structure }: Spot, compiler: Compiler): readonly Spot[] {
  const urls = (row?.type ?? []).flatMap(({ targetProfile = [] }) => targetProfile)
  return urls.flatMap((url) => rootSpot(url, structure, compiler))
}

function extensionSpots(spot: Spot, url: string, compiler: Compiler): readonly Spot[] {
  const slices = spot.node?.children.find(({ name }) => name === 'extension')?.slices ?? []
  const own = slices.filter((slice) => extensionUrl(slice) === url)
  return own.length > 0 ? own.map(spotOf) : rootSpot(url, spot.structure, compiler)
}

/** The URL of extensions that a slice is for; undefined where it is for none alone. */
export function extensionUrl({ row, children }: TreeNode): string | undefined {
  const fixed = children.find(({ name }) => name === 'url')?.row.fixed?.value
  if (typeof fixed === 'string') return fixed
  const [type, another] = row.type ?? []
  const [profile] = type?.profile ?? []
  return type?.code === 'Extension' && another === undefined && profile !== undefined ? urlOf(profile) : undefined
}
