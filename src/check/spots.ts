/** What is found at parts of a document: found again only where something is another that was looked at for it. */

import { lastingMemo } from '../fhir/memo.ts'
import type { Content, Finding, Outline, Subject } from './rule.ts'
import type { Places } from './section-texts.ts'

/** What is found at one part of a document. */
export interface Look {
  readonly findings: readonly Finding[]
  /** The places whose contents were looked at: nothing else but the outline has a say in it. */
  readonly at: Places
}

interface Known {
  readonly outline: Outline
  /** By place. */
  readonly contents: readonly Content[]
  /** By spot. */
  readonly looks: readonly Look[]
}

/** What is found at the spots of a document, in their order; all documents of one outline have the same spots. */
export function atSpots<Spot>(
  spotsOf: (document: Subject) => readonly Spot[],
  look: (spot: Spot, document: Subject) => Look,
): (document: Subject) => readonly Finding[] {
  // by the Composition and not by the outline, which would hold on to contents that are long gone
  const memo = lastingMemo<Content, Known>()
  const lookAgain = (document: Subject, before: Known | undefined, contents: Known['contents']): readonly Look[] => {
    if (before === undefined) return spotsOf(document).map((spot) => look(spot, document))
    const changed = differing(before.contents, contents)
    if (changed.size === 0) return before.looks
    const isSteady = ({ at }: Look): boolean => !at.some((place) => changed.has(place))
    return spotsOf(document).map((spot, number) => {
      const known = before.looks[number]
      return known !== undefined && isSteady(known) ? known : look(spot, document)
    })
  }
  return (document) => {
    const { composition, outline, index, contentOf } = document
    if (composition === undefined) return findingsOf(lookAgain(document, undefined, []))
    const head = contentOf(composition.entry)
    const contents = index.entries.map(contentOf)
    const known = memo.get(head)
    const looks = lookAgain(document, known?.outline === outline ? known : undefined, contents)
    memo.set(head, { outline, contents, looks })
    return findingsOf(looks)
  }
}

function findingsOf(looks: readonly Look[]): readonly Finding[] {
  return looks.flatMap(({ findings }) => findings)
}

/** The places where two documents of one outline have different contents. */
function differing(some: readonly Content[], others: readonly Content[]): ReadonlySet<number> {
  const places = new Set<number>()
  for (let place = 0; place < others.length; place += 1) if (some[place] !== others[place]) places.add(place)
  return places
}
