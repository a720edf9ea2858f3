/** A socket that gathers what is written in one turn: whole, in order, and sent before anybody waits. */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { GatheringSocket } from '../../../../src/edge/store/sql/gathering-socket.ts'

type Done = (error?: Error | null) => void

/** Counts how often something is handed to the system, and how many pieces at a time. */
class Counted extends GatheringSocket {
  readonly sent: number[] = []

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    this.sent.push(1)
    super._write(chunk, encoding, done)
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    this.sent.push(chunks.length)
    super._writev?.(chunks, done)
  }
}

let server: Server
let port = 0
let received = ''
const peers = new Set<Socket>()
beforeEach(async () => {
  received = ''
  server = createServer((peer) => {
    peers.add(peer)
    peer.on('data', (data) => (received += String(data))).on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  for (const peer of peers) peer.destroy()
  server.close()
})

async function connected(): Promise<Counted> {
  const socket = new Counted()
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function arrived(text: string): Promise<void> {
  await expect.poll(() => received).toBe(text)
}

it('what is written in one turn goes out at once, in its order', async () => {
  const socket = await connected()
  for (const piece of ['a', 'b', 'c']) socket.write(piece)
  await Promise.resolve().then(() => socket.write('d'))
  expect(socket.sent).toEqual([])
  await arrived('abcd')
  expect(socket.sent).toEqual([4])
  socket.destroy()
})

it('the next turn sends for itself, and nothing waits for it', async () => {
  const socket = await connected()
  socket.write('a')
  await nextTurn()
  socket.write('b')
  socket.write('c')
  await arrived('abc')
  expect(socket.sent).toEqual([1, 2])
  socket.destroy()
})

it('what is written before there is a connection follows it', async () => {
  const socket = new Counted()
  socket.connect(port, '127.0.0.1')
  socket.write('early ')
  socket.write('words')
  await arrived('early words')
  socket.destroy()
})

it('more than fits at once comes whole, and so does what is written while it goes', async () => {
  const socket = await connected()
  const large = 'x'.repeat(4_000_000)
  socket.write(large)
  await nextTurn()
  socket.write('end')
  await arrived(`${large}end`)
  socket.destroy()
})

it('an end that is asked for in the same turn follows what was written', async () => {
  const socket = await connected()
  socket.write('last')
  socket.end()
  await once(socket, 'finish')
  await arrived('last')
  expect(socket.writableLength).toBe(0)
})

it('a connection that breaks tells whoever wrote, once', async () => {
  const socket = await connected()
  const errors: unknown[] = []
  socket.on('error', (error) => errors.push(error))
  for (const peer of peers) peer.resetAndDestroy()
  const told = new Promise<Error | null | undefined>((resolve) => {
    const write = (): void =>
      void socket.write('lost', (error?: Error | null) => (error ? resolve(error) : setTimeout(write, 5)))
    write()
  })
  expect(await told).toBeInstanceOf(Error)
  await nextTurn()
  expect([errors.length, socket.destroyed]).toEqual([1, true])
})
