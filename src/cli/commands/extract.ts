/** `fhirdoc extract`: the document that a PDF carries, byte for byte. */

import { extract } from '../../archive.ts'
import { command } from '../command.ts'
import { readInput } from '../input.ts'
import { common, out } from '../options.ts'
import { deliver } from '../output.ts'

export const extractCommand = command({
  name: 'extract',
  text: 'the document that a PDF carries, byte for byte',
  operands: { label: '<pdf>', least: 1, most: 1 },
  options: { ...common, out },
  later: [],
  run: async ({ operands: [path = '-'], values }, cli) => {
    const { bytes } = extract(await readInput(path, cli))
    return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
  },
})
