/** The service as the settings have it, in this process. */

import type { Started } from '../cli/command.ts'
import { surroundings, failure } from '../cli/answer.ts'
import { NO_VALUES, openTrust } from '../cli/trust.ts'
import { openLog } from '../edge/log.ts'
import { METRICS_TYPE, openMetrics, type Metrics } from '../edge/metrics.ts'
import type { FhirVersion } from '../edge/packages.ts'
import { outputOf } from '../edge/process.ts'
import { readRetention } from '../edge/retention.ts'
import { readSigners } from '../edge/signers.ts'
import { bundleSource } from '../edge/store/bundle.ts'
import { measuredStore } from '../edge/store/measured.ts'
import { openStore } from '../edge/store/open-store.ts'
import { openSearch } from '../edge/store/search/open-search.ts'
import { storeSource } from '../edge/store/store-source.ts'
import { doorOf, roleRows } from '../admission.ts'
import { openExample } from '../example.ts'
import { startService } from '../http/start.ts'
import type { Signing } from '../pipeline.ts'
import type { Printer, Source, TimeStamper } from '../ports.ts'
import { lazyPrinter } from '../printing.ts'
import type { Settings } from '../settings.ts'
import { issuerOf, peopleOf, withLocalLogin } from '../signing-in.ts'
import { PAGES } from '../web/routes.ts'
import { clock, oncePer } from './clock.ts'
import { designOf, guidesOf, version } from './design.ts'
import { opening, type Process } from './opening.ts'

/** The service until it is told to stop, and until what it accepted is done. */
export async function serveHere(stopped: Promise<void>, given: Omit<Process, 'stopped'>): Promise<void> {
  const { start, close } = opening(given)
  await serveUntil(stopped, given.settings, await start())
  await close()
}

async function serveUntil(stopped: Promise<void>, given: Settings, { design, edge }: Started): Promise<void> {
  const { host, port, baseUrl: base = `http://${host}:${port}/fhir` } = given
  const local = await withLocalLogin(given, base)
  const { settings } = local
  const { signers: table } = settings
  const known = await openTrust(NO_VALUES, { settings })
  const signers = table === undefined ? {} : { signers: await surroundings(readSigners(table)) }
  const seal = await sealOf(settings)
  const metrics = openMetrics()
  const upstream = await upstreamOf(settings, metrics)
  const own = lazyPrinter(settings, outputOf(process.stderr), { onStart: metrics.browserStarted })
  const printer: Printer = { ...own, print: (...asked) => metrics.printed(() => own.print(...asked)) }
  const search = await openSearch({ ...design.collect, base }, clock())
  const store = await surroundings(openStore(settings.store, search))
  // a service lives on, so its clock is never the one of a build
  const now = clock()
  const roles = await surroundings(roleRows(settings))
  const { authIssuer: issuer } = settings
  const people =
    store.sessions && (await peopleOf({ settings, sessions: store.sessions, now: () => now.now(), roles, issuer }))
  const authority = await issuerOf(settings)
  const door = await doorOf(settings, { roles, base, session: people?.callerOf })
  const service = {
    design,
    designOf: oncePer((fhirVersion: FhirVersion | undefined) => designOf(settings, fhirVersion)),
    edge: { ...edge, ...now, printer, observe: metrics.observe },
    store: measuredStore(store, metrics),
    storeSource,
    searchParameters: search.parameters,
    guides: await guidesOf(settings, design),
    emptySections: settings.emptySections,
    ...(upstream !== undefined && { upstream: [upstream] }),
    sourceOf: bundleSource.bind(null, 'request'),
    ...(settings.retention !== undefined && { retention: await surroundings(readRetention(settings.retention)) }),
    ...(seal !== undefined && { seal: { ...seal, ...signers } }),
    signing: { ...signingOf(settings), ...signers },
    ...(settings.tsa !== undefined && { stamper: await stamperOf(settings.tsa) }),
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

/** What the settings name as upstream; what it takes to ask one is loaded where there is one. */
async function upstreamOf(settings: Settings, { upstreamAnswered }: Metrics): Promise<Source | undefined> {
  if (settings.upstream === undefined) return undefined
  const upstream = await import('../cli/upstream.ts')
  const limits = { onAnswer: upstreamAnswered, totalMs: settings.limitSeconds * 1000 }
  return surroundings(upstream.upstreamOf(settings, limits))
}

async function stamperOf(url: string): Promise<TimeStamper> {
  const { openTimeStamper } = await import('../edge/timestamps.ts')
  return openTimeStamper(url)
}

/** What signatures of the service say of themselves. */
function signingOf({ signingTime: time, signingPolicy: policy }: Settings): Pick<Signing, 'time' | 'policy'> {
  return { time, ...(policy !== undefined && { policy }) }
}

/** The key of the service: never a person's signature (H-4). */
async function sealOf(settings: Settings): Promise<Signing | undefined> {
  const { signingKey, signingPassword, remoteSigner } = settings
  if (signingKey === undefined && remoteSigner === undefined) return undefined
  const { remoteOf } = await import('../cli/signing.ts')
  const remote = remoteOf(settings)
  if (signingKey === undefined && remote === undefined) return undefined
  if (signingKey === undefined && remote !== undefined) {
    const { openRemote } = await import('../edge/keys/remote.ts')
    return { key: await surroundings(openRemote(remote)), seal: true, ...signingOf(settings) }
  }
  const [{ openKey }, { rotatingKey }] = await Promise.all([
    import('../edge/keys/open.ts'),
    import('../edge/keys/rotating.ts'),
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
