/** A store whose process is killed amidst writing holds all that was acknowledged, and nothing by halves. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SearchRequest, StoreReader } from '../../../../src/ports.ts'
import { probeIndex } from './probe-index.ts'
import { countOf, LASTING, stores } from './stores.ts'

const KILLS = 50
const WRITER = new URL('write-until-killed.ts', import.meta.url).pathname
const PARTS = ['a', 'b', 'c'] as const
const EVERYTHING: SearchRequest = { parameters: [], handling: 'lenient', defaultCount: 1, maxCount: 1 }

const { url, open } = stores()

/** The rounds that a process told of before it was killed. */
async function killed(storeUrl: string, run: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [WRITER, storeUrl, run], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text))
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  await pause(Math.random() * 80)
  child.kill('SIGKILL')
  await closed
  return told.split('\n').slice(0, -1)
}

/** How many of the parts of each round are there: all of them, where it was acknowledged. */
async function partsOf(rounds: readonly string[], reader: StoreReader): Promise<readonly number[]> {
  const keys = rounds.flatMap((round) => PARTS.map((part) => ({ type: 'Basic', id: `${round}-${part}` })))
  const found = await reader.read(keys)
  return rounds.map(
    (_, at) =>
      found.slice(at * PARTS.length, (at + 1) * PARTS.length).filter((version) => version !== undefined).length,
  )
}

/** The rounds that were not yet acknowledged. */
function following(rounds: readonly string[], run: string): readonly string[] {
  return [0, 1, 2, 3].map((writer) => {
    const own = rounds.filter((round) => round.startsWith(`${run}-${writer}-`))
    return `${run}-${writer}-${own.length}`
  })
}

describe.each(LASTING)('%s', (kind) => {
  it(`holds what was acknowledged after each of ${KILLS} kills`, { timeout: 30_000 + KILLS * 5_000 }, async () => {
    const storeUrl = await url(kind)
    let acknowledged = 0
    // What was asked for last may be there or not; a server may even finish it after its client is gone.
    const unsure: string[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      const rounds = await killed(storeUrl, String(kill))
      const store = await open(storeUrl, { index: probeIndex })
      unsure.push(...following(rounds, String(kill)))
      acknowledged += rounds.length
      await store.snapshot(async (reader) => {
        expect(new Set(await partsOf(rounds, reader))).toEqual(new Set(rounds.length === 0 ? [] : [PARTS.length]))
        const last = await partsOf(unsure, reader)
        expect(last.filter((parts) => parts !== 0 && parts !== PARTS.length)).toEqual([])
        const whole = acknowledged + last.filter((parts) => parts > 0).length
        const [total] = await reader.read([{ type: 'Basic', id: 'total' }])
        // What every transaction counted is the number of transactions: none was lost, none half done.
        expect([countOf(total), total?.versionId]).toEqual([whole, String(whole)])
        if (kill % 10 < 9) return
        const { matches, total: indexed } = await reader.search(EVERYTHING)
        expect([matches.length, indexed]).toEqual([3 * whole + 1, 3 * whole + 1])
      })
      await store.close()
    }
    expect(acknowledged).toBeGreaterThan(KILLS)
  })
})
