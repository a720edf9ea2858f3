/** Documents made from a store: complete, of one snapshot, found again where nothing changed; and where others went wrong. */

import { beforeAll, describe, expect, it } from 'vitest'
import { demoSigner } from '../src/edge/keys/demo.ts'
import { isError } from '../src/fhir/issue.ts'
import { parseJson } from '../src/fhir/json.ts'
import type { Bundle, JsonObject, Resource } from '../src/fhir/types.ts'
import type { Assembled } from '../src/persist.ts'
import type { Design, Edge } from '../src/pipeline.ts'
import type { Original, Store } from '../src/ports.ts'
import { openDesign, stillEdge } from './design.ts'
import { KINDS, stores } from './edge/store/sql/stores.ts'
import {
  BASE,
  composition,
  documentOf,
  observation,
  patient,
  practitioner,
  put,
  section,
  storeOf,
  TEST_STORE,
} from './storing.ts'

let made: { readonly design: Design; readonly edge: Edge }
beforeAll(async () => {
  made = { design: await openDesign(), edge: { ...stillEdge(), uuid: () => crypto.randomUUID() } }
})

function names({ entry = [] }: Bundle): readonly string[] {
  return entry.map(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`)
}
function textOf(original: Original | undefined): string {
  return Buffer.from(original?.bytes ?? []).toString()
}
function identifier({ bundle }: Assembled): string {
  return bundle.identifier?.value ?? ''
}

describe('a document of what is stored is complete', () => {
  it('with the entries of nested sections at any depth (HAPI 2660)', async () => {
    const inner = section('Inner', ['Observation/c'], { section: [section('Innermost', ['Observation/d'])] })
    const outer = section('Outer', ['Observation/a'], {
      section: [section('Middle', ['Observation/b'], { section: [inner] })],
    })
    const store = await storeOf(...['a', 'b', 'c', 'd'].map((id) => observation(id)), composition([outer]))
    const { bundle } = await documentOf(store, made)
    expect(names(bundle)).toEqual(['Composition/c', 'Patient/p', 'Practitioner/d', 'Observation/a', 'Observation/b', 'Observation/c', 'Observation/d']) // prettier-ignore
  })

  it('with 700 entries, none cut off at 500 (WSO2)', async () => {
    const ids = Array.from({ length: 700 }, (_, index) => `o${index}`)
    const store = await storeOf(
      ...ids.map((id) => observation(id)),
      composition([
        section(
          'Many',
          ids.map((id) => `Observation/${id}`),
        ),
      ]),
    )
    const { bundle } = await documentOf(store, made)
    expect(names(bundle).slice(3)).toEqual(ids.map((id) => `Observation/${id}`))
  }, 60_000)

  it('or an error that names everything that is missing', async () => {
    const store = await storeOf(composition([section('Gone', ['Observation/x', 'Observation/y'])]))
    await expect(documentOf(store, made)).rejects.toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ code: 'incomplete', text: expect.stringContaining('Observation/x') as string }),
        expect.objectContaining({ code: 'incomplete', text: expect.stringContaining('Observation/y') as string }),
      ]) as unknown,
    })
  })

  it('and bears neither total nor entry.search, as a document may not (HAPI 4713)', async () => {
    const store = await storeOf(observation('a'), composition([section('One', ['Observation/a'])]))
    const { bundle } = await documentOf(store, made, { persist: true })
    expect(bundle).not.toHaveProperty('total')
    for (const entry of bundle.entry ?? []) expect(Object.keys(entry)).toEqual(['fullUrl', 'resource'])
  })
})

describe('every form of reference is followed as it is meant (LinuxForHealth)', () => {
  const entry = ({ bundle }: Assembled, name: string): JsonObject | undefined =>
    bundle.entry?.find(({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}` === name)?.resource

  it('contained resources stay in theirs and bring nothing in', async () => {
    const contained = [
      { resourceType: 'Device', id: 'meter', deviceName: [{ name: 'Meter', type: 'user-friendly-name' }] },
    ]
    const measured = observation('a', { contained, device: { reference: '#meter' } })
    const store = await storeOf(measured, composition([section('One', ['Observation/a'])]))
    const assembled = await documentOf(store, made)
    expect([names(assembled.bundle).length, entry(assembled, 'Observation/a')?.['contained']]).toEqual([4, contained])
  })

  it('a reference to a version brings in that version', async () => {
    const store = await storeOf(observation('a', { status: 'preliminary' }))
    await put(store, observation('a', { status: 'final' }))
    await put(store, composition([section('One', ['Observation/a/_history/1'])]))
    const assembled = await documentOf(store, made)
    expect(entry(assembled, 'Observation/a')).toMatchObject({ status: 'preliminary', meta: { versionId: '1' } })
  })

  it('an absolute reference below the base names what is stored', async () => {
    const store = await storeOf(observation('a'), composition([section('One', [`${BASE}/Observation/a`])]))
    expect(names((await documentOf(store, made)).bundle)).toContain('Observation/a')
  })

  it('an absolute reference elsewhere is an error, never another resource of that id', async () => {
    const elsewhere = 'https://elsewhere.example/fhir/Observation/a'
    const store = await storeOf(observation('a'), composition([section('One', [elsewhere])]))
    await expect(documentOf(store, made)).rejects.toMatchObject({
      issues: expect.arrayContaining([expect.objectContaining({ code: 'incomplete', severity: 'error' })]) as unknown,
    })
  })

  it('one by identifier alone stays where nothing bears it, and finds no patient (H-2)', async () => {
    const performer = [{ type: 'Organization', identifier: { system: 'https://ids.example', value: '1' } }]
    const store = await storeOf(observation('a', { performer }), composition([section('One', ['Observation/a'])]))
    const assembled = await documentOf(store, made)
    expect(entry(assembled, 'Observation/a')?.['performer']).toEqual(performer)
  })
})

const { open, url } = stores()

describe.each(KINDS)('persist in %s', (kind) => {
  const one = async (): Promise<Store> => {
    const store = await open(await url(kind), TEST_STORE)
    await put(store, patient, practitioner, observation('a'), composition([section('One', ['Observation/a'])]))
    return store
  }

  it('true stores the very bytes, with the receipt beside them (HAPI 2831)', async () => {
    const store = await one()
    const { stored, bundle } = await documentOf(store, made, { persist: true })
    const key = { type: 'Bundle', id: stored?.version.id ?? '' }
    const [original, receipt, [version]] = await store.snapshot((reader) =>
      Promise.all([reader.original(key), reader.receipt(key), reader.read([key])]),
    )
    expect(textOf(original)).toBe(textOf(stored?.original))
    expect(parseJson(original?.bytes ?? '')).toMatchObject({ id: key.id, identifier: bundle.identifier })
    expect(receipt).toMatchObject({ composition: `${BASE}/Composition/c/_history/1`, document: `urn:ietf:rfc:3986|${identifier({ bundle, issues: [] })}` }) // prettier-ignore
    expect(version?.versionId).toBe('1')
  })

  it('true gives an unchanged document again with its identifier', async () => {
    const store = await one()
    const first = await documentOf(store, made, { persist: true })
    const again = await documentOf(store, made, { persist: true })
    expect([identifier(again), again.stored?.version.id]).toEqual([identifier(first), first.stored?.version.id])
    expect(textOf(again.stored?.original)).toBe(textOf(first.stored?.original))
  })

  it('absent gives it too and stores nothing', async () => {
    const store = await one()
    expect((await documentOf(store, made)).stored).toBeUndefined()
    const first = await documentOf(store, made, { persist: true })
    expect(identifier(await documentOf(store, made))).toBe(identifier(first))
  })

  it('false makes a new document whatever is stored', async () => {
    const store = await one()
    const first = await documentOf(store, made, { persist: true })
    const other = await documentOf(store, made, { persist: false })
    expect([other.stored, identifier(other) === identifier(first)]).toEqual([undefined, false])
  })

  it.each<[string, Resource]>([
    ['an included resource', observation('a', { status: 'amended' })],
    ['the Composition', composition([section('Another', ['Observation/a'])])],
    ['a resource, to what it was before,', observation('a')],
  ])('after a write of %s there is a new document with a new identifier (H-15)', async (_, resource) => {
    const store = await one()
    const first = await documentOf(store, made, { persist: true })
    await put(store, resource)
    const second = await documentOf(store, made, { persist: true })
    expect(identifier(second)).not.toBe(identifier(first))
    expect(second.stored?.version.id).not.toBe(first.stored?.version.id)
  })

  it('asked for the same by many at once makes one document', async () => {
    const store = await one()
    const many = await Promise.all(Array.from({ length: 8 }, () => documentOf(store, made, { persist: true })))
    expect(new Set(many.map(identifier)).size).toBe(1)
    const { total } = await store.snapshot((reader) => reader.history({ type: 'Bundle', count: 10 }))
    expect(total).toBe(1)
  })

  it('of a document that was deleted is another, at another address', async () => {
    const store = await one()
    const first = await documentOf(store, made, { persist: true })
    const id = first.stored?.version.id ?? ''
    await store.transaction((writer) => writer.write({ type: 'Bundle', id, method: 'DELETE' }))
    const second = await documentOf(store, made, { persist: true })
    const third = await documentOf(store, made, { persist: true })
    expect([identifier(second) === identifier(first), second.stored?.version.id === id]).toEqual([false, false])
    expect(identifier(third)).toBe(identifier(second))
  })

  it('never writes over what another put at its address', async () => {
    const store = await one()
    const first = await documentOf(store, made, { persist: true })
    const id = first.stored?.version.id ?? ''
    const { identifier: _identifier, ...rest } = first.bundle
    const resource = { ...rest, identifier: { value: 'of another' }, entry: first.bundle.entry?.slice(0, 1) ?? [] }
    const original = { bytes: Buffer.from(JSON.stringify(resource)), mediaType: 'application/fhir+json' }
    await store.transaction((writer) => writer.write({ type: 'Bundle', id, method: 'PUT', resource, original }))
    const second = await documentOf(store, made, { persist: true })
    const [version] = await store.snapshot((reader) => reader.read([{ type: 'Bundle', id }]))
    expect(version?.resource?.['identifier']).toEqual({ value: 'of another' })
    expect([second.stored?.version.id === id, second.bundle.entry?.length]).toEqual([false, first.bundle.entry?.length])
  })

  it('with a key seals the document, and one without seal is not given for it', async () => {
    const store = await one()
    const bare = await documentOf(store, made, { persist: true })
    const signing = { key: demoSigner({ now: '2026-03-10T08:00:00Z' }).key, seal: true } as const
    const sealed = await documentOf(store, made, { persist: true, signing })
    const again = await documentOf(store, made, { persist: true, signing })
    expect([bare.bundle.signature, identifier(sealed) === identifier(bare)]).toEqual([undefined, false])
    expect(sealed.bundle.signature?.sigFormat).toBe('application/jose')
    expect(again.bundle.signature).toEqual(sealed.bundle.signature)
  })
})

describe.each(KINDS)('one snapshot of %s (H-15)', (kind) => {
  const pair = (mark: number): readonly Resource[] =>
    ['a', 'b'].map((id) => observation(id, { note: [{ text: `mark ${mark}` }] }))
  const marks = ({ bundle }: Assembled): readonly unknown[] =>
    (bundle.entry ?? []).flatMap(({ resource }) => (resource?.['note'] as { text: string }[] | undefined)?.map(({ text }) => text) ?? []) // prettier-ignore

  it('what is written together is read together, and what was acknowledged before is there', async () => {
    const store = await open(await url(kind), TEST_STORE)
    const both = composition([section('Pair', ['Observation/a', 'Observation/b'])])
    await put(store, patient, practitioner, ...pair(0), both)
    let mark = 0
    let isDone = false
    const writing = (async () => {
      while (!isDone) {
        await put(store, ...pair(mark + 1))
        mark += 1
      }
    })()
    const seen: (readonly [acknowledged: number, marks: readonly unknown[]])[] = []
    const distinct = new Set<unknown>()
    while (seen.length < 20 || (distinct.size < 6 && seen.length < 1_000)) {
      const acknowledged = mark
      const read = marks(await documentOf(store, made, { persist: false }))
      seen.push([acknowledged, read])
      distinct.add(read[0])
    }
    isDone = true
    await writing
    for (const [acknowledged, [one, other]] of seen) {
      expect(other).toBe(one)
      expect(Number(String(one).slice('mark '.length))).toBeGreaterThanOrEqual(acknowledged)
    }
    expect(distinct.size).toBeGreaterThan(5)
  }, 60_000)
})

it('a document of the store has no error of its own', async () => {
  const store = await storeOf(observation('a'), composition([section('One', ['Observation/a'])]))
  const { issues } = await documentOf(store, made)
  expect(issues.filter(isError)).toEqual([])
})
