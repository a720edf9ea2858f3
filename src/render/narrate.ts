/**
 * Narrative that a Composition lacks, generated before it is checked and signed. Only where nobody can have attested
 * it: the Composition is preliminary and names no attester (H-3).
 * @see https://hl7.org/fhir/R4/narrative.html
 */

import { FhirError } from '../fhir/error.ts'
import type { Issue } from '../fhir/issue.ts'
import { stringify } from '../fhir/json.ts'
import { frozen, lastingMemo } from '../fhir/memo.ts'
import { resolve, type BundleIndex } from '../fhir/reference.ts'
import type { Bundle, Collected, Composition, Entry, Expression, Narrative, Resource, Section } from '../fhir/types.ts'
import { rewrite } from '../fhir/walk.ts'
import { opened, type RenderDesign } from './design.ts'
import { compositionOf, type Document } from './document.ts'
import { textLinks, type Block, type Scene } from './blocks.ts'
import { listOf } from './entries.ts'
import { unknownModifierIssue, unknownModifiers } from './modifiers.ts'
import type { holderOf, Target } from './refer.ts'
import { sectionBlocks } from './section-blocks.ts'
import { emptySentence } from './sections.ts'
import { refusal } from './sentences.ts'
import { objects, plainText } from './wording.ts'

/** A sentence that the text of a section is to say: the key of a phrase and what fills it. */
export interface SectionNote {
  readonly phrase: string
  readonly slots: Readonly<Record<string, string>>
}

/**
 * The document with the narrative that it lacked, as far as it may be generated; the same Bundle where it may not. The
 * notes are those of the sections, in their order.
 */
export function narrate(
  bundle: Collected,
  design: RenderDesign,
  notes: readonly (readonly SectionNote[])[] = [],
): { readonly bundle: Collected; readonly issues: readonly Issue[] } {
  const first = compositionOf(bundle)
  if (first !== undefined && !mayNarrate(first.composition)) return { bundle, issues: [] }
  const { document, locale } = opened(bundle, design, 'sign')
  const issues: Issue[] = unknownModifiers({ ...document.composition, contained: [] }, COMPOSITION).map((one) =>
    unknownModifierIssue('Composition', one),
  )
  if (issues.length > 0) return { bundle, issues }
  const work: Work = {
    document,
    issues,
    prefixOf: idPrefixes(document.composition),
    write: ({ links, expression, ...view }) =>
      placed(expression, () => ({
        ...(links !== undefined && links.extensions.length > 0 && { extension: links.extensions }),
        status: 'generated',
        div: design.templates
          .render('narrative/section', { ...view, lang: locale.language }, document.reader.parts.phrase)
          .trim()
          .replaceAll(SPACES, (space) => `&#${space.charCodeAt(0)};`),
      })),
  }
  const changed = new Map<Resource, Resource>()
  const said = notes.map((own) => own.map(({ phrase, slots }) => document.reader.parts.phrase(phrase, slots)))
  const section = sectionsWithText(document.composition.section, `${COMPOSITION}.section`, { ...work, said })
  if (section !== document.composition.section) changed.set(document.composition, { ...document.composition, section })
  for (const subject of document.subjects) {
    const text = subjectText(subject, work)
    if (text !== undefined) changed.set(subject.resource, { ...subject.resource, text })
  }
  if (changed.size === 0) return { bundle, issues }
  return { bundle: replaced(bundle, changed, work) as Collected, issues }
}

const COMPOSITION = 'Bundle.entry[0].resource'

/**
 * Spaces that RFC 8785 leaves as they are in what is signed and that widespread verifiers escape, so that they would call the
 * signature broken: as references to characters they are the same to both.
 */
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g

/** Whether text may be added to a Composition without putting words into an attester's mouth. */
function mayNarrate({ status, attester }: Composition): boolean {
  return status === 'preliminary' && objects(attester).length === 0
}

/** What `make` makes. @throws FhirError what it throws, with the element that the narrative was for */
function placed<T>(expression: Expression, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof FhirError)) throw error
    const [first, ...others] = error.issues
    throw new FhirError([{ ...first, expression }, ...others], { cause: error })
  }
}

interface NarrativeParts {
  /** Of what it speaks of, for issues. */
  readonly expression: Expression
  readonly links?: Scene['links']
  readonly sentences: readonly string[]
  readonly blocks: readonly Block[]
}

interface Work {
  readonly document: Document
  readonly issues: Issue[]
  /** Sentences for the sections of the level, in their order. */
  readonly said?: readonly (readonly string[])[]
  /** The section that those of the level stand within. */
  readonly above?: Section
  /** What ids of the next section begin with. */
  readonly prefixOf: () => string
  readonly write: (view: NarrativeParts) => Narrative
}

function hasText({ text }: { readonly text?: Narrative }): boolean {
  return plainText(text?.div).trim() !== ''
}

/** The sections with texts for those that have none, the very same list where nothing is added. */
function sectionsWithText(sections: Composition['section'], above: Expression, work: Work): Composition['section'] {
  const list = objects(sections) as readonly Section[]
  const { said, ...below } = work
  const texts = list.map((section, index) => sectionWithText(section, `${above}[${index}]`, below, said?.[index]))
  return texts.some((section, index) => section !== list[index]) ? texts : sections
}

function sectionWithText(section: Section, expression: Expression, work: Work, said: readonly string[] = []): Section {
  const below = sectionsWithText(section.section, `${expression}.section`, { ...work, above: section })
  const text = hasText(section) ? undefined : sectionText(section, expression, work, said)
  if (text === undefined && below === section.section) return section
  return { ...section, ...(text !== undefined && { text }), ...(below !== undefined && { section: below }) }
}

/** What no id in the narratives of the Composition begins with; a further one each time. */
function idPrefixes(composition: Composition): () => string {
  const divs = narrativesOf(composition)
  let count = 0
  return () => {
    do count += 1
    while (divs.some((div) => div.includes(`section-${count}-`)))
    return `section-${count}`
  }
}

function narrativesOf({ text, section }: Composition | Section): readonly string[] {
  return [plainText(text?.div), ...(objects(section) as readonly Section[]).flatMap(narrativesOf)]
}

function sectionText(
  section: Section,
  expression: Expression,
  { document, issues, prefixOf, write, above }: Work,
  said: readonly string[],
): Narrative | undefined {
  const links = textLinks(prefixOf(), document)
  const { blocks, issues: found, isToldAbove } = sectionBlocks(section, { document, links }, above)
  issues.push(...found)
  const reason = emptySentence(section, document)
  const told = isToldAbove === true ? [document.reader.parts.phrase('change.above')] : []
  const sentences = [...(reason === undefined ? [] : [reason]), ...told, ...said]
  if (blocks.length === 0 && sentences.length === 0) return undefined
  return write({ sentences, blocks, links, expression })
}

function subjectText(subject: Target, { document, issues, write }: Work): Narrative | undefined {
  if (hasText(subject.resource) || subject.entry === undefined || subject.by !== 'rule') return undefined
  const refused = refusal(subject, undefined, document)
  if (refused === undefined) {
    const expression = `Bundle.entry[${subject.entry.index}].resource`
    return write({ sentences: [], blocks: [{ list: listOf(subject, document) }], expression })
  }
  issues.push(...refused.issues)
  return undefined
}

/** The Bundle with resources in the place of others; what was changed is no version of its source any more (H-3). */
function replaced(bundle: Bundle, changed: ReadonlyMap<Resource, Resource>, { document, issues }: Work): Bundle {
  const { index, parts } = document.reader
  const isVersioned = [...changed.keys()].some((resource) => resource.meta?.versionId !== undefined)
  const entry = (bundle.entry ?? []).map((one, place): Entry => {
    const { resource } = one
    if (resource === undefined) return one
    const replacement = changed.get(resource)
    if (replacement !== undefined) issues.push(narrated(resource, place))
    const own =
      replacement === undefined ? resource : isOneOfVersions(one, index) ? replacement : withoutVersion(replacement)
    const holder = { fullUrl: one.fullUrl, container: resource }
    const kept = isVersioned
      ? rewrite(own, parts.model, (node) =>
          node.parent?.type === 'Reference' ? unversioned(node.value, { index, holder, changed }) : undefined,
        )
      : own
    return kept === resource ? one : { ...one, resource: same(resource, kept) }
  })
  return { ...bundle, entry }
}

const lastOf = lastingMemo<Resource, { readonly text: string; readonly resource: Resource }>()

/** What became of a resource that cannot change: the very same as the last time where it is like it, so that what was found of it holds. */
function same(source: Resource, now: Resource): Resource {
  if (!Object.isFrozen(source)) return now
  const text = stringify(now)
  const known = lastOf.get(source)
  if (known?.text === text) return known.resource
  const resource = frozen(now)
  lastOf.set(source, { text, resource })
  return resource
}

function isOneOfVersions({ fullUrl }: Entry, { byFullUrl }: BundleIndex): boolean {
  return fullUrl !== undefined && (byFullUrl.get(fullUrl)?.length ?? 0) > 1
}

function withoutVersion(resource: Resource): Resource {
  const [old] = objects(resource.meta)
  if (old === undefined) return resource
  const { versionId: _version, lastUpdated: _updated, ...meta } = old
  if (Object.keys(meta).length > 0) return { ...resource, meta }
  const { meta: _meta, ...rest } = resource
  return rest
}

interface Place {
  readonly index: BundleIndex
  readonly holder: ReturnType<typeof holderOf>
  readonly changed: ReadonlyMap<Resource, Resource>
}

/** A reference to the version of a resource that has none any more, as one to the resource. */
function unversioned(value: unknown, { index, holder, changed }: Place): string | undefined {
  if (typeof value !== 'string' || !value.includes('/_history/')) return undefined
  const resolution = resolve(index, value, holder)
  if (resolution.outcome !== 'entry' || !changed.has(resolution.entry.resource)) return undefined
  return isOneOfVersions(resolution.entry.entry, index) ? undefined : resolution.entry.entry.fullUrl
}

function narrated({ resourceType, meta }: Resource, place: number): Issue {
  const version = meta?.versionId === undefined ? '' : `, which was version ${meta.versionId}`
  const text = `Narrative was generated in the ${resourceType}${version}`
  return {
    severity: 'information',
    code: 'informational',
    text,
    expression: `Bundle.entry[${place}].resource`,
    rule: 'narrated',
  }
}
