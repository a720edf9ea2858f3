import { beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../../src/ports.ts'
import { stores } from '../sql/stores.ts'
import { resourceOf, seeded } from './anything.ts'
import { foundIn, parameter, targetsOf } from './oracle.ts'
import { linkedQuestions, plainQuestions } from './questions.ts'
import { find, index, search, writeAll } from './records.ts'
import { dateSpan, folded, stringsOf, valuesOf } from './words.ts'

const TYPES = [
  ...[
    'Patient',
    'Practitioner',
    'PractitionerRole',
    'Organization',
    'Location',
    'Encounter',
    'Condition',
    'Observation',
  ],
  ...['DiagnosticReport', 'Procedure', 'MedicationRequest', 'MedicationStatement', 'Medication', 'AllergyIntolerance'],
  ...[
    'Immunization',
    'CarePlan',
    'CareTeam',
    'Composition',
    'DocumentReference',
    'Device',
    'Specimen',
    'ServiceRequest',
  ],
  ...[
    'Group',
    'List',
    'RelatedPerson',
    'RiskAssessment',
    'ChargeItem',
    'Invoice',
    'ValueSet',
    'CodeSystem',
    'Questionnaire',
  ],
  ...[
    'QuestionnaireResponse',
    'PlanDefinition',
    'ActivityDefinition',
    'MolecularSequence',
    'Provenance',
    'Appointment',
  ],
  ...[
    'Slot',
    'Schedule',
    'Goal',
    'FamilyMemberHistory',
    'Person',
    'ImagingStudy',
    'Consent',
    'Claim',
    'Coverage',
    'Task',
  ],
]
/** More of each make a longer run over the same; another seed makes other resources. */
const EACH = Number(process.env['SEARCH_EACH'] ?? 1)
const SEED = Number(process.env['SEARCH_SEED'] ?? 1)

const opened = stores()
const ALL = { defaultCount: 1000, maxCount: 1000 }

describe('over any resources', () => {
  const held = new Map<string, Store>()
  const random = seeded(SEED)
  const names = TYPES.flatMap((type) => Array.from({ length: 10 }, (_, place) => `${type}/${place + 1}`))
  const world = names.map((name) => resourceOf(name.split('/')[0] ?? '', name.split('/')[1] ?? '', { random, names }))

  beforeAll(async () => {
    for (const kind of ['sqlite in memory', 'postgres'] as const) {
      const store = await opened.open(await opened.url(kind), { index })
      await writeAll(store, world)
      held.set(kind, store)
    }
  }, 120_000)

  /** What each store answers otherwise than expected. */
  async function differing(
    query: string,
    expected: string,
    answer: (query: string, store: Store) => Promise<string>,
  ): Promise<readonly string[]> {
    const wrong: string[] = []
    for (const [kind, store] of held) {
      const found = await answer(query, store).catch(String)
      if (found !== expected) wrong.push(`${kind} ${query}\n expected ${expected}\n found ${found}`)
    }
    return wrong
  }

  const sorted = (some: Iterable<string>): string => [...some].toSorted().join(' ')

  it.each(TYPES)(
    'a search for %s finds what the words of the specification find',
    async (type) => {
      const asking = { world, random, each: EACH }
      const wrong: string[] = []
      for (const { type: asked, criteria } of [...plainQuestions(type, asking), ...linkedQuestions(type, asking)]) {
        const query = `${asked}?${new URLSearchParams(criteria.map(([name, value]): [string, string] => [name, value])).toString()}`
        // a link that leads to parameters of several kinds is refused
        const isMixed = criteria.some(([name]) => /^[a-z-]+\..+:/.test(name))
        const answers = await differing(query, sorted(foundIn(world, asked, criteria)), async (text, store) => sorted((await find(store, text, ALL)).found)) // prettier-ignore
        wrong.push(...answers.filter((one) => !isMixed || !one.includes('does not take the modifier')))
      }
      expect(wrong).toEqual([])
    },
    240_000,
  )

  it.each(TYPES)('inclusions with %s are what its references name, and what names it', async (type) => {
    const own = world.filter((one) => one.resourceType === type)
    const codes = Object.entries(search.definitions.types[type] ?? {}).filter(([, one]) => one.type === 'reference')
    const wrong: string[] = []
    for (const [code] of codes) {
      const links = own.flatMap((from) => targetsOf(from, code, world).filter(({ target }) => world.includes(target)).map(({ target }) => [from, target] as const)) // prettier-ignore
      const name = ({ resourceType, id }: (typeof world)[number]): string => `${resourceType}/${id ?? ''}`
      const others = new Set(links.map(([, target]) => name(target)).filter((one) => !one.startsWith(`${type}/`)))
      const included = async (query: string, store: Store): Promise<string> =>
        sorted((await find(store, query, ALL)).included)
      wrong.push(...(await differing(`${type}?_include=${type}:${code}`, sorted(others), included)))
      const [[, target] = []] = links
      if (target === undefined) continue
      const referring = new Set(links.filter(([, to]) => to === target).map(([from]) => name(from)).filter((one) => one !== name(target))) // prettier-ignore
      wrong.push(...(await differing(`${target.resourceType}?_id=${target.id ?? ''}&_revinclude=${type}:${code}`, sorted(referring), included))) // prettier-ignore
    }
    expect(wrong).toEqual([])
  })

  it.each(TYPES)('%s in an order stand in it, those without a value last', async (type) => {
    const own = world.filter((one) => one.resourceType === type)
    const codes = Object.entries(search.definitions.types[type] ?? {}).filter(([, one]) => ['string', 'date'].includes(one.type)) // prettier-ignore
    for (const [code, { type: kind }] of codes) {
      const published = parameter(type, code)
      if (published === undefined) continue
      for (const sign of ['', '-']) {
        const keys = new Map(
          own.map((one) => {
            const nodes = valuesOf(one, published)
            const values = kind === 'date' ? nodes.flatMap((node) => dateSpan(node)?.[sign === '' ? 0 : 1] ?? []) : nodes.flatMap(stringsOf).map((text) => [...folded(text)].slice(0, 64).join('')) // prettier-ignore
            const least = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
            const name: string = `${type}/${one.id ?? ''}`
            return [name, sign === '' ? least[0] : least.at(-1)] as const
          }),
        )
        for (const [kindOfStore, store] of held) {
          const { found } = await find(store, `${type}?_sort=${sign}${code}`, ALL)
          const order = found.map((name) => keys.get(name))
          const isSorted = order.every((key, place) => {
            const before = order[place - 1]
            if (place === 0 || key === undefined) return true
            return before !== undefined && (sign === '' ? before <= key : before >= key)
          })
          expect({ kindOfStore, code: sign + code, count: found.length, isSorted, order: isSorted ? [] : order }).toEqual({ kindOfStore, code: sign + code, count: own.length, isSorted: true, order: [] }) // prettier-ignore
        }
      }
    }
  })
})
