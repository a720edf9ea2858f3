/** What changed between two versions of a document, section by section, as a page. */

import type { Issue } from '../fhir/issue.ts'
import type { Bundle, Resource } from '../fhir/types.ts'
import { contentLanguage, opened, type RenderDesign } from './design.ts'
import {
  changedElements,
  entryView,
  sectionChanges,
  textOf,
  type EntryChange,
  type SectionChange,
} from './diff-sections.ts'
import { elementChanges, entriesOf, pairingOf, type ElementChange, type Pairing } from './diff-entries.ts'
import { changesIn, pieceViews, type PieceView } from './diff-words.ts'
import type { Document } from './document.ts'
import { factsOf } from './facts.ts'
import { header, type HeaderView } from './header.ts'
import { inStyleElement } from './furniture.ts'
import { directionOf } from './locale.ts'
import { objects, plainText } from './wording.ts'

/** What the template of a comparison is given. */
export interface ComparisonView {
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  readonly content: { readonly lang?: string; readonly dir: 'ltr' | 'rtl' | 'auto' }
  readonly documentTitle: string
  readonly css: string
  readonly older: HeaderView
  readonly newer: HeaderView
  /** What is odd about the comparison as such. */
  readonly warnings: readonly string[]
  /** Of the Composition but its sections, and of the Bundle. */
  readonly head: readonly ElementChange[]
  /** Narratives of the Composition and of subjects. */
  readonly texts: readonly { readonly title: string; readonly pieces: readonly PieceView[] }[]
  readonly sections: readonly SectionChange[]
  /** Entries that no section lists. */
  readonly entries: readonly EntryChange[]
  readonly isSame: boolean
}

/** A page, with what its PDF says of itself. */
export interface Comparison {
  readonly xhtml: string
  readonly facts: ReturnType<typeof factsOf>
  readonly issues: readonly Issue[]
}

/**
 * The changes from an older document to a newer one as a page; nothing of it is attested.
 * @throws FhirError `structure` where one of them is no document
 */
export function comparison(older: Bundle, newer: Bundle, design: RenderDesign): Comparison {
  const { document, locale } = opened(newer, design)
  const pairing = pairingOf(opened(older, { ...design, lang: locale.language }).document, document)
  const { phrase } = document.reader.parts
  const { sections, told } = sectionChanges(pairing)
  const [olderHead, newerHead] = [header(pairing.older), header(document)]
  const changes = {
    warnings: warningsOf(pairing),
    head: headChanges(pairing),
    texts: textChanges(pairing),
    sections,
    entries: furtherEntries(pairing, told),
  }
  const lang = contentLanguage(newer)
  const documentTitle = phrase('diff.title', { title: newerHead.title })
  const { styles } = design.templates
  const view: ComparisonView = {
    lang: locale.language,
    dir: locale.direction,
    content: { ...(lang !== undefined && { lang }), dir: directionOf(lang) ?? 'auto' },
    documentTitle,
    css: STYLES.map((path) => inStyleElement(styles[path] ?? '')).join('\n'),
    older: olderHead,
    newer: newerHead,
    ...changes,
    isSame: [changes.head, changes.texts, changes.sections, changes.entries].every(({ length }) => length === 0),
  }
  const facts = factsOf(document, {
    title: documentTitle,
    language: locale.language,
    contentLanguage: lang,
    producer: design.producer ?? 'fhirdoc',
    template: TEMPLATE,
    templates: design.templates.digest,
    digest: undefined,
  })
  return { xhtml: design.templates.render(TEMPLATE, view, phrase), facts, issues: [] }
}

const TEMPLATE = 'comparison/page'
const STYLES = ['style/page.css', 'comparison/page.css', 'style/print.css'] as const

/** That two documents are no versions of one, or are given in the wrong order. */
function warningsOf(pairing: Pairing): readonly string[] {
  const { older, newer } = pairing
  const { phrase } = newer.reader.parts
  const [one, other] = [older, newer].map(({ composition }) => seriesOf(composition['identifier']))
  const isNamed = objects(newer.composition.relatesTo).some((relation) => namesDocument(relation, older))
  const isOneSeries = isNamed || (one !== '' && one === other)
  const [was, is] = [older, newer].map(({ composition }) => plainText(composition.date))
  const areOthers =
    newer.subjects.length === 0 || newer.subjects.some(({ resource }) => !isSubjectOf(older, resource, pairing))
  return [
    ...(areOthers ? [phrase('diff.subjects')] : []),
    ...(isOneSeries ? [] : [phrase('diff.unrelated')]),
    ...(was !== undefined && is !== undefined && was !== '' && is !== '' && Date.parse(was) > Date.parse(is)
      ? [phrase('diff.order')]
      : []),
  ]
}

function isSubjectOf({ subjects }: Document, resource: Resource, { other }: Pairing): boolean {
  const match = other.get(resource)
  return match !== undefined && subjects.some((subject) => subject.resource === match.resource)
}

function seriesOf(identifier: unknown): string {
  const [first] = objects(identifier as never)
  return first === undefined ? '' : `${plainText(first['system'])}|${plainText(first['value'])}`
}

/** Whether a relation names the document by its identifier. @see https://hl7.org/fhir/R4/composition-definitions.html#Composition.relatesTo */
function namesDocument(
  { targetIdentifier }: Readonly<Record<string, unknown>>,
  { bundle, composition }: Document,
): boolean {
  const named = seriesOf(targetIdentifier)
  return named !== '' && [bundle.identifier, composition['identifier']].some((own) => seriesOf(own) === named)
}

function headChanges(pairing: Pairing): readonly ElementChange[] {
  const { older, newer } = pairing
  const quiet = new Set(['id', 'meta', 'text', 'resourceType', 'section'])
  const [before, after] = [older, newer].map(({ composition, holder }) => ({ resource: composition, holder }))
  const { phrase } = newer.reader.parts
  const facts = ['document.identifier', 'document.timestamp', 'document.signature', 'document.confidentiality'].flatMap(
    (key) => {
      const label = phrase(key)
      const [was = '', is = ''] = [older, newer].map((document) => factOf(label, document))
      return was === is ? [] : [{ label, before: was, after: is }]
    },
  )
  return before === undefined || after === undefined
    ? facts
    : [...facts, ...elementChanges(before, after, pairing, quiet)]
}

function factOf(label: string, document: Document): string {
  const { facts } = header(document)
  return facts
    .filter((fact) => fact.label === label)
    .flatMap(({ lines }) => lines.map(({ text }) => text))
    .join(', ')
}

function textChanges({ older, newer }: Pairing): ComparisonView['texts'] {
  const { phrase } = newer.reader.parts
  const divs = (document: Document): readonly (string | undefined)[] => [
    document.subjects.map(({ resource }) => textOf(resource.text?.div)).join('\n'),
    textOf(document.composition.text?.div),
  ]
  const [before, after] = [divs(older), divs(newer)]
  return ['diff.subject', 'diff.composition'].flatMap((key, index) => {
    const pieces = changesIn(before[index] ?? '', after[index] ?? '')
    return pieces.some(({ kind }) => kind !== 'same') ? [{ title: phrase(key), pieces: pieceViews(pieces) }] : []
  })
}

function furtherEntries(pairing: Pairing, told: ReadonlySet<unknown>): readonly EntryChange[] {
  const { older, newer, other } = pairing
  const here = entriesOf(newer.reader.index).flatMap((entry): readonly EntryChange[] => {
    const old = other.get(entry.resource)
    if (told.has(entry.resource)) return []
    if (old === undefined) return [entryView('added', entry, [], pairing)]
    const elements = changedElements(old, entry, pairing)
    return elements.length > 0 ? [entryView('changed', entry, elements, pairing)] : []
  })
  const gone = entriesOf(older.reader.index).filter(({ resource }) => !other.has(resource) && !told.has(resource))
  return [...here, ...gone.map((entry) => entryView('removed', entry, [], pairing))]
}
