/** A Composition out of a record: each resource is in a section, or the receipt says why it is not. */

import { elementModel } from '../../fhir/model.ts'
import type { Issue } from '../../fhir/issue.ts'
import type { Composition, Section } from '../../fhir/types.ts'
import { isObject, isResource } from '../../fhir/types.ts'
import type { Found } from '../../ports.ts'
import { finished, type Completed, type Guide } from './compiled.ts'
import { emptiness, gapNotes, listOf, ownWords, statesNone, wordsIn } from './empty.ts'
import { alongWith } from './along.ts'
import { unlinked } from './linked.ts'
import { madeFor, type Making } from './made.ts'
import { ordered } from './order.ts'
import { gathered } from './panels.ts'
import { NO_SECTION, placed, type Placed } from './placing.ts'
import { reason, type Reason } from './reason.ts'
import { indexRecord, sourceName, type RecordIndex } from './record-index.ts'
import type { Draft, Drafted, DraftRequest, DraftRow, Note, PatientRecord } from './record.ts'
import { stayOf, type Stay } from './stay.ts'
import { windowed } from './window.ts'

export type { Guide } from './compiled.ts'
export type { Draft, DraftRequest, DraftRow, PatientRecord } from './record.ts'

/**
 * The draft of a document by a guide. The same record, guide and request give the same draft, and no input is changed.
 */
export function draft(record: PatientRecord, guide: Guide, request: DraftRequest): Draft {
  const index = indexRecord(record)
  const stay = request.encounter === undefined ? undefined : stayOf(request.encounter, index)
  const { sections, left } = placed(index, guide, stay)
  const making = madeFor(record.patient, guide)
  const work: Work = {
    record,
    guide,
    request,
    index,
    stay,
    making,
    reasons: new Map(left),
    issues: [...(record.issues ?? [])],
    listed: new Map(),
    members: new Set(),
  }
  const drafted = nested(sections.flatMap((entries, at) => sectionOf(entries, at, work) ?? []))
  const composition = compositionOf(
    drafted.map(({ section }) => section),
    work,
  )
  const resources = [...making.made(), ...adjusted(work)]
  let receipt: readonly DraftRow[] | undefined
  return {
    composition,
    resources,
    // written when it is first asked for, since few ask
    get receipt() {
      return (receipt ??= receiptOf(work))
    },
    notes: drafted.map(({ notes }) => notes),
    issues: work.issues,
  }
}

interface Work {
  readonly record: PatientRecord
  readonly guide: Guide
  readonly request: DraftRequest
  readonly index: RecordIndex
  readonly stay: Stay | undefined
  readonly making: Making
  /** Why a resource is no entry. */
  readonly reasons: Map<Found, Reason>
  /** Results that an entry tells. */
  readonly members: Set<Found>
  /** The code of the section of each entry. */
  readonly listed: Map<Found, string>
  readonly issues: Issue[]
}

interface DraftedSection {
  readonly section: Section
  readonly notes: readonly Note[]
  /** The code of the section that it stands within. */
  readonly within?: string
}

/** The sections of the first level, each with those within it, whose notes are told in its text. */
function nested(drafted: readonly DraftedSection[]): readonly DraftedSection[] {
  const all: DraftedSection[] = []
  for (const one of drafted) {
    const place = one.within === undefined ? -1 : all.findIndex(({ section }) => codeOf(section) === one.within)
    const above = all[place]
    if (above === undefined) all.push(one)
    else {
      const section = { ...above.section, section: [...(above.section.section ?? []), one.section] }
      all[place] = { ...above, section, notes: [...above.notes, ...one.notes] }
    }
  }
  return all
}

function codeOf({ code }: Section): string | undefined {
  return code?.coding?.[0]?.code
}

function sectionOf(all: readonly Placed[], at: number, work: Work): DraftedSection | undefined {
  const drafted = draftedSection(all, at, work)
  const within = work.guide.row.sections[at]?.within
  return drafted === undefined || within === undefined ? drafted : { ...drafted, within }
}

function draftedSection(all: readonly Placed[], at: number, work: Work): DraftedSection | undefined {
  const { guide, request, index, record, making, reasons } = work
  const row = guide.row.sections[at]
  if (row === undefined) return undefined
  const { entries: heads, members } = gathered(withoutTold(all, work), index)
  const { entries: within, left, notes } = windowed(heads, at, guide, request)
  for (const [found, why] of left) reasons.set(found, why)
  for (const [found, head] of members) {
    const why = left.get(head)
    const text = `told with ${sourceName(head)}`
    reasons.set(
      found,
      why === undefined ? reason('told', text) : reason('told-left', `${text}, which is left out: ${why.text}`),
    )
    if (why === undefined) work.members.add(found)
  }
  const entries = ordered(within, at, guide, work.stay)
  const code = row.code.code ?? ''
  for (const { found } of entries) work.listed.set(found, code)
  const gaps = record.gaps ?? []
  const text = request.texts?.[code]
  const base = {
    title: titleOf(row.title, code, request),
    code: { coding: [row.code] },
    ...(text !== undefined && { text }),
  }
  const list = listOf(row, index.all)
  if (entries.length > 0) {
    contradictions(entries, at, { work, list })
    const references = entries.map(({ found, row: entry }) => making.referenceFor(found, entry))
    return { section: { ...base, entry: references }, notes: [...notes, ...gapNotes(row, gaps)] }
  }
  if (text !== undefined && row.entries.length === 0) return { section: base, notes }
  if (list !== undefined) reasons.set(list, reason('list', `it says why the section ${code} is empty`))
  const { emptySections: only } = guide.row
  const form = only ?? request.emptySections
  const empty = emptiness({ section: row, form, only, lang: request.lang, gaps, list: list?.resource })
  if (empty === undefined) return text === undefined && notes.length === 0 ? undefined : { section: base, notes }
  if ('emptyReason' in empty) return { section: { ...base, ...empty }, notes }
  return { section: { ...base, entry: [making.absent(empty.absent, code)] }, notes: [...notes, ...gapNotes(row, gaps)] }
}

/** The entries without those that a resource of the record names already, in the way that one would be made to. */
function withoutTold(all: readonly Placed[], { index, reasons }: Work): readonly Placed[] {
  return all.filter(({ found, row: { as } }) => {
    if (as === undefined) return true
    const user = index.all.find((one) => one.resource.resourceType === as && index.target(one, 'device') === found)
    if (user !== undefined) reasons.set(found, reason('told', `told with ${sourceName(user)}`))
    return user === undefined
  })
}

interface Statements {
  readonly work: Work
  /** A list of the record that speaks of the section. */
  readonly list: Found | undefined
}

/** A statement that there is nothing beside something. */
function contradictions(entries: readonly Placed[], at: number, { work, list }: Statements): void {
  const { guide, issues } = work
  const none = entries.filter(({ found }) => guide.keys(found.resource, at).statesNone).map(({ found }) => found)
  const isAlone = none.length === entries.length
  const code = guide.row.sections[at]?.code.code ?? ''
  const stating = [...none, ...(statesNone(list?.resource) ? [list] : [])].filter((one) => one !== undefined)
  for (const found of isAlone ? [] : stating)
    issues.push({
      severity: 'warning',
      code: 'business-rule',
      text: `${sourceName(found)} states that there is none, and the section ${code} has others, expected one or the other`,
      rule: 'none-beside-some',
    })
}

function titleOf(words: Readonly<Record<string, string>>, code: string, { lang, heading }: DraftRequest): string {
  return ownWords(words, lang) ?? heading?.(code) ?? wordsIn(words, lang) ?? code
}

function compositionOf(section: readonly Section[], { guide, request, record, making }: Work): Composition {
  const { row } = guide
  const { date, lang, custodian, encounter, author, reviewer } = request
  return {
    resourceType: 'Composition',
    ...(elementModel(guide.model, 'Composition', 'meta') !== undefined && {
      meta: { profile: [`${row.composition}|${row.version}`] },
    }),
    language: lang,
    status: 'preliminary',
    type: { coding: [row.type] },
    ...(row.category !== undefined && { category: row.category.map((coding) => ({ coding: [coding] })) }),
    subject: making.referenceTo(record.patient),
    ...(encounter !== undefined && { encounter: making.referenceTo(encounter) }),
    date,
    author: [...(reviewer === undefined ? [] : [reviewer]), isResource(author) ? making.author(author) : author],
    title: titleOf(row.title, row.type.code ?? '', request),
    ...(custodian !== undefined && { custodian }),
    ...(isObject(encounter?.resource['period']) && { event: [{ period: encounter.resource['period'] }] }),
    section: [...section],
  }
}

/** What was completed of the patient, the entries and what they gather; of the rest only what closure takes along is. */
function adjusted(work: Work): readonly Drafted[] {
  const { record, listed, members } = work
  const changes = [record.patient, ...listed.keys(), ...members].flatMap((found): readonly Change[] => {
    const completed = completedOf(found, work)
    return completed.changes.length === 0 ? [] : [{ found, completed }]
  })
  const groups = Map.groupBy(changes, ({ completed }) => completed.changes.join('; '))
  for (const [what, group] of groups) work.issues.push(changeIssue(what, group))
  return changes.map(({ found, completed: { resource } }) => ({ ...found, resource, original: found }))
}

/** What stands of a resource in the document. */
function completedOf(found: Found, { record, guide, index }: Work): Completed {
  const completed = guide.complete(found.resource)
  if (found !== record.patient || guide.row.operation !== 'summary') return completed
  const { resource, told } = unlinked(completed.resource, found, index)
  if (told.length === 0) return completed
  return { ...completed, resource: finished(resource, found.resource), changes: [...completed.changes, ...told] }
}

interface Change {
  readonly found: Found
  readonly completed: Completed
}

function changeIssue(what: string, group: readonly Change[]): Issue {
  const name = group.slice(0, 1).map(({ found }) => sourceName(found))
  const others = group.length === 1 ? '' : ` and ${group.length - 1} more`
  const text = `${name.join('')}${others} changed for the document: ${what}`
  return { severity: 'information', code: 'informational', text, rule: 'entry-completed' }
}

function receiptOf(work: Work): readonly DraftRow[] {
  const { index, listed, members, reasons, record, guide } = work
  const holders = alongWith([record.patient, ...listed.keys(), ...members], index, guide.model)
  const rowOf = (found: Found, told: Omit<DraftRow, 'source' | 'changed'>): DraftRow => {
    const { changes } = completedOf(found, work)
    const version = found.resource.meta?.versionId
    const was = version === undefined ? '' : `, was version ${version}`
    return { source: sourceName(found), ...told, ...(changes.length > 0 && { changed: `${changes.join(', ')}${was}` }) }
  }
  const rows = index.all.map((found) => {
    const section = listed.get(found)
    if (section !== undefined) return rowOf(found, { section, reason: 'an entry of the section' })
    const known = reasons.get(found) ?? NO_SECTION
    const holder = known.code === 'none' ? holders.get(found) : undefined
    const { text, ...why } = holder === undefined ? known : reason('told', `comes along with ${sourceName(holder)}`)
    return rowOf(found, { reason: text, why })
  })
  return [rowOf(record.patient, { reason: 'the subject' }), ...rows]
}
