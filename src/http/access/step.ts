/** Answers that tell of nothing leave in step: a look at what is hidden takes longer than one at nothing, by less than a step. */

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '../answer.ts'

/** Many times what the look takes, and too short to be felt. */
const STEP_MS = 5

/** Nothing, at once, or at the end of a step where the answer says that something is not there. */
export async function inStep({ status, isEmpty }: Pick<Answer, 'status' | 'isEmpty'>, startMs: number): Promise<void> {
  if (status !== 404 && status !== 204 && isEmpty !== true) return
  const tookMs = performance.now() - startMs
  const stepsMs = STEP_MS * Math.ceil(tookMs / STEP_MS)
  const pauseMs = Math.floor(stepsMs - tookMs)
  if (pauseMs > 0) await pause(pauseMs)
  // timers count whole milliseconds from when the turn of the loop began, which would tell what came after the point
  while (performance.now() < startMs + stepsMs) await nextTurn()
}
