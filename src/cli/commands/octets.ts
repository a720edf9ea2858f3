/** `fhirdoc octets`: the exact octets that a signature covers. */

import { OPTIONS } from '../../options.ts'
import { octetsOf } from '../../pipeline.ts'
import { text } from '../../shape.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, option, out } from '../options.ts'
import { deliver } from '../output.ts'

export const octetsCommand = command({
  name: 'octets',
  text: 'the exact octets that a signature of the document covers',
  operands: { label: '<document>', least: 1, most: 1 },
  options: {
    ...common,
    out,
    format: OPTIONS.format,
    signature: option(text('Bundle.signature | Provenance/id'), 'which signature, by where it stands; else the first'),
  },
  later: [],
  run: async ({ operands: [path = '-'], values }, cli) => {
    const bundle = await readBundle(path, cli)
    const { model } = (await cli.start()).design.collect
    const bytes = octetsOf(bundle, { where: values.signature, format: values.format, model })
    return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
  },
})
