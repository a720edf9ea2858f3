/**
 * The snapshot of a profile from its differential: what the base says, element by element, with what the profile changes.
 * @see https://hl7.org/fhir/R4/profiling.html#snapshot
 */

import { fail } from './error.ts'
import type { ElementDefinition, ElementDifference, ElementType, Published, Slicing, Structure } from './library.ts'

/** The StructureDefinition of a canonical or type name, its snapshot whole. */
export type Lookup = (canonical: string) => Pick<Structure, 'elements' | 'type'> | undefined

/**
 * The elements of a profile that has a differential alone.
 * @throws FhirError `processing` where the base or a type is not at hand, or an element is none of the base's
 */
export function snapshot(
  { url, baseDefinition = '', differential = [] }: Pick<Published, 'url' | 'baseDefinition' | 'differential'>,
  lookup: Lookup,
): readonly ElementDefinition[] {
  const base = lookup(baseDefinition)
  if (base === undefined)
    throw fail('processing', `The base ${baseDefinition} of ${url} is not at hand, expected a package that has it`)
  const draft: Draft = { url, elements: [...base.elements], lookup }
  const renamed = new Map<string, string>()
  for (const change of differential) {
    const at = place(draft, underNewName(change.id, renamed), change)
    const element = draft.elements[at]
    if (element === undefined) continue
    if (element.id !== change.id) renamed.set(change.id, element.id)
    draft.elements[at] = merged(templated(element, change, draft), change)
  }
  return draft.elements
}

/** The snapshot in the making; its elements are replaced and inserted, never changed. */
interface Draft {
  readonly url: string
  readonly elements: ElementDefinition[]
  readonly lookup: Lookup
}

/** An id whose element, or an ancestor of it, has got another (`valueQuantity` is `value[x]:valueQuantity`). */
function underNewName(id: string, renamed: ReadonlyMap<string, string>): string {
  for (const [from, to] of renamed) if (id.startsWith(`${from}.`)) return to + id.slice(from.length)
  return renamed.get(id) ?? id
}

/** Where the element of an id stands; it is made where it is a new slice or a child not yet written out. */
function place(draft: Draft, id: string, change?: ElementDifference): number {
  const found = find(draft, id)
  if (found >= 0) return found
  const [, sliced, sliceName] = /^(.*):([^:]+)$/.exec(lastStep(id)) ?? []
  const parentId = id.slice(0, Math.max(0, id.length - lastStep(id).length - 1))
  if (sliced !== undefined && sliceName !== undefined) {
    const name = reslicedName(sliceName)
    const whole = `${parentId}.${sliced}${name === undefined ? '' : `:${name}`}`
    return addSlice(draft, place(draft, parentId === '' ? whole.slice(1) : whole), { sliceName, change })
  }
  if (parentId === '') throw unknownElement(draft, id)
  const parent = place(draft, parentId)
  unfold(draft, parent)
  const own = `${draft.elements[parent]?.id}.${lastStep(id)}`
  const at = find(draft, own)
  return at >= 0 ? at : placeChoice(draft, parent, own)
}

function find({ elements }: Draft, id: string): number {
  return elements.findIndex((element) => element.id === id)
}

function unknownElement({ url }: Draft, id: string) {
  return fail('processing', `The element ${id} of ${url} is none of its base, expected one that the base defines`)
}

/** The last step of an id; a slice name may hold dots in brackets alone. */
function lastStep(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1)
}

/** The slice that a reslice is one of: `a` for `a/b`. */
function reslicedName(sliceName: string): string | undefined {
  const cut = sliceName.lastIndexOf('/')
  return cut < 0 ? undefined : sliceName.slice(0, cut)
}

/** A type of a choice by its short name (`valueQuantity`): a slice of the choice. */
function placeChoice(draft: Draft, parent: number, id: string): number {
  const name = lastStep(id)
  const prefix = `${draft.elements[parent]?.id}.`
  const at = draft.elements.findIndex(({ id: other, type = [] }) => {
    if (!other.startsWith(prefix) || !other.endsWith('[x]')) return false
    const stem = other.slice(prefix.length, -'[x]'.length)
    return type.some(({ code }) => stem + capital(code) === name)
  })
  const choice = draft.elements[at]
  if (choice === undefined) throw unknownElement(draft, id)
  const slice = find(draft, `${choice.id}:${name}`)
  return slice >= 0 ? slice : addSlice(draft, at, { sliceName: name })
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const BY_URL: Slicing = { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' }
const BY_TYPE: Slicing = { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' }

interface NewSlice {
  readonly sliceName: string
  /** What the differential says of it, where it does. */
  readonly change?: ElementDifference | undefined
}

/** A new slice of the element at a place, with the children that the element has; where it stands. */
function addSlice(draft: Draft, at: number, { sliceName, change }: NewSlice): number {
  const { elements } = draft
  const sliced = elements[at]
  if (sliced === undefined) throw new TypeError('There is no element to slice')
  const { slicing, ...rest } = sliced
  const id = `${sliced.sliceName === undefined ? sliced.id : sliced.id.slice(0, -sliced.sliceName.length - 1)}:${sliceName}`
  const slice: ElementDefinition = { ...rest, id, sliceName, min: 0, ...choiceTypes(sliced, sliceName) }
  if (slicing === undefined) elements[at] = { ...sliced, ...impliedSlicing(sliced) }
  // a profile on the type of the slice has children of its own
  const isProfiled = change?.type?.some(({ profile }) => profile !== undefined) === true
  const children = isProfiled ? [] : elements.filter((one) => one.id.startsWith(`${sliced.id}.`))
  const end = elements.findLastIndex((one) => belongsTo(one.id, sliced.id)) + 1
  elements.splice(end, 0, slice, ...children.map((child) => ({ ...child, id: id + child.id.slice(sliced.id.length) })))
  return end
}

function impliedSlicing({ path, sliceName }: ElementDefinition): { readonly slicing?: Slicing } {
  if (sliceName !== undefined) return {}
  if (/\.(?:modifierE|e)xtension$/.test(path)) return { slicing: BY_URL }
  return path.endsWith('[x]') ? { slicing: BY_TYPE } : {}
}

/** The one type of a choice that the name of a slice says. */
function choiceTypes({ path, type = [] }: ElementDefinition, sliceName: string): Pick<ElementDifference, 'type'> {
  const stem = lastStep(path).replace('[x]', '')
  const one = path.endsWith('[x]') ? type.filter(({ code }) => stem + capital(code) === sliceName) : []
  return one.length === 1 ? { type: one } : {}
}

/** Whether an id is that of an element, of a slice of it, or of what is below them. */
function belongsTo(id: string, whole: string): boolean {
  return id.startsWith(whole) && (id.length === whole.length || /^[.:/]/.test(id.slice(whole.length)))
}

/** Writes out the children of an element, from its type, the profile on its type, or what it refers to. */
function unfold(draft: Draft, at: number): void {
  const { elements } = draft
  const element = elements[at]
  if (element === undefined || elements.some(({ id }) => id.startsWith(`${element.id}.`))) return
  const { root, members, type } = content(element, draft)
  const children = members.map((member) => ({
    ...member,
    id: element.id + member.id.slice(root.length),
    path: element.path + member.path.slice(root.length),
  }))
  if (element.contentReference !== undefined) {
    const { contentReference: _, ...rest } = element
    elements[at] = { ...rest, ...(type !== undefined && { type }) }
  }
  elements.splice(at + 1, 0, ...children)
}

interface Content {
  /** The id that the members' ids begin with. */
  readonly root: string
  readonly members: readonly ElementDefinition[]
  readonly type?: readonly ElementType[] | undefined
}

function content({ id, type = [], contentReference, path }: ElementDefinition, draft: Draft): Content {
  if (contentReference !== undefined) {
    const root = contentReference.slice(contentReference.indexOf('#') + 1)
    const owner = draft.lookup(root.split('.')[0] ?? '')?.elements ?? []
    const members = owner.filter((one) => one.id.startsWith(`${root}.`))
    return { root, members, type: owner.find((one) => one.id === root)?.type }
  }
  const [only] = type
  const names = type.length !== 1 || only === undefined ? ['Element'] : [...(only.profile ?? []), only.code]
  const [name = 'Element'] = names
  const definition = draft.lookup(name) ?? (names.length > 1 ? draft.lookup(names[1] ?? '') : undefined)
  const [root, ...members] = definition?.elements ?? []
  if (root === undefined)
    throw fail('processing', `The type ${name} of ${id} in ${draft.url} is not at hand, expected a package that has it`)
  const limit = type.length !== 1 && path.endsWith('[x]') ? members.filter((one) => /^Element\./.test(one.id)) : members
  return { root: root.id, members: limit }
}

/** The element as the one profile on its type has it, where the change names one: what the profile says of its root. */
function templated(element: ElementDefinition, change: ElementDifference, { lookup }: Draft): ElementDefinition {
  const [only, ...others] = change.type ?? []
  const [profile, ...more] = only?.profile ?? []
  if (only === undefined || profile === undefined || others.length > 0 || more.length > 0) return element
  const [root] = lookup(profile)?.elements ?? []
  if (root === undefined) return element
  const isExtension = only.code === 'Extension'
  return {
    ...element,
    ...(isExtension && { min: root.min, max: narrower(root.max, element.max) }),
    ...(root.constraint !== undefined && { constraint: union(element.constraint, root.constraint) }),
    ...(isExtension && root.isModifier === true && { isModifier: true }),
  }
}

function narrower(one: string, other: string): string {
  if (one === '*') return other
  return other === '*' || Number(one) < Number(other) ? one : other
}

/** The element with what a profile changes of it. */
function merged(element: ElementDefinition, change: ElementDifference): ElementDefinition {
  const { id: _id, path: _path, constraint, binding, baseMax: _max, contentReference: _reference, ...rest } = change
  const constraints = union(element.constraint, constraint)
  return {
    ...element,
    ...rest,
    ...(constraints.length > 0 && { constraint: constraints }),
    ...(binding !== undefined && { binding: { ...element.binding, ...binding } }),
  }
}

type Constraints = NonNullable<ElementDefinition['constraint']>

/** Each constraint once by its key, the later one counting. */
function union(one: Constraints = [], other: Constraints = []): Constraints {
  return [...one.filter(({ key }) => !other.some((later) => later.key === key)), ...other]
}
