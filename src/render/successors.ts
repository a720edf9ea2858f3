/** What stands on the page of a document that later ones replace, amend or call an error (H-7). */

import type { Successor } from '../ports.ts'
import type { Banner } from './banners.ts'
import type { Document } from './document.ts'
import { showDateTime } from './format-time.ts'
import { cssString } from './furniture.ts'
import { wordingFor } from './refer.ts'
import type { PageView } from './view.ts'

const TONES: Readonly<Record<Successor['relation'], Banner['tone']>> = {
  'entered-in-error': 'error',
  replaces: 'error',
  appends: 'warning',
  transforms: 'notice',
  later: 'warning',
}

/** The view with a banner for each successor, before all others, and words in the margin of every printed page. */
export function withSuccessors(view: PageView, successors: readonly Successor[], document: Document): PageView {
  if (successors.length === 0) return view
  const wording = wordingFor(document.reader, document.holder)
  const { phrase } = wording
  const own = successors.map(({ relation, identifier, date }) => ({
    tone: TONES[relation],
    text: phrase(`banner.successor.${relation}`, {
      identifier,
      date: date === '' ? phrase('banner.successor.no-date') : showDateTime(date, wording),
    }),
  }))
  const margin = `@page { @top-center { content: ${cssString(phrase('furniture.successor'))}; } }`
  return {
    ...view,
    css: `${view.css}\n${margin}`,
    head: { ...view.head, banners: [...own, ...view.head.banners] },
  }
}
