/** One check of a document against profiles: what each finds in each resource is found once, and remembered. */

import { resolve, type IndexedEntry } from '../../fhir/reference.ts'
import { isObject, type Resource } from '../../fhir/types.ts'
import type { Subject } from '../rule.ts'
import { childOf, rootPlace, type Place } from './place.ts'
import type { Outcome, Profile, ProfileFinding, Run } from './run.ts'
import type { Terminology } from './terminology.ts'

/** What profiles find in resources whatever the document: no reference was followed for it. */
export type LocalOutcomes = WeakMap<Resource, Map<Profile, Outcome>>

export interface RunOptions {
  readonly terminology: Terminology
  readonly local: LocalOutcomes
  /** Whether a resource is without error by rules other than those of this run's profiles. */
  readonly isSound: (place: Place, run: Run) => boolean
}

/** A run over a document. */
export function openRun(document: Subject, { terminology, local, isSound }: RunOptions): Run {
  const outcomes = new Map<unknown, Map<Profile, Outcome>>()
  const sound = new Map<Resource, boolean>()
  let followed = 0
  const run: Run = {
    document,
    terminology,
    outcome: (place, profile) => {
      const resource = place.value === place.resource ? place.resource : undefined
      const known = byProfile(outcomes, place.value)
      const remembered = known.get(profile) ?? (resource === undefined ? undefined : local.get(resource)?.get(profile))
      if (remembered !== undefined) return remembered
      // what leads back to itself is taken to hold
      known.set(profile, KEPT)
      const before = followed
      const found: ProfileFinding[] = []
      profile.check(place, run, found)
      const outcome = { findings: found, isKept: !found.some(({ severity }) => severity === 'error') }
      known.set(profile, outcome)
      if (followed === before && resource !== undefined) remember(local, resource, profile, outcome)
      return outcome
    },
    isSound: (place) => {
      const known = sound.get(place.resource)
      if (known !== undefined) return known
      sound.set(place.resource, true)
      const answer = isSound(place, run)
      sound.set(place.resource, answer)
      return answer
    },
    resolve: (place) => {
      const reference = isObject(place.value) ? place.value['reference'] : undefined
      return typeof reference === 'string' ? run.resolveText(reference, place) : undefined
    },
    resolveText: (reference, from) => {
      if (!reference.startsWith('#')) followed += 1
      return resolved(reference, from, document)
    },
  }
  return run
}

const KEPT: Outcome = { findings: [], isKept: true }

function byProfile(outcomes: Map<unknown, Map<Profile, Outcome>>, value: unknown): Map<Profile, Outcome> {
  const known = outcomes.get(value)
  if (known !== undefined) return known
  const made = new Map<Profile, Outcome>()
  outcomes.set(value, made)
  return made
}

function remember(local: LocalOutcomes, resource: Resource, profile: Profile, outcome: Outcome): void {
  const known = local.get(resource)
  if (known === undefined) local.set(resource, new Map([[profile, outcome]]))
  else known.set(profile, outcome)
}

/** What a reference names: a contained resource, or one of the Bundle. */
function resolved(reference: string, from: Place, { index, entryOf, bundle }: Subject): Place | undefined {
  const { container } = from
  const found = resolve(index, reference, { fullUrl: entryOf(container)?.entry.fullUrl, container })
  if (found.outcome === 'container') return rootPlace(container)
  if (found.outcome === 'contained') return containedPlace(container, found.contained)
  if (found.outcome === 'no-base' && container === bundle) return onlyOne(found.candidates)
  if (found.outcome !== 'entry') return undefined
  const { resource } = found.entry
  return found.contained === undefined ? rootPlace(resource) : containedPlace(resource, found.contained)
}

/** A constraint of the Bundle sees the text of a reference and not the entry that it stands in: the type and id must do. */
function onlyOne([candidate, another]: readonly IndexedEntry[]): Place | undefined {
  return candidate === undefined || another !== undefined ? undefined : rootPlace(candidate.resource)
}

/** A contained resource below its container. */
export function containedPlace(container: Resource, contained: Resource): Place {
  const index = container.contained?.indexOf(contained) ?? 0
  const own = { value: contained, shadow: undefined, type: undefined, step: 'contained', index }
  return childOf(rootPlace(container), own)
}
