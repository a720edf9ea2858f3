/** `fhirdoc sign`: a document with a signature or a seal. */

import { signDocument } from '../../pipeline.ts'
import { misuse } from '../answer.ts'
import { command } from '../command.ts'
import { readBundle } from '../input.ts'
import { common, laterSigning, out, signing } from '../options.ts'
import { deliver, encoded } from '../output.ts'
import { openSigning } from '../signing.ts'

export const signCommand = command({
  name: 'sign',
  text: 'the document with a signature over its canonical form',
  operands: { label: '<document>', least: 1, most: 1 },
  options: { ...common, out, ...signing },
  later: [...laterSigning, '--crl', '--ocsp'],
  run: async ({ operands: [path = '-'], values }, cli) => {
    if (values.key === undefined) throw misuse('A key is missing, expected --key')
    const bundle = await readBundle(path, cli)
    const request = await openSigning(values, cli)
    const { design, edge } = await cli.start()
    const signed = await signDocument(bundle, request, design, edge)
    return {
      exit: 0,
      issues: [],
      ...(await deliver({ path: values.out, bytes: encoded(signed, values.out, design) }, cli)),
    }
  },
})
