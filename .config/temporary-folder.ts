/** One temporary folder for a run of the tests, removed at its end with whatever they left in it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const before = process.env['TMPDIR']
const folder = mkdtempSync(join(tmpdir(), 'fhirdoc-tests-'))

export function setup(): void {
  process.env['TMPDIR'] = folder
}

export function teardown(): void {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(folder, { recursive: true, force: true })
}
