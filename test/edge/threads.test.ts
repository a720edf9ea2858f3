/** A function in threads gives what it gives, throws what it throws, and what goes wrong leaves the threads well. */

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { threads, type ThreadOptions } from '../../src/edge/threads.ts'
import { FhirError } from '../../src/fhir/error.ts'

const error = new URL('../../src/fhir/error.ts', import.meta.url).href
const path = join(mkdtempSync(join(tmpdir(), 'threads-')), 'work.mjs')
writeFileSync(
  path,
  `import { fail } from ${JSON.stringify(error)}
let calls = 0
export function work(what, bytes) {
  calls += 1
  if (what === 'count') return calls
  if (what === 'fail') throw fail('structure', 'It is damaged')
  if (what === 'mistake') throw new TypeError('mistaken')
  if (what === 'exit') process.exit(1)
  if (what === 'loop') for (;;);
  if (what === 'memory') { const all = []; for (;;) all.push(new Array(100_000).fill(what)) }
  return bytes.map((byte) => byte + 1)
}
`,
)

const options: ThreadOptions = {
  module: pathToFileURL(path).href,
  name: 'work',
  timeoutMs: 5_000,
  maxMegabytes: 64,
  count: 1,
}
const pool = threads<readonly [string, Uint8Array?], unknown>(options)
afterAll(() => pool.close())
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

describe('a call', () => {
  it('gives what the function gives, and the same thread serves again', async () => {
    const bytes = Uint8Array.of(1, 2)
    expect(await pool.run(['bytes', bytes])).toEqual(Uint8Array.of(2, 3))
    expect(bytes).toEqual(Uint8Array.of(1, 2))
    expect(await Promise.all([pool.run(['count']), pool.run(['count'])])).toEqual([2, 3])
  })

  it('throws a FhirError with its issues', async () => {
    const thrown = await failure(pool.run(['fail']))
    expect(thrown).toBeInstanceOf(FhirError)
    expect(thrown).toMatchObject({ issues: [{ code: 'structure', text: 'It is damaged' }] })
  })

  it.each([
    ['mistake', 'mistaken'],
    ['exit', 'given up'],
    ['memory', 'more than 64 MB'],
  ])('%s is told, and the next one is served', async (what, text) => {
    expect(String(await failure(pool.run([what])))).toContain(text)
    expect(await pool.run(['bytes', Uint8Array.of(1)])).toEqual(Uint8Array.of(2))
  })

  it('that takes too long is given up', async () => {
    const hasty = threads<readonly [string], unknown>({ ...options, timeoutMs: 3_000 })
    expect(await failure(hasty.run(['loop']))).toMatchObject({ issues: [{ code: 'timeout' }] })
    expect(await hasty.run(['count'])).toBe(1)
    await hasty.close()
  })

  it('that nobody waits for any more is given up, at work or in the queue', async () => {
    const leaving = new AbortController()
    const calls = [pool.run(['loop'], leaving.signal), pool.run(['count'], leaving.signal)].map(failure)
    leaving.abort(new Error('left'))
    expect((await Promise.all(calls)).map(String)).toEqual(['Error: left', 'Error: left'])
  })
})
