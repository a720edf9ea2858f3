/** Erasure over every store: nothing of what was there can be read again, and what is left says what it was. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backup, restore } from '../../../../src/edge/store/backup.ts'
import { fileOf, openDatabase } from '../../../../src/edge/store/open-store.ts'
import { sha256 } from '../../../../src/fhir/digest.ts'
import { FhirError } from '../../../../src/fhir/error.ts'
import type { Key, Store } from '../../../../src/ports.ts'
import type { Tombstone } from '../../../../src/ports/audit.ts'
import { probeIndex } from './probe-index.ts'
import { KINDS, LASTING, put, stores, write } from './stores.ts'

const { url, open } = stores()
const index = probeIndex
const KEY: Key = { type: 'Basic', id: '1' }
const WHY = { reason: 'asked for by the person', basis: 'GDPR art. 17' }
const SECRET = 'Quastenflosser'

async function filled(storeUrl: string): Promise<Store> {
  const store = await open(storeUrl, { index })
  const original = { bytes: Buffer.from(`${SECRET} bytes`), mediaType: 'text/plain' }
  await write(store, put('1', { count: 1, name: SECRET }, { original, receipt: { name: SECRET } }))
  await write(store, put('1', { count: 2, name: SECRET }))
  await write(store, put('2', { count: 3 }))
  return store
}

function erase(store: Store): Promise<Tombstone | undefined> {
  return store.transaction(async (writer) => writer.erase?.(KEY, WHY))
}

function codeOf(error: unknown): string | undefined {
  return error instanceof FhirError ? error.issues[0].code : undefined
}

describe.each(KINDS)('%s', (kind) => {
  it('keeps no content of any version, and a tombstone with its digests', async () => {
    const store = await filled(await url(kind))
    const [text = ''] = await store.snapshot(async (reader) => [(await reader.vread(KEY, '1'))?.text])
    const tombstone = await erase(store)
    expect(tombstone).toMatchObject({ ...WHY, versions: [{ versionId: '1' }, { versionId: '2' }] })
    expect(tombstone?.versions[0]?.resource).toBe(Buffer.from(sha256(text)).toString('hex'))
    expect(tombstone?.versions[0]?.original).toBe(Buffer.from(sha256(`${SECRET} bytes`)).toString('hex'))
    await store.snapshot(async (reader) => {
      const versions = [...(await reader.read([KEY])), await reader.vread(KEY, '1'), await reader.vread(KEY, '2')]
      const history = await reader.history({ ...KEY, count: 10 })
      expect([...versions, ...history.versions].map((version) => version?.text)).toEqual(Array(6).fill(undefined))
      expect([await reader.original(KEY, '1'), await reader.receipt(KEY, '1')]).toEqual([undefined, undefined])
      expect(await reader.tombstone?.(KEY)).toEqual(tombstone)
      const { total } = await reader.search({ parameters: [], handling: 'strict', defaultCount: 9, maxCount: 9 })
      expect(total).toBe(1)
    })
  })

  it('never keeps anything again at the address, and erases it once', async () => {
    const store = await filled(await url(kind))
    await erase(store)
    expect(codeOf(await write(store, put('1', { count: 1 })).catch((error: unknown) => error))).toBe('business-rule')
    expect(codeOf(await erase(store).catch((error: unknown) => error))).toBe('business-rule')
  })

  it('erases nothing that is under a legal hold, until that is over', async () => {
    const store = await filled(await url(kind))
    await store.transaction(async (writer) => writer.hold?.(KEY, 'a court asks'))
    expect(await store.snapshot((reader) => Promise.resolve(reader.holdOf?.(KEY)))).toMatchObject({
      reason: 'a court asks',
    })
    expect(codeOf(await erase(store).catch((error: unknown) => error))).toBe('business-rule')
    expect(await store.snapshot(async (reader) => (await reader.read([KEY]))[0]?.text)).toContain(SECRET)
    await store.transaction(async (writer) => writer.hold?.(KEY, undefined))
    expect(await erase(store)).toBeDefined()
  })

  it('erases nothing that never was', async () => {
    const store = await open(await url(kind), { index })
    expect(codeOf(await erase(store).catch((error: unknown) => error))).toBe('not-found')
  })
})

describe.each(LASTING)('%s', (kind) => {
  it('is forgotten by another process that had read it', async () => {
    const storeUrl = await url(kind)
    const store = await filled(storeUrl)
    const other = await open(storeUrl, { index })
    const first = await other.snapshot((reader) => reader.vread(KEY, '2'))
    await other.snapshot((reader) => reader.read([KEY]))
    await erase(store)
    const second = await other.snapshot((reader) => reader.vread(KEY, '2'))
    expect([first?.text?.includes(SECRET), second?.text]).toEqual([true, undefined])
  })

  it('stays erased where an older backup is restored with the tombstones of a later one', async () => {
    const storeUrl = await url(kind)
    const folder = await url('sqlite in a file')
    const path = (name: string): string => join(dirname(dirname(fileOf(folder) ?? '')), `${kind}-${name}.gz`)
    const store = await filled(storeUrl)
    await backup({ url: storeUrl, path: path('old'), index })
    await store.audit?.record(['{"at":"2026-03-01T10:00:00.000Z","kind":"read","outcome":"0"}'])
    await erase(store)
    await backup({ url: storeUrl, path: path('new'), index })

    const target = await url(kind)
    await restore({ url: target, path: path('old'), tombstones: path('new'), index })
    const restored = await open(target, { index })
    await restored.snapshot(async (reader) => {
      const [one, two] = await reader.read([KEY, { type: 'Basic', id: '2' }])
      expect([one?.method, one?.text, two?.resource?.['count']]).toEqual(['DELETE', undefined, 3])
      expect((await reader.vread(KEY, '1'))?.text).toBeUndefined()
      expect(await reader.tombstone?.(KEY)).toMatchObject(WHY)
    })
    const newer = await url(kind)
    await restore({ url: newer, path: path('new'), index })
    const again = await open(newer, { index })
    expect(await again.snapshot((reader) => Promise.resolve(reader.tombstone?.(KEY)))).toMatchObject(WHY)
    expect(await again.audit?.head()).toMatchObject({ seq: 2 })
  })
})

it('is nowhere in the files of an embedded store afterwards', async () => {
  const storeUrl = await url('sqlite in a file')
  const store = await filled(storeUrl)
  await erase(store)
  await store.compact?.()
  const folder = dirname(fileOf(storeUrl) ?? '')
  const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name)).includes(SECRET))
  expect(bytes).toEqual(bytes.map(() => false))
  const database = await openDatabase(storeUrl)
  await database.close()
})
