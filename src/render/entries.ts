/** Entries as tables and lists made from their data, by type in the order of the section; none is ever left out. */

import type { Issue } from '../fhir/issue.ts'
import type { Reference } from '../fhir/types.ts'
import type { Block, ListView, Scene } from './blocks.ts'
import { rolesOf } from './diagnosis-roles.ts'
import type { Document } from './document.ts'
import { own } from './locale.ts'
import { marksBesideGenerated } from './marks.ts'
import { findTarget, summary, wordingFor, type Target } from './refer.ts'
import { itemsOf } from './resource.ts'
import { gatheredBy, resultBlocks } from './results.ts'
import { ROWS } from './rows.ts'
import { missingSentence, refusal } from './sentences.ts'
import { sharedElements, tableOf } from './tables.ts'
import type { Beside } from './blocks.ts'
import { repeatsOf } from './repeats.ts'
import { treatmentsOf, type Treatments } from './treatments.ts'
import { labelOf } from './wording.ts'

export interface Generated {
  readonly blocks: readonly Block[]
  readonly issues: readonly Issue[]
}

/** What a reference of a section came to: an entry to show, or a sentence why not. */
type Found = { readonly target: Target } | { readonly sentence: string; readonly refused?: Target }

/** The entries that references of the Composition name; those of one type make one table, where no order is prescribed. */
export function generate(
  references: readonly Reference[],
  scene: Scene,
  order: 'free' | 'prescribed' = 'free',
): Generated {
  const { document } = scene
  const issues: Issue[] = []
  const found = references.map((reference): Found => {
    const target = findTarget(document.reader.index, reference, document.holder)
    if (typeof target === 'string') return { sentence: missingSentence(reference, target, document) }
    const refused = refusal(target, reference, document)
    if (refused === undefined) return { target }
    issues.push(...refused.issues)
    return { sentence: refused.sentence, refused: target }
  })
  const targets = found.flatMap((one) => ('target' in one ? [one.target] : []))
  const gathered = gatheredBy(targets, scene)
  const free = targets.filter(({ resource }) => !gathered.has(resource))
  const treatments = relationsOf(free, document)
  const left = found.filter(
    (one) => !('target' in one) || !(gathered.has(one.target.resource) || treatments.merged.has(one.target)),
  )
  return { blocks: groupsOf(left, order).flatMap((group) => blocksOf(group, treatments, scene)), issues }
}

/** How entries of one thing relate, treatments and others. */
function relationsOf(targets: readonly Target[], document: Document): Treatments {
  const all = [treatmentsOf(targets, document), repeatsOf(targets, document)]
  const merged = new Set(all.flatMap((one) => [...one.merged]))
  const beside = (target: Target): Beside => {
    const [treatment, other] = all.map((one) => one.beside(target))
    return {
      alike: [...(treatment?.alike ?? []), ...(other?.alike ?? [])],
      marks: [...(treatment?.marks ?? []), ...(other?.marks ?? [])],
    }
  }
  return { merged, beside }
}

type Group = readonly [Found, ...Found[]]

/** Found entries of one type together: those that follow each other, or all, at the place of the first. */
function groupsOf(found: readonly Found[], order: 'free' | 'prescribed'): readonly Group[] {
  const groups: [Found, ...Found[]][] = []
  const typeOf = (one: Found): string => ('target' in one ? one.target.resource.resourceType : '')
  for (const one of found) {
    const type = typeOf(one)
    const last = order === 'prescribed' ? groups.at(-1) : groups.find(([first]) => typeOf(first) === type)
    if (type !== '' && last !== undefined && typeOf(last[0]) === type) last.push(one)
    else groups.push([one])
  }
  return groups
}

/** Types whose entries gather each other. */
const RESULTS = new Set(['Observation', 'DiagnosticReport'])

function blocksOf(group: Group, treatments: Treatments, scene: Scene): readonly Block[] {
  const [first] = group
  if (!('target' in first))
    return [{ sentence: first.sentence, ...(first.refused && { id: scene.links?.idOf(first.refused) }) }]
  const targets = group.flatMap((one) => ('target' in one ? [one.target] : []))
  const { resourceType } = first.target.resource
  if (RESULTS.has(resourceType)) return resultBlocks(targets, { ...scene, beside: treatments.beside })
  const row = own(ROWS, resourceType)
  if (row === undefined)
    return targets.map((target) => ({ list: { ...listOf(target, scene.document), id: scene.links?.idOf(target) } }))
  return [{ table: tableOf(targets, { row, besides: besidesOf(treatments, scene) }, scene) }]
}

/** What is said beside a row: of treatments how they relate, of conditions what they are to the encounter. */
function besidesOf({ beside }: Treatments, { document }: Scene): (target: Target) => Beside {
  return (target) => {
    const { alike, marks } = beside(target)
    return { alike, marks: [...rolesOf(target, document), ...marks] }
  }
}

/** All elements of a resource but those that the page tells elsewhere, first those that its type is laid out by. */
export function listOf(target: Target, document: Document, told: readonly string[] = []): ListView {
  const { resource, holder } = target
  const { resourceType } = resource
  const wording = wordingFor(document.reader, holder)
  const omit = new Set([...sharedElements(target, document), ...told])
  const items = itemsOf(inOrder(resource), resourceType, omit, wording)
  const title = summary(resource, wordingFor(document.reader, holder, 1))
  return { type: labelOf('', resourceType, wording), title, items, marks: marksBesideGenerated(target, document) }
}

/** A resource whose members begin with those of its row. */
function inOrder(resource: Target['resource']): Target['resource'] {
  const first = (own(ROWS, resource.resourceType)?.columns ?? []).flatMap(({ elements, ofEach }) =>
    ofEach === true ? [] : elements,
  )
  const rank = (name: string): number => {
    const place = first.findIndex((element) => name.replace(/^_/, '').startsWith(element))
    return place < 0 ? first.length : place
  }
  return Object.fromEntries(
    Object.entries(resource).sort(([one], [other]) => rank(one) - rank(other)),
  ) as Target['resource']
}
