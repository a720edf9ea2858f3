/** Help, written from the tables. */

import { PREFIX, SETTINGS, type Setting } from '../settings.ts'
import { EXIT_CODES } from './answer.ts'
import { written, type Flag, type Option } from './arguments.ts'
import type { Command } from './command.ts'

/** What `fhirdoc --help` prints. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, text }) => [name, text] as const)
  return [
    'fhirdoc composes, checks, signs and renders FHIR documents',
    '',
    'Usage: fhirdoc <command> [options], fhirdoc <command> --help, fhirdoc --version',
    '',
    columns(rows),
    '',
    'Exit codes:',
    columns(Object.entries(EXIT_CODES)),
    '',
  ].join('\n')
}

/** What `fhirdoc <command> --help` prints. */
export function usage(command: Command): string {
  const { name, text, operands, options, later } = command
  const rows = Object.entries(options).map(([key, option]) => [signature(key, option), meaning(option)] as const)
  return [
    `fhirdoc ${name}: ${text}`,
    '',
    `Usage: ${synopsis(command)}`,
    ...(operands.most > 0 ? ['A file named - is standard input.'] : []),
    '',
    columns([...rows, ['--help', 'this text']]),
    ...(later.length > 0 ? ['', `To come: ${later.join(', ')}`] : []),
    ...(name === 'serve' ? ['', 'Settings, from the environment:', settings()] : []),
    '',
  ].join('\n')
}

/** `fhirdoc check <document>… [options]` */
export function synopsis({ name, operands: { label, most } }: Command): string {
  const operand = most === 0 ? '' : most === 1 ? ` ${label}` : ` ${label}…`
  return `fhirdoc ${name}${operand} [options]`
}

/** `--full-url rest | uuid` */
export function signature(key: string, option: Option<unknown> | Flag): string {
  return option.shape === 'flag' ? written(key) : `${written(key)} <${option.shape.label}>`
}

/** What an option is for, and whether it may be repeated. */
export function meaning(option: Option<unknown> | Flag): string {
  return 'many' in option ? `${option.text} (repeatable)` : option.text
}

function settings(): string {
  return columns(
    Object.values<Setting<unknown>>(SETTINGS).map(({ name, shape, fallback, text }) => {
      const usual = fallback === undefined ? '' : `, default ${fallback}`
      return [PREFIX + name, `${text} (${shape.label}${usual})`] as const
    }),
  )
}

/** Two columns, the second beside the first, or below it where the first is long. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...rows.map(([name]) => name.length)))
  return rows
    .map(([name, text]) =>
      name.length > width ? `  ${name}\n  ${' '.repeat(width)}  ${text}` : `  ${name.padEnd(width)}  ${text}`,
    )
    .join('\n')
}
