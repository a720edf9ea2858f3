/** Small invented profiles beside the published definitions, and what they find. */

import { openProfiles, profileIssues } from '../../../src/check/profile/profiles.ts'
import type { Terminology } from '../../../src/check/profile/terminology.ts'
import { subjectOf } from '../../../src/check/subject.ts'
import { localTerminology } from '../../../src/check/terminology/local.ts'
import { loadDefinitions } from '../../../src/edge/packages.ts'
import { baseConstraints, compactStructure } from '../../../src/fhir/compact.ts'
import type { Definitions } from '../../../src/fhir/definitions.ts'
import type { Issue } from '../../../src/fhir/issue.ts'
import type { Library, Structure } from '../../../src/fhir/library.ts'
import type { Bundle, Json, JsonObject, Resource } from '../../../src/fhir/types.ts'

export const published = await loadDefinitions()

const base = baseConstraints(published.model, published.invariants)

/** The canonical of an invented profile. */
export function url(name: string): string {
  return `http://example.org/fhir/StructureDefinition/${name}`
}

/** An invented profile: the rows of its snapshot that say more than the base, the root left out. */
export function profile(name: string, type: string, rows: readonly JsonObject[], root: JsonObject = {}): Structure {
  const first = { id: type, path: type, min: 0, max: '*', ...root }
  const element = [first, ...rows.map(completed)] as unknown as Json
  const definition = {
    resourceType: 'StructureDefinition',
    url: url(name),
    name,
    kind: 'resource',
    type,
    derivation: 'constraint',
    snapshot: { element },
  }
  const compact = compactStructure(definition, base)
  return { ...compact, elements: compact.elements ?? [], package: 'example#1' }
}

/** A row by its id: the path is what the id says without slices. */
function completed(row: JsonObject): JsonObject {
  const id = textOf(row['id'])
  const path = id.replaceAll(/:[^.]+/g, '')
  const slice = /:([^.]+)$/.exec(id)?.[1]
  return { min: 0, max: '*', path, ...(slice !== undefined && { sliceName: slice }), ...row }
}

/** The published definitions with invented ones. */
export function definitionsWith(structures: readonly Structure[], terminology: readonly Resource[] = []): Definitions {
  const { library } = published
  const own = new Map(structures.map((one) => [one.url, one]))
  const valueSets = new Map(terminology.map((one) => [one['url'], { ...one, package: 'example#1' }]))
  const extended: Library = {
    ...library,
    structure: (canonical, from) => own.get(canonical) ?? library.structure(canonical, from),
    valueSet: (canonical, from) => valueSets.get(canonical) ?? library.valueSet(canonical, from),
    codeSystem: (canonical, from) => library.codeSystem(canonical, from),
  }
  return { ...published, library: extended }
}

export interface Case {
  readonly structures: readonly Structure[]
  readonly valueSets?: readonly Resource[]
  readonly terminology?: Terminology
  readonly issues?: readonly Issue[]
  /** Asked of the Bundle or of its Composition. */
  readonly asked?: readonly string[]
  readonly type?: string
}

/** Resources as a Bundle below one base. */
export function bundleOf(resources: readonly JsonObject[], type = 'collection'): Bundle {
  const entry = resources.map((resource) => ({
    fullUrl: `http://example.org/fhir/${textOf(resource['resourceType'])}/${textOf(resource['id'])}`,
    resource,
  }))
  return { resourceType: 'Bundle', type, entry } as unknown as Bundle
}

/** What the profiles that resources name find in them. */
export function issuesOf(
  resources: readonly JsonObject[],
  { structures, valueSets, terminology, ...rest }: Case,
): readonly Issue[] {
  const definitions = definitionsWith(structures, valueSets)
  const { issues = [], asked = [], type } = rest
  const document = subjectOf(bundleOf(resources, type), definitions)
  const profiles = openProfiles(definitions, terminology ?? localTerminology(definitions.library))
  return profileIssues(document, profiles, { issues, profiles: asked }).issues
}

/** The same, each as its rule and place. */
export function found(resources: readonly JsonObject[], of: Case): readonly string[] {
  return issuesOf(resources, of).map(({ rule = '', expression = '' }) => `${rule} ${expression}`)
}

/** A resource that names profiles. */
export function claiming(profiles: string | readonly string[], resource: JsonObject): JsonObject {
  return {
    id: 'one',
    ...resource,
    meta: { profile: [profiles].flat().map((one) => (one.includes(':') ? one : url(one))) },
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
