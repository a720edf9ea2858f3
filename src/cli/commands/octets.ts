/** `fhirdoc octets`: the exact octets that a signature covers. */

import { octetsOf } from '../../pipeline.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, out } from '../options.ts'
import { deliver } from '../output.ts'

export const octetsCommand = command({
  name: 'octets',
  text: 'the exact octets that a signature of the document covers',
  operands: { label: '<document>', least: 1, most: 1 },
  options: { ...common, out },
  later: [],
  run: async ({ operands: [path = '-'], values }, cli) => {
    const bytes = octetsOf(await readBundle(path, cli))
    return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
  },
})
