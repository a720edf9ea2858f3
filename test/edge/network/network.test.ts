/** Requests go to named hosts alone, in time, within a size, a few at once, and again where the server is busy. */

import { createServer, type Socket } from 'node:net'
import type { AddressInfo, LookupFunction } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openNetwork, type Network, type NetworkOptions } from '../../../src/edge/network/network.ts'
import { FhirError } from '../../../src/fhir/error.ts'
import { testServer } from './server.ts'

const open = (options: NetworkOptions = {}): Network => openNetwork(['127.0.0.1'], { pauseMs: 1, ...options })

function get(network: Network, url: string, timeoutMs = 5_000): ReturnType<Network> {
  return network({ method: 'GET', url, headers: {}, signal: AbortSignal.timeout(timeoutMs) })
}

async function codeOf(asking: Promise<unknown>): Promise<string> {
  const error = await asking.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof FhirError ? error.issues[0].code : String(error)
}

/** A server below HTTP: each connection is given to the function. */
async function rawServer(answer: (socket: Socket, count: number) => void): Promise<string> {
  let count = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => answer(socket, (count += 1)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe('hosts', () => {
  it.each(['http://elsewhere.invalid/', 'http://127.0.0.2/', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'nonsense'])(
    '%s is not asked',
    async (url) => {
      expect(await codeOf(get(open(), url))).toBe('no-store')
    },
  )

  it('a name that leads to the machine itself the second time is not followed there', async () => {
    const { port, requests } = await testServer((_, response) => void response.end('secret of the machine'))
    let asked = 0
    const rebinding: LookupFunction = (_name, _options, callback) => {
      asked += 1
      callback(null, [{ address: asked === 1 ? '203.0.113.7' : '127.0.0.1', family: 4 }])
    }
    const network = openNetwork(['ehr.example'], { lookup: rebinding, timeoutMs: 100, attempts: 1 })
    await expect(get(network, `http://ehr.example:${port}/`)).rejects.not.toThrow('named itself')
    await expect(get(network, `http://ehr.example:${port}/`)).rejects.toThrow('named itself')
    expect([asked, requests.length]).toEqual([2, 0])
  })

  it('a name that was resolved to a host is asked by its own name', async () => {
    const { port, requests } = await testServer((_, response) => void response.end('ok'))
    const lookup: LookupFunction = (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])
    const network = openNetwork(['ehr.example', '127.0.0.1'], { lookup })
    expect((await get(network, `http://ehr.example:${port}/`)).status).toBe(200)
    expect(requests[0]?.headers.host).toBe(`ehr.example:${port}`)
  })
})

describe('a busy server', () => {
  it('is asked again after the seconds that it names', async () => {
    const times: number[] = []
    const { url } = await testServer((_, response) => {
      times.push(performance.now())
      if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end()
      else response.end('now')
    })
    expect(String((await get(open(), url)).body)).toBe('now')
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950)
  })

  it('is asked again at the date that it names', async () => {
    const { url, requests } = await testServer((_, response) => {
      if (requests.length > 1) return void response.end('now')
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 1_000).toUTCString() }).end()
    })
    expect((await get(open(), url)).status).toBe(200)
    expect(requests).toHaveLength(2)
  })

  it('is asked a few times and then believed', async () => {
    const { url, requests } = await testServer((_, response) => void response.writeHead(503).end())
    expect((await get(open({ attempts: 3 }), url)).status).toBe(503)
    expect(requests).toHaveLength(3)
  })

  it('that asks for more patience than there is, is believed at once', async () => {
    const { url, requests } = await testServer((_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end()
    })
    expect((await get(open(), url)).status).toBe(503)
    expect(requests).toHaveLength(1)
  })

  it.each([400, 401, 403, 404, 500, 502])('the status %i is an answer, not asked for again', async (status) => {
    const { url, requests } = await testServer((_, response) => void response.writeHead(status).end())
    expect((await get(open(), url)).status).toBe(status)
    expect(requests).toHaveLength(1)
  })

  it('no wait goes beyond the time of the whole', async () => {
    const { url } = await testServer((_, response) => void response.writeHead(503, { 'retry-after': '15' }).end())
    const startMs = performance.now()
    expect(await codeOf(get(open(), url, 200))).toBe('timeout')
    expect(performance.now() - startMs).toBeLessThan(2_000)
  })
})

describe('a broken connection', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

  it('is opened again', async () => {
    const url = await rawServer((socket, count) => void (count < 3 ? socket.resetAndDestroy() : socket.end(whole)))
    expect(String((await get(open(), url)).body)).toBe('ok')
  })

  it('amidst the answer is an error after the last attempt, never a shorter answer', async () => {
    const url = await rawServer((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"resource'))
    expect(await codeOf(get(open({ attempts: 2 }), url))).toBe('no-store')
  })

  it('amidst a packed answer too', async () => {
    const packed = gzipSync('x'.repeat(10_000)).subarray(0, 20)
    const { url } = await testServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
    })
    expect(await codeOf(get(open({ attempts: 2 }), url))).toBe('no-store')
  })

  it('what is no HTTP is an error', async () => {
    const url = await rawServer((socket) => void socket.end('220 mail.example ESMTP\r\n'))
    expect(await codeOf(get(open(), url))).toBe('no-store')
  })
})

describe('bounds', () => {
  it('a slow server is left after the time of one request', async () => {
    const { url } = await testServer(() => undefined)
    expect(await codeOf(get(open({ timeoutMs: 50 }), url))).toBe('timeout')
  })

  it('a server that sends a byte now and then is left too', async () => {
    const { url } = await testServer((_, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('x'), 10)
      response.once('close', () => clearInterval(drip))
    })
    expect(await codeOf(get(open({ timeoutMs: 100 }), url))).toBe('timeout')
  })

  it('a packed answer is unpacked, and measured unpacked', async () => {
    const { url, requests } = await testServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(100_000)))
    })
    expect((await get(open(), url)).body).toHaveLength(100_000)
    expect(await codeOf(get(open({ maxBytes: 99_999 }), url))).toBe('too-long')
    expect(requests[0]?.headers['accept-encoding']).toBe('gzip')
  })

  it('an answer packed in a way that was not asked for is an error', async () => {
    const { url } = await testServer(
      (_, response) => void response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
    )
    expect(await codeOf(get(open(), url))).toBe('no-store')
  })

  it('so many requests run at once and no more', async () => {
    let inside = 0
    let most = 0
    const { url } = await testServer((_, response) => {
      most = Math.max(most, (inside += 1))
      setTimeout(() => {
        inside -= 1
        response.end('ok')
      }, 20)
    })
    const network = open({ concurrency: 2 })
    await Promise.all(Array.from({ length: 8 }, () => get(network, url)))
    expect(most).toBe(2)
  })
})
