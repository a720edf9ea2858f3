/** Lines of the audit wait a moment for those that come along, and no longer. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { recording } from '../../../../src/edge/store/sql/audit.ts'
import type { Query } from '../../../../src/edge/store/sql/query.ts'
import type { Database } from '../../../../src/edge/store/sql/session.ts'

/** A server that notes what it is sent in one flight. */
function server(): { readonly database: Database; readonly flights: string[] } {
  const flights: string[] = []
  const alone = ({ parameters }: Query): Promise<readonly never[]> => {
    flights.push(String(parameters[0]))
    return Promise.resolve([])
  }
  return { database: { dialect: 'postgres', alone } as unknown as Database, flights }
}

it('a line goes together with those of all who read when it came', async () => {
  const { database, flights } = server()
  const { record, reading } = recording(database)
  const second = Promise.withResolvers<void>()
  const done = reading(() => second.promise).then(() => record(['second']))
  const first = record(['first'])
  second.resolve()
  await Promise.all([first, done])
  expect(flights).toEqual(['first\nsecond'])
})

it('a line does not wait for long for somebody who goes on reading, nor for nobody', async () => {
  const { database, flights } = server()
  const { record, reading } = recording(database)
  const endless = Promise.withResolvers<void>()
  const late = reading(() => endless.promise)
  await record(['first'])
  expect(flights).toEqual(['first'])
  endless.resolve()
  await late
  await record(['second'])
  expect(flights).toEqual(['first', 'second'])
})

it('those who came together lately are waited for a moment, and no longer than they come', async () => {
  const { database, flights } = server()
  const { record } = recording(database)
  const together = (...lines: readonly string[]): Promise<unknown> => Promise.all(lines.map((line) => record([line])))
  await together('one', 'two', 'three')
  await Promise.all([record(['first']), pause(0).then(() => together('second', 'third'))])
  expect(flights).toEqual(['one\ntwo\nthree', 'first\nsecond\nthird'])
  for (let count = 0; count < 20; count += 1) await record(['alone'])
  const startMs = performance.now()
  for (let count = 0; count < 100; count += 1) await record(['alone'])
  expect(performance.now() - startMs).toBeLessThan(100)
})

it('work that fails while it reads is told so, and nobody waits for it any more', async () => {
  const { database, flights } = server()
  const { record, reading } = recording(database)
  await expect(reading(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
  await Promise.race([record(['first']), pause(1_000)])
  expect(flights).toEqual(['first'])
})
