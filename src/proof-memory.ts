/** What was generated for a draft and said of it, remembered by the content that it was made from: a page shown again costs neither. */

import { sha256, toBase64url } from './fhir/digest.ts'
import type { Issue } from './fhir/issue.ts'
import { stringify } from './fhir/json.ts'
import type { Bundle, Collected, Json } from './fhir/types.ts'
import { inspect, type Design, type Edge } from './pipeline.ts'
import { narrate, type SectionNote } from './render/narrate.ts'

/** As many drafts as may be open at once; what was asked for longest ago is forgotten first. */
const MOST_REMEMBERED = 200

type Memory = Map<string, unknown>

const memories = new WeakMap<Design, Memory>()

/** What the work gives, done once for a question; a failure is not remembered. */
export function remembered<T>(design: Design, question: readonly Json[], work: () => T): T {
  const memory = memories.get(design) ?? new Map<string, unknown>()
  memories.set(design, memory)
  const key = toBase64url(sha256(stringify(question)))
  const answer = memory.has(key) ? (memory.get(key) as T) : work()
  memory.delete(key)
  memory.set(key, answer)
  if (answer instanceof Promise) void answer.catch(() => memory.delete(key))
  for (const oldest of memory.keys()) {
    if (memory.size <= MOST_REMEMBERED) break
    memory.delete(oldest)
  }
  return answer
}

/** All of a document that narrative and rules go by, without what each layout has anew: its own names and times. */
function contentOf({
  id: _id,
  meta: _meta,
  identifier: _identifier,
  timestamp: _timestamp,
  entry = [],
  ...others
}: Bundle): Json {
  const [first, ...rest] = entry
  const { meta, ...composition } = first?.resource ?? { resourceType: 'Composition' }
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {}
  return [others, { ...first, resource: { ...composition, meta: kept } }, ...rest]
}

interface Narrated {
  readonly bundle: Collected
  readonly issues: readonly Issue[]
}

/** As `narrate`. */
export function narratedOnce(bundle: Collected, notes: readonly (readonly SectionNote[])[], design: Design): Narrated {
  const { changed, issues } = remembered(design, ['narrated', contentOf(bundle), notes as unknown as Json], () => {
    const made = narrate(bundle, design.render, notes)
    const entries = (made.bundle.entry ?? []).map((entry, at) => (entry === bundle.entry?.[at] ? undefined : entry))
    return { changed: entries, issues: made.issues }
  })
  const entry = (bundle.entry ?? []).map((one, at) => changed[at] ?? one)
  return { bundle: { ...bundle, entry }, issues }
}

/** As `inspect`; where a terminology server has a say, it is asked each time. */
export function inspectedOnce(
  bundle: Bundle,
  profiles: readonly string[],
  design: Design,
  edge: Edge,
): Promise<readonly Issue[]> {
  if (edge.terminology !== undefined) return inspect(bundle, design, edge, profiles)
  const question = ['inspected', contentOf(bundle), [...profiles]] as const
  return remembered(design, question, () => inspect(bundle, design, edge, profiles))
}
