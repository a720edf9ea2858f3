/** The elements of a profile compiled to checks; what a profile only repeats of its base leaves none. */

import type { ElementDefinition } from '../../fhir/library.ts'
import { bindingChecks } from './binding.ts'
import { constraintChecks } from './constraint.ts'
import { finding } from './finding.ts'
import { objectOf, placesOf, type Place } from './place.ts'
import { referenceCheck } from './reference.ts'
import type { Check, Compiler, Profile, ProfileFinding, Run } from './run.ts'
import { slicingCheck, type ListCheck, type SlicePart } from './slicing.ts'
import { codesOf, treeOf, type TreeNode } from './tree.ts'
import { lazily, typeChecks } from './type.ts'
import { valueChecks } from './values.ts'
import type { Structure } from '../../fhir/library.ts'

/** The checker of a profile. */
export function compileProfile(structure: Structure, compiler: Compiler): Profile {
  const root = treeOf(structure, compiler.library)
  const checks = eachOf(root, compiler)
  return { structure, check: (place, run, found) => runAll(checks, place, run, found) }
}

function runAll(checks: readonly Check[], place: Place, run: Run, found: ProfileFinding[]): void {
  for (const check of checks) check(place, run, found)
}

/** What each value of an element is asked: by itself, then in its children. */
function eachOf(node: TreeNode, compiler: Compiler): readonly Check[] {
  const { row, base, structure } = node
  const isRoot = node.parent === undefined
  return [
    ...(isRoot ? [] : typeChecks(node, compiler)),
    ...valueChecks(row, base, { structure }),
    ...bindingChecks(row, base, structure),
    ...(isRoot ? [] : referenceCheck(node, compiler)),
    ...constraintChecks(node),
    ...childrenOf(node, compiler),
  ]
}

function childrenOf(node: TreeNode, compiler: Compiler): readonly Check[] {
  const { contentReference } = node.row
  if (node.children.length > 0 || contentReference?.startsWith('#') !== true) {
    return node.children.flatMap((child) => childCheck(child, compiler))
  }
  // an element of this very profile, which may be around this one: compiled when it is first needed
  const referred = lazily(() => {
    const target = find(rootOf(node), contentReference.slice(1))
    return target === undefined || target === node ? [] : childrenOf(target, compiler)
  })
  return node.structure.derivation === 'constraint'
    ? [(place, run, found) => runAll(referred(), place, run, found)]
    : []
}

function rootOf(node: TreeNode): TreeNode {
  return node.parent === undefined ? node : rootOf(node.parent)
}

/** The element with an id, slices left out. */
function find(node: TreeNode, id: string): TreeNode | undefined {
  if (node.row.id === id) return node
  for (const child of node.children) {
    const found = find(child, id)
    if (found !== undefined) return found
  }
  return undefined
}

/** The check that an owner's children of one name are asked; none where all of it is the base's already. */
function childCheck(node: TreeNode, compiler: Compiler): readonly Check[] {
  if (isOwnValue(node)) return []
  const each = eachOf(node, compiler)
  const count = cardinality(node.row, node.base)
  const list = slicingCheck(node, (slice) => partOf(slice, compiler), compiler)
  if (each.length === 0 && count === undefined && list === undefined) return []
  const { forms } = node
  const isPrimitive = isOfPrimitive(node)
  return [
    (owner, run, found) => {
      // what is no object where one belongs is for the base definitions to tell
      if (!isPrimitive && objectOf(owner) === undefined) return
      const places = placesOf(owner, forms)
      count?.(places.length, { node, owner, found })
      if (places.length === 0 && list === undefined) return
      list?.(places, owner, run, found)
      for (const place of places) runAll(each, place, run, found)
    },
  ]
}

/** The value of a primitive is no member of its own in JSON. */
function isOwnValue(node: TreeNode): boolean {
  const isOfSystem = codesOf(node.row).every((code) => code.startsWith('http://hl7.org/fhirpath/'))
  return node.name === 'value' && isOfPrimitive(node) && isOfSystem
}

function isOfPrimitive({ parent }: TreeNode): boolean {
  return parent?.forms.every(({ type }) => type !== undefined && /^[a-z]/.test(type)) === true
}

function partOf(slice: TreeNode, compiler: Compiler): SlicePart {
  const list: ListCheck | undefined = slicingCheck(slice, (reslice) => partOf(reslice, compiler), compiler)
  return { each: eachOf(slice, compiler), list }
}

interface Counted {
  readonly node: TreeNode
  readonly owner: Place
  readonly found: ProfileFinding[]
}

type Count = (count: number, counted: Counted) => void

/** The cardinality where it is narrower than the base's. */
function cardinality({ min, max }: ElementDefinition, base: ElementDefinition | undefined): Count | undefined {
  const most = max === '*' || max === base?.max ? Infinity : Number(max)
  const least = min > (base?.min ?? 0) ? min : 0
  if (least === 0 && most === Infinity) return undefined
  return (count, { node, owner, found }) => {
    const { structure } = node
    const name = node.name.replace('[x]', '')
    if (count < least) {
      const text =
        count === 0
          ? `The element ${name} is missing, expected at least ${least}`
          : `There are only ${count} of ${name}, expected at least ${least}`
      found.push(finding({ structure }, { rule: 'profile-min', place: owner, text }))
    }
    if (count > most) {
      const text = `There ${count === 1 ? 'is' : 'are'} ${count} of ${name}, expected ${most === 0 ? 'none' : `at most ${most}`}`
      found.push(finding({ structure }, { rule: 'profile-max', place: owner, text }))
    }
  }
}
