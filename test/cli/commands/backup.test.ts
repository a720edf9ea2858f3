/** `fhirdoc backup` and `fhirdoc restore` over stores in files. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../src/edge/store/search/open-search.ts'
import type { Store } from '../../../src/ports.ts'
import { newFolder, running, standardDesign, stillEdge } from '../running.ts'

const folder = newFolder()
const urlOf = (name: string): string => `sqlite:${join(folder, name, 'store.db')}`
const file = join(folder, 'backup.gz')

async function opened(name: string): Promise<Store> {
  const { collect } = await standardDesign()
  const { index } = await openSearch(collect, stillEdge)
  return openStore(urlOf(name), { index })
}

const onStore = (name: string): { readonly env: Readonly<Record<string, string>> } => ({
  env: { FHIRDOC_STORE: urlOf(name) },
})

beforeAll(async () => {
  const store = await opened('first')
  const patient = { resourceType: 'Patient', name: [{ family: 'Nightingale' }] }
  for (const id of ['1', '2'])
    await store.transaction((writer) => writer.write({ type: 'Patient', id, method: 'PUT', resource: patient }))
  await store.close()
})

describe('backup and restore', () => {
  it('carry a store over, which is searched as before', async () => {
    expect(await running(['backup', file], onStore('first'))).toEqual({
      exit: 0,
      out: `${file}: 2 versions\n`,
      err: '',
    })
    expect(await running(['restore', file], onStore('second'))).toMatchObject({ exit: 0, out: `${file}: 2 versions\n` })
    const store = await opened('second')
    const request = { type: 'Patient', handling: 'strict', defaultCount: 10, maxCount: 10 } as const
    const { matches } = await store.snapshot((reader) =>
      reader.search({ ...request, parameters: [['family', 'nightingale']] }),
    )
    await store.close()
    expect(matches.map(({ id }) => id)).toEqual(['1', '2'])
  })

  it('restore refuses a store that is not empty: exit 3', async () => {
    const { exit, err } = await running(['restore', file], onStore('first'))
    expect([exit, err]).toEqual([3, 'error: The store holds resources already, expected an empty one\n'])
  })

  it('restore refuses what is no backup: exit 1, and what is not there: exit 2', async () => {
    const other = join(folder, 'other.gz')
    writeFileSync(other, 'no backup')
    expect(await running(['restore', other], onStore('third'))).toMatchObject({ exit: 1 })
    expect(await running(['restore', join(folder, 'none.gz')], onStore('third'))).toMatchObject({ exit: 2 })
  })

  it('backup makes no store where there is none: exit 3', async () => {
    const { exit, err } = await running(['backup', join(folder, 'none.gz')], onStore('never'))
    expect([exit, err]).toEqual([3, 'error: There is no store to back up, expected the one that the setting names\n'])
    expect([existsSync(join(folder, 'never')), existsSync(join(folder, 'none.gz'))]).toEqual([false, false])
  })
})
