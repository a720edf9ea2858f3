/** What is done for the audit while the service runs: its head is told, and what was recorded is made findable in idle moments. */

import type { Log } from './app.ts'
import type { Service } from './route.ts'

const HEAD_EACH_MS = 3_600_000
const IDLE_EACH_MS = 10_000
/** A service that worked for no more of the last moments than this part has the time. */
const IDLE = 0.05

/**
 * The head of the audit goes into the log each hour and at the end, where a later change of the store does not reach it. What
 * was recorded is published while nobody is kept waiting by that, so that who asks first does not wait for all of it.
 * Ends by the function that is given.
 */
export function tendAudit({ audit }: Pick<Service, 'audit'>, log: Log): () => Promise<void> {
  if (audit === undefined) return () => Promise.resolve()
  const tell = async (): Promise<void> => {
    try {
      log.info({ ...(await audit.log.head()) }, 'the head of the audit')
    } catch (cause) {
      log.error({ cause: cause instanceof Error ? cause.name : 'unknown' }, 'the head of the audit cannot be read')
    }
  }
  let publishing: Promise<void> | undefined
  let isEnding = false
  let before = performance.eventLoopUtilization()
  const publish = (): void => {
    const { utilization } = performance.eventLoopUtilization(before)
    before = performance.eventLoopUtilization()
    if (utilization > IDLE || publishing !== undefined) return
    // who asks for it is told what fails
    publishing = audit.log
      .publish(() => isEnding)
      .catch(() => undefined)
      .finally(() => (publishing = undefined))
  }
  const timers = [setInterval(() => void tell(), HEAD_EACH_MS), setInterval(publish, IDLE_EACH_MS)]
  for (const timer of timers) timer.unref()
  return async () => {
    isEnding = true
    timers.forEach(clearInterval)
    await publishing
    await tell()
  }
}
