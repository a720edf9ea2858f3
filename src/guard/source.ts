/** A source elsewhere as one caller may read it: what may not be read is as if it were not there, and told apart only for closure. */

import { grantsOn, isBarred, knownOf, standingOf, type Known } from '../access/rights.ts'
import type { Resource } from '../fhir/types.ts'
import type { Found, Reading, Source, Store, StoreReader, Target } from '../ports.ts'
import { consentsOf } from './consents.ts'
import type { Guard } from './guard.ts'
import type { Verdict } from './judging.ts'
import { somethingWithheld } from './withheld.ts'

/** The source given, for one caller; consents are those of the store. */
export function guardedSource(source: Source, guard: Guard, store: Store): Source {
  const withheld = new Set<string>()
  const seen = async (found: readonly Found[]): Promise<ReadonlyMap<Found, Verdict>> => {
    const verdicts = new Map(found.map((one) => [one, verdictOf(one, source, guard)] as const))
    const open = found.filter((one) => verdicts.get(one) === 'open')
    for (const one of await denied(open, { source, guard, store })) verdicts.set(one, 'withheld')
    return verdicts
  }
  const guarded = (inner: Source): Source => ({
    ...inner,
    read: async (targets) => {
      const answers = await inner.read(targets)
      const verdicts = await seen(answers.flat())
      for (const [at, target] of targets.entries())
        if (answers[at]?.some((one) => verdicts.get(one) === 'withheld')) withheld.add(JSON.stringify(target))
      return answers.map((some) => some.filter((one) => verdicts.get(one) === 'open'))
    },
    provenances: async (targets) => opened(await inner.provenances(targets)),
    withheld: (targets) => {
      const kept = targets.map((target) => isKept(target))
      if (guard.withheld === 'refuse' && kept.includes(true)) return Promise.reject(somethingWithheld())
      return Promise.resolve(kept)
    },
    ...(inner.search !== undefined && {
      search: async (type: string, query: string) => opened((await inner.search?.(type, query)) ?? []),
    }),
    ...(inner.all !== undefined && { all: async () => opened((await inner.all?.()) ?? []) }),
    // that it was deleted tells that it was there
    wasDeleted: () => Promise.resolve(false),
    ...(inner.begin !== undefined && { begin: () => begun(inner.begin?.()) }),
  })
  const opened = async (found: readonly Found[]): Promise<readonly Found[]> => {
    const verdicts = await seen(found)
    return found.filter((one) => verdicts.get(one) === 'open')
  }
  const isKept = (target: Target): boolean => withheld.has(JSON.stringify(target))
  const begun = (reading: Reading | undefined): Reading => {
    if (reading === undefined) throw new TypeError('A source that can begin gave no reading')
    return { ...guarded(reading), holds: () => reading.holds() }
  }
  return guarded(source)
}

/** What scopes and labels say of a resource of another server: constraints need an index, which it has none in. */
function verdictOf({ resource }: Found, source: Source, { rights, letters, ...guard }: Guard): Verdict {
  const known = knownAt(resource, source, guard)
  const grants = grantsOn(rights, letters, resource.resourceType).filter(({ criteria }) => criteria.length === 0)
  const standing = standingOf(grants, known)
  if (standing === 'other') return 'hidden'
  return standing === 'open' && !isBarred(rights, known) ? 'open' : 'withheld'
}

type Place = Pick<Guard, 'compartment' | 'base'>

/** The patients of another server are named by their URLs, those of ours by their ids. */
function knownAt(resource: Resource, source: Source, { compartment, base }: Place): Known {
  const known = knownOf(resource, { compartment, base: source.base })
  const patients = known.concern.patients.map((patient) => {
    if (patient.startsWith(`${base}/Patient/`)) return patient.slice(`${base}/Patient/`.length)
    return patient.includes(':') || source.base === undefined ? patient : `${source.base}/Patient/${patient}`
  })
  return { ...known, concern: { ...known.concern, patients } }
}

interface Circumstances {
  readonly source: Source
  readonly guard: Guard
  readonly store: Store
}

/** Those that a consent keeps back. */
async function denied(found: readonly Found[], { source, guard, store }: Circumstances): Promise<readonly Found[]> {
  const concerns = found.map(({ resource }) => knownAt(resource, source, guard).concern.patients)
  if (concerns.every((patients) => patients.length === 0)) return []
  const judged = async (reader: StoreReader): Promise<readonly Found[]> => {
    const consents = consentsOf(guard, reader)
    await consents.load([...new Set(concerns.flat())])
    return found.filter(({ resource }, at) => !consents.permits(resource, concerns[at] ?? []))
  }
  const { reader } = guard.inUse
  return reader === undefined ? store.snapshot(judged) : judged(reader)
}
