/** The composition root: reads the environment and starts a face. The only file to do so; what faces are made of is in main/. */

import { discardUnfinished } from './edge/files.ts'
import { listenToSignals, outputOf } from './edge/process.ts'
import { withSecrets } from './edge/secrets.ts'
import { coreCount, isWorker, leave, serveByWorkers, toldToStop, type Death } from './edge/workers.ts'
import { failure, lines, trace, type ExitCode } from './cli/answer.ts'
import { fail } from './fhir/error.ts'
import type { Instant } from './fhir/types.ts'
import { clock, instantOf } from './main/clock.ts'
import type { Process } from './main/opening.ts'
import { mustBeSafe, readSettings, SECRETS, type Settings } from './settings.ts'

/** The command line of this process to its end: the exit code is set, nothing is thrown. */
export async function main(): Promise<void> {
  const stderr = outputOf(process.stderr)
  try {
    const settings = readSettings(await withSecrets(process.env, SECRETS))
    const now = clock(epochOf(process.env['SOURCE_DATE_EPOCH']))
    const given = { settings, now, stderr, stopped: listenToSignals({ abandon }) }
    process.exitCode = await obeyed(process.argv.slice(2), given)
  } catch (thrown) {
    const { issues, exit } = failure(thrown)
    if (process.env['FHIRDOC_LOG_LEVEL'] === 'debug' && thrown instanceof Error)
      await stderr.write(`${trace(thrown)}\n`)
    await stderr.write(lines(issues))
    process.exitCode = exit
  } finally {
    leave()
  }
}

/** The service goes past the command line: its first process is to load nothing that it does not need. */
async function obeyed(args: readonly string[], given: Process): Promise<ExitCode> {
  if (args.length === 1 && args[0] === 'serve') return serve(given)
  const { commandLine } = await import('./main/command-line.ts')
  return commandLine(args, { ...given, serve: () => serve(given) })
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

/** The service, by this process or by several workers that it starts. @throws FhirError `value` where the settings would open it to others */
async function serve(given: Process): Promise<ExitCode> {
  const { settings, stopped } = given
  mustBeSafe(settings)
  const count = workersOf(settings)
  if (count > 1 && !isWorker()) return supervise(count, given)
  const { serveHere } = await import('./main/serving.ts')
  await serveHere(isWorker() ? Promise.race([stopped(), toldToStop()]) : stopped(), given)
  return 0
}

async function supervise(count: number, { settings, stopped }: Process): Promise<ExitCode> {
  const { gatherMetrics } = await import('./edge/gathering.ts')
  gatherMetrics(async () => (await import('./edge/metrics.ts')).openAggregate())
  const onDeath = async (death: Death): Promise<void> => {
    const { openLog } = await import('./edge/log.ts')
    openLog(settings.logLevel).error({ ...death }, 'a worker ended')
  }
  const timeoutMs = settings.limitSeconds * 1000
  const code = await serveByWorkers({ count, stopped: stopped(), timeoutMs, onDeath: (death) => void onDeath(death) })
  return code === 0 || code === 2 ? code : 3
}

/** A store in memory is that of one process alone. */
function workersOf({ workers, store, login }: Settings): number {
  return store === 'sqlite::memory:' || login === 'local' ? 1 : (workers ?? coreCount())
}
