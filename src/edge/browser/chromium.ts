/** The only door to puppeteer: a printer that prints with Chromium. */

import type { ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Browser as Puppeteer, CDPSession, LaunchOptions, Page } from 'puppeteer'
import { fail } from '../../fhir/error.ts'
import type { Printer } from '../../ports.ts'
import { depthOf } from './depth.ts'
import type { Browser } from './fleet.ts'
import { installChromium, type Installed } from './install.ts'
import { end, keep, temporaryFolder, type Belonging } from './lifetime.ts'
import { watchMemory } from './memory.ts'
import { pool, type PoolLimits } from './pool.ts'
import { warmPage, type PageLimits, type Tab } from './warm-page.ts'

export interface ChromiumOptions extends Partial<PoolLimits>, Partial<PageLimits> {
  /** The browser to start; without it the one of the npm package. */
  readonly executable?: string
  /** Where the one of the npm package is unpacked; without it the user's cache. */
  readonly cacheFolder?: string
  /** The largest page that is taken, in UTF-16 code units. */
  readonly maxLength?: number
  /** The most deeply nested page that is taken, in elements. */
  readonly maxDepth?: number
  /** The memory that one process of the browser may take; most have a page each. */
  readonly maxMemoryBytes?: number
  /** Hears what an operator should know, one sentence each. */
  readonly onWarning?: (text: string) => void
  /** Told of each start of a browser. */
  readonly onStart?: () => void
  /** Is given each tab before it prints, to watch it. */
  readonly onTab?: (tab: Tab) => Promise<void>
}

type Settled = Required<Omit<ChromiumOptions, 'executable' | 'cacheFolder' | 'onStart'>> & ChromiumOptions

type Defaults = PoolLimits & PageLimits & Required<Pick<ChromiumOptions, 'maxLength' | 'maxDepth' | 'maxMemoryBytes'>>

const DEFAULTS: Defaults = {
  pages: Math.max(2, availableParallelism()),
  waiting: 100,
  timeoutMs: 60_000,
  printsPerBrowser: 500,
  maxPages: 2_000,
  maxBytes: 256 * 1024 * 1024,
  // The browser ends when a message of the protocol is larger than 100 MiB, and JSON may double a text.
  maxLength: 48 * 1024 * 1024,
  // A page's process ends at 400 nested inline blocks, at some 1,500 of other elements.
  maxDepth: 200,
  maxMemoryBytes: 2 * 1024 ** 3,
}

/** How the browser is started: nothing it does on its own, no name resolves, no graphics hardware, no hinting. */
const ARGUMENTS: readonly string[] = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=http://127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--disable-domain-reliability',
  '--no-pings',
  '--disable-gpu',
  '--use-gl=disabled',
  '--disable-software-rasterizer',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
]

/**
 * A printer whose Chromium starts with the first print: without scripts, without network, with the bundled fonts, and
 * with its sandbox unless the user is root.
 * @throws FhirError `timeout`, `throttled`, `transient`, `too-costly` from `print`
 */
export function chromiumPrinter(options: ChromiumOptions = {}): Printer {
  const settled: Settled = { ...DEFAULTS, onWarning: () => undefined, onTab: () => Promise.resolve(), ...options }
  let warned = false
  const start = (): Promise<Browser> => {
    if (isRoot() && !warned) settled.onWarning(ROOT)
    warned = true
    settled.onStart?.()
    return startChromium(settled)
  }
  const printer = pool(start, settled)
  return {
    async print(xhtml, printOptions) {
      mustBePrintable(xhtml, settled)
      return printer.print(xhtml, printOptions)
    },
    close: () => printer.close(),
  }
}

/** @throws FhirError `too-costly` for a page that would end the browser */
function mustBePrintable(xhtml: string, { maxLength, maxDepth }: Settled): void {
  if (xhtml.length > maxLength)
    throw fail('too-costly', `The page has ${xhtml.length} characters, expected at most ${maxLength}`)
  const depth = depthOf(xhtml)
  if (depth > maxDepth) throw fail('too-costly', `The page has ${depth} nested elements, expected at most ${maxDepth}`)
}

/** How long a browser may take to end by itself. */
const CLOSE_MS = 2_000

const ROOT = 'Chromium runs without its sandbox because the user is root, expected another user'

function isRoot(): boolean {
  return process.getuid?.() === 0
}

async function startChromium(options: Settled): Promise<Browser> {
  const { executable, cacheFolder } = options
  // Loaded with the first print: most commands print nothing.
  const loading = import('puppeteer')
  const installed = executable === undefined ? await installChromium(cacheFolder) : { executable }
  const { launch } = await loading
  const folder = await temporaryFolder()
  const children: ChildProcess[] = []
  const belonging = { folder, kill: () => children.forEach(killGroup) }
  keep(belonging)
  try {
    const browser = await launch(launchOptions(installed, folder))
    const child = browser.process()
    if (child !== null) children.push(child)
    return supervised(browser, belonging, options)
  } catch (cause) {
    await end(belonging, Promise.resolve())
    const expected = 'a machine that lets it run, or the setting FHIRDOC_CHROMIUM to name another'
    throw fail('transient', `The browser does not start, expected ${expected}`, { cause })
  }
}

/** The pipe ends with this process, and the browser with the pipe: not even a SIGKILL of this process leaves it behind. */
function launchOptions({ executable, libraries }: Installed, folder: string): LaunchOptions {
  return {
    executablePath: executable,
    headless: 'shell',
    pipe: true,
    userDataDir: folder,
    args: [...ARGUMENTS, ...(isRoot() ? ['--no-sandbox'] : [])],
    env: environment(folder, libraries),
    acceptInsecureCerts: false,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    protocolTimeout: 0,
    timeout: 30_000,
  }
}

/** Passwords and keys in this process's environment are no business of the browser. */
function environment(folder: string, libraries?: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder,
    TMPDIR: folder,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  }
}

function supervised(browser: Puppeteer, belonging: Belonging, options: Settled): Browser {
  const { promise: gone, resolve } = Promise.withResolvers<void>()
  const child = browser.process()
  // A pipe to a browser that ends amidst a message breaks: without a listener that would end this process too.
  for (const pipe of child?.stdio ?? []) pipe?.on('error', () => undefined)
  child?.once('exit', () => {
    killStragglers(child)
    resolve()
  })
  const memory = memoryOf(browser, options)
  void gone.then(memory.stop)
  return {
    gone,
    newPage: async () => {
      const tab = await newTab(await browser.newPage(), memory.reason)
      await options.onTab(tab)
      return warmPage(tab, options)
    },
    close: async () => {
      // A browser that ends by itself also takes leave of its children, which a container without an init process needs.
      const ended = browser.close().catch(() => undefined)
      await Promise.race([ended, gone, setTimeout(CLOSE_MS, undefined, { ref: false })])
      await end(belonging, gone)
    },
  }
}

function killGroup(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) killStragglers(child)
}

/** The browser leads a process group; its number stays its own for as long as any process is left in it. */
function killStragglers({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left.
  }
}

/** The watch over the memory of a browser, and why a tab that crashes did so, where it was that. */
function memoryOf(
  browser: Puppeteer,
  { maxMemoryBytes }: Settled,
): { stop: () => void; reason: () => Error | undefined } {
  let reason: Error | undefined
  const session = browser.target().createCDPSession()
  // Whoever waits for the session sees its failure; before that it must not end the process.
  session.catch(() => undefined)
  const stop = watchMemory({
    processes: async () => (await (await session).send('SystemInfo.getProcessInfo')).processInfo,
    maxBytes: maxMemoryBytes,
    onOver: () => {
      const expected = `expected at most ${Math.round(maxMemoryBytes / 1024 ** 2)} MiB`
      reason = fail('too-costly', `The page takes too much memory to be printed, ${expected}`)
    },
  })
  return { stop, reason: () => reason }
}

async function newTab(page: Page, reason: () => Error | undefined): Promise<Tab> {
  const session: CDPSession = await page.createCDPSession()
  const crash = new AbortController()
  page.once('error', (error) => crash.abort(reason() ?? error))
  return {
    send: (method, parameters) => session.send(method as never, parameters as never),
    on: (event, listener) => void session.on(event, listener as never),
    open: async (address) => void (await page.goto(address)),
    close: () => page.close(),
    crashed: crash.signal,
  }
}
