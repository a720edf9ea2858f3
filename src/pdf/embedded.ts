/** The files that a PDF carries, and the FHIR document among them. @see ISO 32000-1:2008, 7.11.4 @see ISO 19005-3:2012, 6.8 */

import { fail } from '../fhir/error.ts'
import { inflated } from './deflate.ts'
import {
  dictOf,
  nameOf,
  PdfStream,
  PdfString,
  resolved,
  textOf,
  type PdfDict,
  type PdfDocument,
  type PdfValue,
} from './objects.ts'
import { readPdf } from './read.ts'

/** A file that a PDF carries. */
export interface EmbeddedFile {
  readonly name: string
  /** As it is written there; empty where nothing is. */
  readonly mediaType: string
  /** What it is to the pages, such as `Source`; empty where nothing says it. */
  readonly relationship: string
  readonly stream: PdfStream
}

/** A document as it was put into a PDF. */
export interface EmbeddedDocument {
  readonly name: string
  /** `application/fhir+json` or `application/fhir+xml` */
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * The FHIR document that a PDF carries, byte for byte: the source of its pages where one is named so, else the only
 * FHIR file.
 * @throws FhirError `structure` where the file is no PDF, `not-supported` where it is encrypted, `not-found` where it
 * carries none, `required` where several could be meant, `too-costly`
 */
export function embeddedDocument(pdf: Uint8Array): EmbeddedDocument {
  const document = readPdf(pdf)
  const candidates = embeddedFiles(document).filter((file) => formOf(file) !== undefined)
  const sources = candidates.filter(({ relationship }) => relationship === 'Source')
  const [only, another] = sources.length > 0 ? sources : candidates
  if (only === undefined)
    throw fail('not-found', 'The PDF carries no FHIR document, expected one embedded as JSON or XML')
  if (another !== undefined)
    throw fail('required', `The PDF carries several files that could be its document: ${only.name}, ${another.name}`)
  return {
    name: only.name,
    mediaType: `application/fhir+${formOf(only) ?? 'json'}`,
    bytes: inflated(document, only.stream),
  }
}

const FORM = /^(?:application|text)\/(?:fhir\+)?(json|xml)\b/
const ENDING = /\.(json|xml)$/i

/** Whether a file is JSON or XML by its media type, else by its name; undefined where it is neither. */
function formOf({ mediaType, name }: EmbeddedFile): string | undefined {
  const form = mediaType === '' || mediaType === 'application/octet-stream' ? ENDING.exec(name) : FORM.exec(mediaType)
  return form?.[1]?.toLowerCase()
}

/** The files of a document: those that are associated with it, then those that are only embedded. */
export function embeddedFiles(document: PdfDocument): readonly EmbeddedFile[] {
  const catalog = dictOf(document, document.trailer.get('Root'))
  const associated = resolved(document, catalog?.get('AF'))
  const names = dictOf(document, catalog?.get('Names'))
  const specifications = [
    ...(Array.isArray(associated) ? associated : []),
    ...leavesOf(document, names?.get('EmbeddedFiles')),
  ].map((value) => dictOf(document, value))
  return [...new Set(specifications)].flatMap((specification) => fileOf(document, specification))
}

const maxNodes = 10_000

/** The values of a name tree. @see ISO 32000-1:2008, 7.9.6 */
function leavesOf(document: PdfDocument, root: PdfValue | undefined): readonly PdfValue[] {
  const leaves: PdfValue[] = []
  const seen = new Set<PdfDict>()
  const pending = [root]
  while (pending.length > 0) {
    const node = dictOf(document, pending.pop())
    if (node === undefined || seen.has(node) || seen.size + leaves.length > maxNodes) continue
    seen.add(node)
    const [names, kids] = [resolved(document, node.get('Names')), resolved(document, node.get('Kids'))]
    if (Array.isArray(names)) leaves.push(...names.slice(0, maxNodes).filter((_, at) => at % 2 === 1))
    if (Array.isArray(kids)) pending.push(...kids.slice(0, maxNodes).toReversed())
  }
  return leaves
}

function fileOf(document: PdfDocument, specification: PdfDict | undefined): readonly EmbeddedFile[] {
  const files = dictOf(document, specification?.get('EF'))
  const stream = resolved(document, files?.get('UF') ?? files?.get('F'))
  if (!(stream instanceof PdfStream)) return []
  const name = resolved(document, specification?.get('UF') ?? specification?.get('F'))
  return [
    {
      name: name instanceof PdfString ? textOf(name) : '',
      mediaType: (nameOf(document, stream.dict, 'Subtype') ?? '').toLowerCase(),
      relationship: nameOf(document, specification, 'AFRelationship') ?? '',
      stream,
    },
  ]
}
