/** A guide ready for use: its expressions compiled, what they say of a resource remembered by it. */

import type { Compartment } from '../../fhir/compartment.ts'
import { plain } from '../../fhir/decimal.ts'
import { fail, FhirError } from '../../fhir/error.ts'
import { isError, type Issue } from '../../fhir/issue.ts'
import type { Library } from '../../fhir/library.ts'
import { frozen, lastingMemo, remember } from '../../fhir/memo.ts'
import type { Model } from '../../fhir/model.ts'
import { compilePath, type Path } from '../../fhir/path.ts'
import type { Resource } from '../../fhir/types.ts'
import { filler, type Fill } from './absent.ts'
import { displaysIn, mend, recoded } from './mend.ts'
import { repaired } from './repair.ts'
import type { EntryRow, ExceptionRow, GuideRow, ProfileRow, SectionRow } from './guide.ts'
import { reason, type Reason } from './reason.ts'

/** A place that a resource may have in a document of the guide. */
export interface Candidate {
  readonly section: number
  readonly row: EntryRow
  /** Why it is left out there. */
  readonly left?: Reason
}

/** What orders and windows need to know of an entry of a section. */
export interface Keys {
  /** One for each row of the order that is a path. */
  readonly ranks: readonly number[]
  /** What the newest stays of. */
  readonly kind: string | undefined
  readonly statesNone: boolean
}

export interface Guide {
  readonly row: GuideRow
  readonly model: Model
  readonly compartment: Compartment
  /** Whether the definition of the Bundle's profile is: else its rules cannot be checked here. */
  readonly isAtHand: boolean
  /** The places for a resource, the first before the next; none where no section takes it. */
  readonly candidates: (resource: Resource) => readonly Candidate[]
  readonly keys: (resource: Resource, section: number) => Keys
  /** The resource with a reason for each element that its profile requires and that it lacks; else the very same. */
  readonly complete: (resource: Resource) => Completed
}

export interface Completed {
  /** Without version where it was changed, and naming its profile where it then keeps it (H-3). */
  readonly resource: Resource
  /** The canonical with version of its profile in the guide. */
  readonly profile?: string
  /** The elements that were given a reason for their absence. */
  readonly filled: readonly string[]
  /** All that was changed, for the receipt. */
  readonly changes: readonly string[]
}

/** What a guide is compiled with. */
export interface GuideDefinitions {
  readonly model: Model
  readonly compartment: Compartment
  readonly library: Library
  /** Every fault of a resource, by a profile too where one is asked for; without it none is mended, and no profile named. */
  readonly faults?: (resource: Resource, profile?: string) => readonly Issue[]
}

/** A guide with its expressions compiled. @throws FhirError `invalid` naming each expression that is no FHIRPath */
export function compileGuide(row: GuideRow, { model, compartment, library, faults }: GuideDefinitions): Guide {
  const { isTrue, valueOf } = pathsOf(row)
  const exceptIn = (rows: readonly ExceptionRow[], resource: unknown): Reason | undefined => {
    const row = rows.find(({ when }) => isTrue(when, resource))
    return row && reason(row.code ?? 'guide', row.reason)
  }
  const candidates = ofResource((resource): readonly Candidate[] => {
    const places = row.sections.flatMap(({ entries }, section) =>
      entries.flatMap((entry) => (entry.type === resource.resourceType ? [{ section, row: entry }] : [])),
    )
    if (places.length === 0) return []
    const focus = plain(resource)
    const everywhere = exceptIn(row.except, focus)
    return places
      .filter(({ row: entry }) => entry.where === undefined || isTrue(entry.where, focus))
      .map((place) => {
        const left = everywhere ?? exceptIn(place.row.except ?? [], focus)
        return left === undefined ? place : { ...place, left }
      })
  })
  const keys = row.sections.map((section) =>
    ofResource((resource): Keys => keysOf(plain(resource), section, { isTrue, valueOf })),
  )
  const displays = displaysIn(library)
  const fills = new Map<ProfileRow, Fill | undefined>()
  const fillOf = (one: ProfileRow): Fill | undefined => {
    if (!fills.has(one)) fills.set(one, filler(one, row, { model, library }))
    return fills.get(one)
  }
  const complete = ofResource((resource): Completed => {
    const own = row.profiles.filter(({ type }) => type === resource.resourceType)
    const focus = own.some(({ where }) => where !== undefined) ? plain(resource) : undefined
    const applying = own.find(({ where }) => where === undefined || isTrue(where, focus))
    const profile = applying?.profile
    const fill = applying === undefined ? undefined : fillOf(applying)
    const whole = faults === undefined ? { resource, mended: [] } : repaired(resource, faults, { model, library })
    const readable = mend(whole.resource, model, displays)
    const coded = recoded(readable.resource, row.codes ?? [], model)
    const { resource: full, filled } = fill?.(coded.resource) ?? { resource: coded.resource, filled: [] }
    const told = filled.map((element) => `${element} is told as absent`)
    const changes = [...whole.mended, ...readable.mended, ...coded.mended, ...told]
    if (profile === undefined || full === resource) return { resource: finished(full, resource), changes, filled }
    const canonical = `${profile}|${row.version}`
    const named = withProfile(full, canonical)
    const isJudged = filled.length > 0 && library.structure(canonical) !== undefined
    const keeps = isJudged && faults?.(named, canonical).some(isError) === false
    return { resource: finished(keeps ? named : full, resource), changes, filled, profile: canonical }
  })
  return {
    row,
    model,
    compartment,
    isAtHand: row.bundle !== undefined && library.structure(row.bundle) !== undefined,
    candidates,
    keys: (resource, section) => (keys[section] as (typeof keys)[number])(resource),
    complete,
  }
}

/** What was changed is no version of its source any more; it can change as little as its source can. */
export function finished(changed: Resource, source: Resource): Resource {
  if (changed === source) return source
  const result = withoutVersion(changed)
  return Object.isFrozen(source) ? frozen(result) : result
}

function withProfile(resource: Resource, profile: string): Resource {
  const profiles = resource.meta?.profile ?? []
  const [url = ''] = profile.split('|')
  return profiles.includes(profile) || profiles.includes(url)
    ? resource
    : { ...resource, meta: { ...resource.meta, profile: [...profiles, profile] } }
}

/** @see H-3 of the hazards */
function withoutVersion(resource: Resource): Resource {
  if (resource.meta === undefined) return resource
  const { versionId: _version, lastUpdated: _updated, ...meta } = resource.meta
  const { meta: _meta, ...others } = resource
  return Object.keys(meta).length === 0 ? others : { ...resource, meta }
}

function ofResource<T extends object>(find: (resource: Resource) => T): (resource: Resource) => T {
  const memo = lastingMemo<Resource, T>()
  return (resource) => remember(memo, resource, find)
}

interface Paths {
  readonly isTrue: (expression: string, focus: unknown) => boolean
  readonly valueOf: (expression: string, focus: unknown) => string
}

function keysOf(focus: unknown, { order = [], window, statesNone }: SectionRow, { isTrue, valueOf }: Paths): Keys {
  const ranks = order.flatMap((one): readonly number[] => {
    if (!('path' in one)) return []
    const place = (one.ranks ?? []).indexOf(valueOf(one.path, focus))
    return [place < 0 ? (one.ranks ?? []).length : place]
  })
  return {
    ranks,
    kind:
      window?.latestOf === undefined
        ? undefined
        : `${(focus as Resource).resourceType} ${valueOf(window.latestOf, focus)}`,
    statesNone: statesNone !== undefined && isTrue(statesNone, focus),
  }
}

/** Every expression of a row, compiled once. */
function pathsOf(row: GuideRow): Paths {
  const issues: Issue[] = []
  const compiled = new Map<string, Path>()
  for (const [expression, place] of expressionsOf(row)) {
    if (compiled.has(expression)) continue
    try {
      compiled.set(expression, compilePath(expression))
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause
      const text = `The guide ${row.name} has no FHIRPath in ${place}, expected an expression over the resource`
      issues.push(...fail('invalid', text, { expression: place }).issues)
    }
  }
  const [first, ...others] = issues
  if (first !== undefined) throw new FhirError([first, ...others])
  const values = (expression: string, focus: unknown): readonly unknown[] =>
    compiled.get(expression)?.(focus, { resource: focus, rootResource: focus }) ?? []
  return {
    isTrue: (expression, focus) => values(expression, focus)[0] === true,
    valueOf: (expression, focus) => values(expression, focus).map(String).join(' '),
  }
}

function* expressionsOf({ except, profiles, sections }: GuideRow): Generator<readonly [string, string]> {
  for (const [at, { when }] of except.entries()) yield [when, `except[${at}].when`]
  for (const [at, { where }] of profiles.entries()) if (where !== undefined) yield [where, `profiles[${at}].where`]
  for (const [at, { entries, order = [], window, statesNone }] of sections.entries()) {
    const above = `sections[${at}]`
    for (const [place, { where, except: own = [] }] of entries.entries()) {
      if (where !== undefined) yield [where, `${above}.entries[${place}].where`]
      for (const [which, { when }] of own.entries()) yield [when, `${above}.entries[${place}].except[${which}].when`]
    }
    for (const [place, one] of order.entries()) if ('path' in one) yield [one.path, `${above}.order[${place}].path`]
    if (window?.latestOf !== undefined) yield [window.latestOf, `${above}.window.latestOf`]
    if (statesNone !== undefined) yield [statesNone, `${above}.statesNone`]
  }
}
