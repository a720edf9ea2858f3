/** What the pages of a draft show: each section with its words, what was generated, its choices and its issues. */

import { harmless } from '../../editing.ts'
import type { Issue } from '../../fhir/issue.ts'
import { isError } from '../../fhir/issue.ts'
import type { Composition, Section } from '../../fhir/types.ts'
import type { Call } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import { issueViews, type IssueView } from '../issue-words.ts'
import { patientRow, type PatientRow } from '../rows.ts'
import { told, type Choice, type Choices, type ToldChoice } from './choices.ts'
import type { Desk } from './desk.ts'
import type { Fresh } from './engine.ts'
import { isCourse, sorted, type Proof } from './layout.ts'
import { joined, textOf } from './section-text.ts'
import { EMPTY_REASONS, placed, type Placed } from './sections.ts'
import { toMarkdown } from './words-markdown.ts'

/** The patient of a draft, as far as it can be read. */
export function patientOf(fresh: Fresh | undefined, reader: Reader): PatientRow | undefined {
  return fresh === undefined ? undefined : patientRow(fresh.record.patient.resource, reader)
}

/** The part of a section that changes with each save. */
export interface ChangingView {
  readonly key: string
  readonly issues: readonly IssueView[]
  readonly generated: string
  readonly count: string
  readonly hasEntries: boolean
  readonly mark: string
  readonly isGrave: boolean
}

export interface SectionView extends ChangingView {
  readonly title: string
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly isOpen: boolean
  /** What the document is about, to be written by a person. */
  readonly isProminent: boolean
  readonly isByHand: boolean
  readonly canHand: boolean
  readonly canRemove: boolean
  readonly follows: string
  readonly words: string
  readonly plainText: string
  readonly isFaithful: boolean
  readonly wordsLabel: string
  readonly rows: number
  readonly choices: readonly ToldChoice[]
  readonly reasons: readonly { readonly code: string; readonly text: string; readonly isChosen: boolean }[]
}

export interface Laid {
  readonly desk: Desk
  readonly proof: Proof
  readonly choices: Choices
}

type Asked = Pick<Call, 'service'>

export function sectionViews(laid: Laid, { service }: Asked, reader: Reader): readonly SectionView[] {
  const { desk, proof, choices } = laid
  const issues = sorted(proof, service.base)
  const narrated = new Map(placed(proof.composition.section).map(({ path, section }) => [path.join(), section]))
  return placed(desk.composition.section).map((place) => {
    const own = choices.bySection.get(place.key) ?? []
    const changing = changingView(place, { own, narrated: narrated.get(place.path.join()), issues: issues.bySection.get(place.key) ?? [] }, reader) // prettier-ignore
    return { ...changing, ...standing(place, own, desk.fresh, reader) }
  })
}

interface Around {
  readonly own: readonly Choice[]
  readonly narrated: Section | undefined
  readonly issues: readonly Issue[]
}

function changingView({ key, section }: Placed, { own, narrated, issues }: Around, reader: Reader): ChangingView {
  const chosen = own.filter(({ isChosen }) => isChosen).length
  const isGrave = issues.some(isError)
  return {
    key,
    issues: issueViews(issues, reader),
    generated: generatedIn(section, narrated, key),
    count: reader.phrase('web.draft.entries', { chosen: String(chosen), count: String(own.length) }),
    hasEntries: chosen > 0 || (isCourse(section) && textOf(section).words !== ''),
    mark: isGrave ? 'grave' : '',
    isGrave,
  }
}

/** What was generated beside the words, as it may stand on the page. */
function generatedIn(stored: Section, narrated: Section | undefined, key: string): string {
  const { words, follows } = textOf(stored)
  if (follows === 'hand' || narrated?.text?.div === undefined) return ''
  const { div } = narrated.text
  const alone = joined({ words, follows }, undefined)?.div
  if (alone !== undefined && alone === div) return ''
  const second = words === '' ? div : (/<div class="generated">([\s\S]*)<\/div>\s*<\/div>$/.exec(div)?.[1] ?? '')
  return second === '' ? '' : shown(second.startsWith('<div') ? second : `<div>${second}</div>`, `made-${key}`)
}

/** Narrative within a page of ours, which no style may reach from outside. */
export function shown(div: string, prefix: string): string {
  return harmless(div, { prefix, headingLevel: 3, expression: 'text' }).xhtml.replaceAll(/ style="[^"]*"/g, '')
}

type Standing = Omit<SectionView, keyof ChangingView>

function standing(place: Placed, own: readonly Choice[], fresh: Fresh | undefined, reader: Reader): Standing {
  const { section, isFirst, isLast } = place
  const { words, follows } = textOf(section)
  const { text, isFaithful } = toMarkdown(words)
  const { phrase } = reader
  const code = section.code?.coding?.[0]?.code ?? ''
  const row = fresh?.sections.find((one) => one.code === code)
  const isByHand = follows === 'hand'
  const label = isCourse(section) ? 'web.draft.words.course' : isByHand ? 'web.draft.words.whole' : 'web.draft.words'
  const chosen = own.filter(({ isChosen }) => isChosen)
  return {
    title: section.title ?? row?.title ?? code,
    isFirst,
    isLast,
    isOpen: chosen.length === 0 && own.length > 0,
    isProminent: isCourse(section),
    isByHand,
    canHand: chosen.length > 0,
    canRemove: row !== undefined && !row.isRequired,
    follows,
    words: shown(`<div>${words}</div>`, `words-${place.key}`).replace(/^<div>|<\/div>$/g, ''),
    plainText: text,
    isFaithful,
    wordsLabel: phrase(label),
    rows: isCourse(section) ? 12 : Math.min(14, Math.max(3, text.split('\n').length + 1)),
    choices: own.map((one) => told(one, reader)),
    reasons: reasonsOf(section, reader),
  }
}

function reasonsOf({ emptyReason }: Section, { phrase }: Reader): SectionView['reasons'] {
  const code = emptyReason?.coding?.[0]?.code ?? ''
  const isOther = emptyReason !== undefined && !(EMPTY_REASONS as readonly string[]).includes(code)
  const other = isOther ? [{ code: 'other', text: phrase('web.draft.empty.other', { text: emptyReason.text ?? code }), isChosen: true }] : [] // prettier-ignore
  const rows = ['', ...EMPTY_REASONS].map((one) => ({
    code: one,
    text: phrase(`web.draft.empty.${one}`),
    isChosen: !isOther && one === code,
  }))
  return [...other, ...rows]
}

export interface GeneralView {
  readonly issues: readonly IssueView[]
  readonly count: string
  /** Something of it stops the document. */
  readonly isGrave: boolean
}

/** Issues that no section is the place of. */
export function generalIssues({ proof }: Pick<Laid, 'proof'>, { service }: Asked, reader: Reader): GeneralView {
  const { general } = sorted(proof, service.base)
  return {
    issues: issueViews(general, reader),
    count: String(general.length),
    isGrave: general.some((issue) => isError(issue) && proof.stopping.includes(issue)),
  }
}

/** What a page is called. */
export function titleOf({ title }: Composition, { phrase }: Reader): string {
  return typeof title === 'string' && title !== '' ? title : phrase('web.draft.untitled')
}
