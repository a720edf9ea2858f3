/** `fhirdoc compose`: a Composition and its sources to a document. */

import { kindOf } from '../../edge/files.ts'
import { bundleSource } from '../../edge/store/bundle.ts'
import { fail } from '../../fhir/error.ts'
import { isError } from '../../fhir/issue.ts'
import { stringify } from '../../fhir/json.ts'
import type { Model } from '../../fhir/model.ts'
import { isComposition, isResource } from '../../fhir/types.ts'
import { OPTIONS } from '../../options.ts'
import { compileGraph, compose, stamped, type ComposeRequest } from '../../pipeline.ts'
import type { Source } from '../../ports.ts'
import { bundleFrom, composeRequest, compositionOf, type Origin } from '../../request.ts'
import { text } from '../../shape.ts'
import { asked, misuse } from '../answer.ts'
import { command, type Cli } from '../command.ts'
import { named, readFhir } from '../input.ts'
import { openLasting, sidecarOf } from '../lasting.ts'
import { composed, flag, lasting, option, out, several, signing } from '../options.ts'
import { deliver, encoded } from '../output.ts'
import { openSigning } from '../signing.ts'
import { openStamping } from '../stamping.ts'
import { sourceNamed } from '../upstream.ts'

const { secondary, fullUrl, profile } = OPTIONS

export const composeCommand = command({
  name: 'compose',
  text: 'a Composition (a file, or Composition/id in a source) and what it references as a document Bundle',
  operands: { label: '<composition>', least: 1, most: 1 },
  options: {
    ...composed,
    source: several(
      text('folder | Bundle (.json or .xml) | .ndjson | FHIR base URL'),
      'where the resources come from, the first before the next',
    ),
    out,
    receipt: option(text('file'), 'where the receipt goes: what was done with every reference, and why'),
    graph: option(
      text('file'),
      'a GraphDefinition that says what is included beside what the Composition refers to, in place of --secondary',
    ),
    secondary,
    fullUrl,
    profile: several(profile.shape, profile.text),
    sign: flag('sign the document, with the key of --key'),
    ...signing,
    ...lasting,
  },
  later: [],
  run: async ({ operands: [operand = '-'], values }, cli) => {
    if (values.sign !== undefined && values.key === undefined) throw misuse('--sign has no key, expected --key')
    if (values.sign === undefined && values.key !== undefined) throw misuse('--key is of no use without --sign')
    const model = async (): Promise<Model> => (await cli.start()).design.collect.model
    const sources = await named(
      Promise.all((values.source ?? []).map((source) => sourceNamed(source, cli.settings, { model }))),
    )
    const origin = await originOf(operand, sources, cli)
    const request = asked(() => composeRequest(origin, values))
    const graph = values.graph === undefined ? {} : { graph: await graphIn(values.graph, cli) }
    const sign = values.sign === undefined ? undefined : await openSigning(values, cli)
    const stamping = await openStamping(values, cli)
    const lasting = stamping === undefined ? await openLasting(values, cli) : undefined
    if ((lasting ?? stamping) !== undefined && sign === undefined) throw misuse('--level is of no use without --sign')
    const { design, edge } = await cli.start()
    const wishes = { profiles: values.profile ?? [], ...graph, ...(sign !== undefined && { sign }) }
    const product = await compose({ ...request, ...wishes }, design, edge)
    const receipt = { path: values.receipt, bytes: `${stringify(product.receipt, 2)}\n` }
    const { bundle } = product
    const finished = stamping === undefined ? bundle : await stamped(bundle, stamping, design, edge)
    const document = { path: values.out, bytes: encoded(finished, values.out, design) }
    const sidecars = lasting === undefined ? [] : [await sidecarOf(product.bundle, lasting, { edge, isNew: true })]
    const taken = await deliver(document, cli, [...(receipt.path === undefined ? [] : [receipt]), ...sidecars])
    return { exit: product.issues.some(isError) ? 1 : 0, issues: product.issues, ...taken }
  },
})

async function graphIn(path: string, cli: Cli): Promise<NonNullable<ComposeRequest['graph']>> {
  const value = await readFhir(path, cli)
  if (isResource(value)) return compileGraph(value)
  throw fail('structure', 'The graph is no FHIR resource, expected a GraphDefinition')
}

/** The Composition that the operand names; one that comes in a Bundle has the Bundle as its first source. */
async function originOf(operand: string, sources: readonly Source[], cli: Cli): Promise<Origin> {
  if (/^Composition\/[^/]/.test(operand) && (await kindOf(operand)) === 'nothing') {
    if (sources.length === 0) throw misuse(`${operand} is no file and there is no source, expected --source`)
    return { composition: { reference: operand }, sources }
  }
  const value = await readFhir(operand, cli)
  if (isComposition(value)) return { composition: value, sources }
  const bundle = bundleFrom(value)
  const { composition, url } = compositionOf(bundle)
  const own = bundleSource('input', bundle)
  return { composition, sources: [own, ...sources], origin: { source: own.name, ...(url !== undefined && { url }) } }
}
