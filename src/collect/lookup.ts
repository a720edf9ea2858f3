/** Reading from several sources in order: the first that has a target wins, and nothing is asked for twice. */

import { lastingMemo, noting, remember } from '../fhir/memo.ts'
import { restBase, type ParsedReference } from '../fhir/reference.ts'
import type { Resource } from '../fhir/types.ts'
import type { Found, Source, Target } from '../ports.ts'

/** A target, and the name of the only source that may have it where its reference means nothing elsewhere. */
export interface Wanted {
  readonly target: Target
  readonly within?: string
  /** The same for all that ask for the same. */
  readonly key: string
}

export function want(target: Target, within?: string): Wanted {
  return { target, key: keyOf(target, within), ...(within !== undefined && { within }) }
}

export interface Lookup {
  /** Reads what is not known yet: one question to each source at most. */
  readonly find: (wanted: readonly Wanted[]) => Promise<void>
  /** Every match in the first source that has one; none for what no source has. */
  readonly answer: (wanted: Wanted) => readonly Found[]
  /** Makes a resource the one answer to its own names. */
  readonly know: (found: Found) => void
  /** Whether a source keeps a target back from whoever asks. */
  readonly isWithheld: (wanted: Wanted) => boolean
  /** Whether a target that no source has was deleted from one of them. */
  readonly wasDeleted: (wanted: Wanted) => Promise<boolean>
}

/**
 * What a literal reference asks for. A relative one means a URL where its holder has a RESTful one (REF-4), and type and
 * id where the holder has none; in a holder with any other URL it has no meaning, and only its own source is asked.
 */
export function wantedBy(parsed: ParsedReference, holder: Found): Wanted | undefined {
  if (parsed.form === 'uri') return want({ by: 'url', url: parsed.url })
  if (parsed.form !== 'relative' && parsed.form !== 'rest') return undefined
  const version = parsed.version === undefined ? {} : { version: parsed.version }
  if (parsed.form === 'rest') return want({ by: 'url', url: parsed.url, ...version })
  const { type, id } = parsed
  const base = restBase(holder.url)
  if (base !== undefined) return want({ by: 'url', url: `${base}/${type}/${id}`, ...version })
  return want({ by: 'id', type, id, ...version }, holder.url === undefined ? undefined : holder.source)
}

/**
 * A lookup over sources. Sources without a base are taken to lie at `base`, where one is given: a URL below it then finds
 * their resources by type and id.
 */
export function lookupIn(sources: readonly Source[], base: string | undefined): Lookup {
  const known = new Map<string, readonly Found[]>()
  const withheld = new Set<string>()
  return {
    answer: (wanted) => known.get(wanted.key) ?? NONE,
    know: (found) => {
      for (const { key } of namesOf(found)) known.set(key, [found])
    },
    isWithheld: ({ key }) => withheld.has(key),
    wasDeleted: async ({ target }) => {
      for (const source of sources) if ((await source.wasDeleted?.(target)) === true) return true
      return false
    },
    find: async (wanted) => {
      let open = new Map<string, Wanted>()
      for (const one of wanted) if (!known.has(one.key)) open.set(one.key, one)
      for (const source of sources) {
        const asked = [...open].filter(([, { within }]) => within === undefined || within === source.name)
        if (asked.length === 0) continue
        const answers = await read(
          source,
          asked.map(([, { target }]) => target),
          base,
        )
        for (const [place, [key]] of asked.entries())
          if (answers[place]?.length) known.set(key, answers[place].map(steadyFound))
        open = new Map([...open].filter(([key]) => !known.has(key)))
      }
      // a source that is asked whether it keeps something back may not answer alike the next time
      for (const source of open.size === 0 ? [] : sources) {
        const kept = (await source.withheld?.([...open.values()].map(({ target }) => target))) ?? []
        for (const [at, key] of [...open.keys()].entries()) if (kept[at] === true) withheld.add(key)
      }
      for (const key of open.keys()) known.set(key, [])
    },
  }
}

/** By URL, and by type and id; without version and with its own. */
function namesOf({ resource, url, source }: Found): readonly Wanted[] {
  const { resourceType: type, id, meta } = resource
  const targets: Target[] = url === undefined ? [] : [{ by: 'url', url }]
  if (id !== undefined) targets.push({ by: 'id', type, id })
  const version = meta?.versionId
  const versioned = version === undefined ? [] : targets.map((target) => ({ ...target, version }))
  return [...targets, ...versioned].flatMap((target) => [want(target), want(target, source)])
}

const NONE: readonly Found[] = []
const steady = lastingMemo<Resource, Map<string, Found>>()

/**
 * What was found, as the very same object each time for a resource that cannot change: what closure finds of a resource
 * where it lies is remembered by it.
 */
export function steadyFound(found: Found): Found {
  const { resource, source, url = '' } = found
  if (!Object.isFrozen(resource) || Object.isFrozen(found)) return found
  const places = remember(steady, resource, () => new Map<string, Found>())
  const key = `${source}\n${url}`
  const known = places.get(key)
  if (known !== undefined) return known
  const made = Object.freeze(noting({ ...found }))
  places.set(key, made)
  return made
}

function keyOf(target: Target, within = ''): string {
  if (target.by === 'identifier') return `${within}\n${target.type ?? ''}\n${target.system}\n${target.value}`
  const name = target.by === 'url' ? target.url : `${target.type}/${target.id}`
  return `${within}\n${name}\n${target.version ?? ''}`
}

async function read(
  source: Source,
  targets: readonly Target[],
  base: string | undefined,
): Promise<readonly (readonly Found[])[]> {
  const places = targets.map((target) => (source.base === undefined ? below(base, target) : undefined))
  const others = places.filter((target) => target !== undefined)
  const answers = await source.read([...targets, ...others])
  let next = targets.length
  return places.map((place, at) => {
    const direct = answers[at] ?? []
    const byId = place === undefined ? [] : (answers[next++] ?? [])
    return direct.length > 0 ? direct : byId.filter(({ url }) => url === undefined)
  })
}

/** A URL below the base as type and id. */
function below(base: string | undefined, target: Target): Target | undefined {
  if (base === undefined || target.by !== 'url' || !target.url.startsWith(`${base}/`)) return undefined
  const [type, id, ...more] = target.url.slice(base.length + 1).split('/')
  if (type === undefined || id === undefined || more.length > 0) return undefined
  return { by: 'id', type, id, ...(target.version !== undefined && { version: target.version }) }
}
