/** Commands as rows: a name, operands, options, and what they do. */

import type { FhirVersion } from '../edge/packages.ts'
import type { Output } from '../edge/process.ts'
import type { Issue } from '../fhir/issue.ts'
import type { JsonObject } from '../fhir/types.ts'
import type { Guide } from '../drafting.ts'
import type { Design, Edge } from '../pipeline.ts'
import type { Settings } from '../settings.ts'
import type { ExitCode } from './answer.ts'
import type { Grammar, Options, Values } from './arguments.ts'

/** What was decided at start, and everything with an effect. */
export interface Started {
  readonly design: Design
  readonly edge: Edge
  /** The guides that documents are drafted by, read on first need. @throws FhirError `invalid` where one is no guide */
  readonly guides?: (design: Design) => Promise<readonly Guide[]>
}

/** What a command runs in. */
export interface Cli {
  readonly version: string
  readonly settings: Settings
  readonly stdin: () => Promise<Uint8Array>
  readonly stdout: Output
  readonly stderr: Output
  /** Definitions and templates of a version of FHIR, read on first need; of a command, that which its option names. */
  readonly start: (fhirVersion?: FhirVersion) => Promise<Started>
  /** The templates as they are now, read anew. */
  readonly templates?: () => Promise<Design['render']['templates']>
  /** Serves until it is told to stop. */
  readonly serve: () => Promise<ExitCode>
}

/** What one run of a command is given; `V` are the values of its options. */
export interface Run<V> {
  readonly operands: readonly string[]
  readonly values: V
  /** The operands of every run, where there are several. */
  readonly all: readonly string[]
}

/** What came of a command, or of one of its documents. */
export interface Result {
  readonly exit: ExitCode
  readonly issues: readonly Issue[]
  /** What is said on standard output. */
  readonly text?: string
  /** What `--json` prints; else an OperationOutcome of the issues. */
  readonly json?: JsonObject
  /** Whether standard output carries the document itself, so that nothing else may go there. */
  readonly isStdoutTaken?: true
}

export interface Command extends Grammar {
  readonly name: string
  /** What it does, in one phrase. */
  readonly text: string
  /** Once for all operands, or, where there may be many, once for each. */
  readonly run: (run: Run<Readonly<Record<string, unknown>>>, cli: Cli) => Promise<Result>
}

interface Row<O extends Options> extends Omit<Command, 'run'> {
  readonly options: O
  readonly run: (run: Run<Values<O>>, cli: Cli) => Promise<Result>
}

/** A row of a command, its values typed by its options. */
export function command<const O extends Options>(row: Row<O>): Command {
  return row as unknown as Command
}
