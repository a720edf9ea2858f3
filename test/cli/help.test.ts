/** Help and the pages of docs/ that are written from the tables of the command line. */

import { describe, expect, it } from 'vitest'
import { EXIT_CODES, exitOfCode } from '../../src/cli/answer.ts'
import { COMMANDS } from '../../src/cli/cli.ts'
import { meaning, overview, signature, synopsis, usage } from '../../src/cli/help.ts'
import { STATUS, type IssueCode } from '../../src/fhir/issue.ts'

const written = 'Written from the tables of `src/cli` by a test.'
const cell = (text: string): string => text.replaceAll('|', '\\|')

describe('help', () => {
  it('of the whole names every command and the exit codes', () => {
    const text = overview(COMMANDS)
    for (const { name } of COMMANDS) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'))
    for (const meant of Object.values(EXIT_CODES)) expect(text).toContain(meant)
  })

  it.each(COMMANDS)('of $name names every option with its meaning', (command) => {
    const text = usage(command)
    expect(text).toContain(synopsis(command))
    for (const [key, option] of Object.entries(command.options)) expect(text).toContain(signature(key, option))
  })

  it('of serve lists the settings', () => {
    const serve = COMMANDS.find(({ name }) => name === 'serve')
    expect(serve && usage(serve)).toContain('FHIRDOC_LIMIT_CONCURRENCY')
  })
})

it('docs/cli.md is written from the tables', async () => {
  const commands = COMMANDS.flatMap((command) => [
    `## ${command.name}`,
    '',
    `\`${synopsis(command)}\`: ${command.text}.`,
    '',
    ...(Object.keys(command.options).length === 0 ? [] : ['| option | what it is for |', '| --- | --- |']),
    ...Object.entries(command.options).map(
      ([key, option]) => `| \`${cell(signature(key, option))}\` | ${cell(meaning(option))} |`,
    ),
    ...(command.later.length === 0
      ? []
      : ['', `To come, and refused until then: ${command.later.map((name) => `\`${name}\``).join(', ')}.`]),
    '',
  ])
  const page = [
    '# Command line',
    '',
    `${written} A file named \`-\` is standard input. Results go to standard output or to \`--out\`, messages to standard error as \`severity expression: text (rule)\`; with \`--json\` they are an OperationOutcome (for \`verify\` the report), on standard output unless the result is there. Files are written whole or not at all.`,
    '',
    '| exit | meaning |',
    '| --- | --- |',
    ...Object.entries(EXIT_CODES).map(([code, text]) => `| ${code} | ${text} |`),
    '',
    ...commands,
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/cli.md')
})

it('docs/errors.md is written from the tables', async () => {
  const page = [
    '# Errors',
    '',
    'Every error is an issue with a code of FHIR; the code decides the HTTP status and the exit code. Written from the tables `STATUS` in `src/fhir/issue.ts` and `EXIT` in `src/cli/answer.ts` by a test. HTTP itself adds 405 (the method is not allowed), 406 and 415 (the format is not supported), 408 (the body did not come), 403 (the Host or Origin is not allowed), 412 (a condition such as `If-Match` does not hold), 400 for a search parameter that is not known, and 503 with `Retry-After` (too much at once). On the command line a wrong option or value and a file that is not there end with 2, a key or password that does not fit and what cannot be read or written with 3, whatever the code.',
    '',
    '| issue code | HTTP status | exit code |',
    '| --- | --- | --- |',
    ...Object.entries(STATUS).map(([code, status]) => `| \`${code}\` | ${status} | ${exitOfCode(code as IssueCode)} |`),
    '',
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/errors.md')
})
