/** The composition root: reads the environment, builds Design and Edge, starts a face. The only file to do so. */

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { failure, lines, surroundings, type ExitCode } from './cli/answer.ts'
import { run } from './cli/cli.ts'
import type { Started } from './cli/command.ts'
import { remoteOf } from './cli/signing.ts'
import { NO_VALUES, openTrust } from './cli/trust.ts'
import { upstreamOf } from './cli/upstream.ts'
import { discardUnfinished } from './edge/files.ts'
import { openLog } from './edge/log.ts'
import { loadDefinitions, type FhirVersion } from './edge/packages.ts'
import { listenToSignals, outputOf, shownOn } from './edge/process.ts'
import { readRetention } from './edge/retention.ts'
import { withSecrets } from './edge/secrets.ts'
import { readSigners } from './edge/signers.ts'
import { bundleSource } from './edge/store/bundle.ts'
import { templateFiles } from './edge/templates.ts'
import { openTimeStamper } from './edge/timestamps.ts'
import { coreCount, isWorker, leave, serveByWorkers, toldToStop, type Death } from './edge/workers.ts'
import type { Guide } from './drafting.ts'
import { fail } from './fhir/error.ts'
import type { Instant } from './fhir/types.ts'
import type { Design, Signing } from './pipeline.ts'
import type { Now, Printer } from './ports.ts'
import type { BuiltTemplates } from './render/templates.ts'
import { openExample } from './example.ts'
import { archiveThreads, lazyPrinter } from './printing.ts'
import { readSettings, SECRETS, type Settings } from './settings.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** The command line of this process to its end: the exit code is set, nothing is thrown. */
export async function main(): Promise<void> {
  const [stdout, stderr] = [outputOf(process.stdout), outputOf(process.stderr)]
  try {
    const settings = readSettings(await withSecrets(process.env, SECRETS))
    const now = clock(epochOf(process.env['SOURCE_DATE_EPOCH']))
    const archiving = archiveThreads(settings)
    const printer = lazyPrinter(settings, stderr, { onOpen: archiving.warm })
    const start = oncePer(async (fhirVersion: FhirVersion | undefined): Promise<Started> => ({
      design: await designOf(settings, fhirVersion),
      guides: async (design) => surroundings(guidesOf(settings, design)),
      edge: {
        ...now,
        printer,
        archive: archiving.archive,
        extract: archiving.extract,
        ...(await terminologyOf(settings)),
        observe: shownOn(stderr),
      },
    }))
    const stopped = listenToSignals({ abandon })
    const serve = (): Promise<ExitCode> => serveBy(stopped, settings, start)
    const templates = (): ReturnType<typeof templatesOf> => templatesOf(settings)
    const cli = { version, settings, stdin: () => buffer(process.stdin), stdout, stderr, start, templates, serve }
    process.exitCode = await run(process.argv.slice(2), cli)
    await Promise.all([printer.close(), archiving.close()])
  } catch (thrown) {
    await stderr.write(lines(failure(thrown).issues))
    process.exitCode = 2
  } finally {
    leave()
  }
}

/** The terminology server of the settings; that it does not answer is logged, and the codes stay unjudged. */
async function terminologyOf({ terminology, logLevel }: Settings): Promise<Pick<Started['edge'], 'terminology'>> {
  if (terminology === undefined) return {}
  const { terminologyServer } = await import('./edge/terminology.ts')
  const log = openLog(logLevel)
  const onFailure = (cause: unknown): void =>
    log.error({ reason: failure(cause).issues[0]?.text }, 'the terminology server gave no answer')
  return { terminology: terminologyServer({ url: terminology, onFailure }) }
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
export async function designOf(settings: Settings, fhirVersion: FhirVersion = '4.0.1'): Promise<Design> {
  const [definitions, templates, { compileChecks }] = await Promise.all([
    loadDefinitions({ fhirVersion, profiles: profileFolders(settings) }),
    templatesOf(settings),
    import('./check/check.ts'),
  ])
  const { model, compartment } = definitions
  const { limitEntries: entries, limitDepth: depth, zone, block } = settings
  return {
    checks: compileChecks(definitions),
    render: {
      templates,
      model,
      compartment,
      producer: `fhirdoc ${version}`,
      ...(zone !== undefined && { zone }),
    },
    policy: {},
    block,
    collect: { model, compartment, limits: { entries, depth, bytes: MAX_DOCUMENT_BYTES } },
  }
}

/** The templates that come along, and those of the deployment as they are now. */
async function templatesOf({ templates }: Settings): Promise<Design['render']['templates']> {
  const [built, own, { openTemplates }] = await Promise.all([
    import(new URL('../build/templates.js', import.meta.url).href) as Promise<BuiltTemplates>,
    templates === undefined ? {} : surroundings(templateFiles(templates)),
    import('./render/templates.ts'),
  ])
  return openTemplates(built, own)
}

/** Where packages may be dropped in: the folder of the project, and the one that the setting names. */
function profileFolders({ profiles }: Settings): readonly string[] {
  return [fileURLToPath(new URL('../profiles', import.meta.url)), ...(profiles === undefined ? [] : [profiles])]
}

/** The guides that documents are drafted by, of the project and of the deployment. */
async function guidesOf(settings: Settings, design: Design): Promise<readonly Guide[]> {
  const { openGuides } = await import('./guides.ts')
  return openGuides(profileFolders(settings), design)
}

/** The service, by this process or by several workers that it starts. */
async function serveBy(
  stopped: () => Promise<void>,
  settings: Settings,
  start: () => Promise<Started>,
): Promise<ExitCode> {
  const count = workersOf(settings)
  if (isWorker()) await serveUntil(Promise.race([stopped(), toldToStop()]), settings, await start())
  else if (count === 1) await serveUntil(stopped(), settings, await start())
  else {
    const { gatherMetrics } = await import('./edge/metrics.ts')
    gatherMetrics()
    const log = openLog(settings.logLevel)
    const onDeath = (death: Death): void => log.error({ ...death }, 'a worker ended')
    const code = await serveByWorkers({ count, stopped: stopped(), timeoutMs: settings.limitSeconds * 1000, onDeath })
    return code === 0 || code === 2 ? code : 3
  }
  return 0
}

/** A store in memory is that of one process alone. */
function workersOf({ workers, store, login }: Settings): number {
  return store === 'sqlite::memory:' || login === 'local' ? 1 : (workers ?? coreCount())
}

/** The service until it is told to stop, and until what it accepted is done. */
async function serveUntil(stopped: Promise<void>, given: Settings, { design, edge }: Started): Promise<void> {
  const [
    { startService },
    { openStore },
    { openSearch },
    { storeSource },
    { measuredStore },
    { METRICS_TYPE, openMetrics },
    { PAGES },
    { issuerOf, peopleOf, withLocalLogin },
    { doorOf, roleRows },
  ] = await Promise.all([
    import('./http/start.ts'),
    import('./edge/store/open-store.ts'),
    import('./edge/store/search/open-search.ts'),
    import('./edge/store/store-source.ts'),
    import('./edge/store/measured.ts'),
    import('./edge/metrics.ts'),
    import('./web/routes.ts'),
    import('./signing-in.ts'),
    import('./admission.ts'),
  ])
  const { host, port, baseUrl: base = `http://${host}:${port}/fhir` } = given
  const local = await withLocalLogin(given, base)
  const { settings } = local
  const { signers: table } = settings
  const known = await openTrust(NO_VALUES, { settings })
  const signers = table === undefined ? {} : { signers: await surroundings(readSigners(table)) }
  const seal = await sealOf(settings)
  const metrics = openMetrics()
  const upstream = await surroundings(
    upstreamOf(settings, { onAnswer: metrics.upstreamAnswered, totalMs: settings.limitSeconds * 1000 }),
  )
  const own = lazyPrinter(settings, outputOf(process.stderr), { onStart: metrics.browserStarted })
  const printer: Printer = { ...own, print: (...asked) => metrics.printed(() => own.print(...asked)) }
  const search = await openSearch({ ...design.collect, base }, clock())
  const store = await surroundings(openStore(settings.store, search))
  // a service lives on, so its clock is never the one of a build
  const now = clock()
  const roles = await surroundings(roleRows(settings))
  const { authIssuer: issuer } = settings
  const people = store.sessions && peopleOf({ settings, sessions: store.sessions, now: () => now.now(), roles, issuer })
  const authority = issuerOf(settings)
  const door = doorOf(settings, { roles, base, session: people?.callerOf })
  const service = {
    design,
    designOf: oncePer((fhirVersion: FhirVersion | undefined) => designOf(settings, fhirVersion)),
    edge: { ...edge, ...now, printer, observe: metrics.observe },
    store: measuredStore(store, metrics),
    storeSource,
    searchParameters: search.parameters,
    guides: await surroundings(guidesOf(settings, design)),
    emptySections: settings.emptySections,
    ...(upstream !== undefined && { upstream: [upstream] }),
    sourceOf: bundleSource.bind(null, 'request'),
    ...(settings.retention !== undefined && { retention: await surroundings(readRetention(settings.retention)) }),
    ...(seal !== undefined && { seal: { ...seal, ...signers } }),
    signing: { ...signingOf(settings), ...signers },
    ...(settings.tsa !== undefined && { stamper: openTimeStamper(settings.tsa) }),
    trust: { ...known, ...signers },
    version,
    startedAt: now.now(),
    metrics: { contentType: METRICS_TYPE, page: metrics.page },
    ...(people !== undefined && { login: people.login }),
    ...(authority !== undefined && { authority }),
    ...(door !== undefined && { door }),
    ...(people === undefined && door === undefined && { example: openExample(now) }),
    consentDefault: settings.consentDefault,
    withheld: settings.withheld,
  }
  const watch = { onAnswered: metrics.answered, onChange: metrics.crowded, onRefusal: metrics.refused }
  const log = openLog(settings.logLevel)
  for (const fault of design.checks.definitions.library.faults) log.error({ ...fault }, 'a package has a fault')
  const running = await surroundings(startService({ settings, service, watch, log, pages: PAGES }))
  await stopped
  await running.stop()
  await local.close()
  await printer.close()
  await store.close()
}

/** What signatures of the service say of themselves. */
function signingOf({ signingTime: time, signingPolicy: policy }: Settings): Pick<Signing, 'time' | 'policy'> {
  return { time, ...(policy !== undefined && { policy }) }
}

/** The key of the service: never a person's signature (H-4). */
async function sealOf(settings: Settings): Promise<Signing | undefined> {
  const { signingKey, signingPassword } = settings
  const remote = remoteOf(settings)
  if (signingKey === undefined && remote === undefined) return undefined
  if (signingKey === undefined && remote !== undefined) {
    const { openRemote } = await import('./edge/keys/remote.ts')
    return { key: await surroundings(openRemote(remote)), seal: true, ...signingOf(settings) }
  }
  const [{ openKey }, { rotatingKey }] = await Promise.all([
    import('./edge/keys/open.ts'),
    import('./edge/keys/rotating.ts'),
  ])
  const path = signingKey ?? ''
  const log = openLog(settings.logLevel)
  const key = await rotatingKey({
    paths: [path],
    open: () => openKey({ key: path }, signingPassword === undefined ? {} : { password: signingPassword }),
    onChange: () => log.info('the signing key was changed'),
    onFailure: (error) =>
      log.error(
        { reason: failure(error).issues[0]?.text },
        'the changed signing key does not open, the one before is kept',
      ),
  })
  return { key, seal: true, ...signingOf(settings) }
}

/** The function whose work is done at most once for each key. */
function oncePer<Key, T>(work: (key?: Key) => Promise<T>): (key?: Key) => Promise<T> {
  const results = new Map<Key | undefined, Promise<T>>()
  return (key) => {
    const result = results.get(key) ?? work(key)
    results.set(key, result)
    return result
  }
}
