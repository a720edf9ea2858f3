/** A warm page: one tab with the bundled fonts loaded, without scripts and without any network, used again and again. */

import { fail } from '../../fhir/error.ts'
import { fontData, letterFonts, pageFonts, type FontFile } from './fonts.ts'
import { FIT, FITTING_CSS, sheetWidth, USUAL_WIDTH } from './fitting.ts'
import { unless } from './unless.ts'
import type { Clipped, PrintOptions } from '../../ports.ts'

/** A tab of a browser, by the DevTools protocol. @see https://chromedevtools.github.io/devtools-protocol/tot/ */
export interface Tab {
  send<T = unknown>(method: string, parameters?: object): Promise<T>
  on<T>(event: string, listener: (event: T) => void): void
  /** Resolves once the document at the address is loaded. */
  open(address: string): Promise<void>
  /** Ends the tab, whatever it is doing. */
  close(): Promise<void>
  /** Aborts when the tab's process ends; what is sent to it is never answered then. */
  readonly crashed: AbortSignal
}

export interface PageLimits {
  /** Of the PDF. */
  readonly maxPages: number
  /** Of the PDF. */
  readonly maxBytes: number
}

export interface WarmPage {
  /**
   * The page given, XHTML, as a tagged PDF with an outline.
   * @throws FhirError `exception` where it is not well-formed, `too-costly` beyond the limits
   */
  print(xhtml: string, onClipped?: PrintOptions['onClipped']): Promise<Uint8Array>
  close(): Promise<void>
  /** Aborts when its process ends; it prints nothing then. */
  readonly crashed?: AbortSignal
}

/** Where documents seem to lie; the name can exist nowhere. @see https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const ADDRESS = 'https://document.invalid/'
const EMPTY = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title></title></head><body></body></html>'
/** A wall of its own: it comes with the answer, so that no document can do without it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
/** The document takes the place of the one before within one window; after so many the window itself is made anew. */
const PRINTS_PER_WINDOW = 100

const PRINT = { generateTaggedPDF: true, generateDocumentOutline: true, preferCSSPageSize: true, printBackground: true }

interface Window {
  readonly frameId: string
  readonly contextId: number
  readonly fonts: Set<FontFile>
  /** In pixels. */
  width: number
  prints: number
  /** Of the first document; what it sets here would hold for later ones too. */
  traits?: string
}

/** What a document that is loaded is like. */
interface Loaded {
  readonly wellFormed: boolean
  readonly traits: string
  readonly clipped: readonly Clipped[]
}

/** The tab made ready. */
export async function warmPage(tab: Tab, limits: PageLimits): Promise<WarmPage> {
  await raiseWalls(tab)
  let window = await openWindow(tab)
  const print: WarmPage['print'] = async (xhtml, onClipped) => {
    if (window.prints >= PRINTS_PER_WINDOW) window = await openWindow(tab)
    let loaded = await load(tab, window, xhtml)
    if (window.traits !== undefined && window.traits !== loaded.traits) {
      window = await openWindow(tab)
      loaded = await load(tab, window, xhtml)
    }
    window.traits = loaded.traits
    window.prints++
    try {
      if (!loaded.wellFormed) throw fail('exception', 'The page is not well-formed, expected XHTML')
      const pdf = await printed(tab, limits)
      if (loaded.clipped.length > 0) onClipped?.(loaded.clipped)
      return pdf
    } finally {
      // Nothing of a patient stays in a page that waits; the next command waits for this one, and fails where it failed.
      show(tab, window, EMPTY).catch(() => undefined)
    }
  }
  return {
    print: (xhtml, onClipped) => unless(tab.crashed, print(xhtml, onClipped)),
    close: () => tab.close(),
    crashed: tab.crashed,
  }
}

/** No script, no network, and every request refused but the one for the empty window. */
async function raiseWalls(tab: Tab): Promise<void> {
  tab.on<{ readonly requestId: string; readonly request: { readonly url: string } }>('Fetch.requestPaused', (event) => {
    const { requestId, request } = event
    const answer =
      request.url === ADDRESS
        ? tab.send('Fetch.fulfillRequest', { requestId, responseCode: 200, ...emptyWindow })
        : tab.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
    // A tab that was closed meanwhile has no request left to answer.
    answer.catch(() => undefined)
  })
  await Promise.all([
    tab.send('Emulation.setScriptExecutionDisabled', { value: true }),
    tab.send('Network.emulateNetworkConditions', {
      offline: true,
      latency: 0,
      downloadThroughput: 0,
      uploadThroughput: 0,
    }),
    // What is measured is laid out as it will be printed.
    tab.send('Emulation.setEmulatedMedia', { media: 'print' }),
    tab.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    tab.send('Page.enable'),
    hide(tab),
  ])
}

/** Nobody looks at a page that is printed: one in a window that is minimized is never painted. */
async function hide(tab: Tab): Promise<void> {
  const { windowId } = await tab.send<{ readonly windowId: number }>('Browser.getWindowForTarget')
  await tab.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } })
}

const emptyWindow = {
  responseHeaders: [
    { name: 'Content-Type', value: 'application/xhtml+xml; charset=utf-8' },
    { name: 'Content-Security-Policy', value: POLICY },
    { name: 'Referrer-Policy', value: 'no-referrer' },
  ],
  body: Buffer.from(EMPTY).toString('base64'),
}

/** A new window with the fonts in it. */
async function openWindow(tab: Tab): Promise<Window> {
  await tab.open(ADDRESS)
  const { frameTree } = await tab.send<{ readonly frameTree: { readonly frame: { readonly id: string } } }>(
    'Page.getFrameTree',
  )
  const frameId = frameTree.frame.id
  const world = await tab.send<{ readonly executionContextId: number }>('Page.createIsolatedWorld', { frameId })
  const window = {
    frameId,
    contextId: world.executionContextId,
    fonts: new Set<FontFile>(),
    width: USUAL_WIDTH,
    prints: 0,
  }
  // What runs in the world of its own is read once: no document reaches it there.
  const ready = evaluated<boolean>(tab, window, `globalThis.inspect = ${inspect}; true`)
  await Promise.all([widen(tab, USUAL_WIDTH), bring(tab, window, letterFonts()), ready])
  return window
}

/** Loads the fonts that the window does not have yet; they stay for the documents to come. */
async function bring(tab: Tab, window: Window, fonts: readonly FontFile[]): Promise<void> {
  const missing = fonts.filter((font) => !window.fonts.has(font))
  if (missing.length === 0) return
  const files = missing.map((font) => ({ ...font, data: fontData(font) }))
  const script = `(${loadFonts})(${JSON.stringify(files)})`
  const loaded = await evaluated<number>(tab, window, script)
  for (const font of missing) window.fonts.add(font)
  const expected = [...window.fonts].reduce((sum, { faces }) => sum + faces.length, 0)
  if (loaded !== expected) throw new Error(`Of ${expected} fonts ${loaded} were loaded`)
}

/**
 * The document in the window, parsed as XML as its own checks did, with its own fonts and images loaded. The bundled
 * fonts are there before any document is: nothing is ever laid out with another font in their stead.
 */
async function load(tab: Tab, window: Window, xhtml: string): Promise<Loaded> {
  try {
    const { files, css } = pageFonts(xhtml)
    await bring(tab, window, files)
    const width = sheetWidth(xhtml)
    const page = xhtml.replace('<head>', () => `<head><style>${css}${width === undefined ? '' : FITTING_CSS}</style>`)
    const [, , loaded] = await Promise.all([
      width !== undefined && width !== window.width && widen(tab, (window.width = width)),
      show(tab, window, page),
      evaluated<Loaded>(tab, window, 'inspect()'),
    ])
    return loaded
  } catch (error) {
    // What the document did to the window is not known.
    window.prints = PRINTS_PER_WINDOW
    throw error
  }
}

function widen(tab: Tab, width: number): Promise<unknown> {
  const metrics = { width, height: 1000, deviceScaleFactor: 1, mobile: false }
  return tab.send('Emulation.setDeviceMetricsOverride', metrics)
}

function show(tab: Tab, { frameId }: Window, html: string): Promise<unknown> {
  return tab.send('Page.setDocumentContent', { frameId, html })
}

async function printed(tab: Tab, { maxPages, maxBytes }: PageLimits): Promise<Uint8Array> {
  // One page more than allowed is enough to know.
  const { data } = await tab.send<{ readonly data: string }>('Page.printToPDF', {
    ...PRINT,
    pageRanges: `1-${maxPages + 1}`,
  })
  const pdf = Buffer.from(data, 'base64')
  if (pdf.length > maxBytes) throw fail('too-costly', `The PDF has ${pdf.length} bytes, expected at most ${maxBytes}`)
  if (pageCount(pdf) > maxPages)
    throw fail('too-costly', `The PDF has more than ${maxPages} pages, expected at most as many`)
  return pdf
}

/** The pages of a PDF as Chromium writes it: the count of the root of the page tree is the largest. */
export function pageCount(pdf: Uint8Array): number {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1')
  return Math.max(0, ...Array.from(text.matchAll(/\/Type \/Pages\s+\/Count (\d+)/g), ([, count]) => Number(count)))
}

async function evaluated<T>(tab: Tab, { contextId }: Window, expression: string): Promise<T> {
  const request = { expression, contextId, awaitPromise: true, returnByValue: true }
  const { result, exceptionDetails } = await tab.send<Evaluation<T>>('Runtime.evaluate', request)
  if (exceptionDetails !== undefined)
    throw fail('exception', 'The page cannot be inspected, expected XHTML', { cause: exceptionDetails })
  return result.value
}

interface Evaluation<T> {
  readonly result: { readonly value: T }
  readonly exceptionDetails?: object
}

/** Runs in the browser: the number of faces that are loaded. */
const loadFonts = `async (files) => {
  const bytesOf = (data) => Uint8Array.fromBase64?.(data) ?? Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
  for (const { family, faces, data } of files) {
    const bytes = bytesOf(data)
    for (const face of faces) document.fonts.add(new FontFace(family, bytes, { ...face, display: 'block' }))
  }
  await document.fonts.ready
  return [...document.fonts].filter(({ status }) => status === 'loaded').length
}`

/**
 * Runs in the browser. The traits are whatever a document may set for its window and not take back when the next one
 * comes: policies, colour scheme, the choice among titled style sheets. Members of the document are read from its
 * prototypes, because elements with a name may stand before them.
 */
const inspect = `async () => {
  const member = (name, type = Document) => Reflect.get(type.prototype, name, document)
  const all = (selector) => [...member('querySelectorAll').call(document, selector)]
  const shown = (image) => {
    image.loading = 'eager'
    return image.complete || image.decode()
  }
  const faces = [...member('fonts')].filter(({ status }) => status !== 'loaded').map((face) => face.load())
  await Promise.allSettled([...faces, ...[...member('images')].map(shown)])
  const plain = /^(author|date|description|generator|keywords|dcterms\\..*)$/i
  const harmless = (meta) => !meta.httpEquiv && (meta.hasAttribute('charset') || plain.test(meta.name))
  const lasting = all('meta, link, base, style[title]').filter((node) => node.localName !== 'meta' || !harmless(node))
  const outside = [...member('childNodes', Node)].filter(({ nodeType }) => nodeType === Node.PROCESSING_INSTRUCTION_NODE)
  const wellFormed = member('documentElement')?.localName === 'html' && all('parsererror').length === 0
  return {
    wellFormed,
    clipped: wellFormed ? (${FIT})() : [],
    traits: [...outside, ...lasting].map((node) => new XMLSerializer().serializeToString(node)).join('\\n'),
  }
}`
