/** Results to files and standard output, messages to standard error. */

import { writeWhole } from '../edge/files.ts'
import { WRITERS } from '../fhir/format.ts'
import { outcome, type Issue } from '../fhir/issue.ts'
import { stringify } from '../fhir/json.ts'
import type { Resource } from '../fhir/types.ts'
import type { Design } from '../pipeline.ts'
import { lines, misuse, surroundings } from './answer.ts'
import type { Cli, Result } from './command.ts'

/** A result for a file, or for standard output where no file is named. */
export interface Delivery {
  readonly path: string | undefined
  readonly bytes: Uint8Array | string
}

/** Whether the first of the results went to standard output; all files are written, or none. @throws Stop 3 */
export async function deliver(
  first: Delivery,
  cli: Cli,
  others: readonly Delivery[] = [],
): Promise<Pick<Result, 'isStdoutTaken'>> {
  const files = [first, ...others].flatMap(({ path, bytes }) => (path === undefined ? [] : [{ path, bytes }]))
  if (new Set(files.map(({ path }) => path)).size < files.length)
    throw misuse('Two results have one file, expected one for each')
  await surroundings(writeWhole(files))
  if (first.path !== undefined) return {}
  await cli.stdout.write(first.bytes)
  return { isStdoutTaken: true }
}

/** A resource as its file is to have it: XML where the name ends so, else JSON. */
export function encoded(
  resource: Resource,
  path: string | undefined,
  { collect: { model } }: Pick<Design, 'collect'>,
): string {
  const format = path !== undefined && /\.xml$/i.test(path) ? 'xml' : 'json'
  return WRITERS[format](resource, model, 'pretty')
}

export interface Manner {
  /** Whether `--json` was given. */
  readonly asJson: boolean
  /** The file that the result is about, where there are several. */
  readonly file?: string
}

/** Tells a result: its messages, or with `--json` one JSON value (on one line where there are several). */
export async function tell(result: Result, { asJson, file }: Manner, cli: Cli): Promise<void> {
  const { issues, text, json, isStdoutTaken } = result
  if (asJson) {
    const value = stringify(json ?? outcome(issues), file === undefined ? 2 : undefined)
    await (isStdoutTaken ? cli.stderr : cli.stdout).write(`${value}\n`)
    return
  }
  await cli.stderr.write(prefixed(lines(issues), file))
  if (text !== undefined) await cli.stdout.write(prefixed(text, file))
}

function prefixed(text: string, file: string | undefined): string {
  return file === undefined ? text : text.replace(/^(?=\S)/gm, `${file}: `)
}

/** `1 error, 2 warnings` */
export function count(issues: readonly Issue[]): string {
  const errors = issues.filter(({ severity }) => severity === 'error' || severity === 'fatal').length
  const warnings = issues.filter(({ severity }) => severity === 'warning').length
  return `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
}
