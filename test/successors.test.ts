/** What a store knows against a document (H-7). */

import { describe, expect, it } from 'vitest'
import type { Bundle, Composition, JsonObject, Resource } from '../src/fhir/types.ts'
import type { Store, Successor } from '../src/ports.ts'
import { successorsOf } from '../src/successors.ts'
import { BASE, composition, put, storeOf } from './storing.ts'

let store: Store

const NUMBER = { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:00000000-0000-4000-8000-000000000001' }

/** A document of a Composition. */
function paper(id: string, of: Resource, members: JsonObject = {}): Bundle {
  return {
    resourceType: 'Bundle',
    id,
    type: 'document',
    identifier: { ...NUMBER, value: `${NUMBER.value.slice(0, -1)}${id.slice(-1)}` },
    timestamp: '2026-03-02T10:00:00Z',
    entry: [{ fullUrl: `${BASE}/Composition/${of.id ?? ''}`, resource: of }],
    ...members,
  }
}
const bare = { identifier: { system: 'https://records.example/series', value: 'another' } }
function letter(id: string, members: JsonObject = {}): Composition {
  return { ...composition([], { id, status: 'final', ...members }), resourceType: 'Composition' }
}
const document = paper('d1', letter('c1'), { timestamp: '2026-03-01T10:00:00Z' })

function relates(code: string, target: JsonObject): JsonObject {
  return { ...bare, relatesTo: [{ code, ...target }] }
}
function found(): Promise<readonly Successor[]> {
  return store.snapshot((reader) => successorsOf(reader, document, BASE))
}
const told = async (): Promise<readonly string[]> =>
  (await found()).map(({ relation, reference }) => `${relation} ${reference}`)

async function stored(...resources: readonly Resource[]): Promise<readonly string[]> {
  store = await storeOf(document, ...resources)
  return told()
}

describe('a later document is found', () => {
  it.each(['replaces', 'appends', 'transforms'])('that %s it by its identifier', async (code) => {
    const later = paper('d2', letter('c2', relates(code, { targetIdentifier: NUMBER })))
    expect(await stored(later)).toEqual([`${code} Bundle/d2`])
    expect(await found()).toMatchObject([{ identifier: later.identifier?.value, date: '2026-03-02T10:00:00Z' }])
  })
  it('that names it by an identifier without system', async () => {
    const target = { targetIdentifier: { value: NUMBER.value } }
    expect(await stored(paper('d2', letter('c2', relates('replaces', target))))).toEqual(['replaces Bundle/d2'])
  })
  it.each([`${BASE}/Composition/c1`, 'Composition/c1'])('that names its Composition by %s', async (reference) => {
    const target = { targetReference: { reference } }
    expect(await stored(paper('d2', letter('c2', relates('replaces', target))))).toEqual(['replaces Bundle/d2'])
  })
  it('that replaces it and is itself in error: then so is this one', async () => {
    const error = { ...relates('replaces', { targetIdentifier: NUMBER }), status: 'entered-in-error' }
    expect(await stored(paper('d2', letter('c2', error)))).toEqual(['entered-in-error Bundle/d2'])
  })
  it('that is in error and of the same series', async () => {
    expect(await stored(paper('d2', letter('c2', { status: 'entered-in-error' })))).toEqual([
      'entered-in-error Bundle/d2',
    ])
  })
  it('that is of the same series and later', async () => {
    expect(await stored(paper('d2', letter('c2')))).toEqual(['later Bundle/d2'])
  })
  it('that is of the same Composition, which has no identifier', async () => {
    const { identifier: _identifier, ...nameless } = letter('c1')
    expect(await stored(paper('d2', nameless))).toEqual(['later Bundle/d2'])
  })
})

describe('a Composition that is no document yet is found', () => {
  it('that replaces the document', async () => {
    expect(await stored(letter('c2', relates('replaces', { targetIdentifier: NUMBER })))).toEqual([
      'replaces Composition/c2',
    ])
  })
  it('that is the one of the document, and in error now', async () => {
    expect(await stored(letter('c1', { ...bare, status: 'entered-in-error' }))).toEqual([
      'entered-in-error Composition/c1',
    ])
  })
  it('but not while it is still being written', async () => {
    const draft = { ...relates('replaces', { targetIdentifier: NUMBER }), status: 'preliminary' }
    expect(await stored(letter('c2', draft))).toEqual([])
  })
  it('and told once where there is a document of it', async () => {
    const replaces = letter('c2', relates('replaces', { targetIdentifier: NUMBER }))
    expect(await stored(replaces, paper('d2', replaces))).toEqual(['replaces Bundle/d2'])
  })
})

describe('nothing is said by', () => {
  it.each<[string, readonly Resource[]]>([
    ['the document itself', []],
    ['an earlier document of the series', [paper('d2', letter('c2'), { timestamp: '2026-02-01T10:00:00Z' })]],
    ['a document of another series', [paper('d2', letter('c2', bare))]],
    [
      'one that replaces another',
      [paper('d2', letter('c2', relates('replaces', { targetIdentifier: { ...NUMBER, value: 'urn:uuid:9' } })))],
    ],
    [
      'one that replaces another of the same value in another system',
      [
        paper(
          'd2',
          letter('c2', relates('replaces', { targetIdentifier: { ...NUMBER, system: 'https://elsewhere.example' } })),
        ),
      ],
    ],
    ['one that signs it', [paper('d2', letter('c2', relates('signs', { targetIdentifier: NUMBER })))]],
  ])('%s', async (_, resources) => {
    expect(await stored(...resources)).toEqual([])
  })
  it('a Bundle that is no document', async () => {
    store = await storeOf()
    const collection: Bundle = { resourceType: 'Bundle', type: 'collection' }
    expect(await store.snapshot((reader) => successorsOf(reader, collection, BASE))).toEqual([])
  })
})

it('the latest of several stands first', async () => {
  const earlier = paper('d2', letter('c2'), { timestamp: '2026-03-03T10:00:00Z' })
  const later = paper('d3', letter('c3'), { timestamp: '2026-03-04T10:00:00Z' })
  expect(await stored(earlier, later)).toEqual(['later Bundle/d3', 'later Bundle/d2'])
})

it('more than a page of them are all found', async () => {
  store = await storeOf(document)
  const many = Array.from({ length: 510 }, (_, index) => paper(`n${index}`, letter(`c${index + 10}`), { identifier: { ...NUMBER, value: `urn:n:${index}` } })) // prettier-ignore
  await put(store, ...many)
  expect((await told()).length).toBe(510)
}, 60_000)

it('a document with anything anywhere is judged all the same', async () => {
  store = await storeOf()
  const odd = { ...paper('x', letter('c1')), identifier: 5, timestamp: { a: 1 }, entry: [{ fullUrl: 'no url', resource: { ...letter('c1'), identifier: [1], relatesTo: 'x', date: 7 } }] } // prettier-ignore
  expect(await store.snapshot((reader) => successorsOf(reader, odd as unknown as Bundle, BASE))).toEqual([])
})
