/** What may be seen of what a reader reads: scopes, records of patients, security labels and consents in one check. */

import {
  grantsOn,
  isBarred,
  isInRecord,
  knownOf,
  searchGrants,
  standingOf,
  type Known,
  type Rights,
  type Standing,
} from '../access/rights.ts'
import { alike } from '../fhir/alike.ts'
import { memoFor, onceFor, remember, type Memo } from '../fhir/memo.ts'
import { parseReference } from '../fhir/reference.ts'
import type { Resource } from '../fhir/types.ts'
import type { Access, Key, Version } from '../ports.ts'
import { barsOf } from './bars.ts'
import { consentsOf, type Consents } from './consents.ts'
import type { Guard, Whole } from './guard.ts'
import { seenWholeBy } from './seen-whole.ts'

/**
 * `open`: it may be seen. `hidden`: it is as if it were not there. `withheld`: it is too, but a document that it belongs to
 * must not be made as if nothing were missing (H-10).
 */
export type Verdict = 'open' | 'hidden' | 'withheld'

export interface Judging {
  /** Nothing; what every verdict needs is known, where it is known already whose record is asked for. */
  readonly ready: () => Promise<void>
  readonly verdicts: (versions: readonly (Version | undefined)[]) => Promise<readonly Verdict[]>
  /** Of the versions those that may be seen, in their places; where that is all of the ones that were all seen before, the very same list. */
  readonly opened: (versions: readonly (Version | undefined)[]) => Promise<readonly (Version | undefined)[]>
  /** What a search may find, include and be led through. */
  readonly access: () => Promise<Access>
}

const knowledge = new WeakMap<object, Memo<Resource, Known>>()
/** By the rights of a caller and the letters, what the scopes and labels say of a resource. */
const standings = new WeakMap<Rights, Map<string, Memo<Resource, Judged>>>()

/** What scopes and labels say of a resource, and whose consents it needs. */
interface Judged {
  readonly standing: Standing | 'barred'
  readonly isSlow: boolean
  readonly patients: readonly string[]
}

/** The check for one caller over one snapshot. */
export function judging(guard: Guard, reader: Whole): Judging {
  const consents = consentsOf(guard, reader)
  const memo = memoOf(guard)
  const seenWhole = seenWholeBy(memo, guard, consents)
  const judge = async (versions: readonly (Version | undefined)[]): Promise<Judgement> => {
    const judged = versions.map((version) => version?.resource && judgedIn(version.resource, guard, memo))
    const patients = new Set<string>()
    const slow: Version[] = []
    for (const [at, one] of judged.entries()) {
      const version = versions[at]
      if (one?.isSlow === true && version !== undefined) slow.push(version)
      if (one?.standing === 'open' || one?.isSlow === true) for (const patient of one.patients) patients.add(patient)
    }
    await consents.load([...patients])
    const isAllPermitted = consents.permitsAll([...patients])
    const seen = slow.length === 0 ? NOTHING_SLOW : await slowly(slow, { guard, reader, consents })
    const verdicts = versions.map((version, at): Verdict => {
      const one = judged[at]
      if (version?.resource === undefined || one === undefined) return 'hidden'
      const standing = one.isSlow ? (seen.get(version) ?? 'hidden') : one.standing
      if (standing === 'other' || standing === 'hidden') return 'hidden'
      if (standing !== 'open') return 'withheld'
      return isAllPermitted || consents.permits(version.resource, one.patients) ? 'open' : 'withheld'
    })
    return { verdicts, patients: [...patients], isSlow: slow.length > 0 }
  }
  const verdictsOf = async (versions: readonly (Version | undefined)[]): Promise<Judgement> => {
    if (versions.every((one) => one === undefined || one.text !== undefined)) return judge(versions)
    const contents = await Promise.all(
      versions.map((one) => (one === undefined ? Promise.resolve(one) : contentOf(one, reader))),
    )
    const { verdicts, ...besides } = await judge(contents)
    const told = verdicts.map((verdict, at) => {
      const version = versions[at]
      const isErased = version !== undefined && contents[at] === undefined
      return isErased && mayKnowErased(guard, version.type) ? 'open' : verdict
    })
    return { ...besides, verdicts: told }
  }
  let ready: Promise<void> | undefined
  return {
    ready: () => (ready ??= consents.load(ownPatients(guard.rights))),
    verdicts: async (versions) => (await verdictsOf(versions)).verdicts,
    opened: async (versions) => {
      const list = alike(versions, isSteady)
      if (list !== undefined && (await seenWhole.has(list))) return list
      const { verdicts, patients, isSlow } = await verdictsOf(versions)
      const isWhole = list !== undefined && verdicts.every((verdict) => verdict === 'open')
      if (!isWhole) return versions.map((version, at) => (verdicts[at] === 'open' ? version : undefined))
      // what is around a resource, or found by a search, does not stand in the list
      if (!isSlow) seenWhole.add(list, patients)
      return list
    },
    access: async () => {
      const { rights, letters } = guard
      const bars = await barsOf(guard, reader, consents)
      return { grants: searchGrants(rights, letters), labels: [...rights.barred], ...bars }
    },
  }
}

interface Judgement {
  readonly verdicts: readonly Verdict[]
  /** Whose consents were asked. */
  readonly patients: readonly string[]
  /** Whether anything else than the versions themselves had to be looked at. */
  readonly isSlow: boolean
}

/** Whether a version is what it is for as long as it is the same object. */
function isSteady({ resource }: Version): boolean {
  return resource !== undefined && Object.isFrozen(resource)
}

/** The patients whom the scopes are for; none where any may be asked for. */
const ownPatients = onceFor(({ granted }: Rights): readonly string[] => [
  ...new Set(granted.flatMap(({ patient = [] }) => patient.slice(0, 1))),
])

const NOTHING_SLOW: ReadonlyMap<Version, Verdict> = new Map()

/** What was there before a deletion is what the deletion may be seen by. */
async function contentOf(version: Version, reader: Whole): Promise<Version | undefined> {
  if (version.resource !== undefined) return version
  const { type, id, versionId } = version
  const before = Number(versionId) - 1
  const last = before > 0 ? await reader.vread({ type, id }, String(before)) : undefined
  return last?.resource === undefined ? undefined : last
}

/** Nothing is left to judge by of what was erased: that it was is told to those alone who could erase it. */
function mayKnowErased({ rights, letters }: Guard, type: string): boolean {
  const isWhole = grantsOn(rights, letters, type).some(({ patient, criteria }) => patient === undefined && criteria.length === 0) // prettier-ignore
  return isWhole && rights.caller.roles.includes('administer')
}

function memoOf({ rights, letters }: Guard): Memo<Resource, Judged> {
  const own = standings.get(rights) ?? new Map<string, Memo<Resource, Judged>>()
  standings.set(rights, own)
  const known = own.get(letters)
  if (known !== undefined) return known
  const memo: Memo<Resource, Judged> = new WeakMap()
  own.set(letters, memo)
  return memo
}

function knownIn(resource: Resource, guard: Guard): Known {
  return remember(memoFor(knowledge, guard.compartment), resource, (one) => knownOf(one, guard))
}

function judgedIn(resource: Resource, guard: Guard, memo: Memo<Resource, Judged>): Judged {
  return memo.get(resource) ?? remember(memo, resource, (one) => judgedBy(one, guard))
}

function judgedBy(resource: Resource, guard: Guard): Judged {
  const { rights, letters } = guard
  const known = knownIn(resource, guard)
  const { contexts, patients } = known.concern
  const standing = standingOf(grantsOn(rights, letters, resource.resourceType), known)
  const isKept = standing !== 'type' && standing !== 'other' && isBarred(rights, known)
  return {
    standing: isKept ? 'barred' : standing,
    isSlow: contexts.length > 0 || (!isKept && standing === 'constrained'),
    patients,
  }
}

interface Circumstances {
  readonly guard: Guard
  readonly consents: Consents
}

/** What only its context or a search can tell, but for the consents. */
async function slowly(
  versions: readonly Version[],
  { guard, reader, consents }: Circumstances & { readonly reader: Whole },
): Promise<ReadonlyMap<Version, Verdict>> {
  const contexts = await contextsOf(versions, guard, reader)
  const around = contexts.flat().flatMap(({ resource }) => (resource === undefined ? [] : [resource]))
  await consents.load([...new Set(around.flatMap((one) => knownIn(one, guard).concern.patients))])
  const verdicts = new Map<Version, Verdict>()
  const constrained: Version[] = []
  for (const [at, version] of versions.entries()) {
    const verdict = byContexts(version, contexts[at] ?? [], { guard, consents })
    if (verdict === 'constrained') constrained.push(version)
    else verdicts.set(version, verdict)
  }
  const fitting = constrained.length === 0 ? new Set() : await fittingOf(constrained, guard, reader)
  for (const version of constrained) verdicts.set(version, fitting.has(version) ? 'open' : 'withheld')
  return verdicts
}

/** The resources of the store that each is about or belongs to. */
async function contextsOf(
  versions: readonly Version[],
  guard: Guard,
  reader: Whole,
): Promise<readonly (readonly Version[])[]> {
  const keys = versions.map(({ resource }) =>
    (resource === undefined ? [] : knownIn(resource, guard).concern.contexts).flatMap((text) => localKey(text, guard)),
  )
  const all = [...new Map(keys.flat().map((key) => [`${key.type}/${key.id}`, key])).values()]
  const found = all.length === 0 ? [] : await reader.read(all)
  const byName = new Map(found.flatMap((one) => (one?.resource === undefined ? [] : [[`${one.type}/${one.id}`, one]])))
  return keys.map((some) => some.flatMap(({ type, id }) => byName.get(`${type}/${id}`) ?? []))
}

function localKey(text: string, { base }: Guard): readonly Key[] {
  const parsed = parseReference(text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text)
  return parsed.form === 'relative' ? [{ type: parsed.type, id: parsed.id }] : []
}

/** What a resource is by itself and by what it is about: all of that must be visible, and in the record of the patient. */
function byContexts(
  { resource, type }: Version,
  contexts: readonly Version[],
  { guard, consents }: Circumstances,
): Verdict | 'constrained' {
  if (resource === undefined) return 'hidden'
  const grants = grantsOn(guard.rights, guard.letters, type)
  const known = knownIn(resource, guard)
  const around = contexts.flatMap((one) => (one.resource === undefined ? [] : [one.resource]))
  const isAround = (names: readonly string[]): boolean =>
    around.length > 0 && around.every((one) => isInRecord(knownIn(one, guard).concern, names))
  const own = grants.filter(({ patient }) => patient === undefined || isAround(patient) || standingOf([{ type, letters: [], criteria: [], patient }], known) === 'open') // prettier-ignore
  if (own.length === 0) return grants.length === 0 ? 'withheld' : 'hidden'
  const isVisible = around.every((one) => {
    const about = knownIn(one, guard)
    return !isBarred(guard.rights, about) && consents.permits(one, about.concern.patients)
  })
  if (!isVisible || isBarred(guard.rights, known)) return 'withheld'
  return own.some(({ criteria }) => criteria.length === 0) ? 'open' : 'constrained'
}

/** Those that fit the constraints of a scope as they are now; an older version has no place in the index. */
async function fittingOf(
  versions: readonly Version[],
  { rights, letters }: Guard,
  reader: Whole,
): Promise<ReadonlySet<Version>> {
  const grants = searchGrants(rights, letters)
  const access: Access = { grants, labels: [], barred: { patients: [], isAllOthers: false }, names: [] }
  const fitting = new Set<Version>()
  for (const [type, some] of Map.groupBy(versions, (one) => one.type)) {
    for (let from = 0; from < some.length; from += MOST_NAMED) {
      const part = some.slice(from, from + MOST_NAMED)
      const { matches } = await reader.search({
        type,
        access,
        parameters: [['_id', [...new Set(part.map(({ id }) => id))].join(',')]],
        handling: 'strict',
        defaultCount: MOST_NAMED,
        maxCount: MOST_NAMED,
      })
      const current = new Set(matches.map(({ id, versionId }) => `${id} ${versionId}`))
      for (const one of part) if (current.has(`${one.id} ${one.versionId}`)) fitting.add(one)
    }
  }
  return fitting
}

const MOST_NAMED = 200
