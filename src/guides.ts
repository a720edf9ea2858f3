/** The guides that documents are drafted by: read, validated and compiled at start. */

import { examineResource } from './check/resource.ts'
import { compileGuide, type Guide } from './collect/draft/compiled.ts'
import { guideFrom } from './collect/draft/guide-rows.ts'
import { guideFiles } from './edge/guides.ts'
import type { Issue } from './fhir/issue.ts'
import type { Resource } from './fhir/types.ts'
import type { Design } from './pipeline.ts'

/** The guides in folders, the newest version of a guide first. @throws FhirError `invalid` with every fault of a guide */
export function openGuides(folders: readonly string[], { checks, policy, collect }: Design): readonly Guide[] {
  const { library } = checks.definitions
  const { model, compartment } = collect
  const faults = (resource: Resource, profile?: string): readonly Issue[] =>
    examineResource(resource, checks, { policy, ...(profile !== undefined && { profiles: [profile] }) }).issues
  return guideFiles(folders)
    .map(({ name, value }) => compileGuide(guideFrom(value, name), { model, compartment, library, faults }))
    .toSorted(byRank)
}

/** The guide that the settings do not have to name comes first: the international one, of each the newest. */
function byRank({ row: one }: Guide, { row: other }: Guide): number {
  if (one.package === other.package) return other.version.localeCompare(one.version, 'en', { numeric: true })
  const rank = (name: string): number => (name === DEFAULT_PACKAGE ? 0 : 1)
  return rank(one.package) - rank(other.package) || one.name.localeCompare(other.name, 'en')
}

const DEFAULT_PACKAGE = 'hl7.fhir.uv.ips'
