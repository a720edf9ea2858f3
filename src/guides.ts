/** The guides that documents are drafted by: read, validated and compiled at start. */

import { examineResource } from './check/resource.ts'
import { compileGuide, type Guide } from './collect/draft/compiled.ts'
import { guideFrom } from './collect/draft/guide-rows.ts'
import type { GuideRow } from './collect/draft/guide.ts'
import { guideFiles } from './edge/guides.ts'
import type { Issue } from './fhir/issue.ts'
import type { Resource } from './fhir/types.ts'
import type { Design } from './pipeline.ts'

/**
 * The guides in folders, the newest version of a guide first; their expressions are compiled now, or when a guide is asked
 * for the first time.
 * @throws FhirError `invalid` with every fault of a guide
 */
export function openGuides(
  folders: readonly string[],
  { checks, policy, collect }: Pick<Design, 'checks' | 'policy' | 'collect'>,
  compile: 'now' | 'asked' = 'now',
): readonly Guide[] {
  const { library } = checks.definitions
  const { model, compartment } = collect
  const faults = (resource: Resource, profile?: string): readonly Issue[] =>
    examineResource(resource, checks, { policy, ...(profile !== undefined && { profiles: [profile] }) }).issues
  const compiled = (row: GuideRow): Guide => compileGuide(row, { model, compartment, library, faults })
  const open =
    compile === 'now' ? compiled : (row: GuideRow) => onceAsked({ row, model, compartment }, () => compiled(row))
  return guideFiles(folders)
    .map(({ name, value }) => open(guideFrom(value, name)))
    .toSorted(byRank)
}

/** A guide that is compiled with the first question to it: that takes longer than all else at start. */
function onceAsked(known: Pick<Guide, 'row' | 'model' | 'compartment'>, compile: () => Guide): Guide {
  let compiled: Guide | undefined
  const guide = (): Guide => (compiled ??= compile())
  return {
    ...known,
    get isAtHand() {
      return guide().isAtHand
    },
    candidates: (resource) => guide().candidates(resource),
    keys: (resource, section) => guide().keys(resource, section),
    complete: (resource) => guide().complete(resource),
  }
}

/** The guide that the settings do not have to name comes first: the international one, of each the newest. */
function byRank({ row: one }: Guide, { row: other }: Guide): number {
  if (one.package === other.package) return other.version.localeCompare(one.version, 'en', { numeric: true })
  const rank = (name: string): number => (name === DEFAULT_PACKAGE ? 0 : 1)
  return rank(one.package) - rank(other.package) || one.name.localeCompare(other.name, 'en')
}

const DEFAULT_PACKAGE = 'hl7.fhir.uv.ips'
