import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../../src/edge/store/open-store.ts'
import { FhirError } from '../../../../src/fhir/error.ts'
import type { JsonObject, Resource } from '../../../../src/fhir/types.ts'
import type { SearchRequest, Store } from '../../../../src/ports.ts'
import { stores } from '../sql/stores.ts'
import { find, index, RECORDS, search, writeAll } from './records.ts'

const opened = stores()

/** Pieces that parsers stumble over, in any order. */
const PIECES = [
  ...['Patient', 'name', '_has', 'composition', 'subject', 'patient', '_id', '_lastUpdated', 'date', 'value-quantity'],
  ...['code', 'identifier', '_sort', '_include', '_revinclude', '_elements', '_summary', '_total', '_count', 'url'],
  ...['missing', 'exact', 'contains', 'not', 'below', 'above', 'of-type', 'text', 'identifier', 'iterate', '*', 'true'],
  ...[':', '.', ',', '|', '$', '\\', '-', '+', ' ', '%', '_', "'", '"', ';', '--', '(', ')', '?', '/', '\0', '\uD800'],
  ...['ge', 'ap', 'ne', '2026-01', '1e999', '-0', '9'.repeat(40), '5.4', 'urn:uuid:1', 'http://x/y', 'null', '{}', 'é'],
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const CODES = Object.keys({ ...search.definitions.types['Observation'], ...search.definitions.types['Bundle'] })
const known = fc
  .tuple(
    fc.constantFrom(...CODES),
    fc.constantFrom('', ':missing', ':not', ':exact', ':Patient', ':text', '.name', '._id'),
  )
  .map(([code, more]) => code + more)
const request: fc.Arbitrary<SearchRequest> = fc.record({
  type: fc.constantFrom('Patient', 'Observation', 'Bundle', 'Composition'),
  parameters: fc.array(fc.tuple(fc.oneof(text, known), text), { maxLength: 4 }),
  handling: fc.constantFrom('strict', 'lenient'),
  defaultCount: fc.constant(10),
  maxCount: fc.constant(20),
})

describe.each(['sqlite in memory', 'postgres'] as const)('any search in %s', (kind) => {
  let store: Store
  beforeAll(async () => {
    store = await opened.open(await opened.url(kind), { index })
    await writeAll(store, RECORDS)
  })

  it('is answered, or refused with a status below 500 but for what is not supported', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const error = await store.snapshot((reader) => reader.search(asked)).then(() => undefined, (thrown: unknown) => thrown) // prettier-ignore
        if (error === undefined) return
        expect(error).toBeInstanceOf(FhirError)
        const codes = (error as FhirError).issues.map(({ code }) => code)
        expect(['invalid', 'value', 'not-supported', 'too-costly']).toContain(codes[0])
      }),
      { numRuns: kind === 'postgres' ? 400 : 1500 },
    )
  })

  it('takes no page that is not one of its own', async () => {
    const first = await find(store, 'Patient?_sort=family&_count=1')
    const page = first.result.pages.next ?? ''
    expect((await find(store, 'Patient?_sort=family&_count=1', { page })).found).toEqual(['Patient/anna'])
    const refused = { issues: [{ code: 'invalid' }] }
    await expect(find(store, 'Patient?_sort=-family&_count=1', { page })).rejects.toMatchObject(refused)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          text,
          fc.json().map((json) => Buffer.from(json).toString('base64url')),
        ),
        async (bad) => {
          await expect(find(store, 'Patient?_sort=family&_count=1', { page: bad })).rejects.toMatchObject(refused)
        },
      ),
      { numRuns: 100 },
    )
    const [digest] = JSON.parse(Buffer.from(page, 'base64url').toString()) as [string]
    const forged = fc
      .jsonValue()
      .map((keys) => Buffer.from(JSON.stringify([digest, 'after', 1, keys])).toString('base64url'))
    await fc.assert(
      fc.asyncProperty(forged, async (token) => {
        const answer = await find(store, 'Patient?_sort=family&_count=1', { page: token }).catch(
          (error: unknown) => error,
        )
        if (answer instanceof Error) expect(answer).toMatchObject(refused)
      }),
      { numRuns: 100 },
    )
  })
})

const SORTS = [
  '',
  '_id',
  '-_id',
  'family',
  '-family',
  'family,-_id',
  '-birthdate',
  'gender,-birthdate',
  '-_lastUpdated',
]

describe('pages', () => {
  let store: Store
  beforeAll(async () => {
    store = await openStore('sqlite::memory:', { index })
  })
  afterAll(() => store.close())

  const person = fc.record({
    family: fc.option(fc.constantFrom('a', 'b', 'ä'), { nil: undefined }),
    gender: fc.option(fc.constantFrom('male', 'female'), { nil: undefined }),
    birthDate: fc.option(fc.constantFrom('1970', '1970-01', '1980-01-01'), { nil: undefined }),
  })
  let run = 0

  it('hold each match once, forward and backward, whatever is added meanwhile', async () => {
    const people = fc.array(person, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        people,
        people,
        fc.constantFrom(...SORTS),
        fc.integer({ min: 1, max: 5 }),
        async (before, meanwhile, sort, count) => {
          const tag = `run${++run}`
          const resources = (some: typeof before, prefix: string): readonly Resource[] =>
            some.map(({ family, ...rest }, place) => {
              const id = `${tag}-${prefix}${place}`
              const name = family === undefined ? {} : { name: [{ family }] }
              return { resourceType: 'Patient', id, meta: { tag: [{ code: tag }] }, ...name, ...present(rest) }
            })
          const query = `Patient?_tag=${tag}&_count=${count}${sort === '' ? '' : `&_sort=${sort}`}`
          const whole = (await find(store, `Patient?_tag=${tag}${sort === '' ? '' : `&_sort=${sort}`}`)).found
          const { forward, last } = await walk(query, async (page) => {
            if (page === 1) await writeAll(store, resources(meanwhile, 'b'))
          })
          expect(forward.filter((name) => whole.includes(name))).toEqual(whole)
          expect(new Set(forward).size).toBe(forward.length)
          const after = (await find(store, `Patient?_tag=${tag}${sort === '' ? '' : `&_sort=${sort}`}`)).found
          const backward = [...last.found]
          for (let page = last.previous; page !== undefined;) {
            const { found, result } = await find(store, query, { page })
            backward.unshift(...found)
            page = result.pages.previous
          }
          expect(last.previous === undefined || backward.join() === after.slice(0, backward.length).join()).toBe(true)
          expect(last.previous === undefined || backward[0] === after[0]).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  function present(members: Readonly<Record<string, string | undefined>>): JsonObject {
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
  }

  interface Walked {
    readonly forward: readonly string[]
    readonly last: { readonly found: readonly string[]; readonly previous: string | undefined }
  }

  async function walk(query: string, between: (page: number) => Promise<void>): Promise<Walked> {
    const forward: string[] = []
    let page: string | undefined
    for (let count = 1; ; count++) {
      const { found, result } = await find(store, query, page === undefined ? {} : { page })
      forward.push(...found)
      await between(count)
      page = result.pages.next
      if (page === undefined) return { forward, last: { found, previous: result.pages.previous } }
    }
  }
})
