/**
 * Elements that a profile requires and a resource lacks: each gets the reason why it is absent, never a value.
 * @see https://hl7.org/fhir/R4/extension-data-absent-reason.html
 */

import type { ElementDefinition, Library, Structure } from '../../fhir/library.ts'
import { elementModel, type Model } from '../../fhir/model.ts'
import { isObject, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import type { GuideRow, ProfileRow } from './guide.ts'

/** The resource with its absent elements told; the very same where none is. */
export type Fill = (resource: Resource) => { readonly resource: Resource; readonly filled: readonly string[] }

const ABSENT: JsonObject = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
}

/** An element that must be there wherever the one above it is. */
interface Requirement {
  /** The elements above it, below the resource, by their names in JSON. */
  readonly above: readonly string[]
  /** Every name in JSON by which it may be there. */
  readonly names: readonly string[]
  /** The member that tells its absence. */
  readonly member: string
  readonly absence: Json
}

/** What a profile requires, by its definition, else as the guide says it; undefined where neither tells anything. */
export function filler(
  { profile, type, requires }: ProfileRow,
  { package: name, version }: Pick<GuideRow, 'package' | 'version'>,
  { model, library }: { readonly model: Model; readonly library: Library },
): Fill | undefined {
  const structure =
    library.structure(`${profile}|${version}`) ??
    // another version than that of the guide may require other elements
    (requires === undefined ? library.structure(profile, { package: `${name}#${version}` }) : undefined)
  if (structure === undefined && requires === undefined) return undefined
  const elements = structure?.elements ?? (requires ?? []).map((element) => required(element, type, model))
  const requirements = requirementsOf({ elements, type }, model)
  return (resource) => {
    const filled: string[] = []
    let completed: JsonObject = resource
    for (const requirement of requirements) completed = told(completed, requirement, { at: 0, filled })
    return { resource: completed as Resource, filled }
  }
}

/** The definition of an element that must be there, by its name in JSON. */
function required(element: string, type: string, model: Model): ElementDefinition {
  const known = elementModel(model, type, element)
  const name = known?.choice === undefined ? element : `${known.choice}[x]`
  const path = `${type}.${name}`
  return { id: path, path, min: 1, type: [{ code: known?.type ?? '' }] } as unknown as ElementDefinition
}

function requirementsOf(
  { elements, type }: Pick<Structure, 'elements' | 'type'>,
  model: Model,
): readonly Requirement[] {
  return elements.flatMap((element) => {
    const [, ...names] = element.path.split('.')
    const isPlain = !element.id.includes(':') && element.min > 0 && names.length > 0
    if (!isPlain || isChosen(element)) return []
    const requirement = requirementFor(element, names, { type, model })
    return requirement === undefined ? [] : [requirement]
  })
}

/** Where the profile says the value, or from which codes it must be: a reason for absence is none of them. */
function isChosen({ fixed, pattern, type, binding }: ElementDefinition): boolean {
  const isCode = ['code', 'CodeableConcept'].includes(type?.[0]?.code ?? '') && binding?.strength === 'required'
  return fixed !== undefined || pattern !== undefined || isCode
}

function requirementFor(
  element: ElementDefinition,
  names: readonly string[],
  { type, model }: { readonly type: string; readonly model: Model },
): Requirement | undefined {
  const above = names.slice(0, -1)
  const name = names.at(-1) ?? ''
  const holder = holderOf(above, type, model)
  const types = element.type ?? []
  // a moment in the place of its finer kinds: there is nothing to tell of either
  const first = types.find(({ code }) => code === 'dateTime') ?? types[0]
  if (holder === undefined || first === undefined || above.some((one) => one.endsWith('[x]'))) return undefined
  const stem = name.replace(/\[x\]$/, '')
  const isChoice = name.endsWith('[x]')
  const own = isChoice ? stem + first.code.charAt(0).toUpperCase() + first.code.slice(1) : name
  const known = elementModel(model, holder, own)
  if (known === undefined || own === 'id') return undefined
  const isPrimitive = model.types[known.type]?.kind === 'primitive-type'
  const elements = Object.keys(model.types[holder]?.elements ?? {})
  const value = absenceOf(known.type)
  return {
    above,
    names: isChoice ? elements.filter((one) => elementModel(model, holder, one)?.choice === stem) : [name],
    member: isPrimitive ? `_${own}` : own,
    absence: known.list === true ? [value] : value,
  }
}

/** How the absence of an element of a type is told, a choice by the first of its kinds; undefined where it has none such. */
export function absence(
  element: string,
  type: string,
  model: Model,
): { readonly member: string; readonly value: Json } | undefined {
  const stem = element.endsWith('[x]') ? element.slice(0, -3) : undefined
  const names = Object.keys(model.types[type]?.elements ?? {})
  const own = stem === undefined ? element : names.find((name) => elementModel(model, type, name)?.choice === stem)
  const known = own === undefined ? undefined : elementModel(model, type, own)
  if (own === undefined || known === undefined) return undefined
  const value = absenceOf(known.type)
  const isPrimitive = model.types[known.type]?.kind === 'primitive-type'
  return { member: isPrimitive ? `_${own}` : own, value: known.list === true ? [value] : value }
}

/** The type that holds an element, by the names above it. */
function holderOf(above: readonly string[], type: string, model: Model): string | undefined {
  let holder: string | undefined = type
  for (const name of above) holder = holder === undefined ? undefined : elementModel(model, holder, name)?.type
  return holder
}

/** A name by its text: a name of parts must have one of them. */
function absenceOf(type: string): JsonObject {
  return type === 'HumanName' ? { _text: ABSENT } : ABSENT
}

interface Telling {
  /** How many of the elements above have been entered. */
  readonly at: number
  readonly filled: string[]
}

function told(holder: JsonObject, requirement: Requirement, { at, filled }: Telling): JsonObject {
  const { above, names, member, absence } = requirement
  const name = above[at]
  if (name === undefined) {
    if (names.some((one) => isThere(holder[one]) || isThere(holder[`_${one}`]))) return holder
    filled.push([...above, member.replace(/^_/, '')].join('.'))
    return { ...holder, [member]: absence }
  }
  const below = holder[name]
  const next = { at: at + 1, filled }
  if (isObject(below)) {
    const changed = told(below, requirement, next)
    return changed === below ? holder : { ...holder, [name]: changed }
  }
  if (!Array.isArray(below)) return holder
  const items = below as readonly Json[]
  const changed = items.map((item) => (isObject(item) ? told(item, requirement, next) : item))
  return changed.every((item, place) => item === items[place]) ? holder : { ...holder, [name]: changed }
}

function isThere(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}
