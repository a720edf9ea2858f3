/** Results as a laboratory reports them: each report and panel with its own results below it, in tables of their own. */

import type { Reference } from '../fhir/types.ts'
import type { Block, Scene } from './blocks.ts'
import { onCircles } from './circles.ts'
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
  const members = membersBelow(targets, scene)
  // two that gather each other would both be gone
  const circles = onCircles(members)
  return new Set([...members.values()].flat().filter((member) => own.has(member) && !circles.has(member)))
}

/** By each of the resources and of all that they gather, at any depth, what it gathers itself. */
function membersBelow(
  targets: readonly Target[],
  scene: Scene,
): ReadonlyMap<Target['resource'], readonly Target['resource'][]> {
  const members = new Map<Target['resource'], readonly Target['resource'][]>()
  for (const target of allBelow(targets, scene))
    members.set(
      target.resource,
      (gatheringOf(target, scene)?.members ?? []).map(({ resource }) => resource),
    )
  return members
}

/** The targets and all that they gather, at any depth, each once, but for what is left out with all below it. */
function allBelow(
  targets: readonly Target[],
  scene: Scene,
  left: ReadonlySet<Target['resource']> = new Set(),
): readonly Target[] {
  const found = new Map(targets.map((target) => [target.resource, target]))
  for (const target of found.values())
    for (const member of gatheringOf(target, scene)?.members ?? [])
      if (!found.has(member.resource) && !left.has(member.resource)) found.set(member.resource, member)
  return [...found.values()]
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
export function resultBlocks(targets: readonly Target[], scene: Scene): readonly Block[] {
  return blocksBelow(targets, { scene, listed: new Set(targets.map(({ resource }) => resource)), depth: 0 })
}

interface Place {
  readonly scene: Scene
  /** Results that have tables for what they gather, each in one place only: others name it there, or name it back. */
  readonly listed: Set<Target['resource']>
  readonly depth: number
}

/** Panels in panels below this stand side by side in one table, each of whose rows names its own results. */
const DEEPEST = 10

function blocksBelow(targets: readonly Target[], place: Place): readonly Block[] {
  const { scene, listed, depth } = place
  if (depth > DEEPEST) {
    const flat = allBelow(targets, scene, listed)
    for (const { resource } of flat) listed.add(resource)
    return plainBlocks(flat, undefined, scene)
  }
  const gatherings = targets.map((target) => gatheringOf(target, scene))
  const plain = targets.filter((_, index) => gatherings[index] === undefined)
  const kinds = Map.groupBy(
    gatherings.filter((one) => one !== undefined),
    ({ target }) => titleOfTarget(target, scene),
  )
  const gathered = [...kinds].flatMap(([title, all]) => gatheredBlocks(title, all, place))
  return [...plainBlocks(plain, undefined, scene), ...gathered]
}

function gatheredBlocks(title: string, all: readonly Gathering[], { scene, listed, depth }: Place): readonly Block[] {
  const [first] = all
  if (first === undefined) return []
  const { columns } = ROWS[first.target.resource.resourceType] as Row
  const row = { columns: columns.filter(({ elements }) => !elements.includes(first.name)) }
  const heads = all.map(({ target }) => target)
  const own = tableOf(heads, { row, caption: title, told: [first.name] }, scene)
  const members = Map.groupBy(
    all.flatMap((one) => one.members),
    ({ resource }) => resource,
  )
  const unique = [...members.values()].flatMap((same) => same.slice(0, 1))
  const isPanel = ({ resource }: Target): boolean => !listed.has(resource) && objects(resource['hasMember']).length > 0
  const panels = unique.filter(isPanel)
  const leaves = unique.filter((member) => !isPanel(member))
  for (const { resource } of panels) listed.add(resource)
  return [
    { table: own },
    ...plainBlocks(leaves, scene.document.reader.parts.phrase('panel.results', { title }), scene),
    ...blocksBelow(panels, { scene, listed, depth: depth + 1 }),
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
