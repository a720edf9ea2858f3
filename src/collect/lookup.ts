/** Reading from several sources in order: the first that has a target wins, and nothing is asked for twice. */

import { restBase, type ParsedReference } from '../fhir/reference.ts'
import type { Found, Source, Target } from '../ports.ts'

/** A target, and the name of the only source that may have it where its reference means nothing elsewhere. */
export interface Wanted {
  readonly target: Target
  readonly within?: string
}

export interface Lookup {
  /** Reads what is not known yet: one question to each source at most. */
  readonly find: (wanted: readonly Wanted[]) => Promise<void>
  /** Every match in the first source that has one; none for what no source has. */
  readonly answer: (wanted: Wanted) => readonly Found[]
  /** Makes a resource the one answer to its own names. */
  readonly know: (found: Found) => void
}

/**
 * What a literal reference asks for. A relative one means a URL where its holder has a RESTful one (REF-4), and type and
 * id where the holder has none; in a holder with any other URL it has no meaning, and only its own source is asked.
 */
export function wantedBy(parsed: ParsedReference, holder: Found): Wanted | undefined {
  if (parsed.form === 'uri') return { target: { by: 'url', url: parsed.url } }
  if (parsed.form !== 'relative' && parsed.form !== 'rest') return undefined
  const version = parsed.version === undefined ? {} : { version: parsed.version }
  if (parsed.form === 'rest') return { target: { by: 'url', url: parsed.url, ...version } }
  const { type, id } = parsed
  const base = restBase(holder.url)
  if (base !== undefined) return { target: { by: 'url', url: `${base}/${type}/${id}`, ...version } }
  return { target: { by: 'id', type, id, ...version }, ...(holder.url !== undefined && { within: holder.source }) }
}

/**
 * A lookup over sources. Sources without a base are taken to lie at `base`, where one is given: a URL below it then finds
 * their resources by type and id.
 */
export function lookupIn(sources: readonly Source[], base: string | undefined): Lookup {
  const known = new Map<string, readonly Found[]>()
  return {
    answer: (wanted) => known.get(keyOf(wanted)) ?? [],
    know: (found) => {
      for (const wanted of namesOf(found)) known.set(keyOf(wanted), [found])
    },
    find: async (wanted) => {
      let open = new Map<string, Wanted>()
      for (const one of wanted) if (!known.has(keyOf(one))) open.set(keyOf(one), one)
      for (const source of sources) {
        const asked = [...open].filter(([, { within }]) => within === undefined || within === source.name)
        if (asked.length === 0) continue
        const answers = await read(
          source,
          asked.map(([, { target }]) => target),
          base,
        )
        for (const [place, [key]] of asked.entries()) if (answers[place]?.length) known.set(key, answers[place])
        open = new Map([...open].filter(([key]) => !known.has(key)))
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
  return [...targets, ...versioned].flatMap((target) => [{ target }, { target, within: source }])
}

function keyOf({ target, within = '' }: Wanted): string {
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
