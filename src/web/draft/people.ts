/** Who may have written or may attest: whoever is logged in, and the practitioners whom the record names. */

import type { Resource } from '../../fhir/types.ts'
import type { Call } from '../../http/route.ts'
import type { Reader } from '../../pages.ts'
import type { StoreReader } from '../../ports.ts'
import { objectsOf } from '../rows.ts'
import { relative } from './engine.ts'

export interface Person {
  readonly reference: string
  readonly text: string
  readonly isChosen: boolean
}

export interface Around {
  /** What the record has. */
  readonly resources: readonly Resource[]
  /** Who is chosen already. */
  readonly chosen: string | undefined
}

const PAGE = { handling: 'strict', defaultCount: 50, maxCount: 50 } as const

/** Those who may be chosen; whoever is logged in alone where somebody is. */
export async function peopleFor(
  { resources, chosen }: Around,
  reader: StoreReader,
  call: Pick<Call, 'caller' | 'service'>,
  words: Reader,
): Promise<readonly Person[]> {
  const { caller, service } = call
  const own = caller?.fhirUser === undefined ? undefined : relative(caller.fhirUser, service.base)
  if (own !== undefined) return [{ reference: own, text: caller?.name ?? own, isChosen: true }]
  const inRecord = resources.filter(({ resourceType }) => resourceType === 'Practitioner')
  const others = inRecord.length > 0 ? [] : await practitioners(reader)
  const meant = chosen === undefined ? undefined : relative(chosen, service.base)
  const rows = [...inRecord, ...others].map((one) => ({
    reference: `Practitioner/${one.id ?? ''}`,
    text: words.name(objectsOf(one['name'])) || `Practitioner/${one.id ?? ''}`,
  }))
  const isKnown = rows.some(({ reference }) => reference === meant)
  const further = meant?.startsWith('Practitioner') === true && !isKnown ? [{ reference: meant, text: meant }] : []
  return [...further, ...rows]
    .toSorted((one, other) => one.text.localeCompare(other.text))
    .map((one) => ({ ...one, isChosen: one.reference === meant }))
}

async function practitioners(reader: StoreReader): Promise<readonly Resource[]> {
  const { matches } = await reader.search({ type: 'Practitioner', parameters: [['_sort', 'name']], ...PAGE })
  return matches.flatMap(({ resource }) => (resource === undefined ? [] : [resource]))
}

/** A reference that a form gave, as a person's. */
export function personIn(text: string): string | undefined {
  return /^(?:Practitioner|PractitionerRole)\/[A-Za-z0-9.-]{1,64}$|^https?:\/\/[^\s]{1,300}$/.test(text)
    ? text
    : undefined
}
