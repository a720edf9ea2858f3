/** A preview on the loopback address: a page that is made anew, and loaded anew, whenever a file that it is made of changes. */

import { watch } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PreviewOptions {
  /** The page as it is now, XHTML; what it throws is shown in its place. */
  readonly page: () => Promise<string>
  /** Folders with all that is in them, or with one file alone: editors put a new file in the place of the old one. */
  readonly watched: readonly Watched[]
  /** What a failure says to the person who looks at the page. */
  readonly told: (thrown: unknown) => string
}

export interface Watched {
  readonly folder: string
  readonly file?: string
}

export interface Preview {
  readonly url: string
  close(): Promise<void>
}

/** An editor writes a file in several steps. */
const SETTLED_MS = 80

/** The page in a frame: it has no scripts itself, and what reloads it is outside of it. */
const SHELL = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Preview</title>
<style>html,body{margin:0;height:100%}iframe{border:0;width:100%;height:100%}</style></head>
<body><iframe src="/page" title="The page"></iframe>
<script>
const frame = document.querySelector('iframe')
new EventSource('/events').onmessage = () => {
  const top = frame.contentWindow?.scrollY ?? 0
  frame.addEventListener('load', () => frame.contentWindow?.scrollTo(0, top), { once: true })
  frame.contentWindow?.location.reload()
}
</script></body></html>
`

/** Serves until it is closed, on a port that is free. */
export async function startPreview({ page, watched, told }: PreviewOptions): Promise<Preview> {
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    if (!isOwnHost(request, server)) return void response.writeHead(403).end()
    if (request.url === '/events') return listen(response, listeners)
    if (request.url === '/') return answer(response, 'text/html; charset=utf-8', SHELL)
    if (request.url !== '/page') return void response.writeHead(404).end()
    page().then(
      (xhtml) => answer(response, 'application/xhtml+xml; charset=utf-8', xhtml),
      (thrown: unknown) => answer(response, 'text/plain; charset=utf-8', told(thrown)),
    )
  })
  const reload = afterwards(() => listeners.forEach((listener) => void listener.write('data: changed\n\n')))
  const watchers = watched.map(({ folder, file }) =>
    watch(folder, { recursive: file === undefined }, (_event, name) => {
      if (file === undefined || name === file) reload()
    }),
  )
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server)}/`,
    close: async () => {
      for (const watcher of watchers) watcher.close()
      for (const listener of listeners) listener.end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

/** A page elsewhere may have a name of its own lead to the loopback address (H-18). */
function isOwnHost({ headers: { host } }: IncomingMessage, server: Server): boolean {
  return host === `127.0.0.1:${portOf(server)}` || host === `localhost:${portOf(server)}`
}

function listen(response: ServerResponse, listeners: Set<ServerResponse>): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write(': here\n\n')
  listeners.add(response)
  response.once('close', () => listeners.delete(response))
}

function answer(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  response.end(text)
}

/** The function, once for all calls that follow each other closely. */
function afterwards(work: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(work, SETTLED_MS)
  }
}
