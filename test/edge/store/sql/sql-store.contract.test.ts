/** What every store keeps, over SQLite in a file and in memory, and a real PostgreSQL. */

import { beforeAll, describe, expect, it } from 'vitest'
import { parseJson } from '../../../../src/fhir/json.ts'
import type { Resource } from '../../../../src/fhir/types.ts'
import type { Store } from '../../../../src/ports.ts'
import { probeIndex } from './probe-index.ts'
import { countOf, current, KINDS, put, stores, write } from './stores.ts'

const { url, open } = stores()

describe.each(KINDS)('%s', (kind) => {
  let store: Store
  beforeAll(async () => {
    store = await open(await url(kind))
  })

  it('gives versions 1, 2, 3 with id and meta, and keeps each of them', async () => {
    for (const count of [1, 2, 3]) await write(store, put('counted', { count }))
    const versions = await store.snapshot((reader) =>
      Promise.all(['1', '2', '3', '4', '01', 'x'].map((id) => reader.vread({ type: 'Basic', id: 'counted' }, id))),
    )
    expect(versions.map((version) => version?.resource?.['count'])).toEqual([1, 2, 3, undefined, undefined, undefined])
    expect(versions[1]?.resource).toEqual({
      resourceType: 'Basic',
      id: 'counted',
      meta: { versionId: '2', lastUpdated: versions[1]?.lastUpdated },
      count: 2,
    })
    expect(versions[1]?.text).toBe(JSON.stringify(versions[1]?.resource))
  })

  it('keeps the text of decimals, and the members of meta that are not its own', async () => {
    const text = '{"resourceType":"Basic","meta":{"versionId":"9","tag":[{"code":"x"}]},"value":1.50,"text":"\\u0000é"}'
    await write(store, put('decimal', parseJson(text) as Resource))
    const found = await store.snapshot((reader) => current(reader, 'decimal'))
    expect(found?.text).toContain('"value":1.50')
    expect(found?.resource).toMatchObject({ meta: { versionId: '1', tag: [{ code: 'x' }] }, text: '\u0000é' })
  })

  it('gives the very same object for as long as it remembers a version', async () => {
    await write(store, put('same'))
    const [first, second] = [
      await store.snapshot((reader) => current(reader, 'same')),
      await store.snapshot((reader) => current(reader, 'same')),
    ]
    expect(first?.resource).toBeDefined()
    expect(second?.resource).toBe(first?.resource)
    const old = await store.snapshot((reader) => reader.vread({ type: 'Basic', id: 'same' }, '1'))
    expect(old?.resource).toBe(first?.resource)
  })

  it('reads many in their order, with gaps where there never was one', async () => {
    for (const id of ['a', 'b']) await write(store, put(id))
    const keys = ['b', 'none', 'a', 'b'].map((id) => ({ type: 'Basic', id }))
    const [found, numbers] = await store.snapshot((reader) => Promise.all([reader.read(keys), reader.versions(keys)]))
    expect(found.map((version) => version?.id)).toEqual(['b', undefined, 'a', 'b'])
    expect(numbers).toEqual(['1', undefined, '1', '1'])
    expect(await store.snapshot((reader) => reader.read([]))).toEqual([])
  })

  it('writes a deletion as a version without content, and one more where it is put again', async () => {
    await write(store, put('deleted'))
    const deletion = await write(store, { type: 'Basic', id: 'deleted', method: 'DELETE' })
    expect(deletion).toMatchObject({ versionId: '2', method: 'DELETE' })
    expect([deletion.text, deletion.resource]).toEqual([undefined, undefined])
    expect(await write(store, { type: 'Basic', id: 'deleted', method: 'DELETE' })).toMatchObject({ versionId: '2' })
    expect(await write(store, put('deleted'))).toMatchObject({ versionId: '3' })
    const never = write(store, { type: 'Basic', id: 'never', method: 'DELETE' })
    await expect(never).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
  })

  it('refuses a change where another version is current than expected', async () => {
    await write(store, put('expected', { count: 1 }, { expected: { versionId: undefined } }))
    const late = write(store, put('expected', { count: 2 }, { expected: { versionId: undefined } }))
    await expect(late).rejects.toMatchObject({ issues: [{ code: 'conflict' }] })
    await write(store, put('expected', { count: 2 }, { expected: { versionId: '1' } }))
    const stale = write(store, put('expected', { count: 3 }, { expected: { versionId: '1' } }))
    await expect(stale).rejects.toMatchObject({ issues: [{ code: 'conflict' }] })
    expect(countOf(await store.snapshot((reader) => current(reader, 'expected')))).toBe(2)
  })

  it('refuses an address that is none', async () => {
    for (const id of ['', 'a/b', 'x'.repeat(65), 'é'])
      await expect(write(store, put(id))).rejects.toMatchObject({ issues: [{ code: 'value' }] })
    const other = put('other', {}, { resource: { resourceType: 'Patient' } })
    await expect(write(store, other)).rejects.toMatchObject({ issues: [{ code: 'invalid' }] })
  })

  it('keeps bytes and receipt beside a version, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
    await write(store, put('beside', {}, { original: { bytes, mediaType: 'text/plain' }, receipt: { a: [1] } }))
    await write(store, put('beside'))
    const key = { type: 'Basic', id: 'beside' }
    await store.snapshot(async (reader) => {
      const original = await reader.original(key, '1')
      expect(original?.mediaType).toBe('text/plain')
      expect(Buffer.from(original?.bytes ?? []).equals(bytes)).toBe(true)
      expect(await reader.receipt(key, '1')).toEqual({ a: [1] })
      expect([await reader.original(key), await reader.receipt(key)]).toEqual([undefined, undefined])
      expect(await reader.original({ type: 'Basic', id: 'none' })).toBeUndefined()
    })
  })

  it('moves lastUpdated forward where the clock stands still or goes back', async () => {
    const times = ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z', '2026-03-01T09:00:00Z', '2026-03-01T10:00:01Z']
    const clocked = await open(await url(kind), { now: () => times.shift() ?? '' })
    const versions = [1, 2, 3, 4].map((count) => () => write(clocked, put('clock', { count })))
    const written = []
    for (const next of versions) written.push((await next()).lastUpdated)
    expect(written).toEqual([
      '2026-03-01T10:00:00.000Z',
      '2026-03-01T10:00:00.001Z',
      '2026-03-01T10:00:00.002Z',
      '2026-03-01T10:00:01.000Z',
    ])
  })

  describe('history', () => {
    let history: Store
    beforeAll(async () => {
      let minute = 0
      const now = (): string => `2026-03-01T10:${String(minute++).padStart(2, '0')}:00Z`
      history = await open(await url(kind), { now })
      await write(history, put('a', { count: 1 }))
      await write(history, put('b', { count: 1 }))
      await write(history, put('a', { count: 2 }))
      await write(history, { ...put('1'), type: 'Patient', resource: { resourceType: 'Patient' } })
      await write(history, { type: 'Basic', id: 'a', method: 'DELETE' })
    })
    const names = async (request: object): Promise<readonly string[]> => {
      const { versions } = await history.snapshot((reader) => reader.history({ count: 10, ...request }))
      return versions.map(({ type, id, versionId, method }) => `${method} ${type}/${id}/${versionId}`)
    }

    it('is of a resource, of a type, or of all, the newest first', async () => {
      expect(await names({ type: 'Basic', id: 'a' })).toEqual(['DELETE Basic/a/3', 'PUT Basic/a/2', 'PUT Basic/a/1'])
      expect(await names({ type: 'Basic' })).toHaveLength(4)
      expect((await names({}))[1]).toBe('PUT Patient/1/1')
    })

    it('comes in pages that stay where they are while more is written', async () => {
      const first = await history.snapshot((reader) => reader.history({ count: 2 }))
      const { next: page = '' } = first
      expect(first.total).toBe(5)
      const rest = await history.snapshot((reader) => reader.history({ count: 10, page }))
      expect(rest.versions.map(({ id, versionId }) => id + versionId)).toEqual(['a2', 'b1', 'a1'])
      expect(rest.next).toBeUndefined()
      expect(rest.total).toBe(5)
    })

    it('is cut by time: since, and what was current at a moment', async () => {
      expect(await names({ since: '2026-03-01T10:03:00Z' })).toHaveLength(2)
      expect(await names({ at: '2026-03-01T10:02:30Z' })).toEqual(['PUT Basic/a/2', 'PUT Basic/b/1'])
      expect(await names({ at: '2026-03' })).toHaveLength(5)
      expect(await names({ at: '2025' })).toEqual([])
      await expect(names({ since: 'yesterday' })).rejects.toMatchObject({ issues: [{ code: 'value' }] })
      await expect(names({ page: '1;drop' })).rejects.toMatchObject({ issues: [{ code: 'value' }] })
    })
  })

  describe('transactions', () => {
    it('read what they wrote, and are there whole', async () => {
      const seen = await store.transaction(async (writer) => {
        await writer.write(put('whole-1', { count: 7 }))
        await writer.write(put('whole-2', { count: 8 }))
        return Promise.all([current(writer, 'whole-1'), current(writer, 'whole-2')])
      })
      expect(seen.map(countOf)).toEqual([7, 8])
    })

    it('leave nothing where the work fails, nor in what is remembered', async () => {
      await write(store, put('rolled', { count: 1 }))
      const failing = store.transaction(async (writer) => {
        await writer.write(put('rolled', { count: 2 }))
        await writer.write(put('rolled-other'))
        expect(countOf(await current(writer, 'rolled'))).toBe(2)
        throw new RangeError('enough')
      })
      await expect(failing).rejects.toThrow(RangeError)
      await write(store, put('rolled', { count: 3 }))
      await store.snapshot(async (reader) => {
        expect(countOf(await current(reader, 'rolled'))).toBe(3)
        expect(await current(reader, 'rolled')).toMatchObject({ versionId: '2' })
        expect(await current(reader, 'rolled-other')).toBeUndefined()
      })
    })

    it('100 clients that count at once lose no update', async () => {
      await write(store, put('counter', { count: 0 }))
      const increment = (): Promise<unknown> =>
        store.transaction(async (writer) => {
          const count = countOf(await current(writer, 'counter'))
          await writer.write(put('counter', { count: count + 1 }))
        })
      await Promise.all(Array.from({ length: 100 }, increment))
      const last = await store.snapshot((reader) => current(reader, 'counter'))
      expect(countOf(last)).toBe(100)
      expect(last?.versionId).toBe('101')
    })

    it('100 clients that create and update at once are all there', async () => {
      const clients = Array.from({ length: 100 }, async (_, at) => {
        await write(store, put(`client-${at}`, { count: 1 }))
        await write(store, put(`client-${at}`, { count: 2 }, { expected: { versionId: '1' } }))
      })
      await Promise.all(clients)
      const keys = Array.from({ length: 100 }, (_, at) => ({ type: 'Basic', id: `client-${at}` }))
      const found = await store.snapshot((reader) => reader.read(keys))
      expect(found.map((version) => [version?.versionId, countOf(version)])).toEqual(keys.map(() => ['2', 2]))
    })

    it('of 30 that create one resource if there is none, one does', async () => {
      const create = (): Promise<string> =>
        write(store, put('once', {}, { expected: { versionId: undefined } })).then(
          () => 'created',
          (error: { issues: [{ code: string }] }) => error.issues[0].code,
        )
      const outcomes = await Promise.all(Array.from({ length: 30 }, create))
      expect(outcomes.toSorted()).toEqual([...Array.from({ length: 29 }, () => 'conflict'), 'created'])
    })

    it('of 20 that search first and then create if nothing was found, one does', async () => {
      const searched = await open(await url(kind), { index: probeIndex })
      const everything = { parameters: [], handling: 'lenient', defaultCount: 1, maxCount: 1 } as const
      const createUnlessFound = (_: unknown, at: number): Promise<boolean> =>
        searched.transaction(async (writer) => {
          const { total = 0 } = await writer.search(everything)
          if (total === 0) await writer.write(put(`searched-${at}`, { count: 1 }))
          return total === 0
        })
      const outcomes = await Promise.all(Array.from({ length: 20 }, createUnlessFound))
      expect(outcomes.filter(Boolean)).toHaveLength(1)
    })

    it('that write the same two resources crosswise both come to their end', async () => {
      const both = (first: string, second: string): Promise<unknown> =>
        store.transaction(async (writer) => {
          await writer.write(put(first, { count: 1 }))
          await new Promise((resolve) => setTimeout(resolve, 5))
          await writer.write(put(second, { count: 1 }))
        })
      await Promise.all([both('cross-a', 'cross-b'), both('cross-b', 'cross-a')])
      const keys = ['cross-a', 'cross-b'].map((id) => ({ type: 'Basic', id }))
      expect(await store.snapshot((reader) => reader.versions(keys))).toEqual(['2', '2'])
    })

    it('of a thousand resources are written whole', async () => {
      await store.transaction(async (writer) => {
        for (let at = 0; at < 1_000; at += 1) await writer.write(put(`many-${at}`))
      })
      const keys = Array.from({ length: 1_000 }, (_, at) => ({ type: 'Basic', id: `many-${at}` }))
      expect(new Set(await store.snapshot((reader) => reader.versions(keys)))).toEqual(new Set(['1']))
    })

    it('in which a change broke off are not kept, even where the work takes it lightly', async () => {
      const noRoom = new RangeError('no room in the index')
      const content = (): never => {
        throw noRoom
      }
      const failing = { ...probeIndex, content, write: () => Promise.reject(noRoom) }
      const broken = await open(await url(kind), { index: failing })
      const lightly = broken.transaction((writer) => writer.write(put('light')).catch(() => 'taken lightly'))
      await expect(lightly).rejects.toMatchObject({ issues: [{ code: 'exception' }] })
      expect(await broken.snapshot((reader) => reader.history({ count: 1 }))).toMatchObject({ total: 0 })
    })

    it('move an amount between two resources so that no reader sees it half moved', async () => {
      await store.transaction(async (writer) => {
        await writer.write(put('left', { count: 100 }))
        await writer.write(put('right', { count: 0 }))
      })
      const keys = ['left', 'right'].map((id) => ({ type: 'Basic', id }))
      const move = (): Promise<unknown> =>
        store.transaction(async (writer) => {
          const [left, right] = (await writer.read(keys)).map(countOf)
          await writer.write(put('left', { count: (left ?? 0) - 1 }))
          await writer.write(put('right', { count: (right ?? 0) + 1 }))
        })
      const look = (): Promise<number> =>
        store.snapshot(async (reader) => {
          const left = countOf(await current(reader, 'left'))
          await new Promise((resolve) => setTimeout(resolve, kind === 'sqlite in memory' ? 0 : 2))
          return left + countOf(await current(reader, 'right'))
        })
      const [sums] = await Promise.all([
        Promise.all(Array.from({ length: 30 }, look)),
        Promise.all(Array.from({ length: 30 }, move)),
      ])
      expect(new Set(sums)).toEqual(new Set([100]))
    })
  })

  it('says that it is ready, until it is closed', async () => {
    const closing = await open(await url(kind))
    expect(await closing.isReady()).toBe(true)
    await closing.close()
    expect(await closing.isReady()).toBe(false)
  })
})

describe.each(['sqlite in a file', 'postgres'] as const)('%s shared', (kind) => {
  it('several stores on one database start at once and see what each other writes', async () => {
    const shared = await url(kind)
    const all = await Promise.all(Array.from({ length: 8 }, () => open(shared)))
    for (const [at, store] of all.entries()) await write(store, put('shared', { count: at + 1 }))
    for (const store of all) expect(countOf(await store.snapshot((reader) => current(reader, 'shared')))).toBe(8)
    const increments = all.flatMap((store) =>
      Array.from({ length: 10 }, () =>
        store.transaction(async (writer) => {
          await writer.write(put('shared', { count: countOf(await current(writer, 'shared')) + 1 }))
        }),
      ),
    )
    await Promise.all(increments)
    for (const store of all) expect(countOf(await store.snapshot((reader) => current(reader, 'shared')))).toBe(88)
  })
})
