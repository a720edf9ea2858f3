/** What was composed lately is given again only where nothing that was read for it has changed: memory never shows in an answer. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { storeSource } from '../src/edge/store/store-source.ts'
import { bytesOf } from '../src/fhir/bytes.ts'
import { FhirError } from '../src/fhir/error.ts'
import { parseJson, stringify } from '../src/fhir/json.ts'
import { isComposition, type JsonObject, type Resource } from '../src/fhir/types.ts'
import { assemble, type Assembled } from '../src/persist.ts'
import type { Design, Edge } from '../src/pipeline.ts'
import type { Found, Source, Store, StoreReader } from '../src/ports.ts'
import { composeRequest } from '../src/request.ts'
import { openDesign, stillEdge } from './design.ts'
import { BASE, composition, documentOf, observation, patient, practitioner, put, section, storeOf } from './storing.ts'

let design: Design
beforeAll(async () => {
  design = await openDesign()
})

/** A design of its own, for which nothing is remembered yet, and an edge that counts what is composed. */
function fresh(edge: Partial<Edge> = {}): { design: Design; edge: Edge; composed: () => number } {
  let count = 0
  const observe: Edge['observe'] = (stage, work) => {
    if (stage === 'collect') count += 1
    return work()
  }
  return { design: { ...design }, edge: { ...stillEdge(), ...edge, observe }, composed: () => count }
}

const name = 'the document'
const two = [section('One', ['Observation/a', 'Observation/b'])]

describe('a document is composed once', () => {
  it('where nothing that it is made of has changed, and is another document each time', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two))
    const made = fresh({ uuid: () => crypto.randomUUID() })
    const [first, again] = [await documentOf(store, made, { name }), await documentOf(store, made, { name })]
    expect(made.composed()).toBe(1)
    expect(again.bundle.entry).toEqual(first.bundle.entry)
    expect(again.bundle.identifier?.value).not.toBe(first.bundle.identifier?.value)
    expect(again.issues).toEqual(first.issues)
  })

  it('and where a value of it has changed, closure is not run again: it is where a reference has, or a Provenance came to be', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two))
    const made = fresh()
    await documentOf(store, made, { name })
    await put(store, observation('b', { valueQuantity: { value: 80, unit: '/min' } }))
    expect(textOf(await documentOf(store, made, { name }))).toContain('"value":80')
    expect(made.composed()).toBe(1)
    await put(store, observation('b', { performer: [{ reference: 'Practitioner/d' }] }))
    expect(textOf(await documentOf(store, made, { name }))).not.toContain('"value":80')
    await put(store, provenance('x', 'Observation/a'))
    expect(textOf(await documentOf(store, made, { name }))).toContain('Provenance/x')
    expect(made.composed()).toBe(3)
  })

  it('unless its name, its terminology or its time are others', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two))
    let now = '2026-03-10T08:00:00Z'
    const made = fresh({ now: () => now })
    await documentOf(store, made, { name })
    await documentOf(store, made, { name: 'another', secondary: 'direct' })
    expect(made.composed()).toBe(2)
    now = '2026-03-10T08:00:59Z'
    await documentOf(store, made, { name })
    expect(made.composed()).toBe(2)
    now = '2026-03-10T08:01:01Z'
    await documentOf(store, made, { name })
    now = '2026-03-10T08:00:30Z'
    await documentOf(store, made, { name })
    expect(made.composed()).toBe(4)
    const asking = { ...made, edge: { ...made.edge, terminology: { judge: () => Promise.resolve([]) } } }
    await documentOf(store, asking, { name })
    expect(made.composed()).toBe(5)
  })

  it('and what is stored is stored with its receipt', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two))
    const made = fresh()
    await documentOf(store, made, { name })
    const { stored } = await documentOf(store, made, { name, persist: true })
    const receipt = await store.snapshot((reader) => reader.receipt({ type: 'Bundle', id: stored?.version.id ?? '' }))
    expect(receipt).toMatchObject({ references: expect.arrayContaining([expect.anything()]) as unknown })
    const again = await documentOf(store, made, { name, persist: true })
    expect(again.stored?.version.id).toBe(stored?.version.id)
  })

  it('never where what was withheld or missing could be there another time', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two))
    const made = fresh()
    const hidden = (reader: StoreReader): StoreReader => ({
      ...reader,
      read: async (keys) => (await reader.read(keys)).map((one) => (one?.id === 'b' ? undefined : one)),
    })
    const guarded: Store = { ...store, snapshot: (work) => store.snapshot((reader) => work(hidden(reader))) }
    await documentOf(store, made, { name })
    await expect(documentOf(guarded, made, { name })).rejects.toBeInstanceOf(FhirError)
    await expect(documentOf(guarded, made, { name })).rejects.toBeInstanceOf(FhirError)
    expect(textOf(await documentOf(store, made, { name }))).toContain('Observation/b')
  })
})

describe('what is remembered of a resource goes', () => {
  it('when another version has taken its place, in however many documents it was', async () => {
    const store = await storeOf(observation('a'), observation('b'), composition(two, { status: 'final' }))
    const made = fresh()
    const older: WeakRef<Resource>[] = []
    for (let count = 0; count < 6; count += 1) {
      await put(store, observation('a', { valueQuantity: { value: count, unit: '/min' } }), {
        ...patient,
        active: true,
      })
      older.push(...(await resourcesOf(store, made)))
    }
    await vi.waitFor(() => {
      collectGarbage()
      // those of the last document and of the one before it may be held
      expect(older.slice(0, 8).filter((one) => one.deref() !== undefined)).toEqual([])
    })
  })
})

/** The Observation that changes and the Patient, as they are in the document now. */
async function resourcesOf(store: Store, made: ReturnType<typeof fresh>): Promise<readonly WeakRef<Resource>[]> {
  const { bundle } = await documentOf(store, made, { name })
  const changing = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.id === 'a' || resource?.id === 'p' ? [new WeakRef(resource)] : [],
  )
  expect(changing).toHaveLength(2)
  return changing
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

const ids = ['a', 'b', 'e'] as const
const step = fc.oneof(
  fc.record({
    does: fc.constant('value' as const),
    id: fc.constantFrom(...ids),
    number: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ does: fc.constant('performer' as const), id: fc.constantFrom(...ids), who: fc.constantFrom('d', 'f') }),
  fc.record({ does: fc.constant('subject' as const), id: fc.constantFrom(...ids), who: fc.constantFrom('p', 'q') }),
  fc.record({ does: fc.constant('delete' as const), id: fc.constantFrom(...ids) }),
  fc.record({ does: fc.constant('provenance' as const), id: fc.constantFrom(...ids) }),
  fc.record({ does: fc.constant('sections' as const), entries: fc.subarray([...ids], { minLength: 1 }) }),
  fc.record({ does: fc.constant('family' as const), family: fc.constantFrom('Berg', 'Tal') }),
  fc.record({ does: fc.constant('members' as const), id: fc.constantFrom(...ids), which: fc.nat({ max: 11 }) }),
  fc.record({ does: fc.constant('document' as const), which: fc.nat({ max: 5 }) }),
  fc.record({ does: fc.constant('nothing' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

describe('what was remembered never changes an answer', () => {
  it('whatever is written between two documents: with memory and without it they are the same, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const q = { ...patient, id: 'q', name: [{ family: 'Other' }] }
        const f = { ...practitioner, id: 'f', name: [{ family: 'Fels' }] }
        const store = await storeOf(q, f, ...ids.map((id) => observation(id)), composition(two))
        const made = fresh()
        for (const one of steps) {
          await change(store, one)
          const remembered = await outcomeOf(documentOf(store, made, { name }))
          expect(remembered).toEqual(await outcomeOf(unremembered(store, { ...made, design })))
        }
        await store.close()
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`
const told = (status: string, content: string): JsonObject => ({ text: { status, div: div(content) } })

/** What may change in a resource, each by a row: what others see of it, what stands in narratives, and what is wrong with it. */
const MEMBERS: readonly JsonObject[] = [
  { code: { text: 'Weight' } },
  { identifier: [{ system: 'https://records.example/numbers', value: '1' }] },
  { meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }] } },
  { meta: { profile: ['http://hl7.org/fhir/StructureDefinition/vitalsigns'] } },
  { valueQuantity: { id: 'v', value: 90, unit: '/min' } },
  { ...told('generated', '<p id="n">Pulse 72 /min</p>') },
  { ...told('additional', '<p>Pulse <a href="#v">72</a></p><script></script>') },
  { contained: [{ resourceType: 'Device', id: 'g' }], device: { reference: '#g' } },
  { derivedFrom: [{ reference: 'Observation/a/_history/1' }] },
  { hasMember: [{ reference: 'Observation/b' }], performer: [{ identifier: { system: 'urn:x', value: '1' } }] },
  { subject: { identifier: { system: 'https://records.example/numbers', value: '1' }, type: 'Patient' } },
  { status: 'no status', valueInteger: 3 },
]

/** Compositions: closed ones, for which no narrative is made, with narratives to compare and sections in sections. */
const DOCUMENTS: readonly Resource[] = [
  closed([section('One', ['Observation/a', 'Observation/b'], told('generated', '<p>Pulse 72 /min, 90 /min</p>'))]),
  closed([section('One', ['Observation/a', 'Observation/e'], told('additional', '<p>Weight</p>'))]),
  closed(two, { attester: [{ mode: 'legal', time: '2020-01-01T00:00:00Z' }] }),
  closed([{ ...section('One', ['Observation/a']), section: [section('Two', ['Observation/b'])] }]),
  closed([section('One', ['Observation/a'], told('additional', '<p><a href="Observation/a#v">72</a></p>'))]),
  composition(two, { relatesTo: [{ code: 'appends', targetReference: { reference: 'Composition/old' } }] }),
]

function closed(sections: readonly JsonObject[], members: JsonObject = {}): Resource {
  return composition(sections, { status: 'final', ...members })
}

async function change(store: Store, one: Step): Promise<void> {
  if (one.does === 'value') await put(store, observation(one.id, { valueQuantity: { value: one.number, unit: '/min' } }))
  else if (one.does === 'performer')
    await put(store, observation(one.id, { performer: [{ reference: `Practitioner/${one.who}` }] }))
  else if (one.does === 'subject') await put(store, observation(one.id, { subject: { reference: `Patient/${one.who}` } }))
  else if (one.does === 'delete')
    await store.transaction((writer) => writer.write({ type: 'Observation', id: one.id, method: 'DELETE' }))
  else if (one.does === 'provenance') await put(store, provenance(one.id, `Observation/${one.id}`))
  else if (one.does === 'members') await put(store, observation(one.id, MEMBERS[one.which]))
  else if (one.does === 'document') await put(store, DOCUMENTS[one.which] ?? composition(two))
  else if (one.does === 'family') await put(store, { ...patient, name: [{ family: one.family }] })
  else if (one.does === 'sections')
    await put(store, composition([section('One', one.entries.map((id) => `Observation/${id}`))])) // prettier-ignore
}

function provenance(id: string, target: string): Resource {
  const agent: JsonObject = { who: { reference: 'Practitioner/d' } }
  return { resourceType: 'Provenance', id, target: [{ reference: target }], recorded: '2026-02-02T00:00:00Z', agent: [agent] } // prettier-ignore
}

/** The same with copies of all resources, of which nothing was ever found before. */
function unremembered(store: Store, made: { readonly design: Design; readonly edge: Edge }): Promise<Assembled> {
  const request = async (reader: StoreReader): Promise<ReturnType<typeof composeRequest>> => {
    const [version] = await reader.read([{ type: 'Composition', id: 'c' }])
    const held = copied(version?.resource)
    if (!isComposition(held)) throw new TypeError('Composition/c is not stored')
    const source = copying(storeSource(reader, BASE))
    const origin = { source: source.name, url: `${BASE}/Composition/c` }
    return composeRequest({ composition: held, sources: [source], origin }, {})
  }
  return assemble({ store, request, persist: false }, made.design, made.edge)
}

function copying(source: Source): Source {
  const copies = (all: readonly Found[]): readonly Found[] =>
    all.map((found) => ({ ...found, resource: copied(found.resource) }))
  return {
    ...source,
    read: async (targets) => (await source.read(targets)).map(copies),
    provenances: async (targets) => copies(await source.provenances(targets)),
  }
}

function copied(resource: Resource | undefined): Resource {
  return parseJson(stringify(resource ?? null)) as Resource
}

function textOf({ bundle }: Assembled): string {
  return Buffer.from(bytesOf(bundle)).toString()
}

async function outcomeOf(assembled: Promise<Assembled>): Promise<unknown> {
  try {
    const made = await assembled
    return { text: textOf(made), issues: made.issues }
  } catch (error) {
    if (error instanceof FhirError) return { refused: error.issues }
    throw error
  }
}
