/** Profiles on a document: those that its resources name, those that are asked for, and what follows from them. */

import type { Definitions } from '../../fhir/definitions.ts'
import { isError, type Issue } from '../../fhir/issue.ts'
import type { Origin, Structure } from '../../fhir/library.ts'
import { lastingMemo, onceFor } from '../../fhir/memo.ts'
import type { Model } from '../../fhir/model.ts'
import { isObject, type Expression, type Json, type Resource } from '../../fhir/types.ts'
import type { Subject } from '../rule.ts'
import { openRun, type LocalOutcomes } from './conformance.ts'
import { compileProfile } from './element.ts'
import { insideOf, type Inside } from './extension.ts'
import { finding } from './finding.ts'
import { childOf, rootPlace, stepsTo, type Place } from './place.ts'
import { baseType, type Compiler, type Profile, type ProfileFinding, type Run } from './run.ts'
import type { Terminology } from './terminology.ts'
import type { Examination } from '../terminology/questions.ts'
import { expressionOf, told, type Expressions } from './told.ts'
import { impliedProfiles } from './vital-signs.ts'

/** Profiles compiled from the definitions as they are asked for, and what is remembered of resources. */
export interface Profiles {
  readonly compiler: Compiler
  readonly terminology: Terminology
  readonly local: LocalOutcomes
}

/** The profiles of the definitions' library. */
export function openProfiles({ library }: Definitions, terminology: Terminology): Profiles {
  const known = new Map<string, Profile>()
  const compiled = lastingMemo<Structure, Profile>()
  const structureOf = (canonical: string, from?: Origin): Structure | undefined => {
    try {
      return library.structure(canonical, from)
    } catch {
      // a definition that cannot be read is none at hand: the library tells of it
      return undefined
    }
  }
  const compiler: Compiler = {
    library: { structure: structureOf },
    profile: (canonical, from) => {
      const key = `${from?.package ?? ''} ${canonical}`
      const remembered = known.get(key)
      if (remembered !== undefined) return remembered
      const structure = structureOf(canonical, from)
      // what documents name and is not at hand is not remembered: they may name anything
      if (structure === undefined || structure.elements.length === 0) return undefined
      const profile = compiled.get(structure) ?? compileProfile(structure, compiler)
      compiled.set(structure, profile)
      known.set(key, profile)
      return profile
    },
  }
  return { compiler, terminology, local: lastingMemo() }
}

export interface ProfileRequest {
  /** Canonicals asked of the Bundle, or of its Composition where they are for one. */
  readonly profiles?: readonly string[]
  /** What is known of the document already: a resource with an error conforms to nothing. */
  readonly issues: readonly Issue[]
}

/** What profiles and the definitions of extensions do not allow in a document. */
export function profileIssues(
  document: Subject,
  { compiler, terminology, local }: Profiles,
  { profiles = [], issues }: ProfileRequest,
): Examination {
  const resources = resourcesOf(document)
  const judge: Judge = { compiler, faults: faultsOf(issues), expressions: expressionsOf(resources), document }
  const insides = new Map(resources.map((one) => [one.place.resource, one.inside]))
  const run = openRun(document, {
    terminology,
    local,
    isSound: (place, own) => isSound(place, insides.get(place.resource), { ...judge, run: own }),
  })
  const found: ProfileFinding[] = []
  for (const { place, inside, asked } of resources) {
    found.push(...extensionFindings(inside, compiler, run))
    for (const one of asked) found.push(...applied(one, place, { compiler, run }))
  }
  found.push(...askedFindings(profiles, compiler, run))
  return told(found, judge.expressions)
}

interface Judge {
  readonly compiler: Compiler
  readonly faults: Faults
  readonly expressions: Expressions
  readonly document: Subject
}

interface Visited extends Seen {
  readonly expression: Expression
}

/** What is seen of a resource whatever document it stands in. */
interface Seen {
  readonly place: Place
  readonly inside: Inside
  /** The profiles that it is to keep: those that it names, and those that its code asks for. */
  readonly asked: readonly Asked[]
}

/** A profile, and where it is named. */
interface Asked {
  readonly canonical: string
  readonly at: Place
}

/** By the plain copy of a resource, which is that of one set of definitions and the same in each document. */
const visits = lastingMemo<Resource, Seen>()

function seen(resource: Resource, model: Model): Seen {
  const known = visits.get(resource)
  if (known !== undefined) return known
  const place = rootPlace(resource)
  const visited = { place, inside: insideOf(place, model), asked: askedBy(place) }
  visits.set(resource, visited)
  return visited
}

function askedBy(place: Place): readonly Asked[] {
  const named = profilesNamed(place.resource).map(({ canonical, index }) => ({
    canonical,
    at: metaProfile(place, index),
  }))
  return [...named, ...impliedProfiles(place.resource).map((canonical) => ({ canonical, at: place }))]
}

/** The Bundle, each entry's resource, and each resource in one. */
function resourcesOf({ bundle, index, definitions: { model } }: Subject): readonly Visited[] {
  const { entry: _, ...head } = bundle
  const root = rootPlace(bundle)
  const ofBundle: Visited = {
    place: root,
    inside: insideOf({ ...root, value: head }, model),
    asked: askedBy(root),
    expression: 'Bundle',
  }
  const found: Visited[] = [ofBundle]
  for (const { resource, index: at } of index.entries) {
    const own = seen(resource, model)
    const expression = `Bundle.entry[${at}].resource`
    found.push({ ...own, expression })
    for (const inner of own.inside.resources) {
      found.push({ place: inner, inside: NOTHING, asked: askedBy(inner), expression: expression + stepsTo(inner) })
    }
  }
  return found
}

/** What is in a contained resource was found in its container. */
const NOTHING: Inside = { extensions: [], resources: [] }

/** By resource that is a root, where it stands. */
function expressionsOf(resources: readonly Visited[]): Expressions {
  return new Map(
    resources
      .filter(({ place }) => place.up === undefined)
      .map(({ place, expression }) => [place.resource, expression]),
  )
}

/** Extensions by their own definitions, wherever they stand. */
function extensionFindings({ extensions }: Inside, compiler: Compiler, run: Run): readonly ProfileFinding[] {
  return extensions.flatMap((place) => {
    const url = isObject(place.value) ? place.value['url'] : undefined
    const profile = typeof url === 'string' ? compiler.profile(url) : undefined
    return profile?.structure.type === 'Extension' ? run.outcome(place, profile).findings : []
  })
}

function profilesNamed({ meta }: Resource): readonly { readonly canonical: string; readonly index: number }[] {
  const profile = isObject(meta) ? (meta['profile'] as Json | undefined) : undefined
  if (!Array.isArray(profile)) return []
  return (profile as readonly Json[]).flatMap((canonical, index) =>
    typeof canonical === 'string' ? [{ canonical, index }] : [],
  )
}

function metaProfile(place: Place, index: number): Place {
  const meta = childOf(place, {
    value: place.resource.meta,
    shadow: undefined,
    type: 'Meta',
    step: 'meta',
    index: undefined,
  })
  return childOf(meta, { value: undefined, shadow: undefined, type: 'canonical', step: 'profile', index })
}

interface Applying {
  readonly compiler: Compiler
  readonly run: Run
}

function applied(asked: Asked, place: Place, { compiler, run }: Applying): readonly ProfileFinding[] {
  const profile = compiler.profile(asked.canonical)
  if (profile === undefined) return [unknownTo(asked)]
  const { structure } = profile
  if (structure.type !== place.type && !ABSTRACT.has(structure.type)) {
    const text = `There is a ${place.type ?? 'resource'}, expected a ${structure.type}`
    return [finding({ structure }, { rule: 'profile-type', place, text })]
  }
  return baseType(structure) === undefined ? run.outcome(place, profile).findings : []
}

const ABSTRACT: ReadonlySet<string> = new Set(['Resource', 'DomainResource'])

function unknown(canonical: string, place: Place, severity: 'error' | 'warning'): ProfileFinding {
  const text = `The profile ${canonical} is not at hand, expected one of the packages in use`
  return { severity, code: 'not-found', rule: 'profile-unknown', text, place, profile: canonical }
}

const unknownTo = onceFor(({ canonical, at }: Asked) => unknown(canonical, at, 'warning'))

/** What the profiles that were asked for find in the Bundle, in the Composition that they are for, or in a resource alone. */
function askedFindings(profiles: readonly string[], compiler: Compiler, run: Run): readonly ProfileFinding[] {
  return profiles.flatMap((canonical) => {
    const type = compiler.profile(canonical)?.structure.type
    const place = rootPlace(askedOf(type, run.document))
    return type === undefined
      ? [unknown(canonical, place, 'error')]
      : applied({ canonical, at: place }, place, { compiler, run })
  })
}

function askedOf(type: string | undefined, { bundle, composition, index }: Subject): Resource {
  if (type === 'Bundle') return bundle
  if (type === 'Composition' && composition !== undefined) return composition.resource
  const [only, another] = index.entries
  return only === undefined || another !== undefined || bundle.type === 'document' ? bundle : only.resource
}

/** Where errors of single resources are, by the entry. */
type Faults = ReadonlyMap<number, readonly Expression[]>

const ENTRY = /^Bundle\.entry\[(\d+)\]\.resource(?=[.[]|$)/

function faultsOf(issues: readonly Issue[]): Faults {
  const faults = new Map<number, Expression[]>()
  for (const issue of issues) {
    const [, entry] = isError(issue) ? (ENTRY.exec(issue.expression ?? '') ?? []) : []
    if (entry === undefined || issue.expression === undefined) continue
    const own = faults.get(Number(entry))
    if (own === undefined) faults.set(Number(entry), [issue.expression])
    else own.push(issue.expression)
  }
  return faults
}

/** Whether a resource has no error by itself: by the base definitions, or in its extensions. */
function isSound(
  place: Place,
  inside: Inside | undefined,
  { run, compiler, faults, expressions }: Judge & { readonly run: Run },
): boolean {
  const expression = expressionOf(place, expressions)
  const [, entry] = ENTRY.exec(expression) ?? []
  const own = faults.get(Number(entry)) ?? []
  if (own.some((fault) => fault === expression || fault.startsWith(`${expression}.`))) return false
  return inside === undefined || !extensionFindings(inside, compiler, run).some(({ severity }) => severity === 'error')
}
