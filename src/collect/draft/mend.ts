/**
 * Codings whose form alone keeps them from being understood: nothing that the record says is lost, and no meaning is
 * added.
 */

import type { CodeSystem, Library } from '../../fhir/library.ts'
import type { Model } from '../../fhir/model.ts'
import { isObject, type Coding, type Json, type JsonObject, type Resource } from '../../fhir/types.ts'
import { generalCode, loincCodes } from '../../fhir/vital-signs.ts'
import { rewrite } from '../../fhir/walk.ts'
import type { CodeRow } from './guide.ts'

export interface Mended {
  readonly resource: Resource
  /** What was mended, for the receipt. */
  readonly mended: readonly string[]
}

/** The displays that a code system gives a code; none where it has none or is not at hand, `unknown` where it has no such code. */
export type Displays = (system: string, code: string) => readonly string[] | 'unknown'

/** The resource with its codings mended; the very same where none has to be. */
export function mend(resource: Resource, model: Model, displays: Displays): Mended {
  const mended: string[] = []
  const readable = rewrite(resource, model, ({ type, value }) => {
    if (type !== 'CodeableConcept' || !isObject(value)) return undefined
    const changed = withDisplays(value, displays)
    if (changed === undefined) return undefined
    mended.push(...changed.told)
    return changed.concept
  })
  const unlinked = withoutDeadLinks(readable)
  if (unlinked !== readable) mended.push('links of its text that lead nowhere are plain text')
  const general = generalCoding(unlinked)
  if (general === undefined) return { resource: unlinked, mended }
  mended.push(`the code ${general.code ?? ''}, which its profile asks for, stands beside the more exact one`)
  const code = unlinked['code'] as JsonObject
  const coding = [...(code['coding'] as readonly Json[]), general]
  return { resource: { ...unlinked, code: { ...code, coding } }, mended }
}

/**
 * A concept whose codings say what their system says: another display becomes the text, where the concept has none, the
 * same text, or where it only repeats the code. A code that its system has not stands without it.
 */
function withDisplays(
  concept: JsonObject,
  displays: Displays,
): { readonly concept: JsonObject; readonly told: readonly string[] } | undefined {
  const { coding, text } = concept
  if (!Array.isArray(coding)) return undefined
  const told: string[] = []
  let words = typeof text === 'string' ? text : undefined
  const codings = (coding as readonly Json[]).map((one): Json => {
    const { system, code, display, version } = isObject(one) ? (one as Coding) : {}
    if (system === undefined || code === undefined || version !== undefined) return one
    const known = displays(system, code)
    if (known === 'unknown') {
      const { system: _system, ...coding } = one as JsonObject
      words ??= display ?? code
      told.push(`the code ${code} is none of ${system} and stands without it`)
      return coding
    }
    const [right] = known
    if (display === undefined || right === undefined || known.some((other) => folded(other) === folded(display)))
      return one
    const isKept = words === undefined || folded(words) === folded(display) || folded(code) === folded(display)
    if (!isKept) return one
    words ??= display
    told.push(`the display ${display} of ${code} gave way to that of its system`)
    return { ...(one as JsonObject), display: right }
  })
  if (told.length === 0) return undefined
  return { concept: { ...concept, coding: codings, ...(words !== undefined && { text: words }) }, told }
}

/** The resource with the codes that a version of a guide writes in another way written so; the very same where it has none. */
export function recoded(resource: Resource, codes: readonly CodeRow[], model: Model): Mended {
  const mended: string[] = []
  if (codes.length === 0) return { resource, mended }
  const changed = rewrite(resource, model, ({ type, value }) => {
    if (type !== 'Coding' || !isObject(value)) return undefined
    const row = codes.find(({ system, code }) => system === value['system'] && code === value['code'])
    if (row === undefined) return undefined
    mended.push(`the code ${row.code} is written ${row.as}, as this version of the guide has it`)
    return { ...value, code: row.as }
  })
  return { resource: changed, mended }
}

/** A resource whose text has no links to places that were in the document that it is from, and are not in the text. */
function withoutDeadLinks(resource: Resource): Resource {
  const div = resource.text?.div
  if (typeof div !== 'string' || !div.includes('href')) return resource
  const alive = div.replaceAll(FRAGMENT_LINK, (attribute, _quote: string, id: string) =>
    new RegExp(`\\b(?:id|name)=["']${id.replaceAll(/[^\w-]/g, '\\$&')}["']`).test(div) ? attribute : '',
  )
  return alive === div ? resource : { ...resource, text: { ...resource.text, div: alive } }
}

const FRAGMENT_LINK = /\s+href=(["'])#([^"'<>]*)\1/g

function folded(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase()
}

/** The code that the specification asks for beside a more exact one of a vital sign. @see https://hl7.org/fhir/R4/observation-vitalsigns.html */
function generalCoding({ resourceType, code, component }: Resource): Coding | undefined {
  if (resourceType !== 'Observation') return undefined
  const own = loincCodes(code)
  const isPanel = Array.isArray(component) ? 'panel' : 'value'
  const missing = own.flatMap((one) => generalCode(one, isPanel) ?? []).find((one) => !own.includes(one))
  return missing === undefined ? undefined : { system: 'http://loinc.org', code: missing }
}

/** The displays of code systems at hand, remembered by system. */
export function displaysIn(library: Library): Displays {
  const systems = new Map<string, Displays>()
  return (system, code) => {
    const known = systems.get(system) ?? displaysOf(library.codeSystem(system))
    systems.set(system, known)
    return known(system, code)
  }
}

function displaysOf(codeSystem: CodeSystem | undefined): Displays {
  const known = new Map(conceptsIn(codeSystem?.['concept']))
  const isWhole = codeSystem?.['content'] === 'complete' && codeSystem['caseSensitive'] !== false
  return (_system, code) => known.get(code) ?? (isWhole ? 'unknown' : [])
}

/** Every concept of a code system with its displays, those below others too. */
export function* conceptsIn(concepts: Json | undefined): Generator<readonly [string, readonly string[]]> {
  for (const concept of objects(concepts)) {
    const { code, display, designation } = concept
    const words = [display, ...objects(designation).map(({ value }) => value)]
    if (typeof code === 'string') yield [code, words.filter((one) => typeof one === 'string')]
    yield* conceptsIn(concept['concept'])
  }
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : []
}
