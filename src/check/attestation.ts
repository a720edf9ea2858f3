/** The rules that keep what was attested apart from what is newer or not understood (H-3, H-9). */

import { isObject, type Composition, type Json, type JsonObject, type Section } from '../fhir/types.ts'
import { isLater, laterThan } from '../fhir/moment.ts'
import type { DocumentComposition, DocumentRule, ElementRule, Finding, Subject } from './rule.ts'
import { onceForOutline } from './outline.ts'
import { atSpots } from './spots.ts'
import { resourceExpression } from './subject.ts'

const COMPOSITION = 'https://hl7.org/fhir/R4/composition.html'

function items<T>(member: readonly T[] | undefined): readonly T[] {
  return Array.isArray(member) ? (member as readonly T[]).filter((item) => isObject(item as Json)) : []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Whether somebody stands for the Composition as it is: nothing may be added to it. */
function isAttested({ attester, status }: Composition): boolean {
  return items(attester).length > 0 || status === 'final' || status === 'amended'
}

function withoutText({ composition, index, links }: Subject): readonly Finding[] {
  if (composition === undefined || !isAttested(composition.resource)) return []
  const subject = links.find(
    ({ from, occurrence }) =>
      from === composition.entry && occurrence.node.name === 'subject' && occurrence.node.parent?.parent === undefined,
  )
  const target = subject?.resolution?.outcome === 'entry' ? subject.resolution.entry : undefined
  const known = index.entries.find((entry) => entry === target)
  return [
    ...(known === undefined || hasText(known.resource)
      ? []
      : [
          {
            expression: resourceExpression(known),
            text: 'The subject has no narrative, and none is made for what has been attested',
          },
        ]),
    ...sectionsWithoutText(composition),
  ]
}

function sectionsWithoutText({ resource, expression }: DocumentComposition): readonly Finding[] {
  const look = (sections: readonly Section[], above: string): readonly Finding[] =>
    sections.flatMap((section, index) => {
      const own = `${above}.section[${index}]`
      const nested = items(section.section)
      const isBare = !hasText(section) && nested.length === 0
      return [
        ...(isBare
          ? [{ expression: own, text: 'The section has no text, and none is made for what has been attested' }]
          : []),
        ...look(nested, own),
      ]
    })
  return look(items(resource.section), expression)
}

function hasText({ text }: JsonObject): boolean {
  return isObject(text) && typeof text['div'] === 'string' && text['div'] !== ''
}

/** When the Composition was attested last, else when it was last edited. */
function attestedAt({ attester, date }: Composition): string | undefined {
  const times = items(attester).flatMap(({ time }) => (typeof time === 'string' ? [time] : []))
  return (
    times.reduce<string | undefined>(
      (latest, time) => (latest === undefined || isLater(time, latest) ? time : latest),
      undefined,
    ) ?? date
  )
}

/** The entries beside an attested Composition, with the time that it was attested. */
function besideAttested({ composition, index, outline }: Subject): readonly Beside[] {
  return onceForOutline(outline, besideAttested, () => {
    const attested = composition === undefined ? undefined : attestedAt(composition.resource)
    if (typeof attested !== 'string') return []
    const isNewer = laterThan(attested)
    return index.entries.flatMap((entry, place) => (entry === composition?.entry ? [] : [{ place, attested, isNewer }]))
  })
}

interface Beside {
  readonly place: number
  readonly attested: string
  readonly isNewer: (moment: string) => boolean
}

const newer = atSpots(besideAttested, ({ place, attested, isNewer }, { index }) => {
  const at = [place]
  const entry = index.entries[place]
  const lastUpdated = entry?.resource.meta?.lastUpdated
  if (entry === undefined || typeof lastUpdated !== 'string' || !isNewer(lastUpdated)) return { findings: [], at }
  const expression = `${resourceExpression(entry)}.meta.lastUpdated`
  const text = `The resource was changed at ${lastUpdated}, after the document was attested (${attested}), expected the version that was attested`
  return { findings: [{ expression, text }], at }
})

export const attestationRules: readonly (DocumentRule | ElementRule)[] = [
  {
    id: 'attested-without-text',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human:
      'What has been attested, or is final or amended, has the text that a reader sees: of the subject and of each section without subsections',
    source: `${COMPOSITION}#attester`,
    looks: 'outline',
    broken: withoutText,
  },
  {
    id: 'newer-than-attested',
    severity: 'warning',
    code: 'business-rule',
    scope: 'document',
    human:
      'A resource is in the version that was attested: not changed after the latest attestation, else not after the date of the Composition',
    source: COMPOSITION,
    looks: 'document',
    broken: newer,
  },
  {
    id: 'unknown-modifier',
    severity: 'error',
    code: 'extension',
    scope: 'resource',
    human: 'An extension that changes the meaning of what holds it is one that is understood',
    source: 'https://hl7.org/fhir/R4/extensibility.html#modifierExtension',
    looks: 'resource',
    at: ['Extension'],
    breaks: ({ name, value }) =>
      name === 'modifierExtension' && isObject(value)
        ? `The modifier extension ${textOf(value['url'])} is not understood and may turn the meaning round, expected none`
        : false,
  },
  {
    id: 'implicit-rules',
    severity: 'error',
    code: 'extension',
    scope: 'resource',
    human: 'A resource was made by no rules that have to be known to understand it',
    source: 'https://hl7.org/fhir/R4/resource-definitions.html#Resource.implicitRules',
    looks: 'resource',
    at: ['Resource'],
    breaks: ({ resource }) =>
      resource.implicitRules === undefined
        ? false
        : `The rules ${resource.implicitRules} are not understood and may turn the meaning round, expected none`,
  },
]
