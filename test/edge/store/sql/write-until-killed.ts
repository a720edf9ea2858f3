/** A process that writes until it is killed, and tells each write once it was acknowledged. */

import { writeSync } from 'node:fs'
import { openStore } from '../../../../src/edge/store/open-store.ts'
import { probeIndex } from './probe-index.ts'

const [, , url = '', run = ''] = process.argv
const store = await openStore(url, { index: probeIndex })

/** Three resources together, and one that every transaction counts up. */
async function writeAll(round: string, count: number): Promise<void> {
  await store.transaction(async (writer) => {
    const put = (id: string, members: object): Promise<unknown> =>
      writer.write({ type: 'Basic', id, method: 'PUT', resource: { resourceType: 'Basic', count, ...members } })
    for (const part of ['a', 'b', 'c']) await put(`${round}-${part}`, { text: part.repeat(200) })
    const [total] = await writer.read([{ type: 'Basic', id: 'total' }])
    await put('total', { count: Number(total?.resource?.['count'] ?? 0) + 1 })
  })
}

async function writeOn(writer: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const round = `${run}-${writer}-${count}`
    await writeAll(round, count)
    writeSync(1, `${round}\n`)
  }
}

await Promise.all([0, 1, 2, 3].map(writeOn))
