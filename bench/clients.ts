/** Clients that ask one request after another over kept connections. */

import { Agent, request, type IncomingMessage } from 'node:http'

export interface Ask {
  readonly method: 'GET' | 'PUT' | 'POST'
  /** Below the base of the clients. */
  readonly path: string
  readonly body?: string
  /** Whom the client says it asks for, where it says it. */
  readonly bearer?: string
}

/** Asks; the text of the answer. @throws Error where it is no success */
export type Client = (ask: Ask) => Promise<string>

/** A client with a connection of its own. */
export function clientOf(base: string): Client & { readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const client = ({ method, path, body, bearer }: Ask): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...(body !== undefined && { 'Content-Type': 'application/fhir+json' }),
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      }
      const sent = request(`${base}${path}`, { method, agent, headers }, (answer) => {
        textOf(answer).then((text) => {
          const { statusCode = 0 } = answer
          if (statusCode < 300) resolve(text)
          else reject(new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 500)}`))
        }, reject)
      })
      sent.once('error', reject)
      sent.end(body)
    })
  return Object.assign(client, { close: () => agent.destroy() })
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** What a run of clients measured. */
export interface Laps {
  readonly count: number
  readonly seconds: number
  /** Of each timed request, from the shortest to the longest. */
  readonly ms: readonly number[]
}

/** Several clients at once, each doing its work until it was done so often in all. */
export async function together(
  base: string,
  { clients, count }: { readonly clients: number; readonly count: number },
  work: (client: Client, turn: Turn) => Promise<number>,
): Promise<Laps> {
  const ms: number[] = []
  const startMs = performance.now()
  let next = 0
  const loop = async (number: number): Promise<void> => {
    const client = clientOf(base)
    for (let own = 0; next < count; own += 1) {
      next += 1
      ms.push(await work(client, { client: number, clients, own }))
    }
    client.close()
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => loop(number)))
  return { count: ms.length, seconds: (performance.now() - startMs) / 1000, ms: ms.sort((a, b) => a - b) }
}

export interface Turn {
  /** Which of the clients, and how many there are. */
  readonly client: number
  readonly clients: number
  /** How often it has worked before. */
  readonly own: number
}

/** How long an answer took. */
export async function timed(client: Client, ask: Ask): Promise<{ readonly ms: number; readonly text: string }> {
  const startMs = performance.now()
  const text = await client(ask)
  return { ms: performance.now() - startMs, text }
}

/** The value below which so large a part lies. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}
