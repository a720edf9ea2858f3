/** `fhirdoc audit` over a store in a file. */

import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { lineOf } from '../../../src/audit/act.ts'
import { openDatabase, openStore, withoutSearch } from '../../../src/edge/store/open-store.ts'
import { newFolder, running } from '../running.ts'

const folder = newFolder()
const url = `sqlite:${join(folder, 'store.db')}`
const env = { FHIRDOC_STORE: url }

beforeAll(async () => {
  const store = await openStore(url, { index: withoutSearch })
  for (const year of ['2001', '2002', '2026'])
    await store.audit?.record([lineOf({ at: `${year}-01-01T00:00:00.000Z`, kind: 'read', outcome: '0' })])
  await store.close()
})

async function change(sql: string): Promise<void> {
  const database = await openDatabase(url)
  await database.transaction((session) => session.rows({ sql, parameters: [] }))
  await database.close()
}

describe('audit', () => {
  it('verify proves a chain that is whole, and prints its head: exit 0', async () => {
    const { exit, out, err } = await running(['audit', 'verify'], { env })
    expect([exit, err]).toEqual([0, ''])
    expect(out).toMatch(/^whole: 3 lines; head 3 [0-9a-f]{64}\n$/)
    const head = out.trim().split(' ').at(-1) ?? ''
    expect(await running(['audit', 'verify', '--head', head], { env })).toMatchObject({ exit: 0 })
  })

  it('verify misses a head that is not there: exit 1', async () => {
    const { exit, err } = await running(['audit', 'verify', '--head', 'a'.repeat(64)], { env })
    expect([exit, err]).toEqual([1, expect.stringContaining('the end was cut off')])
  })

  it('refuses what it does not know: exit 2', async () => {
    expect(await running(['audit', 'delete'], { env })).toMatchObject({ exit: 2 })
    expect(await running(['audit', 'verify', '--head', 'short'], { env })).toMatchObject({ exit: 2 })
    expect(await running(['audit', 'expire'], { env })).toMatchObject({
      exit: 2,
      err: expect.stringContaining('FHIRDOC_AUDIT_RETENTION') as string,
    })
    const other = { FHIRDOC_STORE: `sqlite:${join(folder, 'none.db')}` }
    expect(await running(['audit', 'verify'], { env: other })).toMatchObject({ exit: 3 })
  })

  it('expire takes away what is older than the retention, which verify knows', async () => {
    const kept = { ...env, FHIRDOC_AUDIT_RETENTION: 'P20Y' }
    expect(await running(['audit', 'expire'], { env: kept })).toMatchObject({ exit: 0 })
    const { exit, out } = await running(['audit', 'verify'], { env })
    expect([exit, out]).toEqual([0, expect.stringMatching(/^whole: 2 lines, those up to 2 were taken away/)])
  })

  it('verify tells the first line that was changed: exit 1, as JSON too', async () => {
    await change(`update audit set text = replace(text, '2026', '2025') where seq = 3`)
    const { exit, err } = await running(['audit', 'verify'], { env })
    expect([exit, err]).toEqual([1, expect.stringContaining('The line 3 is not the one that was recorded there')])
    const { out } = await running(['audit', 'verify', '--json'], { env })
    expect(JSON.parse(out)).toMatchObject({ isWhole: false, fault: { seq: 3 } })
  })
})
