/** From a document to the PDF that an archive keeps, and back from that PDF to the document. */

import { sha256 } from './fhir/digest.ts'
import type { Bundle } from './fhir/types.ts'
import { embeddedDocument, type EmbeddedDocument } from './pdf/embedded.ts'
import { present, print, unsigned, type Design, type Edge, type Printed } from './pipeline.ts'
import { attachedPdfs } from './render/attached-files.ts'
import { archived, packedFiles, sourceFile, type AssociatedFile } from './render/pdf/archive.ts'
import { DOCUMENT_FORM, octets } from './sign/octets.ts'

export type { Printed } from './pipeline.ts'
export type { AssociatedFile } from './render/pdf/archive.ts'

/** PDF/A-3a with the document embedded, PDF/A-2a with nothing embedded, or a PDF as the browser prints it. */
export type ArchiveLevel = '3a' | '2a' | 'none'

/** A document with its bytes as they were received. */
export interface Received {
  readonly bundle: Bundle
  readonly bytes: Uint8Array
  readonly mediaType: string
}

export interface ArchiveOptions {
  /** 3a where none is given. */
  readonly level?: ArchiveLevel | undefined
  /** What else the PDF carries; in 3a alone. */
  readonly further?: readonly AssociatedFile[]
  readonly signal?: AbortSignal
}

/**
 * The document as PDF. In 2a and 3a its last page bears the digest of the document's octets (H-14), and the same
 * document, design and version give the same bytes.
 */
export async function archivePdf(
  document: Received,
  design: Design,
  edge: Edge,
  options: ArchiveOptions = {},
): Promise<Printed> {
  const { bundle, bytes, mediaType } = document
  const { level = '3a', further = [], signal } = options
  if (level === 'none') return print(present(bundle, design, edge), edge, signal)
  const carried =
    level === '3a' ? [sourceFile(bytes, mediaType), ...attachedPdfs(bundle, design.render.model), ...further] : []
  const packing = packedFiles(carried)
  const page = present(bundle, withDigest(design, bundle), edge)
  const [printed, files] = await Promise.all([print(page, edge, signal), packing])
  const request = { facts: page.facts, level, files }
  const here = (): Promise<Uint8Array> => Promise.resolve(archived(printed.pdf, request))
  const pdf = await edge.observe('archive', () => edge.archive?.(printed.pdf, request, signal) ?? here())
  return { ...printed, pdf }
}

function withDigest(design: Design, bundle: Bundle): Design {
  return { ...design, render: { ...design.render, digest: documentDigest(bundle) } }
}

/** SHA-256 of what a first signature of the document covers: those that it bears, wherever they stand, change nothing of it. */
export function documentDigest(bundle: Bundle): Uint8Array {
  return sha256(octets(unsigned(bundle), DOCUMENT_FORM))
}

/** The document that a PDF carries. @throws FhirError where it carries none, or cannot be read */
export function extract(pdf: Uint8Array): EmbeddedDocument {
  return embeddedDocument(pdf)
}

/** The same, read where it holds up nothing else. @throws FhirError as `extract`, and `timeout` */
export function extractAside(pdf: Uint8Array, edge: Edge, signal?: AbortSignal): Promise<EmbeddedDocument> {
  return edge.observe('extract', async () => (await edge.extract?.(pdf, signal)) ?? extract(pdf))
}
