/** `fhirdoc summary`: the summary of a patient's record as a document Bundle. */

import { draft, draftedRequest, guideFor, headingsIn, recordOf, softwareDevice } from '../../drafting.ts'
import { fail } from '../../fhir/error.ts'
import { isError } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import type { Model } from '../../fhir/model.ts'
import { OPTIONS } from '../../options.ts'
import { compose, type Attestation } from '../../pipeline.ts'
import type { Found, Source, Target } from '../../ports.ts'
import { reference, text } from '../../shape.ts'
import { misuse } from '../answer.ts'
import { command, type Cli } from '../command.ts'
import { named } from '../input.ts'
import { composed, option, out, several } from '../options.ts'
import { deliver, encoded } from '../output.ts'
import { sourceNamed } from '../upstream.ts'

/** The options of commands that draft a document from a record. */
export const DRAFTING = {
  ...composed,
  source: several(
    text('folder | Bundle (.json or .xml) | .ndjson | .ndjson.gz | FHIR base URL'),
    'where the record is; the first that has the patient',
  ),
  profile: option(OPTIONS.profile.shape, 'the profile of the Composition, with its version where several are known'),
  lang: option(OPTIONS.lang.shape, 'the language of the titles; en where none is given'),
  out,
  receipt: option(text('file'), 'where the receipt goes: where each resource of the record is, or why it is not'),
  fullUrl: OPTIONS.fullUrl,
} as const

export const summaryCommand = command({
  name: 'summary',
  text: 'the summary of the record of a patient (Patient/id, a URL, or an identifier as system|value) as a document Bundle',
  operands: { label: '<patient>', least: 1, most: 1 },
  options: {
    ...DRAFTING,
    reviewer: option(reference, 'the practitioner who reviewed the summary and attests it'),
  },
  later: [],
  run: async ({ operands: [operand = ''], values }, cli) => {
    const { design, edge, guides } = await cli.start()
    const guide = guideFor((await guides?.(design)) ?? [], 'summary', values.profile)
    const { patient, sources } = await patientIn(operand, await sourcesOf(values.source, cli))
    const [source, ...others] = sources
    const record = await recordOf(source, patient, guide, others)
    const lang = values.lang ?? 'en'
    const reviewer = values.reviewer === undefined ? undefined : { reference: values.reviewer }
    const { emptySections, zone } = cli.settings
    const date = edge.now()
    const made = draft(record, guide, {
      ...{ date, lang, reviewer, emptySections, zone },
      heading: headingsIn(design, lang),
      author: softwareDevice(cli.version),
    })
    const attestation: Attestation | undefined = reviewer && {
      status: 'final',
      attester: [{ mode: 'professional', time: date, party: reviewer }],
    }
    const request = draftedRequest(made, { guide, record, sources, attestation, fullUrl: values.fullUrl })
    const product = await compose(request, design, edge)
    const receipt = { path: values.receipt, bytes: `${stringify(product.receipt, 2)}\n` }
    const document = { path: values.out, bytes: encoded(product.bundle, values.out, design) }
    const taken = await deliver(document, cli, receipt.path === undefined ? [] : [receipt])
    return { exit: product.issues.some(isError) ? 1 : 0, issues: product.issues, ...taken }
  },
})

/** The sources that the command line names. @throws Stop 2 where there is none */
export function sourcesOf(names: readonly string[] | undefined, cli: Cli): Promise<readonly Source[]> {
  if (names === undefined || names.length === 0) throw misuse('There is no source, expected --source')
  const model = async (): Promise<Model> => (await cli.start()).design.collect.model
  return named(Promise.all(names.map((source) => sourceNamed(source, cli.settings, { model }))))
}

/** The patient that the operand names, and the sources with the one that has the record first. @throws FhirError `not-found`, `multiple-matches` */
export async function patientIn(
  operand: string,
  sources: readonly Source[],
): Promise<{ readonly patient: Found; readonly sources: readonly [Source, ...Source[]] }> {
  const target = targetOf(operand)
  for (const source of sources) {
    const [answers = []] = await source.read([target])
    const [patient, another] = answers
    if (another !== undefined)
      throw fail('multiple-matches', `${operand} names several resources, expected one patient`)
    if (patient?.resource.resourceType === 'Patient')
      return { patient, sources: [source, ...sources.filter((other) => other !== source)] }
  }
  throw fail('not-found', `${operand} is in no source, expected a patient`)
}

function targetOf(operand: string): Target {
  const [, id] = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(operand) ?? []
  if (id !== undefined) return { by: 'id', type: 'Patient', id }
  const [, system, value] = /^([^|]+)\|(.+)$/.exec(operand) ?? []
  if (system !== undefined && value !== undefined) return { by: 'identifier', type: 'Patient', system, value }
  return { by: 'url', url: operand }
}
