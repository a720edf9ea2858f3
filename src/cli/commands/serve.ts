/** `fhirdoc serve`: the service over HTTP. */

import { mustBeSafe } from '../../settings.ts'
import { asked } from '../answer.ts'
import { command } from '../command.ts'

export const serveCommand = command({
  name: 'serve',
  text: 'the service over HTTP; its settings come from the environment',
  operands: { label: 'argument', least: 0, most: 0 },
  options: {},
  later: [],
  run: async (_, cli) => {
    asked(() => mustBeSafe(cli.settings))
    return { exit: await cli.serve(), issues: [] }
  },
})
