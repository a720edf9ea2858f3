/** `fhirdoc check`: every rule on a document. */

import { isError, outcome } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import { inspect } from '../../pipeline.ts'
import { misuse } from '../answer.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, out } from '../options.ts'
import { count, deliver } from '../output.ts'

export const checkCommand = command({
  name: 'check',
  text: 'every rule on a document; exit 0 where there is no error',
  operands: { label: '<document>', least: 1, most: Infinity },
  options: { ...common, out: { ...out, text: 'where an OperationOutcome goes besides' } },
  later: ['--profile', '--html'],
  run: async ({ operands: [path = '-'], values, all }, cli) => {
    if (values.out !== undefined && all.length > 1) throw misuse('--out takes the OperationOutcome of one document')
    const bundle = await readBundle(path, cli)
    const { design, edge } = await cli.start()
    const issues = inspect(bundle, design, edge)
    if (values.out !== undefined) await deliver({ path: values.out, bytes: `${stringify(outcome(issues), 2)}\n` }, cli)
    return { exit: issues.some(isError) ? 1 : 0, issues, text: `${count(issues)}\n` }
  },
})
