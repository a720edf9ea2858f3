/**
 * The expressions of search parameters as code: paths with the few functions that they use are compiled to ours, what is
 * more goes to fhirpath. Both give the same, which a test keeps over the published examples.
 * @see https://hl7.org/fhir/R4/search.html#2.21.1.2.1
 */

import { plain } from '../../../fhir/decimal.ts'
import { elementModel, type Model } from '../../../fhir/model.ts'
import { compilePath } from '../../../fhir/path.ts'
import { isObject, type Json, type JsonObject, type Reference, type Resource } from '../../../fhir/types.ts'
import { stepsOf, topLevel } from './expression-text.ts'

/** A value with its datatype, and the path of its element in the definitions: `Patient.gender`. */
export interface Typed {
  readonly value: Json
  readonly type: string
  readonly path: string
}

/** What an expression is asked about. */
export interface Focus {
  readonly node: Typed
  readonly resource: Resource
  /** The type of what a reference names, where that can be known. */
  readonly typeOf: (reference: Reference) => string | undefined
}

export type Extraction = (focus: Focus) => readonly Typed[]

/** The values of an expression for elements of a type. */
export function compileExpression(expression: string, type: string, model: Model): Extraction {
  const terms = topLevel(expression, '|').map((term) => term.trim())
  const compiled = (SPECIAL[expression] && [SPECIAL[expression]]) ?? terms.map((term) => compileTerm(term, type, model))
  const extractions = compiled.map((one, index) => one ?? byFhirPath(terms[index] ?? '', type))
  const [only, another] = extractions
  if (only !== undefined && another === undefined) return only
  return (focus) => extractions.flatMap((extraction) => extraction(focus))
}

/** Expressions that are no paths, by their text. */
const SPECIAL: Readonly<Record<string, Extraction>> = {
  'Patient.deceased.exists() and Patient.deceased != false': ({ resource }) => {
    const { deceasedBoolean, deceasedDateTime } = resource
    const value = deceasedDateTime !== undefined || deceasedBoolean === true
    return [{ value, type: 'boolean', path: 'Patient.deceased' }]
  },
}

/** From one node to others; the static types are all that it can meet. */
interface Step {
  readonly types: readonly string[]
  readonly follow: (nodes: readonly Typed[], focus: Focus) => readonly Typed[]
}

type StepMaker = (types: readonly string[], model: Model, ...captured: readonly string[]) => Step | undefined

const STEPS: readonly (readonly [RegExp, StepMaker])[] = [
  [/^([a-z][A-Za-z0-9]*)$/, (types, model, name = '') => child(types, model, name)],
  [/^(?:as|ofType)\(([A-Za-z]+)\)$/, (types, model, type = '') => narrowed(types, typeNamed(type, model))],
  [/^where\(resolve\(\) is ([A-Z][A-Za-z]*)\)$/, (types, _model, type = '') => resolving(types, type)],
  [/^where\(([a-z][A-Za-z]*)='([^'\\]*)'\)$/, (types, _model, name = '', text = '') => holding(types, name, text)],
  [/^extension\('([^'\\]*)'\)$/, (types, model, url = '') => extension(types, model, url)],
  [/^repeat\(([a-z][A-Za-z0-9]*)\)$/, (types, model, name = '') => repeated(types, model, name)],
]

/** The datatypes of what an expression finds; undefined where a term of it is no path. */
export function typesFound(expression: string, type: string, model: Model): readonly string[] | undefined {
  const all = topLevel(expression, '|').map((term) => pathOf(term.trim(), type, model)?.types)
  return all.every((types) => types !== undefined) ? [...new Set(all.flat())] : undefined
}

function compileTerm(term: string, type: string, model: Model): Extraction | undefined {
  const path = pathOf(term, type, model)
  if (path === undefined) return undefined
  return (focus) => {
    let nodes: readonly Typed[] = [focus.node]
    for (const { follow } of path.steps) {
      if (nodes.length === 0) return nodes
      nodes = follow(nodes, focus)
    }
    return nodes
  }
}

interface Path {
  readonly steps: readonly Step[]
  readonly types: readonly string[]
}

function pathOf(term: string, type: string, model: Model): Path | undefined {
  const [first = '', ...rest] = stepsOf(term)
  const names = first === type || first === 'Resource' || first === 'DomainResource' ? rest : [first, ...rest]
  let types: readonly string[] = [type]
  const steps: Step[] = []
  for (const name of names.flatMap(withoutIndex)) {
    const step = name === '[0]' ? { types, follow: firstOnly } : compileStep(name, types, model)
    if (step === undefined) return undefined
    steps.push(step)
    types = step.types
  }
  return { steps, types }
}

function withoutIndex(step: string): readonly string[] {
  return step.endsWith('[0]') ? [step.slice(0, -'[0]'.length), '[0]'] : [step]
}

function firstOnly(nodes: readonly Typed[]): readonly Typed[] {
  return nodes.slice(0, 1)
}

function compileStep(text: string, types: readonly string[], model: Model): Step | undefined {
  for (const [pattern, make] of STEPS) {
    const match = pattern.exec(text)
    if (match !== null) return make(types, model, ...match.slice(1))
  }
  return undefined
}

interface Member {
  readonly json: string
  readonly type: string
  readonly path: string
}

/** A member by name, or each type of a choice; none where no type has it, which is for fhirpath to say. */
function child(types: readonly string[], model: Model, name: string): Step | undefined {
  const members = new Map(types.map((type) => [type, membersOf(type, model, name)]))
  const all = [...members.values()].flat()
  if (all.length === 0) return undefined
  return {
    types: [...new Set(all.map(({ type }) => type))],
    follow: (nodes) => {
      const found: Typed[] = []
      for (const { value, type } of nodes) {
        if (!isObject(value)) continue
        for (const member of members.get(type) ?? []) collect(value[member.json], member, found)
      }
      return found
    },
  }
}

function membersOf(type: string, model: Model, name: string): readonly Member[] {
  const path = `${type}.${name}`
  const direct = elementModel(model, type, name)
  if (direct !== undefined) return [{ json: name, type: direct.type, path }]
  return Object.entries(model.types[type]?.elements ?? {}).flatMap(([json, element]) =>
    element.choice === name ? [{ json, type: element.type, path }] : [],
  )
}

function collect(value: Json | undefined, { type, path }: Member, found: Typed[]): void {
  if (value === undefined || value === null) return
  if (!Array.isArray(value)) found.push({ value, type, path })
  else for (const item of value as readonly Json[]) if (item !== null) found.push({ value: item, type, path })
}

/** In the definitions `DateTime` stands for `dateTime`. */
function typeNamed(name: string, model: Model): string {
  return Object.hasOwn(model.types, name) ? name : name.charAt(0).toLowerCase() + name.slice(1)
}

function narrowed(types: readonly string[], type: string): Step {
  return {
    types: types.filter((one) => one === type),
    follow: (nodes) => nodes.filter((node) => node.type === type),
  }
}

function resolving(types: readonly string[], type: string): Step {
  return {
    types,
    follow: (nodes, { typeOf }) => nodes.filter(({ value }) => isObject(value) && typeOf(value) === type),
  }
}

function holding(types: readonly string[], name: string, text: string): Step {
  return { types, follow: (nodes) => nodes.filter(({ value }) => isObject(value) && value[name] === text) }
}

function extension(types: readonly string[], model: Model, url: string): Step | undefined {
  const extensions = child(types, model, 'extension')
  if (extensions === undefined) return undefined
  return {
    types: extensions.types,
    follow: (nodes, focus) =>
      extensions.follow(nodes, focus).filter(({ value }) => isObject(value) && value['url'] === url),
  }
}

/** The members at every depth. */
function repeated(types: readonly string[], model: Model, name: string): Step | undefined {
  const first = child(types, model, name)
  const next = first && child(first.types, model, name)
  if (first === undefined || next === undefined) return undefined
  const below = (nodes: readonly Typed[], focus: Focus): readonly Typed[] =>
    nodes.length === 0 ? nodes : [...nodes, ...below(next.follow(nodes, focus), focus)]
  return { types: first.types, follow: (nodes, focus) => below(first.follow(nodes, focus), focus) }
}

/** The term by fhirpath; the datatypes are told by the values' forms. */
function byFhirPath(term: string, type: string): Extraction {
  const evaluate = compilePath(term, /^[A-Z]/.test(term) ? undefined : type)
  return ({ node, resource }) => {
    const focus = plain(node.value)
    const whole = node.value === resource ? focus : plain(resource)
    return evaluate(focus, { resource: whole, rootResource: whole }).flatMap((value) => {
      const found = value as Json
      return found === undefined || found === null ? [] : [{ value: found, type: typeByForm(found), path: '' }]
    })
  }
}

const FORMS: readonly (readonly [string, string])[] = [
  ['reference', 'Reference'],
  ['coding', 'CodeableConcept'],
  ['code', 'Coding'],
  ['value', 'Identifier'],
  ['identifier', 'Reference'],
  ['text', 'CodeableConcept'],
]

function typeByForm(value: Json): string {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (!isObject(value)) return 'decimal'
  return FORMS.find(([name]) => hasMember(value, name))?.[1] ?? 'Element'
}

function hasMember(value: JsonObject, name: string): boolean {
  return value[name] !== undefined
}
