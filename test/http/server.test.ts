/** The socket: slow clients are cut off, connections are kept, and closing waits for what was accepted. */

import { Agent, get, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { listen, type Listening, type ListenOptions } from '../../src/http/server.ts'

async function serve(app: RequestListener, options: Partial<ListenOptions> = {}): Promise<Listening> {
  const listening = await listen(app, { host: '127.0.0.1', port: 0, timeoutMs: 500, ...options })
  onTestFinished(listening.close)
  return listening
}

/** How long it takes until the server ends a connection on which the bytes given were sent. */
function untilEnd(port: number, send: (socket: Socket) => void): Promise<{ ms: number; received: string }> {
  const startMs = performance.now()
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => send(socket))
    let received = ''
    socket.on('data', (chunk) => (received += String(chunk)))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ ms: performance.now() - startMs, received }))
  })
}

describe('slow clients', () => {
  it('whose head does not come are answered 408 and cut off', async () => {
    const { port } = await serve((_, response) => void response.end('ok'))
    const { ms, received } = await untilEnd(port, (socket) => {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 50)
      socket.on('close', () => clearInterval(drip))
    })
    expect(received).toContain('HTTP/1.1 408')
    expect(ms).toBeLessThan(4_000)
  })

  it('whose body does not come are cut off', async () => {
    const { port } = await serve((request, response) => {
      request.on('error', () => undefined).resume()
      request.on('end', () => response.end('ok'))
    })
    const { ms } = await untilEnd(port, (socket) => {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n')
      const drip = setInterval(() => socket.write('x'), 50)
      socket.on('close', () => clearInterval(drip))
    })
    expect(ms).toBeLessThan(4_000)
  })

  it('who do not take their answer are cut off', async () => {
    const events: string[] = []
    const { port } = await serve((_, response) => {
      for (const name of ['finish', 'close']) response.once(name, () => events.push(name))
      response.end(Buffer.alloc(64 * 1024 * 1024))
    })
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))
    socket.on('error', () => undefined)
    socket.pause()
    await expect.poll(() => events, { timeout: 4_000 }).toEqual(['close'])
    socket.destroy()
  })

  it('who say nothing while they wait are left alone for as long as an answer may take', async () => {
    const { port } = await serve((_, response) => void setTimeout(() => response.end('late'), 900))
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('late')
  })
})

describe('connections', () => {
  it('are kept for the next request', async () => {
    const { port } = await serve((_, response) => void response.end('ok'))
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ask = (): Promise<boolean> =>
      new Promise((resolve, reject) => {
        const request = get({ port, host: '127.0.0.1', agent }, (response) => {
          response.resume().once('end', () => setImmediate(() => resolve(request.reusedSocket)))
        })
        request.once('error', reject)
      })
    expect([await ask(), await ask()]).toEqual([false, true])
  })

  it('that are idle do not hold up closing, and those at work end with their answer', async () => {
    let answer: (() => void) | undefined
    const { port, close } = await serve((_, response) => (answer = () => void response.end('done')), {
      timeoutMs: 5_000,
    })
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const answered = new Promise<string>((resolve) => {
      get({ port, host: '127.0.0.1', agent }, (response) => response.on('data', (chunk) => resolve(String(chunk))))
    })
    await expect.poll(() => answer).toBeDefined()
    const startMs = performance.now()
    const closed = close()
    setTimeout(() => answer?.(), 100)
    expect(await answered).toBe('done')
    await closed
    expect(performance.now() - startMs).toBeLessThan(1_500)
  })

  it('whose work does not end are broken off when the time for closing is over', async () => {
    const { port, close } = await serve(() => undefined, { timeoutMs: 200 })
    const broken = fetch(`http://127.0.0.1:${port}/`).catch(() => 'broken off')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await close()
    expect(await broken).toBe('broken off')
  })
})
