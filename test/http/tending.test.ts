/** The audit while nobody asks: what was recorded becomes findable, and its head is told. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tendAudit } from '../../src/http/tending.ts'
import type { AuditLog } from '../../src/ports/audit.ts'

interface Kept {
  readonly log: AuditLog
  readonly asked: (() => boolean)[]
}

function kept(publish: () => Promise<void> = () => Promise.resolve()): Kept {
  const asked: (() => boolean)[] = []
  const log: AuditLog = {
    record: () => Promise.resolve(),
    head: () => Promise.resolve({ seq: 7, digest: 'd' }),
    publish: (isEnough = () => false) => {
      asked.push(isEnough)
      return publish()
    },
  }
  return { log, asked }
}

const told: unknown[] = []
const log = { debug: () => undefined, info: (fields: unknown) => void told.push(fields), error: () => undefined }
const tended = (audit: AuditLog): (() => Promise<void>) =>
  tendAudit({ audit: { log: audit, patientsOf: () => [] } }, log)

describe('the audit', () => {
  beforeEach(() => {
    told.length = 0
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    vi.spyOn(performance, 'eventLoopUtilization').mockReturnValue({ idle: 0, active: 0, utilization: 0.01 })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })

  it('is published in idle moments, once at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { log: audit, asked } = kept(() => promise)
    const end = tended(audit)
    vi.advanceTimersByTime(35_000)
    expect(asked).toHaveLength(1)
    expect(asked[0]?.()).toBe(false)
    const ended = end()
    expect(asked[0]?.()).toBe(true)
    resolve()
    await ended
    expect(told).toEqual([{ seq: 7, digest: 'd' }])
  })

  it('is not published while the service works', async () => {
    vi.spyOn(performance, 'eventLoopUtilization').mockReturnValue({ idle: 0, active: 0, utilization: 0.4 })
    const { log: audit, asked } = kept()
    const end = tended(audit)
    vi.advanceTimersByTime(35_000)
    expect(asked).toHaveLength(0)
    await end()
  })

  it('tells its head each hour', async () => {
    const end = tended(kept(() => Promise.reject(new Error('busy'))).log)
    await vi.advanceTimersByTimeAsync(7_200_000)
    expect(told).toHaveLength(2)
    await end()
  })

  it('says that its head cannot be read, and not what a store says of it', async () => {
    const failed: unknown[] = []
    const unread = { ...kept().log, head: () => Promise.reject(new RangeError('a name and a birthday')) }
    const error = (...what: readonly unknown[]): void => void failed.push(what)
    await tendAudit({ audit: { log: unread, patientsOf: () => [] } }, { ...log, error })()
    expect(failed).toEqual([[{ cause: 'RangeError' }, 'the head of the audit cannot be read']])
  })
})
