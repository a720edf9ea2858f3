/** The audit over both databases that last: one chain, whoever writes, and whatever is done to it shows. */

import { describe, expect, it } from 'vitest'
import { lineOf } from '../../../../src/audit/act.ts'
import { expireAudit, verifyAudit } from '../../../../src/edge/store/audit.ts'
import { openDatabase, withoutSearch } from '../../../../src/edge/store/open-store.ts'
import { openSearch } from '../../../../src/edge/store/search/open-search.ts'
import { loadDefinitions } from '../../../../src/edge/packages.ts'
import type { Store, Version } from '../../../../src/ports.ts'
import { LASTING, put, stores, type Kind } from './stores.ts'

const { url, open } = stores()
const { model, compartment } = await loadDefinitions()
const search = await openSearch({ model, compartment }, { now: () => '2026-03-01T10:00:00Z' })

function line(what: string, at = '2026-03-01T10:00:00.000Z'): string {
  return lineOf({ at, kind: 'read', outcome: '0', patients: ['Patient/1'], what: [what] })
}

async function run(storeUrl: string, sql: string): Promise<void> {
  const database = await openDatabase(storeUrl)
  await database.transaction((session) => session.rows({ sql, parameters: [] }))
  await database.close()
}

async function filled(kind: Kind, count = 5): Promise<string> {
  const storeUrl = await url(kind)
  const store = await open(storeUrl, search)
  for (let number = 1; number <= count; number += 1) await store.audit?.record([line(`Basic/${number}`)])
  await store.close()
  return storeUrl
}

function eventsOf(store: Store, parameters: readonly (readonly [string, string])[]): Promise<readonly Version[]> {
  const asked = { type: 'AuditEvent', parameters, handling: 'strict', defaultCount: 1_000, maxCount: 1_000 } as const
  return store.snapshot(async (reader) => (await reader.search(asked)).matches)
}

describe.each(LASTING)('%s', (kind) => {
  it('chains what several processes record at once, alone and within transactions', async () => {
    const storeUrl = await url(kind)
    const both = [await open(storeUrl, search), await open(storeUrl, search)]
    const work = Array.from({ length: 40 }, (_, number) => both.map((store, place) =>
      number % 2 === 0
        ? store.audit?.record([line(`Basic/${number}-${place}`), line('Basic/other')])
        : store.transaction(async (writer) => {
            writer.record?.([line(`Basic/${number}-${place}`)])
            await writer.write(put(`${number}-${place}`))
          }),
    )) // prettier-ignore
    await Promise.all(work.flat().map((each) => Promise.resolve(each)))
    expect(await verifyAudit(storeUrl)).toMatchObject({ lines: 120, head: { seq: 120 } })
    expect((await verifyAudit(storeUrl)).fault).toBeUndefined()
  })

  it('records nothing of a transaction that is undone', async () => {
    const storeUrl = await filled(kind, 1)
    const store = await open(storeUrl, search)
    const undone = store.transaction(async (writer) => {
      writer.record?.([line('Basic/1')])
      await writer.write(put('1'))
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await verifyAudit(storeUrl)).toMatchObject({ lines: 1 })
  })

  it.each([
    ['a changed text', `update audit set text = replace(text, 'Basic/3', 'Basic/9') where seq = 3`, 3],
    ['a changed digest', `update audit set digest = replace(digest, 'a', 'b') where seq = 3`, 3],
    ['a missing line', 'delete from audit where seq = 3', 3],
    ['a missing beginning', 'delete from audit where seq = 1', 1],
    ['lines in another order', 'update audit set seq = case seq when 2 then -3 when 3 then -2 else seq end where seq in (2, 3)', -3],
    ['a missing end', 'delete from audit where seq = 5', 5],
    ['several lines missing at the end', 'delete from audit where seq > 2', 3],
    ['nothing left', 'delete from audit', 1],
    ['another head', `update audit_head set digest = '${'0'.repeat(64)}'`, 5],
    ['a head that went back', 'update audit_head set seq = 4, digest = (select digest from audit where seq = 4)', 5],
    ['a line put in between', `insert into audit (seq, digest, text) values (6, '${'0'.repeat(64)}', '{}')`, 6],
  ])('finds %s', async (_, sql, seq) => {
    const storeUrl = await filled(kind)
    await run(storeUrl, sql)
    const { fault } = await verifyAudit(storeUrl)
    expect(fault?.seq === seq || (seq < 0 && fault !== undefined)).toBe(true)
  }) // prettier-ignore

  it('finds a missing end even after more was recorded', async () => {
    const storeUrl = await filled(kind)
    await run(storeUrl, 'delete from audit where seq >= 4')
    const store = await open(storeUrl, search)
    await store.audit?.record([line('Basic/6')])
    await store.close()
    expect((await verifyAudit(storeUrl)).fault).toEqual({ seq: 4, text: 'The lines 4 to 5 are missing' })
  })

  it('records nothing where nothing says any more where it ends', async () => {
    const storeUrl = await filled(kind)
    await run(storeUrl, 'delete from audit_head')
    await expect(verifyAudit(storeUrl)).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
    const store = await open(storeUrl, search)
    await expect(Promise.resolve(store.audit?.record([line('Basic/6')]))).rejects.toThrow()
    await store.close()
  })

  it('finds an end that was cut off with its traces by the head that was known', async () => {
    const storeUrl = await filled(kind)
    const { head } = await verifyAudit(storeUrl)
    await run(storeUrl, 'delete from audit where seq = 5')
    await run(storeUrl, 'update audit_head set seq = 4, digest = (select digest from audit where seq = 4)')
    expect((await verifyAudit(storeUrl)).fault).toBeUndefined()
    expect((await verifyAudit(storeUrl, head.digest)).fault).toMatchObject({ seq: 5 })
  })

  it('is found by search, each line once, whoever publishes it', async () => {
    const storeUrl = await filled(kind, 200)
    const both = [await open(storeUrl, search), await open(storeUrl, search)] as const
    await Promise.all(both.map((store) => Promise.resolve(store.audit?.publish())))
    const all = await eventsOf(both[0], [['patient', 'Patient/1']])
    expect(all.length).toBe(200)
    const [one, ...others] = await eventsOf(both[1], [['entity', 'Basic/7']])
    expect([one?.resource?.['recorded'], others.length]).toEqual(['2026-03-01T10:00:00.000Z', 0])
    const everything = await both[0].snapshot((reader) =>
      reader.search({ parameters: [], handling: 'strict', defaultCount: 10, maxCount: 10 }),
    )
    expect(everything.matches).toEqual([])
    const history = await both[0].snapshot((reader) => reader.history({ count: 10 }))
    expect(history.versions).toEqual([])
  })

  it('finds an AuditEvent that was changed after it was published', async () => {
    const storeUrl = await filled(kind)
    const store = await open(storeUrl, search)
    await store.audit?.publish()
    expect((await verifyAudit(storeUrl)).fault).toBeUndefined()
    await run(storeUrl, `update version set text = replace(text, 'Basic/4', 'Basic/9') where type = 'AuditEvent'`)
    expect((await verifyAudit(storeUrl)).fault).toMatchObject({ seq: 4 })
  })

  it('makes AuditEvents anew that were made in another way', async () => {
    const storeUrl = await filled(kind, 120)
    const store = await open(storeUrl, search)
    await store.audit?.publish()
    await run(storeUrl, 'update audit_state set made = 1')
    await run(storeUrl, `update version set text = replace(text, 'Basic/4', 'Basic/9') where type = 'AuditEvent'`)
    expect((await verifyAudit(storeUrl)).fault).toBeUndefined()
    const again = await open(storeUrl, search)
    await again.audit?.publish()
    expect((await eventsOf(again, [['entity', 'Basic/4']])).length).toBe(1)
    expect((await eventsOf(again, [['patient', 'Patient/1']])).length).toBe(120)
    expect((await verifyAudit(storeUrl)).fault).toBeUndefined()
  })

  it('is rid of its oldest lines by a line that says so, and stays provable', async () => {
    const storeUrl = await url(kind)
    const store = await open(storeUrl, search)
    for (const year of [2010, 2012, 2026, 2011])
      await store.audit?.record([line(`Basic/${year}`, `${year}-01-01T00:00:00.000Z`)])
    await store.audit?.publish()
    const { head } = await verifyAudit(storeUrl)
    const expiry = { before: '2016-03-01T10:00:00Z', retention: 'P10Y', now: '2026-03-01T10:00:00.000Z' }
    expect(await expireAudit(storeUrl, expiry, search.index)).toBe(2)
    const after = await verifyAudit(storeUrl, head.digest)
    expect([after.fault, after.lines, after.start.seq]).toEqual([undefined, 3, 2])
    const left = await eventsOf(store, [['patient', 'Patient/1']])
    expect(left.length).toBe(2)
    expect(await expireAudit(storeUrl, expiry, search.index)).toBe(0)
    await run(storeUrl, `delete from audit where seq = 3`)
    expect((await verifyAudit(storeUrl)).fault).toMatchObject({ seq: 3 })
    await run(storeUrl, `update audit_state set start_seq = 3, start_digest = (select digest from audit where seq = 4)`)
    expect((await verifyAudit(storeUrl)).fault).toBeDefined()
  })

  it('is not there where there is no store', async () => {
    await expect(verifyAudit('sqlite:/nowhere/store.db')).rejects.toMatchObject({ issues: [{ code: 'not-found' }] })
    expect(withoutSearch).toBeDefined()
  })
})
