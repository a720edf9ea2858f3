/** The composition root: reads the environment, builds Design and Edge, starts a face. The only file to do so. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { failure, lines, surroundings } from './cli/answer.ts'
import { run } from './cli/cli.ts'
import type { Started } from './cli/command.ts'
import { discardUnfinished } from './edge/files.ts'
import { openLog } from './edge/log.ts'
import { loadDefinitions } from './edge/packages.ts'
import { CLEAR_LINE, listenToSignals, outputOf, shownOn, type Output } from './edge/process.ts'
import { readSigners } from './edge/signers.ts'
import { bundleSource } from './edge/store/bundle.ts'
import { templateFiles } from './edge/templates.ts'
import { readTrust } from './edge/trust.ts'
import { fail } from './fhir/error.ts'
import type { Instant } from './fhir/types.ts'
import type { Design, Signing } from './pipeline.ts'
import type { Now, Printer } from './ports.ts'
import type { BuiltTemplates } from './render/templates.ts'
import { readSettings, type Settings } from './settings.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** The command line of this process to its end: the exit code is set, nothing is thrown. */
export async function main(): Promise<void> {
  const [stdout, stderr] = [outputOf(process.stdout), outputOf(process.stderr)]
  try {
    const settings = readSettings(process.env)
    const now = clock(epochOf(process.env['SOURCE_DATE_EPOCH']))
    const printer = lazyPrinter(settings, stderr)
    const start = once(async (): Promise<Started> => ({
      design: await designOf(settings),
      edge: { ...now, printer, observe: shownOn(stderr) },
    }))
    const stopped = listenToSignals({ abandon })
    const serve = async (): Promise<void> => serveUntil(stopped(), settings, await start())
    const cli = { version, settings, stdin: () => buffer(process.stdin), stdout, stderr, start, serve }
    process.exitCode = await run(process.argv.slice(2), cli)
    await printer.close()
  } catch (thrown) {
    await stderr.write(lines(failure(thrown).issues))
    process.exitCode = 2
  }
}

/** A command that is told to stop leaves nothing half-written; what it started ends with it. */
function abandon(exitCode: number): void {
  discardUnfinished()
  process.exit(exitCode)
}

/** The time that builds are made for, where one is set: it is every timestamp then. @see https://reproducible-builds.org/specs/source-date-epoch/ */
function epochOf(seconds: string | undefined): Instant | undefined {
  if (seconds === undefined || seconds === '') return undefined
  if (/^\d{1,11}$/.test(seconds)) return instantOf(new Date(Number(seconds) * 1000))
  throw fail('value', 'SOURCE_DATE_EPOCH is no number of seconds, expected digits')
}

/** In whole seconds, as signatures have it. */
function instantOf(date: Date): Instant {
  return `${date.toISOString().slice(0, 19)}Z`
}

function clock(epoch?: Instant): Now {
  return { now: () => epoch ?? instantOf(new Date()), uuid: () => randomUUID() }
}

const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024

/** What is decided at start by the settings; definitions and templates come from build/. */
export async function designOf(settings: Settings): Promise<Design> {
  const [definitions, built, own, { compileChecks }, { openTemplates }] = await Promise.all([
    loadDefinitions(),
    import(new URL('../build/templates.js', import.meta.url).href) as Promise<BuiltTemplates>,
    settings.templates === undefined ? {} : surroundings(templateFiles(settings.templates)),
    import('./check/check.ts'),
    import('./render/templates.ts'),
  ])
  const { model, compartment } = definitions
  const { limitEntries: entries, limitDepth: depth, zone, block } = settings
  return {
    checks: compileChecks(definitions),
    render: { templates: openTemplates(built, own), model, compartment, ...(zone !== undefined && { zone }) },
    policy: {},
    block,
    collect: { model, compartment, limits: { entries, depth, bytes: MAX_DOCUMENT_BYTES } },
  }
}

/** A printer whose browser, and the library for it, are loaded with the first print. */
function lazyPrinter({ chromium, limitPages, limitSeconds }: Settings, stderr: Output): Printer {
  let printer: Promise<Printer> | undefined
  const open = async (): Promise<Printer> => {
    const { chromiumPrinter } = await import('./edge/browser/chromium.ts')
    return chromiumPrinter({
      ...(chromium !== undefined && { executable: chromium }),
      maxPages: limitPages,
      timeoutMs: limitSeconds * 1000,
      onWarning: (text) => void stderr.write(`${stderr.isTerminal ? CLEAR_LINE : ''}warning: ${text}\n`),
    })
  }
  return {
    print: async (xhtml, options) => (await (printer ??= open())).print(xhtml, options),
    close: async () => (await printer)?.close(),
  }
}

/** The service until it is told to stop, and until what it accepted is done. */
async function serveUntil(stopped: Promise<void>, settings: Settings, { design, edge }: Started): Promise<void> {
  const { startService } = await import('./http/start.ts')
  const { trust, signers: table } = settings
  const { anchors, crls } = await surroundings(readTrust(trust === undefined ? [] : [trust]))
  const signers = table === undefined ? {} : { signers: await surroundings(readSigners(table)) }
  const seal = await sealOf(settings)
  // a service lives on, so its clock is never the one of a build
  const now = clock()
  const service = {
    design,
    edge: { ...edge, ...now, observe: <T>(_: string, work: () => T): T => work() },
    sourceOf: bundleSource.bind(null, 'request'),
    ...(seal !== undefined && { seal: { ...seal, ...signers } }),
    trust: { trust: anchors, crls, ...signers },
    version,
    startedAt: now.now(),
  }
  const running = await surroundings(startService({ settings, service, log: openLog(settings.logLevel) }))
  await stopped
  await running.stop()
}

/** The key of the service: never a person's signature (H-4). */
async function sealOf({ signingKey, signingPassword, signingTime }: Settings): Promise<Signing | undefined> {
  if (signingKey === undefined) return undefined
  const { openKey } = await import('./edge/keys/open.ts')
  const key = await openKey({ key: signingKey }, signingPassword === undefined ? {} : { password: signingPassword })
  return { key, seal: true, time: signingTime }
}

/** The function whose work is done at most once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}
