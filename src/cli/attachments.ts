/** What an archive PDF may carry beside its document, by name. */

import { readTrust } from '../edge/trust.ts'
import { WRITERS } from '../fhir/format.ts'
import { stringify } from '../fhir/json.ts'
import type { Json } from '../fhir/types.ts'
import { judge } from '../pipeline.ts'
import type { AssociatedFile } from '../archive.ts'
import { misuse, surroundings } from './answer.ts'
import type { Cli } from './command.ts'
import type { DocumentFile } from './input.ts'

export const ATTACHMENTS = ['json', 'xml', 'report'] as const
export type Attachment = (typeof ATTACHMENTS)[number]

type Made = (document: DocumentFile, cli: Cli) => Promise<AssociatedFile>

const MAKERS: Readonly<Record<Attachment, Made>> = { json: otherForm('json'), xml: otherForm('xml'), report }

/** The files named, each once. @throws Stop 2 for the form that the document itself has */
export function attachments(names: readonly Attachment[], document: DocumentFile, cli: Cli): Promise<AssociatedFile[]> {
  return Promise.all([...new Set(names)].map((name) => MAKERS[name](document, cli)))
}

function otherForm(form: 'json' | 'xml'): Made {
  return async ({ bundle, mediaType }, cli) => {
    if (mediaType.endsWith(form)) throw misuse(`The document is ${form.toUpperCase()} and embedded as such already`)
    const { model } = (await cli.start()).design.collect
    return {
      name: `document.${form}`,
      mediaType: `application/fhir+${form}`,
      description: `The document as ${form.toUpperCase()}`,
      relationship: 'Alternative',
      bytes: Buffer.from(WRITERS[form](bundle, model, 'pretty')),
    }
  }
}

/** By the certificates that the settings trust, for the time at which it is made: such a PDF is not the same each time. */
async function report({ bundle }: DocumentFile, cli: Cli): Promise<AssociatedFile> {
  const { trust } = cli.settings
  const { anchors, crls } = await surroundings(readTrust(trust === undefined ? [] : [trust]))
  const { design, edge } = await cli.start()
  const { model } = design.collect
  const found = await judge(bundle, { trust: anchors, crls, model, at: edge.now() }, edge)
  return {
    name: 'verification.json',
    mediaType: 'application/json',
    description: 'What was found of the signatures of the document',
    relationship: 'Supplement',
    bytes: Buffer.from(`${stringify(found as unknown as Json, 2)}\n`),
  }
}
