/** What an archive PDF may carry beside its document, by name. */

import type { AssociatedFile, Received } from './archive.ts'
import { fail } from './fhir/error.ts'
import { WRITERS } from './fhir/format.ts'
import { stringify } from './fhir/json.ts'
import { judge, type Design, type Edge } from './pipeline.ts'

export const ATTACHMENTS = ['json', 'xml', 'report'] as const
export type Attachment = (typeof ATTACHMENTS)[number]

export interface Surroundings {
  readonly design: Design
  readonly edge: Edge
  /** What signatures are trusted by. */
  readonly trust: Parameters<typeof judge>[1]
}

type Made = (document: Received, surroundings: Surroundings) => Promise<AssociatedFile>

const MAKERS: Readonly<Record<Attachment, Made>> = { json: otherForm('json'), xml: otherForm('xml'), report }

/** The files named, each once. @throws FhirError `value` for the form that the document itself has */
export function attached(
  names: readonly Attachment[],
  document: Received,
  surroundings: Surroundings,
): Promise<AssociatedFile[]> {
  return Promise.all([...new Set(names)].map((name) => MAKERS[name](document, surroundings)))
}

function otherForm(form: 'json' | 'xml'): Made {
  return ({ bundle, mediaType }, { design }) => {
    if (mediaType.endsWith(form))
      throw fail('value', `The document is ${form.toUpperCase()} and embedded as such already, expected another form`)
    return Promise.resolve({
      name: `document.${form}`,
      mediaType: `application/fhir+${form}`,
      description: `The document as ${form.toUpperCase()}`,
      relationship: 'Alternative',
      bytes: Buffer.from(WRITERS[form](bundle, design.collect.model, 'pretty')),
    })
  }
}

/** For the time at which it is made: such a PDF is not the same each time. */
async function report({ bundle }: Received, { design, edge, trust }: Surroundings): Promise<AssociatedFile> {
  const { model } = design.collect
  const found = await judge(bundle, { ...trust, model, at: edge.now() }, edge)
  return {
    name: 'verification.json',
    mediaType: 'application/json',
    description: 'What was found of the signatures of the document',
    relationship: 'Supplement',
    bytes: Buffer.from(`${stringify(found, 2)}\n`),
  }
}
