/** Results as a laboratory reports them: each report and panel with its own results below it, in tables of their own. */

import type { Reference } from '../fhir/types.ts'
import type { Block, Scene } from './blocks.ts'
import { missingSentence, refusal } from './sentences.ts'
import { findTarget, titleOf, wordingFor, type Target } from './refer.ts'
import { ROWS, type Row } from './rows.ts'
import { tableOf } from './tables.ts'
import { trendsOf } from './trends.ts'
import { objects } from './wording.ts'

/** By type, the element that names the results which a resource gathers. */
const GATHERING: Readonly<Record<string, string>> = { Observation: 'hasMember', DiagnosticReport: 'result' }

/** A resource with the results that it gathers, and what is to be said of those that cannot be shown. */
interface Gathering {
  readonly target: Target
  readonly name: string
  readonly members: readonly Target[]
  readonly sentences: readonly string[]
}

/** The results that other entries gather, which stand below those and not for themselves. */
export function gatheredBy(targets: readonly Target[], scene: Scene): ReadonlySet<Target['resource']> {
  const own = new Set(targets.map(({ resource }) => resource))
  const gathered = new Set<Target['resource']>()
  for (const target of targets)
    for (const member of reachedFrom(target, scene)) if (own.has(member)) gathered.add(member)
  // two that gather each other would both be gone
  for (const { resource, holder, by } of targets) {
    if (gathered.has(resource) && reachedFrom({ resource, holder, by }, scene).has(resource)) gathered.delete(resource)
  }
  return gathered
}

function reachedFrom(start: Target, scene: Scene): ReadonlySet<Target['resource']> {
  const reached = new Set<Target['resource']>()
  const pending = [start]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const member of gatheringOf(next, scene)?.members ?? []) {
      if (reached.has(member.resource)) continue
      reached.add(member.resource)
      pending.push(member)
    }
  }
  return reached
}

function gatheringOf(target: Target, { document }: Scene): Gathering | undefined {
  const { resource, holder } = target
  const name = GATHERING[resource.resourceType]
  const references = name === undefined ? [] : (objects(resource[name]) as readonly Reference[])
  if (name === undefined || references.length === 0) return undefined
  const members: Target[] = []
  const sentences: string[] = []
  for (const reference of references) {
    const member = findTarget(document.reader.index, reference, holder)
    if (typeof member === 'string') sentences.push(missingSentence(reference, member, document))
    else if (member.resource.resourceType !== 'Observation') return undefined
    else {
      const refused = refusal(member, reference, document)
      if (refused === undefined) members.push(member)
      else sentences.push(refused.sentence)
    }
  }
  return { target, name, members, sentences }
}

/** Observations, or reports, as blocks; those of one kind that gather results share a table of these. */
export function resultBlocks(
  targets: readonly Target[],
  scene: Scene,
  seen: ReadonlySet<unknown> = new Set(),
): readonly Block[] {
  const gatherings = targets.map((target) => (seen.has(target.resource) ? undefined : gatheringOf(target, scene)))
  const plain = targets.filter((_, index) => gatherings[index] === undefined)
  const kinds = Map.groupBy(
    gatherings.filter((one) => one !== undefined),
    ({ target }) => titleOfTarget(target, scene),
  )
  const gathered = [...kinds].flatMap(([title, all]) => gatheredBlocks(title, all, { scene, seen }))
  return [...plainBlocks(plain, undefined, scene), ...gathered]
}

interface GatheredPlace {
  readonly scene: Scene
  readonly seen: ReadonlySet<unknown>
}

function gatheredBlocks(title: string, all: readonly Gathering[], { scene, seen }: GatheredPlace): readonly Block[] {
  const [first] = all
  if (first === undefined) return []
  const { columns } = ROWS[first.target.resource.resourceType] as Row
  const row = { columns: columns.filter(({ elements }) => !elements.includes(first.name)) }
  const heads = all.map(({ target }) => target)
  const own = tableOf(heads, { row, caption: title, told: [first.name] }, scene)
  const below = new Set([...seen, ...heads.map(({ resource }) => resource)])
  const members = all.flatMap((one) => one.members)
  const unique = members.filter(
    (member, index) => members.findIndex(({ resource }) => resource === member.resource) === index,
  )
  const panels = unique.filter(({ resource }) => !below.has(resource) && objects(resource['hasMember']).length > 0)
  const leaves = unique.filter((member) => !panels.includes(member))
  return [
    { table: own },
    ...plainBlocks(leaves, scene.document.reader.parts.phrase('panel.results', { title }), scene),
    ...(panels.length > 0 ? resultBlocks(panels, scene, below) : []),
    ...all.flatMap(({ sentences }) => sentences.map((sentence) => ({ sentence }))),
  ]
}

function titleOfTarget({ resource, holder }: Target, { document }: Scene): string {
  return titleOf(resource, wordingFor(document.reader, holder, 1))
}

/** Results that gather no others: side by side where there are several of a kind. */
function plainBlocks(targets: readonly Target[], caption: string | undefined, scene: Scene): readonly Block[] {
  const [first] = targets
  if (first === undefined) return []
  const row = ROWS[first.resource.resourceType] as Row
  if (first.resource.resourceType !== 'Observation') return [{ table: tableOf(targets, { row }, scene) }]
  const { tables, single } = trendsOf(targets, caption, scene)
  const rest =
    single.length > 0
      ? [
          {
            table: tableOf(
              single,
              { row, ...(caption !== undefined && { caption }), ...(scene.beside && { besides: scene.beside }) },
              scene,
            ),
          },
        ]
      : []
  return [...rest, ...tables.map((table) => ({ table }))]
}
