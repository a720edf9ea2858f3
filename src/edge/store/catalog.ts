/** The index behind every source that is a set of resources: by type and id, URL, identifier and Provenance target. */

import { isDeepStrictEqual } from 'node:util'
import type { Issue } from '../../fhir/issue.ts'
import { identifiersOf, parseReference, restBase } from '../../fhir/reference.ts'
import { isObject, type FullUrl, type Json, type Resource } from '../../fhir/types.ts'
import type { Found, Source, Target } from '../../ports.ts'
import { byReference } from './by-reference.ts'

/** What the index knows of a resource without holding it. */
export interface Card {
  readonly type: string
  readonly id: string | undefined
  readonly version: string | undefined
  readonly url: FullUrl | undefined
  /** Of each business identifier, {@link identifierKey}. */
  readonly identifiers: readonly string[]
  /** What a Provenance is about: the references without version, relative ones also as URL. */
  readonly targets: readonly string[]
  /** The resource itself. @throws FhirError where it can no longer be read */
  readonly load: () => Resource | Promise<Resource>
}

export interface Contents {
  readonly cards: readonly Card[]
  readonly issues: readonly Issue[]
}

/** The card of a resource; `load` gives it again, which may be from a file. */
export function cardOf(resource: Resource, load: Card['load'], url?: FullUrl): Card {
  return {
    type: resource.resourceType,
    id: textOf(resource.id),
    version: textOf(resource.meta?.versionId),
    url,
    identifiers: identifiersOf(resource).flatMap((identifier) => {
      const { system, value } = isObject(identifier) ? identifier : {}
      return typeof system === 'string' && typeof value === 'string' ? [identifierKey(system, value)] : []
    }),
    targets: resource.resourceType === 'Provenance' ? targetsOf(resource, url) : [],
    load,
  }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function identifierKey(system: string, value: string): string {
  return `${system}\n${value}`
}

function targetsOf({ target }: Resource, url: FullUrl | undefined): readonly string[] {
  const base = restBase(url)
  const references = Array.isArray(target) ? (target as readonly Json[]).filter(isObject) : []
  return references.flatMap(({ reference }) => {
    const parsed = typeof reference === 'string' ? parseReference(reference) : undefined
    if (parsed?.form === 'rest' || parsed?.form === 'uri') return [parsed.url]
    if (parsed?.form !== 'relative') return []
    const text = `${parsed.type}/${parsed.id}`
    return base === undefined ? [text] : [`${base}/${text}`]
  })
}

interface Catalog {
  /** All of them, in the order given; the indexes leave out what stands twice. */
  readonly cards: readonly Card[]
  readonly issues: readonly Issue[]
  readonly byId: ReadonlyMap<string, readonly Card[]>
  readonly byUrl: ReadonlyMap<string, readonly Card[]>
  readonly byIdentifier: ReadonlyMap<string, readonly Card[]>
  readonly byTarget: ReadonlyMap<string, readonly Card[]>
}

export interface CatalogSource {
  readonly source: Source
  /** Everything in it, in its order. */
  readonly everything: () => Promise<readonly Found[]>
}

/** A source over what `open` finds; it is opened at the first question, once. */
export function catalogSource(name: string, open: () => Contents | Promise<Contents>): CatalogSource {
  let opening: Promise<Catalog> | undefined
  let issues: readonly Issue[] = []
  const opened = (): Promise<Catalog> => (opening ??= Promise.resolve(open()).then(catalog))
  const load = async (card: Card): Promise<Found> => {
    const resource = await card.load()
    return { resource, source: name, ...(card.url !== undefined && { url: card.url }) }
  }
  const loadAll = (cards: readonly Card[]): Promise<readonly Found[]> => Promise.all(cards.map(load))
  const catalog = async (contents: Contents): Promise<Catalog> => {
    const built = await indexed(contents)
    issues = built.issues
    return built
  }
  const source: Source = {
    name,
    read: async (targets) => {
      const index = await opened()
      return Promise.all(targets.map((target) => loadAll(matches(index, target))))
    },
    provenances: async (targets) => {
      const { byTarget } = await opened()
      return loadAll([...new Set(targets.flatMap((target) => byTarget.get(target) ?? []))])
    },
    search: async (type, query) => {
      const isFound = byReference(query)
      const cards = (await opened()).cards.filter((card) => card.type === type)
      return (await loadAll(cards)).filter(({ resource }) => isFound(resource))
    },
    // whose each resource is takes the definitions to say
    record: async () => ({ found: await loadAll((await opened()).cards), gaps: [] }),
    issues: () => issues,
  }
  return { source, everything: async () => loadAll((await opened()).cards) }
}

function matches(index: Catalog, target: Target): readonly Card[] {
  const isVersion = ({ version }: Card): boolean =>
    target.by === 'identifier' || target.version === undefined || target.version === version
  return candidates(index, target).filter(isVersion)
}

function candidates({ byId, byUrl, byIdentifier }: Catalog, target: Target): readonly Card[] {
  switch (target.by) {
    case 'id':
      return byId.get(`${target.type}/${target.id}`) ?? []
    case 'url':
      return byUrl.get(target.url) ?? []
    case 'identifier':
      return (byIdentifier.get(identifierKey(target.system, target.value)) ?? []).filter(
        ({ type }) => target.type === undefined || target.type === type,
      )
  }
}

async function indexed(contents: Contents): Promise<Catalog> {
  const { cards, issues } = await withoutRepetition(contents)
  return {
    cards: contents.cards,
    issues,
    byId: grouped(cards, ({ type, id }) => (id === undefined ? [] : [`${type}/${id}`])),
    byUrl: grouped(cards, ({ url }) => (url === undefined ? [] : [url])),
    byIdentifier: grouped(cards, ({ identifiers }) => identifiers),
    byTarget: grouped(cards, ({ targets }) => targets),
  }
}

function grouped(
  cards: readonly Card[],
  keysOf: (card: Card) => readonly string[],
): ReadonlyMap<string, readonly Card[]> {
  const groups = new Map<string, Card[]>()
  for (const card of cards) {
    for (const key of new Set(keysOf(card))) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [card])
      else group.push(card)
    }
  }
  return groups
}

/** Of the same resource in the same version, one card; where the contents differ, all of them and an issue. */
async function withoutRepetition({ cards, issues }: Contents): Promise<Contents> {
  const dropped = new Set<Card>()
  const contradictions: Issue[] = []
  for (const [, group] of grouped(cards, versionKeys)) {
    const [first, ...others] = group
    if (first === undefined || others.length === 0) continue
    const resource = await first.load()
    let differs = false
    for (const other of others) {
      if (isDeepStrictEqual(await other.load(), resource)) dropped.add(other)
      else differs = true
    }
    if (differs) contradictions.push(contradiction(first))
  }
  return {
    cards: dropped.size === 0 ? cards : cards.filter((card) => !dropped.has(card)),
    issues: [...issues, ...contradictions],
  }
}

function versionKeys({ type, id, url, version }: Card): readonly string[] {
  const name = url ?? (id === undefined ? undefined : `${type}/${id}`)
  return name === undefined ? [] : [`${name}/_history/${version ?? ''}`]
}

function contradiction({ type, id, url, version }: Card): Issue {
  const name = url ?? `${type}/${id ?? ''}`
  const which = version === undefined ? 'without versionId' : `in version ${version}`
  return {
    severity: 'warning',
    code: 'duplicate',
    text: `${name} stands more than once ${which} with different content, expected one content for each version`,
    rule: 'contradictory-duplicate',
  }
}
