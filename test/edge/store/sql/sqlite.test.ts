/** SQLite on a disk that cannot keep what is written: nothing is acknowledged any more, and the service says that it is not ready. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openStore } from '../../../../src/edge/store/open-store.ts'
import type { Store } from '../../../../src/ports.ts'
import { requests } from '../../../http/rest/requests.ts'
import { restService } from '../../../http/rest/rest-service.ts'
import { current, put, write } from './stores.ts'

const disk = vi.hoisted(() => {
  const state = { isBroken: false, asked: 0, files: new Set<number>() }
  /** Nothing; the disk was asked about a file of the journal, whichever way. */
  const ask = (fd: number): void => {
    if (!state.files.has(fd)) return
    state.asked += 1
    if (state.isBroken) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
  }
  return Object.assign(state, { ask })
})
vi.mock(import('node:fs/promises'), async (original) => {
  const real = await original()
  const open: typeof real.open = async (...given) => {
    const handle = await real.open(...given)
    if (!String(given[0]).endsWith('-wal')) return handle
    disk.files.add(handle.fd)
    const datasync = handle.datasync.bind(handle)
    handle.datasync = async () => {
      disk.ask(handle.fd)
      await datasync()
    }
    return handle
  }
  return { ...real, open, default: { ...real, open } }
})
vi.mock(import('node:fs'), async (original) => {
  const real = await original()
  const fdatasyncSync: typeof real.fdatasyncSync = (fd) => {
    disk.ask(fd)
    real.fdatasyncSync(fd)
  }
  return { ...real, fdatasyncSync, default: { ...real, fdatasyncSync } }
})

const newFile = (): string => `sqlite:${join(mkdtempSync(join(tmpdir(), 'sqlite-')), 'store.db')}`
const opened: Store[] = []
afterEach(async () => {
  disk.isBroken = false
  for (const store of opened.splice(0)) await store.close()
})
async function open(url = newFile()): Promise<Store> {
  const store = await openStore(url)
  opened.push(store)
  return store
}

describe('a disk that fails', () => {
  it('was asked for each write that was acknowledged', async () => {
    const store = await open()
    const before = disk.asked
    for (const id of ['a', 'b', 'c']) await write(store, put(id))
    expect(disk.asked - before).toBe(3)
  })

  it('keeps every write from being acknowledged, those that wait together too, also after it works again', async () => {
    const store = await open()
    await write(store, put('a'))
    disk.isBroken = true
    const all = await Promise.allSettled(['b', 'c', 'd'].map((id) => write(store, put(id))))
    const broken = { status: 'rejected', reason: { issues: [{ code: 'no-store' }] } }
    expect(all).toMatchObject([broken, broken, broken])
    disk.isBroken = false
    await expect(write(store, put('e'))).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })

  it('makes the store unready, while what was kept is read', async () => {
    const store = await open()
    await write(store, put('a'))
    expect(await store.isReady()).toBe(true)
    disk.isBroken = true
    await write(store, put('b')).catch(() => undefined)
    expect(await store.isReady()).toBe(false)
    expect((await store.snapshot((reader) => current(reader, 'a')))?.versionId).toBe('1')
  })

  it('is trusted again by a store that is opened anew', async () => {
    const url = newFile()
    const store = await open(url)
    disk.isBroken = true
    await write(store, put('a')).catch(() => undefined)
    disk.isBroken = false
    await write(await open(url), put('b'))
    expect((await store.snapshot((reader) => current(reader, 'b')))?.versionId).toBe('1')
  })

  it('is told over HTTP: no write is answered as done, and the service is not ready', async () => {
    const base = await restService(newFile())
    const { send, refused } = requests(() => base)
    const basic = { resourceType: 'Basic', id: 'a', code: { text: 'A' } }
    expect((await send('PUT', 'Basic/a', basic)).status).toBe(201)
    disk.isBroken = true
    const entry = [{ resource: basic, request: { method: 'POST', url: 'Basic' } }]
    const bodies = [{ resourceType: 'Bundle', type: 'transaction', entry }, { resourceType: 'Bundle', type: 'batch', entry }] // prettier-ignore
    expect(await refused(send('PUT', 'Basic/a', basic))).toMatchObject({ status: 502, code: 'no-store' })
    expect((await send('DELETE', 'Basic/a')).status).toBe(502)
    expect((await send('POST', '', bodies[0])).status).toBe(502)
    expect(await (await send('POST', '', bodies[1])).text()).toContain('"status":"502 Bad Gateway"')
    expect((await fetch(base.replace(/fhir$/, 'readyz'))).status).toBe(503)
    expect((await fetch(base.replace(/fhir$/, 'healthz'))).status).toBe(200)
  })
})
