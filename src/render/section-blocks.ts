/** What a section tells of its entries: by their types, and where the section is known as more than a list of them. */

import type { Reference, Section } from '../fhir/types.ts'
import type { Block, Scene } from './blocks.ts'
import { encounterList, encounterPart } from './encounter-parts.ts'
import { generate, type Generated } from './entries.ts'
import { comparedWith, medicationChanges } from './medication-changes.ts'
import { findTarget } from './refer.ts'
import { refusal } from './sentences.ts'
import { objects, plainText } from './wording.ts'

/** The blocks of a section's entries; those of a section whose entries the one above it has told are none. */
export function sectionBlocks(
  section: Section,
  scene: Scene,
  above?: Section,
): Generated & { readonly isToldAbove?: true } {
  if (above !== undefined && comparedWith(above) === section) return { blocks: [], issues: [], isToldAbove: true }
  const other = comparedWith(section)
  if (other !== undefined) return medicationChanges(other, section, scene)
  const entries = objects(section.entry) as readonly Reference[]
  const part = encounterPart(objects(section.code).flatMap(({ coding }) => objects(coding).map(({ code }) => plainText(code)))) // prettier-ignore
  const encounters = part === undefined ? [] : entries.filter((entry) => isEncounter(entry, scene))
  const rest = generate(
    entries.filter((entry) => !encounters.includes(entry)),
    scene,
    orderOf(section),
  )
  if (part === undefined) return rest
  const lists = encounters.flatMap((entry): readonly Block[] => {
    const target = findTarget(scene.document.reader.index, entry, scene.document.holder)
    if (typeof target === 'string') return []
    return [{ list: { ...encounterList(target, part, scene.document), id: scene.links?.idOf(target) } }]
  })
  return { ...rest, blocks: [...lists, ...rest.blocks] }
}

/** Whether it is one that may be told: one with modifiers that are not known is refused as others are. */
function isEncounter(entry: Reference, { document }: Scene): boolean {
  const target = findTarget(document.reader.index, entry, document.holder)
  if (typeof target === 'string' || target.resource.resourceType !== 'Encounter') return false
  return refusal(target, entry, document) === undefined
}

/** Whether the entries of a section stand in an order that its author gave them. @see https://hl7.org/fhir/R4/composition-definitions.html#Composition.section.orderedBy */
export function orderOf(section: Section): 'free' | 'prescribed' {
  return section['orderedBy'] === undefined ? 'free' : 'prescribed'
}
