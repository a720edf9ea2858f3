/** Sessions are alike for every process, over SQLite in a file and in memory, and a real PostgreSQL. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { KeptSession, Sessions } from '../../../../src/ports/login.ts'
import { KINDS, stores } from './stores.ts'

const { url, open } = stores()
const AT = '2026-03-01T10:00:00.000Z'

function kept(members: Partial<KeptSession> = {}): KeptSession {
  return { kind: 'session', content: '{"a":1}', lastSeen: AT, expires: '2026-03-01T22:00:00.000Z', ...members }
}

describe.each(KINDS)('%s', (kind) => {
  let sessions: Sessions
  let others: Sessions
  beforeAll(async () => {
    const at = await url(kind)
    const store = await open(at)
    const other = kind === 'sqlite in memory' ? store : await open(at)
    if (store.sessions === undefined || other.sessions === undefined) throw new TypeError('The store keeps no sessions')
    ;[sessions, others] = [store.sessions, other.sessions]
  })

  it('are found by another process as they were kept, and by no other digest', async () => {
    await sessions.put('one', kept())
    expect([await others.find('one'), await others.find('two')]).toEqual([kept(), undefined])
  })

  it('are taken once, however many ask', async () => {
    await sessions.put('once', kept({ kind: 'login' }))
    const taken = await Promise.all([sessions.take('once'), others.take('once'), sessions.take('once')])
    expect(taken.filter((one) => one !== undefined)).toEqual([kept({ kind: 'login' })])
    expect(await sessions.find('once')).toBeUndefined()
  })

  it('remember when they were seen, and are swept once they are over', async () => {
    await sessions.put('seen', kept())
    await others.seen('seen', '2026-03-01T11:00:00.000Z')
    expect((await sessions.find('seen'))?.lastSeen).toBe('2026-03-01T11:00:00.000Z')
    await sessions.sweep('2026-03-01T21:59:59.000Z')
    expect(await sessions.find('seen')).toBeDefined()
    await sessions.sweep('2026-03-01T22:00:01.000Z')
    expect(await sessions.find('seen')).toBeUndefined()
  })
})
