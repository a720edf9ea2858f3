/** Searches whose filters each leave more resources than a search begins with: the same answers, without going through all. */

import { beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../../src/edge/store/open-store.ts'
import type { Resource } from '../../../../src/fhir/types.ts'
import type { Store } from '../../../../src/ports.ts'
import { stores } from '../sql/stores.ts'
import { find, index, plansIn, writeAll } from './records.ts'

const COUNT = 3_600
const opened = stores()

interface Made {
  readonly id: string
  readonly place: number
  readonly isFemale: boolean
  readonly isActive: boolean
  readonly birthYear: number | undefined
  readonly given: readonly string[]
}

/** Each half is large, and what both have may be few or many. */
const ALL: readonly Made[] = Array.from({ length: COUNT }, (_, place) => ({
  id: `p${place}`,
  place,
  isFemale: place % 2 === 0,
  isActive: place % 3 !== 0,
  birthYear: place % 7 === 0 ? undefined : 1930 + ((place * 37) % 80),
  given: [`g${100 + ((place * 17) % 101)}`, `g${100 + ((place * 29) % 97)}`],
}))

function patientOf({ id, place, isFemale, isActive, birthYear, given }: Made): Resource {
  const tag = [...(place < 1805 ? ['early'] : []), ...(place >= 1800 ? ['late'] : [])].map((code) => ({ code }))
  return {
    resourceType: 'Patient',
    id,
    meta: { tag },
    gender: isFemale ? 'female' : 'male',
    active: isActive,
    name: [{ given }],
    ...(birthYear !== undefined && { birthDate: String(birthYear) }),
  }
}

function idsOf(made: readonly Made[]): readonly string[] {
  return made.map(({ id }) => `Patient/${id}`)
}

/** As a server orders them: what has no key comes last, and equals stand in the direction of the key. */
function ordered(made: readonly Made[], keyOf: (one: Made) => string | undefined, sign: 1 | -1): readonly Made[] {
  return made.toSorted((one, other) => {
    const [a, b] = [keyOf(one), keyOf(other)]
    if (a === b) return sign * (one.place - other.place)
    if (a === undefined || b === undefined) return a === undefined ? 1 : -1
    return a < b ? -sign : sign
  })
}

const year = ({ birthYear }: Made): string | undefined => birthYear?.toString()
const least = ({ given }: Made): string | undefined => given.toSorted()[0]
const greatest = ({ given }: Made): string | undefined => given.toSorted().at(-1)

/** What is found on all pages, and back again from the last. */
async function everyPage(store: Store, query: string): Promise<{ forward: string[]; backward: string[] }> {
  const forward: string[] = []
  const backward: string[] = []
  let page = await find(store, query)
  for (;;) {
    forward.push(...page.found)
    const { next } = page.result.pages
    if (next === undefined) break
    page = await find(store, query, { page: next })
  }
  for (;;) {
    backward.unshift(...page.found)
    const { previous } = page.result.pages
    if (previous === undefined) break
    page = await find(store, query, { page: previous })
  }
  return { forward, backward }
}

describe.each(['sqlite in a file', 'postgres'] as const)('broad filters in %s', (kind) => {
  let store: Store
  let storeUrl = ''
  beforeAll(async () => {
    storeUrl = await opened.url(kind)
    store = await opened.open(storeUrl, { index })
    await writeAll(store, ALL.map(patientOf))
  }, 120_000)

  it.each([
    ['gender=female&active=true', ALL.filter(({ isFemale, isActive }) => isFemale && isActive)],
    ['_tag=early&_tag=late', ALL.filter(({ place }) => place >= 1800 && place < 1805)],
    ['_tag=early&_tag=late&gender=male', ALL.filter(({ place }) => place === 1801 || place === 1803)],
    ['gender=female&gender=male', []],
    ['gender:not=female&active=true', ALL.filter(({ isFemale, isActive }) => !isFemale && isActive)],
    ['gender=female,male&birthdate:missing=true', ALL.filter(({ birthYear }) => birthYear === undefined)],
  ])('%s finds those that have both, and counts them', async (query, expected) => {
    const { found, result } = await find(store, `Patient?${query}`)
    expect(found).toEqual(idsOf(expected).slice(0, 50))
    expect(result.total).toBe(expected.length)
    expect((await find(store, `Patient?${query}&_summary=count`)).result.total).toBe(expected.length)
  })

  it.each([
    ['_sort=birthdate', ordered(ALL, year, 1)],
    ['_sort=-birthdate', ordered(ALL, year, -1)],
    ['_sort=given', ordered(ALL, least, 1)],
    ['_sort=-given&active=true', ordered(ALL.filter(({ isActive }) => isActive), greatest, -1)],
    ['_sort=birthdate&gender=female&active=true', ordered(ALL.filter(({ isFemale, isActive }) => isFemale && isActive), year, 1)],
    ['_sort=-birthdate&_tag=early&_tag=late', ordered(ALL.filter(({ place }) => place >= 1800 && place < 1805), year, -1)],
  ])('%s gives each once on its pages, forward and back', { timeout: 60_000 }, async (query, expected) => {
    const { forward, backward } = await everyPage(store, `Patient?${query}&_count=100`)
    expect(forward).toEqual(idsOf(expected))
    expect(backward).toEqual(idsOf(expected))
  }) // prettier-ignore

  if (kind !== 'sqlite in a file') return
  it.each([
    ['gender=female&active=true', 'resource_by_type_and_rid'],
    ['gender=female&active=true&_sort=-birthdate', 'search_date_by_high'],
    ['gender=female&active=true&_sort=given', 'search_string_by_start'],
  ])('%s follows the index %s, which has the order, and no more than a page', async (query, followed) => {
    const plans = await plansOf(storeUrl, query)
    const page = plans.find(([first]) => first?.includes(`INDEX ${followed} `))
    // a sort of all that was found would stand at the end
    expect(page?.at(-1)).toMatch(/^SEARCH /)
    expect(plans.flat().filter((step) => step === 'MERGE (INTERSECT)')).toHaveLength(1)
  })
})

async function plansOf(url: string, query: string): Promise<readonly (readonly string[])[]> {
  const database = await openDatabase(url)
  const plans = await plansIn(database, 'Patient', query)
  await database.close()
  return plans
}
