/** Entries beside treatments that a section lists more than once: one row where all agrees, else each says what it differs in (H-11). */

import { stringify } from '../fhir/json.ts'
import { elementModel } from '../fhir/model.ts'
import type { Json, JsonObject } from '../fhir/types.ts'
import { differencesAmong } from './differing.ts'
import type { Document } from './document.ts'
import { marksBesideGenerated } from './marks.ts'
import { wordingFor, type Target } from './refer.ts'
import type { Beside } from './blocks.ts'
import type { Treatments } from './treatments.ts'
import { joined, labelOf, objects, plainText, shown, withoutShadow, type Wording } from './wording.ts'

/** How entries of a type are told apart. */
interface Kind {
  /** What it is of. */
  readonly code: string
  /** Two of one code are of one thing only where these agree too: acts and findings happen more than once. */
  readonly event: readonly string[]
  /** Whether it is a thing that nobody has twice, so that two of one code are of one thing whatever they say. */
  readonly isOnce?: (resource: JsonObject) => boolean
  /** Who said it, when and where: two sources of one statement. */
  readonly sources: readonly string[]
}

const ACTIVE = new Set(['active', 'recurrence', 'relapse'])

/** A problem of the past may have been there more than once. */
function isOngoing({ clinicalStatus }: JsonObject): boolean {
  const codes = objects(clinicalStatus).flatMap(({ coding }) => objects(coding).map(({ code }) => plainText(code)))
  return codes.length === 0 || codes.some((code) => ACTIVE.has(code))
}

const KINDS: Readonly<Record<string, Kind>> = {
  Condition: { code: 'code', event: ['onset', 'abatement'], isOnce: isOngoing, sources: ['recorder', 'recordedDate', 'asserter', 'encounter'] },
  AllergyIntolerance: { code: 'code', event: [], sources: ['recorder', 'recordedDate', 'asserter', 'encounter'] },
  Immunization: { code: 'vaccineCode', event: ['occurrence'], sources: ['recorded', 'reportOrigin', 'encounter'] },
  Procedure: { code: 'code', event: ['performed'], sources: ['recorder', 'asserter', 'encounter'] },
  Observation: { code: 'code', event: ['effective', 'value', 'component'], sources: ['issued', 'performer', 'encounter'] },
} // prettier-ignore

/** What tells one record from another that says the same. */
const IDENTITY = new Set(['id', 'meta', 'text', 'identifier', 'resourceType'])

interface Told {
  readonly target: Target
  readonly kind: Kind
  readonly names: ReadonlySet<string>
  /** By element, all that is said but by whom. */
  readonly says: ReadonlyMap<string, string>
  readonly whole: string
}

/** How the entries of a section that are no treatments relate to each other. */
export function repeatsOf(targets: readonly Target[], document: Document): Treatments {
  const merged = new Set<Target>()
  const besides = new Map<Target, Beside>()
  const told = targets.flatMap((target) => toldOf(target, document))
  for (const all of Map.groupBy(told, ({ whole }) => whole).values()) {
    const [first, ...others] = all
    if (first === undefined || others.length === 0) continue
    for (const { target } of others) merged.add(target)
    besides.set(first.target, { alike: others.map(({ target }) => target), marks: marksOf(all, document) })
  }
  const rows = told.filter(({ target }) => !merged.has(target))
  for (const [one, differing] of differencesAmong(rows, { keys: keysOf, says: ({ says }) => says })) {
    const { alike, marks } = besides.get(one.target) ?? { alike: [], marks: [] }
    besides.set(one.target, { alike, marks: [...marks, differenceOf(one, differing, document)] })
  }
  return { merged, beside: (target) => besides.get(target) ?? { alike: [], marks: [] } }
}

function toldOf(target: Target, document: Document): readonly Told[] {
  const { resource } = target
  const kind = KINDS[resource.resourceType]
  if (kind === undefined) return []
  const says = new Map<string, string>()
  for (const name of Object.keys(resource).toSorted()) {
    const base = elementModel(document.reader.parts.model, resource.resourceType, name)?.choice ?? withoutShadow(name)
    if (IDENTITY.has(base) || kind.sources.includes(base)) continue
    says.set(base, `${says.get(base) ?? ''}${name}${stringify(resource[name] ?? null)}`)
  }
  const whole = stringify([resource.resourceType, [...says], marksBesideGenerated(target, document)])
  return [{ target, kind, names: namesOf(resource[kind.code]), says, whole }]
}

/** The codes of a concept, its words where it has none. */
function namesOf(concept: Json | undefined): ReadonlySet<string> {
  const codes = objects(concept).flatMap(({ coding }) =>
    objects(coding).flatMap(({ system, code }) =>
      plainText(code) === '' ? [] : [`${plainText(system)}|${plainText(code)}`],
    ),
  )
  const texts = objects(concept).map(({ text }) => plainText(text).normalize('NFKC').toLowerCase().trim())
  return new Set(codes.length > 0 ? codes : texts.filter((text) => text !== ''))
}

/** What two entries share where they are of one thing: a name and the event, or a name where that happens but once. */
function keysOf({ target, kind, names, says }: Told): readonly string[] {
  const { resource } = target
  const event = kind.event.map((name) => says.get(name) ?? null)
  const events = kind.isOnce?.(resource) === true ? [event, []] : [event]
  return [...names].flatMap((name) => events.map((one) => stringify([resource.resourceType, name, ...one])))
}

function wordingOfTarget({ holder }: Target, { reader }: Document): Wording {
  return wordingFor(reader, holder)
}

/** How often it was recorded, and by whom where that differs. */
function marksOf(all: readonly Told[], document: Document): readonly string[] {
  const { phrase } = document.reader.parts
  const [first] = all
  if (first === undefined) return []
  const { resourceType } = first.target.resource
  const sources = first.kind.sources.flatMap((name) => {
    const words = all.map(({ target }) => shown(target.resource, resourceType, name, wordingOfTarget(target, document)))
    if (new Set(words).size < 2) return []
    return [
      phrase('labelled', { label: labelOf(resourceType, name, document.reader.parts), value: joined(words, '; ') }),
    ]
  })
  return [phrase('mark.repeated', { count: String(all.length) }), ...sources]
}

function differenceOf({ target }: Told, differing: readonly string[], { reader }: Document): string {
  const { resourceType } = target.resource
  const aspects = joined(differing.map((name) => labelOf(resourceType, name, reader.parts)))
  return reader.parts.phrase('mark.entry-differs', { aspects })
}
