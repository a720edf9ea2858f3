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

interface TimedDisk {
  /** How the disk was asked so many times. */
  readonly times: (count: number) => Promise<readonly string[]>
  /** How long it takes from now on. */
  readonly take: (ms: number) => void
}

function timedDisk(): TimedDisk {
  const asked: string[] = []
  let ms = 0
  let tookMs = 0
  const handle = {
    datasync: () => Promise.resolve(void asked.push('elsewhere')),
    datasyncNow: () => {
      asked.push('here')
      ms += tookMs
    },
    close: () => Promise.resolve(),
  }
  const opened = (): Promise<typeof handle> => Promise.resolve(handle)
  const { synced } = syncing('log', opened, () => ms)
  return {
    times: async (count) => {
      asked.length = 0
      for (let done = 0; done < count; done += 1) await synced()
      return [...asked]
    },
    take: (next) => void (tookMs = next),
  }
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

  it('is waited for at once where the disk is quick, and elsewhere for a while after it was slow', async () => {
    const { times, take } = timedDisk()
    expect(await times(3)).toEqual(['here', 'here', 'here'])
    take(20)
    const afterSlow = await times(102)
    expect([afterSlow[0], afterSlow.at(-1), afterSlow.filter((how) => how === 'here').length]).toEqual(['here', 'here', 2]) // prettier-ignore
    // it was slow again, so it is left alone for twice as long
    expect(new Set(await times(200))).toEqual(new Set(['elsewhere']))
    take(0)
    expect(new Set(await times(20))).toEqual(new Set(['here']))
  })

  it('is waited for at once where the disk is quick as a rule, though slow now and then', async () => {
    const { times, take } = timedDisk()
    for (let count = 0; count < 50; count += 1) {
      take(0.3)
      expect(new Set(await times(40))).toEqual(new Set(['here']))
      take(8)
      expect(await times(1)).toEqual(['here'])
    }
  })

  it('is tried again soon where a disk that was slow turned out to be quick', async () => {
    const { times, take } = timedDisk()
    take(20)
    await times(1 + 100 + 1 + 200)
    take(0)
    await times(1)
    take(20)
    expect(new Set(await times(1 + 100))).toEqual(new Set(['here', 'elsewhere']))
    expect(await times(1)).toEqual(['here'])
  })

  it('is never trusted again after it failed here', async () => {
    const { synced, isSound } = syncing('log', () =>
      Promise.resolve({
        datasync: () => Promise.resolve(),
        datasyncNow: () => {
          throw new Error('EIO')
        },
        close: () => Promise.resolve(),
      }),
    )
    await expect(synced()).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
    expect(isSound()).toBe(false)
    await expect(synced()).rejects.toMatchObject({ issues: [{ code: 'no-store' }] })
  })
})
