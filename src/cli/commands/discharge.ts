/** `fhirdoc discharge`: the discharge report of a hospital stay as a document Bundle. */

import { dischargeRequest, stayIn } from '../../discharge.ts'
import { guideFor } from '../../drafting.ts'
import { fail } from '../../fhir/error.ts'
import { isError } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import { compose } from '../../pipeline.ts'
import type { Target } from '../../ports.ts'
import { reference, text } from '../../shape.ts'
import { command } from '../command.ts'
import { readInput } from '../input.ts'
import { option } from '../options.ts'
import { deliver, encoded } from '../output.ts'
import { DRAFTING, sourcesOf } from './summary.ts'

export const dischargeCommand = command({
  name: 'discharge',
  text: 'the discharge report of a hospital stay (Encounter/id, or a URL) as a document Bundle, preliminary until it is attested',
  operands: { label: '<encounter>', least: 1, most: 1 },
  options: {
    ...DRAFTING,
    course: option(
      text('file'),
      'the hospital course in the words of the clinician, as markdown; - for standard input',
    ),
    author: option(reference, 'the practitioner who writes the report, beside the software'),
    attester: option(reference, 'the practitioner who attests the report, which is final then'),
  },
  later: [],
  run: async ({ operands: [operand = ''], values }, cli) => {
    const course = values.course === undefined ? undefined : words(await readInput(values.course, cli))
    const { design, edge, guides } = await cli.start()
    const guide = guideFor((await guides?.(design)) ?? [], 'discharge-report', values.profile)
    const stay = await stayIn(targetOf(operand), await sourcesOf(values.source, cli))
    const { emptySections } = cli.settings
    const settings = { guide, emptySections, version: cli.version }
    const request = await dischargeRequest(stay, { ...values, course }, settings, { design, edge })
    const product = await compose(request, design, edge)
    const receipt = { path: values.receipt, bytes: `${stringify(product.receipt, 2)}\n` }
    const document = { path: values.out, bytes: encoded(product.bundle, values.out, design) }
    const taken = await deliver(document, cli, receipt.path === undefined ? [] : [receipt])
    return { exit: product.issues.some(isError) ? 1 : 0, issues: product.issues, ...taken }
  },
})

/** @throws FhirError `structure` */
function words(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw fail('structure', 'The hospital course is no UTF-8, expected text', { cause })
  }
}

function targetOf(operand: string): Target {
  const [, id] = /^(?:Encounter\/)?([A-Za-z0-9.-]{1,64})$/.exec(operand) ?? []
  return id === undefined ? { by: 'url', url: operand } : { by: 'id', type: 'Encounter', id }
}
