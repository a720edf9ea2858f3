/** The independent judges that the setting JUDGES_DIR names; suites with them are skipped, and say so, without it. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const judgesDir = process.env['JUDGES_DIR']
if (judgesDir === undefined) console.log('The suites with judges are skipped: JUDGES_DIR names no folder')

/** The JSON lines that a judge prints. @throws Error where the judge could not run */
export function ask<Verdict>(judge: string, args: readonly string[]): readonly Verdict[] {
  if (judgesDir === undefined) throw new TypeError('JUDGES_DIR names no folder')
  const { status, stdout, stderr } = spawnSync(join(judgesDir, judge), args, { encoding: 'utf8', maxBuffer: 2 ** 29 })
  if (status !== 0 && status !== 1) throw new Error(`The judge ${judge} ended with ${status}: ${stderr}`)
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Verdict)
}
