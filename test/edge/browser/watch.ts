/** Watching what a page does: scripts that are compiled or speak, requests that reach a server of ours. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unless } from '../../../src/edge/browser/unless.ts'
import type { Tab } from '../../../src/edge/browser/warm-page.ts'

/** What ran, one line each. */
export type Ran = string[]

/** The scripts of documents, not those by which the printer looks at them, that run in the tab from now on. */
export async function watchScripts(tab: Tab, ran: Ran): Promise<void> {
  interface Parsed {
    readonly url: string
    readonly executionContextAuxData?: { readonly isDefault?: boolean }
  }
  tab.on<Parsed>('Debugger.scriptParsed', ({ url, executionContextAuxData }) => {
    if (executionContextAuxData?.isDefault === true) ran.push(`script ${url}`)
  })
  tab.on<{ readonly message: string }>('Page.javascriptDialogOpening', ({ message }) => {
    ran.push(`dialog ${message}`)
    tab.send('Page.handleJavaScriptDialog', { accept: false }).catch(() => undefined)
  })
  await Promise.all(['Debugger.enable', 'Page.enable'].map((method) => tab.send(method)))
}

export interface Server {
  /** `http://127.0.0.1:1234` */
  readonly origin: string
  /** The paths that were asked for. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** A server on the loopback address that writes down every connection, were it only that. */
export async function listeningServer(): Promise<Server> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end()
  })
  server.on('connection', () => requests.push('a connection'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))
  return { origin: `http://127.0.0.1:${port}`, requests, close }
}

/** Takes a picture of the document as it would stand on a screen. */
export function paint(tab: Tab, xhtml: string): Promise<void> {
  return unless(tab.crashed, painted(tab, xhtml))
}

async function painted(tab: Tab, xhtml: string): Promise<void> {
  const { frameTree } = await tab.send<{ readonly frameTree: { readonly frame: { readonly id: string } } }>(
    'Page.getFrameTree',
  )
  await tab.send('Page.setDocumentContent', { frameId: frameTree.frame.id, html: xhtml })
  await tab.send('Page.captureScreenshot', { format: 'jpeg', quality: 1 })
}
