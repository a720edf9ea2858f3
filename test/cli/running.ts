/** Commands in this process: the real stages, streams that are kept, a printer that prints nothing. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/cli.ts'
import type { Cli } from '../../src/cli/command.ts'
import { designOf } from '../../src/main/design.ts'
import type { Design, Edge } from '../../src/pipeline.ts'
import { readSettings } from '../../src/settings.ts'
import { projectGuides } from '../guides.ts'
import { printedPdf } from '../render/pdf/printed.ts'

export const fixture = new URL('../../fixtures/documents/discharge/', import.meta.url).pathname

let design: Promise<Design> | undefined

/** A design as the settings have it by default, made once. */
export function standardDesign(): Promise<Design> {
  return (design ??= designOf(readSettings({})))
}

/** An edge whose clock stands still and whose printer gives always the same PDF. */
export const stillEdge: Edge = {
  now: () => '2026-03-15T10:00:00Z',
  uuid: () => '11111111-2222-4333-8444-555555555555',
  printer: { print: () => Promise.resolve(printedPdf()), close: () => Promise.resolve() },
  observe: (_, work) => work(),
}

export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly isTerminal?: true
  readonly edge?: Partial<Edge>
}

/** What a command line answers. */
export async function running(args: readonly string[], circumstances: Circumstances = {}): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []]
  const output = (lines: string[]): Cli['stdout'] => ({
    write: (data) => Promise.resolve(void lines.push(Buffer.from(data).toString('utf8'))),
    isTerminal: circumstances.isTerminal ?? false,
  })
  const cli: Cli = {
    version: '1.2.3',
    settings: readSettings(circumstances.env ?? {}),
    stdin: () => Promise.resolve(Buffer.from(circumstances.stdin ?? '')),
    stdout: output(out),
    stderr: output(err),
    start: async () => ({
      design: await standardDesign(),
      edge: { ...stillEdge, ...circumstances.edge },
      guides: (made) => Promise.resolve(projectGuides(made)),
    }),
    serve: () => Promise.resolve(0),
  }
  const exit = await run(args, cli)
  return { exit, out: out.join(''), err: err.join('') }
}

/** A folder of its own. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cli-'))
}
