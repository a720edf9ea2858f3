/** `fhirdoc convert`: a resource from one format of FHIR to the other, nothing lost. */

import { WRITERS } from '../../fhir/format.ts'
import { fail } from '../../fhir/error.ts'
import { isResource } from '../../fhir/types.ts'
import { oneOf } from '../../shape.ts'
import { misuse } from '../answer.ts'
import { command } from '../command.ts'
import { readFhir } from '../input.ts'
import { common, option, out } from '../options.ts'
import { deliver } from '../output.ts'

export const convertCommand = command({
  name: 'convert',
  text: 'the same resource in the other format of FHIR, nothing lost',
  operands: { label: '<resource>', least: 1, most: 1 },
  options: { ...common, out, to: option(oneOf(['json', 'xml']), 'the format; else by the ending of --out') },
  later: [],
  run: async ({ operands: [path = '-'], values }, cli) => {
    const format = values.to ?? /\.(json|xml)$/i.exec(values.out ?? '')?.[1]?.toLowerCase()
    if (format !== 'json' && format !== 'xml') throw misuse('A format is missing, expected --to json or --to xml')
    const resource = await readFhir(path, cli)
    if (!isResource(resource)) throw fail('structure', 'The input is JSON but no FHIR resource, expected one')
    const { design } = await cli.start()
    const bytes = WRITERS[format](resource, design.collect.model, 'pretty')
    return { exit: 0, issues: [], ...(await deliver({ path: values.out, bytes }, cli)) }
  },
})
