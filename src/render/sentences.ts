/** Sentences on entries that cannot be shown: they bear an unknown modifier, or are not there. */

import type { Issue } from '../fhir/issue.ts'
import type { Reference } from '../fhir/types.ts'
import type { Document } from './document.ts'
import { unknownModifierIssue, unknownModifiers } from './modifiers.ts'
import { wordingFor, type Missing, type Target } from './refer.ts'
import { joined, plainText, type Wording } from './wording.ts'

/** What to say, and to report, of a resource with modifiers that are not known; undefined where it has none. */
export function refusal(target: Target, reference: Reference | undefined, { reader }: Document): Refusal | undefined {
  const { resource, entry } = target
  const unknown = unknownModifiers(
    resource,
    entry === undefined ? resource.resourceType : `Bundle.entry[${entry.index}].resource`,
  )
  if (unknown.length === 0) return undefined
  const title = plainText(reference?.display) || resource.resourceType
  const url = joined(unknown.map((one) => one.url))
  return {
    sentence: reader.parts.phrase('modifier.refused', { title, url }),
    issues: unknown.map((one) => unknownModifierIssue(resource.resourceType, one)),
  }
}

export interface Refusal {
  readonly sentence: string
  readonly issues: readonly Issue[]
}

/** A sentence on an entry that the document does not hold. */
export function missingSentence(reference: Reference, reason: Missing, { reader }: Document): string {
  const { phrase } = reader.parts
  const words = [reference.display, reference.reference].map(plainText).filter(Boolean)
  const wording: Wording = wordingFor(reader, { container: { resourceType: 'Composition' } }, 9)
  const identifier = wording.show(reference.identifier, 'Identifier')
  const entry = [...words, identifier].filter(Boolean).join(' · ') || phrase('reference.nothing')
  return phrase(`entry.${reason}`, { entry })
}
