/** Face 2: the command line. */

import type { FhirVersion } from '../edge/packages.ts'
import { CLEAR_LINE } from '../edge/process.ts'
import { fhirVersion } from '../options.ts'
import { excerpt, hint } from '../shape.ts'
import { failure, misuse, trace, type ExitCode } from './answer.ts'
import { readArguments } from './arguments.ts'
import type { Cli, Command, Result } from './command.ts'
import { auditCommand } from './commands/audit.ts'
import { backupCommand } from './commands/backup.ts'
import { checkCommand } from './commands/check.ts'
import { convertCommand } from './commands/convert.ts'
import { composeCommand } from './commands/compose.ts'
import { demoCommand } from './commands/demo.ts'
import { dischargeCommand } from './commands/discharge.ts'
import { extractCommand } from './commands/extract.ts'
import { octetsCommand } from './commands/octets.ts'
import { renderCommand } from './commands/render.ts'
import { restoreCommand } from './commands/restore.ts'
import { serveCommand } from './commands/serve.ts'
import { signCommand } from './commands/sign.ts'
import { summaryCommand } from './commands/summary.ts'
import { verifyCommand } from './commands/verify.ts'
import { overview, usage } from './help.ts'
import { tell } from './output.ts'

export const COMMANDS: readonly Command[] = [
  composeCommand,
  summaryCommand,
  dischargeCommand,
  checkCommand,
  signCommand,
  verifyCommand,
  renderCommand,
  extractCommand,
  octetsCommand,
  convertCommand,
  demoCommand,
  serveCommand,
  backupCommand,
  restoreCommand,
  auditCommand,
]

/** The exit code of an argument list, once everything is said and written. */
export async function run(args: readonly string[], cli: Cli): Promise<ExitCode> {
  const asJson = args.includes('--json')
  try {
    return await dispatch(args, cli)
  } catch (thrown) {
    const result = await failed(thrown, cli)
    await tell(result, { asJson }, cli)
    return result.exit
  }
}

async function dispatch([name, ...args]: readonly string[], cli: Cli): Promise<ExitCode> {
  if (name === '--version') return say(`${cli.version}\n`, cli)
  if (name === undefined) throw misuse(`A command is missing, expected one of ${names().join(', ')}`)
  if (['--help', '-h', 'help'].includes(name))
    return say(args[0] === undefined ? overview(COMMANDS) : usage(named(args[0])), cli)
  const command = named(name)
  if (isHelpAsked(args)) return say(usage(command), cli)
  return execute(command, args, cli)
}

async function say(text: string, { stdout }: Cli): Promise<ExitCode> {
  await stdout.write(text)
  return 0
}

function names(): readonly string[] {
  return COMMANDS.map(({ name }) => name)
}

function named(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  throw misuse(
    `The command ${excerpt(name)} is unknown${hint(name, names()) || `, expected one of ${names().join(', ')}`}`,
  )
}

function isHelpAsked(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? args.length : end).some((word) => word === '--help' || word === '-h')
}

/** A command over its operands; where there may be many, each is told on its own and the worst decides. */
async function execute(command: Command, args: readonly string[], face: Cli): Promise<ExitCode> {
  const { operands, values } = readArguments(command, args)
  const version = fhirVersionOf(values['fhirVersion'])
  const cli: Cli = { ...face, start: () => face.start(version) }
  const asJson = values['json'] === true
  if (operands.length < 2 || command.operands.most === 1) {
    const result = await command.run({ operands, values, all: operands }, cli)
    await tell(result, { asJson }, cli)
    return result.exit
  }
  let worst: ExitCode = 0
  for (const [index, file] of operands.entries()) {
    const result = await command
      .run({ operands: [file], values, all: operands }, cli)
      .catch((thrown: unknown) => failed(thrown, cli))
    await showProgress(`${index + 1} of ${operands.length}`, cli)
    await tell(result, { asJson, file }, cli)
    if (result.exit > worst) worst = result.exit
  }
  return worst
}

function fhirVersionOf(value: unknown): FhirVersion | undefined {
  return typeof value === 'string' ? fhirVersion.read(value) : undefined
}

/** On a terminal, a line that the next one overwrites. */
async function showProgress(text: string, { stderr }: Cli): Promise<void> {
  if (stderr.isTerminal) await stderr.write(`${CLEAR_LINE}${text}\r`)
}

async function failed(thrown: unknown, { settings, stderr }: Cli): Promise<Result> {
  if (settings.logLevel === 'debug' && thrown instanceof Error) await stderr.write(`${trace(thrown)}\n`)
  return failure(thrown)
}
