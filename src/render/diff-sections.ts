/** The sections of two documents side by side: their texts word by word, their entries element by element. */

import { tokenize } from '../fhir/xhtml.ts'
import type { IndexedEntry } from '../fhir/reference.ts'
import type { Reference, Section } from '../fhir/types.ts'
import { elementChanges, titleIn, type ElementChange, type Pairing } from './diff-entries.ts'
import { changesIn, pieceViews, type PieceView } from './diff-words.ts'
import type { Document } from './document.ts'
import { findTarget, holderOf, wordingFor } from './refer.ts'
import { labelOf, objects, plainText, shown } from './wording.ts'

export type Change = 'added' | 'removed' | 'changed'

/** An entry that one document has and the other has not, or has otherwise. */
export interface EntryChange {
  readonly change: Change | 'listed' | 'unlisted'
  /** In words: `added`. */
  readonly said: string
  readonly type: string
  readonly title: string
  readonly elements: readonly ElementChange[]
}

export interface SectionChange {
  readonly change: Change
  readonly said: string
  readonly title: string
  /** Of its text; none where the text is the same. */
  readonly pieces: readonly PieceView[]
  readonly entries: readonly EntryChange[]
}

/** The sections that differ in the order of the newer document, those that are gone at the end; and the entries told. */
export function sectionChanges(pairing: Pairing): {
  readonly sections: readonly SectionChange[]
  readonly told: ReadonlySet<unknown>
} {
  const [older, newer] = [pairing.older, pairing.newer].map((document) =>
    flat(objects(document.composition.section) as readonly Section[]),
  )
  const pairs = pairsOf(older ?? [], newer ?? [])
  const told = new Set<unknown>()
  const sections = pairs.flatMap(([before, after]): readonly SectionChange[] => {
    const pieces = changesIn(textOf(before?.text?.div), textOf(after?.text?.div))
    const entries = entryChanges(before, after, pairing)
    for (const { of } of entries) told.add(of)
    const title = titleOfSection(after, pairing.newer) || titleOfSection(before, pairing.older)
    const isChanged =
      pieces.some(({ kind }) => kind !== 'same') ||
      titleOfSection(before, pairing.older) !== titleOfSection(after, pairing.newer)
    if (!isChanged && entries.length === 0) return []
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
    return [
      {
        change,
        said: say(change, pairing),
        title,
        pieces: isChanged ? pieceViews(pieces) : [],
        entries: entries.map(({ view }) => view),
      },
    ]
  })
  return { sections, told }
}

function say(change: EntryChange['change'], { newer }: Pairing): string {
  return newer.reader.parts.phrase(`diff.${change}`)
}

function flat(sections: readonly Section[]): readonly Section[] {
  return sections.flatMap((section) => [section, ...flat(objects(section.section) as readonly Section[])])
}

type Pair = readonly [before: Section | undefined, after: Section | undefined]

/** Sections of one code, else of one title, in their order. */
function pairsOf(older: readonly Section[], newer: readonly Section[]): readonly Pair[] {
  const left = new Set(older)
  const partner = (after: Section, keyOf: (section: Section) => string): Section | undefined =>
    keyOf(after) === '' ? undefined : [...left].find((before) => keyOf(before) === keyOf(after))
  const matches = new Map<Section, Section>()
  for (const keyOf of [bothOf, codeOf, nameOf]) {
    for (const after of newer) {
      const before = matches.has(after) ? undefined : partner(after, keyOf)
      if (before === undefined) continue
      left.delete(before)
      matches.set(after, before)
    }
  }
  return [
    ...newer.map((after): Pair => [matches.get(after), after]),
    ...[...left].map((before): Pair => [before, undefined]),
  ]
}

function codeOf({ code }: Section): string {
  const codes = objects(code).flatMap(({ coding }) => objects(coding))
  return codes
    .map((one) => `${plainText(one['system'])}|${plainText(one['code'])}`)
    .sort()
    .join(' ')
}

function nameOf({ title }: Section): string {
  return plainText(title).trim().toLowerCase()
}

function bothOf(section: Section): string {
  return codeOf(section) === '' || nameOf(section) === '' ? '' : `${codeOf(section)} ${nameOf(section)}`
}

function titleOfSection(section: Section | undefined, { reader, holder }: Document): string {
  if (section === undefined) return ''
  const wording = wordingFor(reader, holder)
  return (
    plainText(section.title) ||
    shown(section, 'Composition.section', 'code', wording) ||
    wording.phrase('section.untitled')
  )
}

interface TellingChange {
  readonly of: unknown
  readonly view: EntryChange
}

function entryChanges(
  before: Section | undefined,
  after: Section | undefined,
  pairing: Pairing,
): readonly TellingChange[] {
  const [was, is] = [listed(before, pairing.older), listed(after, pairing.newer)]
  const added = is.flatMap((entry): readonly TellingChange[] => {
    const old = pairing.other.get(entry.resource)
    if (old === undefined) return [{ of: entry.resource, view: entryView('added', entry, [], pairing) }]
    const elements = changedElements(old, entry, pairing)
    const isNew = !was.some(({ resource }) => resource === old.resource)
    if (!isNew && elements.length === 0) return []
    return [{ of: entry.resource, view: entryView(isNew ? 'listed' : 'changed', entry, elements, pairing) }]
  })
  const removed = was.flatMap((entry): readonly TellingChange[] => {
    const now = pairing.other.get(entry.resource)
    if (now === undefined) return [{ of: entry.resource, view: entryView('removed', entry, [], pairing) }]
    if (is.some(({ resource }) => resource === now.resource)) return []
    return [{ of: undefined, view: entryView('unlisted', entry, [], pairing) }]
  })
  return [...added, ...removed]
}

function listed(section: Section | undefined, { reader, holder }: Document): readonly IndexedEntry[] {
  return (objects(section?.entry) as readonly Reference[]).flatMap((reference) => {
    const target = findTarget(reader.index, reference, holder)
    return typeof target === 'string' || target.entry === undefined ? [] : [target.entry]
  })
}

/** What changed in an entry that both documents have. */
export function changedElements(old: IndexedEntry, now: IndexedEntry, pairing: Pairing): readonly ElementChange[] {
  return elementChanges(
    { resource: old.resource, holder: holderOf(old) },
    { resource: now.resource, holder: holderOf(now) },
    pairing,
  )
}

/** An entry for the page. */
export function entryView(
  change: EntryChange['change'],
  entry: IndexedEntry,
  elements: readonly ElementChange[],
  pairing: Pairing,
): EntryChange {
  const document = change === 'removed' || change === 'unlisted' ? pairing.older : pairing.newer
  const type = labelOf('', entry.resource.resourceType, document.reader.parts)
  return { change, said: say(change, pairing), type, title: titleIn(entry, document), elements }
}

/** Elements of XHTML that begin a line. */
const LINES = new Set([
  'p',
  'div',
  'tr',
  'li',
  'dt',
  'dd',
  'br',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'caption',
  'pre',
  'blockquote',
  'hr',
])
const CELLS = new Set(['td', 'th'])

/** The text of a narrative, a line for each block and cells apart; of an image what stands for it. */
export function textOf(div: string | undefined): string {
  if (typeof div !== 'string') return ''
  const parts = tokenize(div).tokens.map((token): string => {
    if (token.kind === 'text') return token.text.replaceAll(/\s+/g, ' ')
    if (LINES.has(token.name)) return '\n'
    if (token.kind === 'close') return CELLS.has(token.name) ? ' · ' : ''
    return token.name === 'img' ? `[${token.attributes.find(({ name }) => name === 'alt')?.value ?? 'img'}]` : ''
  })
  return parts
    .join('')
    .replaceAll(/(?: |·)*\n\s*/g, '\n')
    .replaceAll(/ +/g, ' ')
    .trim()
}
