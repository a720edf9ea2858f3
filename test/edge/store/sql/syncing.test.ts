/** Writes that wait for the disk together, and never for less than what they wrote. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { syncing, type Syncing } from '../../../../src/edge/store/sql/syncing.ts'

interface Disk extends Syncing {
  /** What was asked of the disk, in order. */
  readonly asked: readonly string[]
  /** The request under way ends. */
  readonly end: (failure?: Error) => Promise<void>
}

function disk(): Disk {
  const asked: string[] = []
  let running: PromiseWithResolvers<void> | undefined
  const handle = {
    datasync: () => {
      asked.push('sync')
      running = Promise.withResolvers<void>()
      return running.promise
    },
    close: () => {
      asked.push('close')
      return Promise.resolve()
    },
  }
  const end = async (failure?: Error): Promise<void> => {
    if (failure === undefined) running?.resolve()
    else running?.reject(failure)
    await nextTurn()
  }
  return { asked, end, ...syncing('log', () => Promise.resolve(handle)) }
}

function settled(promise: Promise<void>): { readonly how: () => string } {
  let how = 'waits'
  promise.then(
    () => (how = 'done'),
    () => (how = 'failed'),
  )
  return { how: () => how }
}

describe('a log that is made durable', () => {
  it('is asked for once by all who wait while it is busy, and again for what came after it began', async () => {
    const { synced, asked, end } = disk()
    const first = settled(synced())
    await nextTurn()
    const others = Array.from({ length: 5 }, () => settled(synced()))
    await end()
    expect([first.how(), asked.length]).toEqual(['done', 2])
    expect(others.map(({ how }) => how())).toEqual(Array.from({ length: 5 }, () => 'waits'))
    const late = settled(synced())
    await end()
    expect([...others.map(({ how }) => how()), late.how()]).toEqual([...Array.from({ length: 5 }, () => 'done'), 'waits']) // prettier-ignore
    await end()
    expect([late.how(), asked.length]).toEqual(['done', 3])
  })

  it('is never trusted again after it could not be', async () => {
    const { synced, asked, end } = disk()
    const first = settled(synced())
    await nextTurn()
    const second = settled(synced())
    await end(new Error('EIO'))
    expect([first.how(), second.how()]).toEqual(['failed', 'failed'])
    await expect(synced()).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
    expect(asked).toEqual(['sync'])
  })

  it('is closed when nobody waits for it any more', async () => {
    const { synced, close, asked, end } = disk()
    void synced()
    await nextTurn()
    const last = settled(synced())
    const closed = close()
    await end()
    expect(asked).toEqual(['sync', 'sync'])
    await end()
    await closed
    expect([last.how(), ...asked]).toEqual(['done', 'sync', 'sync', 'close'])
  })
})
