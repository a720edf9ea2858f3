/** The narratives of a Bundle, read once for all rules. */

import { tokenize, type OpenTag, type Tokens } from '../fhir/xhtml.ts'
import type { Bundle, Entry, Expression, Narrative, Resource, Section } from '../fhir/types.ts'

/** One `div` with its tokens. */
export interface ReadNarrative extends Tokens {
  /** Of the `div`. */
  readonly expression: Expression
  readonly div: string
  readonly entry: Entry
  /** The resource of the entry, whose ids the narrative shares. */
  readonly container: Resource
  /** The resource that the narrative speaks of: the container, or one contained in it. */
  readonly resource: Resource
  /** Every element with the element around it. */
  readonly elements: readonly { readonly tag: OpenTag; readonly parent: OpenTag | undefined }[]
}

/** What is read of a Bundle is kept as long as the Bundle: a score of rules asks for it. */
const read = new WeakMap<Bundle, readonly ReadNarrative[]>()

/** The narratives of all entries, their contained resources and sections, in the order of the Bundle. */
export function narrativesOf(bundle: Bundle): readonly ReadNarrative[] {
  const known = read.get(bundle)
  if (known) return known
  const found = (Array.isArray(bundle.entry) ? (bundle.entry as readonly (Entry | null)[]) : []).flatMap(
    (entry, index) => {
      const container = entry?.resource
      return container ? ofResource(entry, container, `Bundle.entry[${index}].resource`) : []
    },
  )
  read.set(bundle, found)
  return found
}

/** The narratives of one resource share their ids: one list for each entry. */
export function narrativesByResource(bundle: Bundle): readonly (readonly ReadNarrative[])[] {
  return [...Map.groupBy(narrativesOf(bundle), ({ container }) => container).values()]
}

/** Every element of a narrative with the element around it. */
export function elementsOf({
  tokens,
}: Tokens): readonly { readonly tag: OpenTag; readonly parent: OpenTag | undefined }[] {
  const open: OpenTag[] = []
  return tokens.flatMap((token) => {
    if (token.kind === 'close') open.pop()
    if (token.kind !== 'open') return []
    const parent = open.at(-1)
    open.push(token)
    return [{ tag: token, parent }]
  })
}

function ofResource(entry: Entry, container: Resource, root: Expression): ReadNarrative[] {
  const { contained, section } = container
  const found = ofText(entry, container, { resource: container, text: container.text, path: root })
  for (const [index, resource] of (Array.isArray(contained) ? (contained as readonly Resource[]) : []).entries()) {
    found.push(...ofText(entry, container, { resource, text: resource?.text, path: `${root}.contained[${index}]` }))
  }
  const pending = sectionsOf(section, root)
  for (let next = pending.shift(); next; next = pending.shift()) {
    found.push(...ofText(entry, container, { resource: container, text: next.section.text, path: next.path }))
    pending.unshift(...sectionsOf(next.section.section, next.path))
  }
  return found
}

function sectionsOf(sections: unknown, path: Expression): { section: Section; path: Expression }[] {
  if (!Array.isArray(sections)) return []
  return (sections as readonly (Section | null)[]).flatMap((section, index) =>
    section === null || typeof section !== 'object' ? [] : [{ section, path: `${path}.section[${index}]` }],
  )
}

interface Place {
  readonly resource: Resource
  readonly text: Narrative | undefined
  readonly path: Expression
}

function ofText(entry: Entry, container: Resource, { resource, text, path }: Place): ReadNarrative[] {
  const div = text?.div
  if (typeof div !== 'string') return []
  const read = tokenize(div)
  return [{ ...read, elements: elementsOf(read), expression: `${path}.text.div`, div, entry, container, resource }]
}
