/** The store by its URL: made where it is missing, refused where it cannot be. */

import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { put, write } from './sql/stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'open-store-'))

describe('a store in a file', () => {
  it('is made with its folders, and is there the next time', async () => {
    const url = `sqlite:${join(folder, 'a', 'b', 'store.db')}`
    const first = await openStore(url)
    await write(first, put('kept'))
    await first.close()
    expect(existsSync(join(folder, 'a', 'b', 'store.db'))).toBe(true)
    const second = await openStore(url)
    const versions = await second.snapshot((reader) => reader.versions([{ type: 'Basic', id: 'kept' }]))
    await second.close()
    expect(versions).toEqual(['1'])
  })

  it('is durable: in WAL, every commit written through', async () => {
    const path = join(folder, 'durable.db')
    const store = await openStore(`sqlite:${path}`)
    const db = new DatabaseSync(path)
    expect(db.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
    db.close()
    await store.close()
  })

  it('that is no database is refused', async () => {
    const path = join(folder, 'text.db')
    writeFileSync(path, 'This is a text and no database, long enough to be looked at as one. '.repeat(20))
    await expect(openStore(`sqlite:${path}`)).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })

  it('whose place is a folder, or below a file, is refused', async () => {
    mkdirSync(join(folder, 'folder'))
    writeFileSync(join(folder, 'file'), '')
    for (const path of [join(folder, 'folder'), join(folder, 'file', 'store.db')])
      await expect(openStore(`sqlite:${path}`)).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })

  it('of a newer program is refused, and left as it is', async () => {
    const path = join(folder, 'newer.db')
    await (await openStore(`sqlite:${path}`)).close()
    const db = new DatabaseSync(path)
    db.exec('update schema_version set version = 99')
    const opening = openStore(`sqlite:${path}`)
    await expect(opening).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
    await expect(opening).rejects.toThrow('schema version 99 of a newer program')
    expect(db.prepare('select version from schema_version').all()).toEqual([{ version: 99 }])
    db.close()
  })
})

it('two stores in memory are two', async () => {
  const [one, other] = [await openStore('sqlite::memory:'), await openStore('sqlite::memory:')]
  await write(one, put('mine'))
  const [version] = await other.snapshot((reader) => reader.versions([{ type: 'Basic', id: 'mine' }]))
  expect(version).toBeUndefined()
})

it('a URL that names no store is refused without being told again, as it may hold a password', async () => {
  const opening = openStore('mysql://user:secret@host/db')
  await expect(opening).rejects.toMatchObject({ issues: [{ code: 'value' }] })
  await expect(opening).rejects.not.toThrow('secret')
})

it('a server that is not there is an error, not a hang', async () => {
  const opening = openStore('postgres://user:secret@127.0.0.1:1/none')
  await expect(opening).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  await expect(opening).rejects.not.toThrow('secret')
})
