/** What a section may list: what it lists now, and what the record has besides, with the reason why it was left out. */

import type { Composition, Resource } from '../../fhir/types.ts'
import { described as describedEntries, type Described } from '../../editing.ts'
import type { Design } from '../../pipeline.ts'
import type { Reader } from '../../pages.ts'
import { relative, type Fresh, type RecordItem, type Why } from './engine.ts'
import type { Desk } from './desk.ts'
import { placed, referencesOf } from './sections.ts'

export interface Choice extends Described {
  readonly reference: string
  readonly type: string
  readonly isChosen: boolean
  /** Why it was left out; absent where it belongs in. */
  readonly why?: Why
  /** It came to the record since the draft was begun. */
  readonly isNew: boolean
}

/** A choice in the words of the reader. */
export type ToldChoice = Choice & { readonly reason: string }

/** The choice with the reason why it was left out, which is empty where there is none. */
export function told(choice: Choice, { phrase, show }: Reader): ToldChoice {
  const { code, values = {} } = choice.why ?? {}
  const shown = Object.entries(values).map(([name, value]) => [name, name === 'date' ? show(value, 'date') : value])
  return {
    ...choice,
    reason: code === undefined ? '' : phrase(`web.left.${code}`, Object.fromEntries(shown) as Record<string, string>),
  }
}

export interface Choices {
  /** By the key of the section: what is chosen in its order, then the rest. */
  readonly bySection: ReadonlyMap<string, readonly Choice[]>
  /** What no section of the draft can list. */
  readonly others: readonly Choice[]
  /** Sections of the guide that the draft has not, by their code. */
  readonly absent: readonly AbsentSection[]
}

export interface AbsentSection {
  readonly code: string
  readonly title: string
  /** How much of the record belongs there. */
  readonly count: number
}

interface Row {
  readonly item: RecordItem
  readonly key: string | undefined
  readonly isChosen: boolean
}

/** The choices of every section, told in a language. */
export function choicesOf(
  { composition, fresh, beside }: Desk,
  { base, design, language }: { readonly base: string; readonly design: Design; readonly language: string },
): Choices {
  const rows = rowsOf(composition, fresh, base)
  const described = describedIn(rows, fresh, design, language)
  const known = new Set(beside.known)
  const choices = rows.map((row, at): Choice => {
    const why = row.isChosen ? undefined : fresh?.reasonOf(row.item.reference)
    const isNew = known.size > 0 && row.item.source !== undefined && !known.has(row.item.source)
    const { reference, resource } = row.item
    const said = described[at] ?? { kind: '', title: reference, when: '', status: '', alerts: [], detail: '' }
    return {
      ...said,
      reference,
      type: resource?.resourceType ?? '',
      isChosen: row.isChosen,
      isNew,
      ...(why !== undefined && { why }),
    }
  })
  const bySection = new Map<string, Choice[]>()
  const others: Choice[] = []
  for (const [at, { key }] of rows.entries()) {
    const choice = choices[at]
    if (choice === undefined) continue
    const list = key === undefined ? others : (bySection.get(key) ?? [])
    list.push(choice)
    if (key !== undefined) bySection.set(key, list)
  }
  return { bySection, others, absent: absentSections(composition, fresh) }
}

function rowsOf(composition: Composition, fresh: Fresh | undefined, base: string): readonly Row[] {
  const places = placed(composition.section)
  const byCode = new Map<string, string>()
  for (const { section, key } of places) {
    const code = section.code?.coding?.[0]?.code
    if (code !== undefined && !byCode.has(code)) byCode.set(code, key)
  }
  const items = new Map((fresh?.items ?? []).map((item) => [item.reference, item]))
  const chosen = places.flatMap(({ section, key }) =>
    referencesOf(section).map((written) => {
      const reference = relative(written, base)
      return { item: items.get(reference) ?? { reference }, key, isChosen: true }
    }),
  )
  const listed = new Set(chosen.map(({ item }) => item.reference))
  const rest = [...items.values()]
    .filter(({ reference, isMade }) => !listed.has(reference) && isMade !== true)
    .map((item) => ({ item, key: byCode.get(item.section ?? ''), isChosen: false }))
  return [...chosen, ...rest]
}

function describedIn(
  rows: readonly Row[],
  fresh: Fresh | undefined,
  design: Design,
  language: string,
): readonly (Described | undefined)[] {
  const own = rows.flatMap(({ item }) => (item.resource === undefined ? [] : [item]))
  const around = (fresh?.items ?? []).filter((item) => !own.includes(item))
  const entries = [...own, ...around].flatMap(({ resource, url }): { resource: Resource; fullUrl?: string }[] =>
    resource === undefined ? [] : [{ resource, ...(url !== undefined && { fullUrl: url }) }],
  )
  const lines = describedEntries(entries, own.length, design, language)
  const byItem = new Map(own.map((item, at) => [item, lines[at]]))
  return rows.map(({ item }) => byItem.get(item))
}

function absentSections({ section }: Composition, fresh: Fresh | undefined): readonly AbsentSection[] {
  const there = new Set(placed(section).flatMap(({ section: one }) => one.code?.coding?.[0]?.code ?? []))
  return (fresh?.sections ?? [])
    .filter(({ code }) => !there.has(code))
    .map(({ code, title }) => ({
      code,
      title,
      count: fresh?.items.filter((item) => item.section === code).length ?? 0,
    }))
}
