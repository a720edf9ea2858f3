/** What a face works with: the design of each version of FHIR, opened with the first need of it, and everything with an effect. */

import { failure } from '../cli/answer.ts'
import type { Started } from '../cli/command.ts'
import { openLog } from '../edge/log.ts'
import type { FhirVersion } from '../edge/packages.ts'
import { shownOn, type Output } from '../edge/process.ts'
import type { Now } from '../ports.ts'
import { archiveThreads, lazyPrinter } from '../printing.ts'
import type { Settings } from '../settings.ts'
import { oncePer } from './clock.ts'
import { designOf, guidesOf } from './design.ts'

/** The process as its start has found it. */
export interface Process {
  readonly settings: Settings
  readonly now: Now
  readonly stderr: Output
  /** Kept when the process is told to stop. */
  readonly stopped: () => Promise<void>
}

export interface Opening {
  readonly start: (fhirVersion?: FhirVersion) => Promise<Started>
  readonly close: () => Promise<void>
}

/** What is opened with the first need, and closed with the process. */
export function opening({ settings, now, stderr }: Omit<Process, 'stopped'>): Opening {
  const archiving = archiveThreads(settings)
  const printer = lazyPrinter(settings, stderr, { onOpen: archiving.warm })
  const start = oncePer(async (fhirVersion: FhirVersion | undefined): Promise<Started> => ({
    design: await designOf(settings, fhirVersion),
    guides: (design) => guidesOf(settings, design),
    edge: {
      ...now,
      printer,
      archive: archiving.archive,
      extract: archiving.extract,
      ...(await terminologyOf(settings)),
      observe: shownOn(stderr),
    },
  }))
  return { start, close: async () => void (await Promise.all([printer.close(), archiving.close()])) }
}

/** The terminology server of the settings; that it does not answer is logged, and the codes stay unjudged. */
async function terminologyOf({ terminology, logLevel }: Settings): Promise<Pick<Started['edge'], 'terminology'>> {
  if (terminology === undefined) return {}
  const { terminologyServer } = await import('../edge/terminology.ts')
  const log = openLog(logLevel)
  const onFailure = (cause: unknown): void =>
    log.error({ reason: failure(cause).issues[0]?.text }, 'the terminology server gave no answer')
  return { terminology: terminologyServer({ url: terminology, onFailure }) }
}
