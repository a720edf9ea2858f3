/** The narratives of a resource, read once for all rules. */

import { tokenize, type OpenTag, type Tokens } from '../fhir/xhtml.ts'
import type { Expression, Narrative, Resource, Section } from '../fhir/types.ts'

/** One `div` with its tokens. */
export interface ReadNarrative extends Tokens {
  /** Of the `div`. */
  readonly expression: Expression
  readonly div: string
  /** The resource of the entry, whose ids the narrative shares. */
  readonly container: Resource
  /** The resource that the narrative speaks of: the container, or one contained in it. */
  readonly resource: Resource
  /** The section that it is the text of; undefined where it is that of a resource. */
  readonly section?: Section | undefined
  /** Every element with the element around it. */
  readonly elements: readonly { readonly tag: OpenTag; readonly parent: OpenTag | undefined }[]
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

/** The narratives of a resource, its contained resources and sections, in their order; they share their ids. */
export function narrativesIn(container: Resource, root: Expression): readonly ReadNarrative[] {
  const { contained, section } = container
  const found = ofText(container, { resource: container, text: container.text, path: root })
  for (const [index, resource] of (Array.isArray(contained) ? (contained as readonly Resource[]) : []).entries()) {
    found.push(...ofText(container, { resource, text: resource?.text, path: `${root}.contained[${index}]` }))
  }
  const pending = sectionsOf(section, root)
  for (let next = pending.shift(); next; next = pending.shift()) {
    const { section: own, path } = next
    found.push(...ofText(container, { resource: container, section: own, text: own.text, path }))
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
  readonly section?: Section
  readonly text: Narrative | undefined
  readonly path: Expression
}

function ofText(container: Resource, { resource, section, text, path }: Place): ReadNarrative[] {
  const div = text?.div
  if (typeof div !== 'string') return []
  const read = tokenize(div)
  return [{ ...read, elements: elementsOf(read), expression: `${path}.text.div`, div, container, resource, section }]
}
