/** The command line, over what its commands work with. */

import { buffer } from 'node:stream/consumers'
import type { ExitCode } from '../cli/answer.ts'
import { run } from '../cli/cli.ts'
import { outputOf } from '../edge/process.ts'
import { templatesOf, version } from './design.ts'
import { opening, type Process } from './opening.ts'

/** The exit code of an argument list, once everything is said and written. */
export async function commandLine(
  args: readonly string[],
  given: Process & { readonly serve: () => Promise<ExitCode> },
): Promise<ExitCode> {
  const { settings, stderr, serve } = given
  const stdout = outputOf(process.stdout)
  const { start, close } = opening(given)
  const templates = (): ReturnType<typeof templatesOf> => templatesOf(settings)
  const stdin = (): Promise<Uint8Array> => buffer(process.stdin)
  const exitCode = await run(args, { version, settings, stdin, stdout, stderr, start, templates, serve })
  await close()
  return exitCode
}
