/** A snapshot as a tree: children below their element, slices beside it, each with what the base type says of it. */

import type { ElementDefinition, Structure } from '../../fhir/library.ts'
import { lastingMemo } from '../../fhir/memo.ts'
import { formOf, type Form } from './form.ts'
import type { Structures } from './run.ts'

/** An element of a profile, or a slice of one. */
export interface TreeNode {
  readonly row: ElementDefinition
  /** The JSON name, of a choice with `[x]`; of the root the type. */
  readonly name: string
  /** What the definition of the base type says; undefined where nothing is known of it. */
  readonly base: ElementDefinition | undefined
  /** The choices of JSON names that values of the element may have, each with its type. */
  readonly forms: readonly Form[]
  readonly children: TreeNode[]
  readonly slices: TreeNode[]
  readonly parent: TreeNode | undefined
  /** The profile that the element is of. */
  readonly structure: Structure
}

/** The tree of a snapshot. */
export function treeOf(structure: Structure, library: Structures): TreeNode {
  const [first, ...rows] = structure.elements
  if (first === undefined) throw new TypeError(`${structure.url} has no elements`)
  const root: TreeNode = {
    row: first,
    name: structure.type,
    base: library.structure(structure.type)?.elements[0],
    forms: [formOf({ name: '', step: '', type: structure.type, place: structure.type })],
    children: [],
    slices: [],
    parent: undefined,
    structure,
  }
  const open = [root]
  for (const row of rows) add(row, open, library)
  return root
}

/** Puts a row where it belongs: `open` are the elements from the root down to the one read last. */
function add(row: ElementDefinition, open: TreeNode[], library: Structures): void {
  const cut = row.path.lastIndexOf('.')
  const ownerPath = row.path.slice(0, cut)
  while (open.length > 1 && !isOwner(open.at(-1), ownerPath)) open.pop()
  const owner = open.at(-1)
  if (owner === undefined || cut < 0) return
  const node = nodeOf(row, row.path.slice(cut + 1), owner, library)
  placeIn(owner, node)
  open.push(node)
}

/** A shortcut such as `Observation.valueQuantity` owns what is below that path, though it is a slice of `value[x]`. */
function isOwner(node: TreeNode | undefined, path: string): boolean {
  return node?.row.path === path
}

function nodeOf(row: ElementDefinition, own: string, owner: TreeNode, library: Structures): TreeNode {
  const found = baseOf(owner, own, library)
  const base = found?.base
  const name = base === undefined ? own : base.path.slice(base.path.lastIndexOf('.') + 1)
  const forms = formsOf(name, base ?? row, row)
  return {
    row,
    name,
    base,
    forms: name === own ? forms : forms.filter((form) => form.name === own),
    children: [],
    slices: [],
    parent: owner,
    structure: owner.structure,
  }
}

/** Where a slice names its element, it goes to that element's slices, a reslice to those of its slice. */
function placeIn(owner: TreeNode, node: TreeNode): void {
  const { sliceName } = node.row
  const element = owner.children.find(({ name }) => name === node.name)
  const isShortcut = element !== undefined && element.row.path !== node.row.path
  if (element === undefined || (sliceName === undefined && !isShortcut)) {
    owner.children.push(node)
    return
  }
  const cut = sliceName?.lastIndexOf('/') ?? -1
  const slice = cut < 0 ? undefined : findSlice(element, sliceName?.slice(0, cut) ?? '')
  ;(slice ?? element).slices.push(node)
}

function findSlice({ slices }: TreeNode, name: string): TreeNode | undefined {
  for (const slice of slices) {
    const found = slice.row.sliceName === name ? slice : findSlice(slice, name)
    if (found !== undefined) return found
  }
  return undefined
}

/** What the base type says of a child: by the path of the owner's definition, or the datatype that it has. */
export function baseOf(
  owner: TreeNode,
  name: string,
  library: Structures,
): { readonly base: ElementDefinition } | undefined {
  for (const { place } of owner.forms) {
    const [type = ''] = place.split('.')
    const structure = library.structure(type)
    const base = structure === undefined ? undefined : rowsOf(structure).get(`${place}.${name}`)
    if (base !== undefined) return { base }
  }
  return undefined
}

const rowsByPath = lastingMemo<Structure, ReadonlyMap<string, ElementDefinition>>()

/** The rows of a base type by path; a choice also by each of its JSON names. */
function rowsOf(structure: Structure): ReadonlyMap<string, ElementDefinition> {
  let rows = rowsByPath.get(structure)
  if (rows === undefined) {
    const found = new Map<string, ElementDefinition>()
    for (const row of structure.elements) {
      found.set(row.path, row)
      if (!row.path.endsWith('[x]')) continue
      const stem = row.path.slice(0, -'[x]'.length)
      for (const { code } of row.type ?? []) found.set(`${stem}${capitalized(code)}`, row)
    }
    rowsByPath.set(structure, (rows = found))
  }
  return rows
}

/** The JSON names of an element by its base definition; a slice of a choice has those of its own types. */
function formsOf(name: string, base: ElementDefinition, row: ElementDefinition): readonly Form[] {
  const types = base.type ?? []
  if (!name.endsWith('[x]')) {
    const type = types[0]?.code ?? row.type?.[0]?.code
    return [formOf({ name, step: name, type, place: placeOf(base, type) })]
  }
  const step = name.slice(0, -'[x]'.length)
  return types.map(({ code }) => formOf({ name: step + capitalized(code), step, type: code, place: code }))
}

/** Elements with members of their own are their own place; others have those of their datatype. */
function placeOf(base: ElementDefinition, type: string | undefined): string {
  if (base.contentReference !== undefined) return base.contentReference.slice(base.contentReference.indexOf('#') + 1)
  return type === undefined || type === 'BackboneElement' || type === 'Element' ? base.path : type
}

function capitalized(code: string): string {
  return code.charAt(0).toUpperCase() + code.slice(1)
}

/** The types that a row allows. */
export function codesOf(row: ElementDefinition): readonly string[] {
  return (row.type ?? []).map(({ code }) => code)
}
