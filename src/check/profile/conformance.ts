/** One check of a document against profiles: what each finds in each resource is found once, and remembered. */

import type { Memo } from '../../fhir/memo.ts'
import { resolve, type IndexedEntry } from '../../fhir/reference.ts'
import { isObject, type Json, type Resource } from '../../fhir/types.ts'
import type { Subject } from '../rule.ts'
import { childOf, rootPlace, type Place } from './place.ts'
import type { Outcome, Profile, ProfileFinding, Run } from './run.ts'
import type { Terminology } from './terminology.ts'

/** What profiles find in resources, remembered from one document to the next with what it rests on. */
export type LocalOutcomes = Memo<Resource, Map<Profile, Judged>>

/** An outcome with what it rests on beside the resource: it is the same wherever all of that is. */
interface Judged {
  readonly outcome: Outcome
  readonly grounds: ReadonlySet<Ground>
  /** It rests on what was not yet known, and is remembered for no other document. */
  readonly isTentative: boolean
}

/** What a reference names in the document, or whether a resource is without error. */
type Ground =
  | { readonly reference: string; readonly from: Place; readonly target: Json | undefined }
  | { readonly place: Place; readonly isSound: boolean }

export interface RunOptions {
  readonly terminology: Terminology
  readonly local: LocalOutcomes
  /** Whether a resource is without error by rules other than those of this run's profiles. */
  readonly isSound: (place: Place, run: Run) => boolean
}

/** A run over a document. */
export function openRun(document: Subject, { terminology, local, isSound }: RunOptions): Run {
  const outcomes = new Map<unknown, Map<Profile, Judged>>()
  const sound = new Map<Resource, boolean>()
  let recording: { readonly grounds: Set<Ground>; isTentative: boolean } | undefined
  const rest = ({ grounds, isTentative }: Judged): void => {
    if (recording === undefined) return
    for (const ground of grounds) recording.grounds.add(ground)
    recording.isTentative ||= isTentative
  }
  const holds = (ground: Ground): boolean =>
    'place' in ground
      ? soundness(ground.place) === ground.isSound
      : resolved(ground.reference, ground.from, document)?.value === ground.target
  const soundness = (place: Place): boolean => {
    const known = sound.get(place.resource)
    if (known !== undefined) return known
    sound.set(place.resource, true)
    const answer = isSound(place, run)
    sound.set(place.resource, answer)
    return answer
  }
  /** Runs a question without telling what it rests on to the one that is being answered. */
  const apart = <T>(ask: () => T): T => {
    const outer = recording
    recording = undefined
    try {
      return ask()
    } finally {
      recording = outer
    }
  }
  const judgedNow = (place: Place, profile: Profile): Judged => {
    const outer = recording
    const own = { grounds: new Set<Ground>(), isTentative: false }
    const found: ProfileFinding[] = []
    recording = own
    try {
      profile.check(place, run, found)
    } finally {
      recording = outer
    }
    return { outcome: { findings: found, isKept: !found.some(({ severity }) => severity === 'error') }, ...own }
  }
  const run: Run = {
    document,
    terminology,
    outcome: (place, profile) => {
      const resource = place.value === place.resource ? place.resource : undefined
      const known = byProfile(outcomes, place.value)
      const remembered = known.get(profile) ?? (resource === undefined ? undefined : local.get(resource)?.get(profile))
      if (remembered !== undefined && (known.has(profile) || apart(() => [...remembered.grounds].every(holds)))) {
        known.set(profile, remembered)
        rest(remembered)
        return remembered.outcome
      }
      // what leads back to itself is taken to hold
      known.set(profile, OPEN)
      const judged = judgedNow(place, profile)
      known.set(profile, judged)
      if (!judged.isTentative && resource !== undefined) remember(local, resource, profile, judged)
      rest(judged)
      return judged.outcome
    },
    isSound: (place) => {
      const isOne = apart(() => soundness(place))
      recording?.grounds.add({ place, isSound: isOne })
      return isOne
    },
    resolve: (place) => {
      const reference = isObject(place.value) ? place.value['reference'] : undefined
      return typeof reference === 'string' ? run.resolveText(reference, place) : undefined
    },
    resolveText: (reference, from) => {
      const found = resolved(reference, from, document)
      // what is contained is found in the resource itself
      if (!reference.startsWith('#')) recording?.grounds.add({ reference, from, target: found?.value })
      return found
    },
  }
  return run
}

const OPEN: Judged = { outcome: { findings: [], isKept: true }, grounds: new Set(), isTentative: true }

function byProfile(outcomes: Map<unknown, Map<Profile, Judged>>, value: unknown): Map<Profile, Judged> {
  const known = outcomes.get(value)
  if (known !== undefined) return known
  const made = new Map<Profile, Judged>()
  outcomes.set(value, made)
  return made
}

function remember(local: LocalOutcomes, resource: Resource, profile: Profile, judged: Judged): void {
  const known = local.get(resource)
  if (known === undefined) local.set(resource, new Map([[profile, judged]]))
  else known.set(profile, judged)
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
function containedPlace(container: Resource, contained: Resource): Place {
  const index = container.contained?.indexOf(contained) ?? 0
  const own = { value: contained, shadow: undefined, type: undefined, step: 'contained', index }
  return childOf(rootPlace(container), own)
}
