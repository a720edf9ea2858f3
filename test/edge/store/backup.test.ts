/** A backup holds one moment of a store; restored it is the same store, of whatever kind. */

import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { backup, restore } from '../../../src/edge/store/backup.ts'
import type { Original, Store, Version } from '../../../src/ports.ts'
import { probeIndex as index } from './sql/probe-index.ts'
import { countOf, current, LASTING, put, stores, write } from './sql/stores.ts'

const { url, open } = stores()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
})

const original = { bytes: new Uint8Array([0, 255, 10, 13]), mediaType: 'application/fhir+json' }

/** A store with versions, deletions, bytes and a receipt. */
async function filled(storeUrl: string): Promise<Store> {
  const store = await open(storeUrl, { index })
  for (const count of [1, 2, 3]) await write(store, put('a', { count, text: 'é\u0000 \n' }))
  await write(store, put('b', { count: 1 }, { original, receipt: { kept: [1, 'é'] } }))
  await write(store, put('c', { count: 5 }))
  await write(store, { type: 'Basic', id: 'c', method: 'DELETE' })
  return store
}

function shown(found: Original | undefined): unknown {
  return found && [found.mediaType, Buffer.from(found.bytes).toString('hex')]
}

/** All that can be read of a store, as one value. */
function everything(store: Store): Promise<unknown> {
  return store.snapshot(async (reader) => {
    const { versions, total } = await reader.history({ count: 10_000 })
    const beside = await Promise.all(
      versions.map(async (key) => ({
        original: shown(await reader.original(key, key.versionId)),
        receipt: await reader.receipt(key, key.versionId),
      })),
    )
    const now = await reader.read(versions)
    const found = await reader.search({ parameters: [], handling: 'lenient', defaultCount: 1, maxCount: 1 })
    const names = found.matches.map(({ id, versionId }) => `${id}/${versionId}`).toSorted()
    const plain = ({ type, id, versionId, lastUpdated, method, text }: Version): unknown => ({
      type, id, versionId, lastUpdated, method, text,
    }) // prettier-ignore
    return { total, versions: versions.map(plain), beside, now: now.map((each) => each?.versionId), names }
  })
}

const PAIRS = LASTING.flatMap((from) => LASTING.map((to) => [from, to] as const))

describe.each(PAIRS)('from %s to %s', (from, to) => {
  it('everything is as it was, and goes on from there', async () => {
    const [fromUrl, toUrl] = [await url(from), await url(to)]
    const source = await filled(fromUrl)
    const path = join(folder, `${from}-${to}.gz`)
    expect(await backup({ url: fromUrl, path, index })).toBe(6)
    expect(await restore({ url: toUrl, path, index })).toBe(6)
    const target = await open(toUrl, { index })
    expect(await everything(target)).toEqual(await everything(source))
    for (const store of [source, target]) {
      expect(await write(store, put('a', { count: 4 }))).toMatchObject({ versionId: '4' })
      expect(await write(store, put('c', { count: 6 }))).toMatchObject({ versionId: '3' })
      expect(await write(store, put('new', { count: 7 }))).toMatchObject({ versionId: '1' })
    }
  })
})

describe.each(LASTING)('%s', (kind) => {
  it('a backup amidst writing holds whole transactions only', async () => {
    const storeUrl = await url(kind)
    const store = await open(storeUrl, { index })
    let isWriting = true
    const writing = async (): Promise<void> => {
      for (let count = 1; isWriting; count += 1) {
        await store.transaction(async (writer) => {
          for (const id of ['left', 'right']) await writer.write(put(id, { count }))
        })
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    const written = writing()
    const path = join(folder, `${kind}-amidst.gz`)
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const versions = await backup({ url: storeUrl, path, index })
      const copy = await url('sqlite in a file')
      await restore({ url: copy, path, index })
      const restored = await open(copy, { index })
      await restored.snapshot(async (reader) => {
        const [left, right] = await Promise.all([current(reader, 'left'), current(reader, 'right')])
        expect(countOf(left)).toBe(countOf(right))
        expect(countOf(left)).toBe(versions / 2)
      })
    }
    isWriting = false
    await written
  })

  it('a store that is not empty is left as it is', async () => {
    const storeUrl = await url(kind)
    const store = await filled(storeUrl)
    const before = await everything(store)
    const path = join(folder, `${kind}-twice.gz`)
    await backup({ url: storeUrl, path, index })
    await expect(restore({ url: storeUrl, path, index })).rejects.toMatchObject({ issues: [{ code: 'conflict' }] })
    expect(await everything(store)).toEqual(before)
  })

  it('of a backup that is cut off, altered or none at all nothing is restored', async () => {
    const storeUrl = await url(kind)
    await filled(storeUrl)
    const path = join(folder, `${kind}-whole.gz`)
    await backup({ url: storeUrl, path, index })
    const packed = readFileSync(path)
    const text = gunzipSync(packed).toString()
    const lines = text.split('\n')
    const broken: Readonly<Record<string, Uint8Array>> = {
      'cut off': packed.subarray(0, packed.length - 20),
      'without its foot': gzipSync(lines.slice(0, -2).join('\n') + '\n'),
      'without a version': gzipSync(lines.toSpliced(2, 1).join('\n')),
      'another number': gzipSync(text.replace('"count\\":2', '"count\\":9')),
      'no JSON within': gzipSync(lines.toSpliced(2, 1, '{').join('\n')),
      'another format': gzipSync('{"format":"other"}\n{}\n{}\n'),
      'not packed': Buffer.from(text),
      'no lines': gzipSync(''),
    }
    const target = await url(kind)
    for (const [what, bytes] of Object.entries(broken)) {
      const other = join(folder, 'broken.gz')
      writeFileSync(other, bytes)
      const restoring = restore({ url: target, path: other, index })
      await expect(restoring, what).rejects.toMatchObject({ issues: [{ code: 'structure' }] })
    }
    const missing = restore({ url: target, path: join(folder, 'missing.gz'), index })
    await expect(missing).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
    const left = await open(target, { index })
    expect(await everything(left)).toMatchObject({ total: 0, names: [] })
  })
})

it('a store that is not there is not backed up, and none is made', async () => {
  const backingUp = backup({ url: await url('sqlite in a file'), path: join(folder, 'none.gz'), index })
  await expect(backingUp).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
})
