/** `fhirdoc check`: every rule on a document. */

import { isError, outcome } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import { OPTIONS } from '../../options.ts'
import { inspect, presentIssues, type Design } from '../../pipeline.ts'
import { lines, misuse } from '../answer.ts'
import { command, type Cli } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, out } from '../options.ts'
import { count, deliver } from '../output.ts'

export const checkCommand = command({
  name: 'check',
  text: 'every rule on a document; exit 0 where there is no error',
  operands: { label: '<document>', least: 1, most: Infinity },
  options: {
    ...common,
    profile: { ...OPTIONS.profile, many: true },
    out: { ...out, text: 'where an OperationOutcome goes besides' },
    html: { ...out, text: 'where a page goes with the issues beside the document' },
  },
  later: [],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    if (all.length > 1 && values.out !== undefined) throw misuse('--out takes the OperationOutcome of one document')
    if (all.length > 1 && values.html !== undefined) throw misuse('--html takes the report of one document')
    const bundle = await readBundle(path, cli)
    const { design, edge } = await cli.start()
    const issues = await inspect(bundle, design, edge, values.profile)
    if (all[0] === path) await tellFaults(design, cli)
    await deliverAll(
      [
        { path: values.out, bytes: () => `${stringify(outcome(issues), 2)}\n` },
        { path: values.html, bytes: () => presentIssues(bundle, issues, design, edge) },
      ],
      cli,
    )
    return { exit: issues.some(isError) ? 1 : 0, issues, text: `${count(issues)}\n` }
  },
})

interface Wanted {
  readonly path: string | undefined
  readonly bytes: () => string
}

/** The files that were asked for: all of them, or none. */
async function deliverAll(wanted: readonly Wanted[], cli: Cli): Promise<void> {
  const [first, ...others] = wanted.flatMap(({ path, bytes }) => (path === undefined ? [] : [{ path, bytes: bytes() }]))
  if (first !== undefined) await deliver(first, cli, others)
}

/** What is wrong with the packages in use: what they say of a document is not all that they should. */
async function tellFaults({ checks }: Design, { stderr }: Cli): Promise<void> {
  const issues = checks.definitions.library.faults.map(
    ({ package: name, text }) =>
      ({ severity: 'warning', code: 'processing', text: `The package ${name}: ${text}` }) as const,
  )
  if (issues.length > 0) await stderr.write(lines(issues))
}
