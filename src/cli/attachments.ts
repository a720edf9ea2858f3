/** What an archive PDF carries beside its document, by the names and the trust that the command line has. */

import { attached, type Attachment } from '../attaching.ts'
import type { AssociatedFile } from '../archive.ts'
import { readTrust } from '../edge/trust.ts'
import { misuse, surroundings } from './answer.ts'
import type { Cli } from './command.ts'
import type { DocumentFile } from './input.ts'

/** The files named, each once. @throws Stop 2 for the form that the document itself has */
export async function attachments(
  names: readonly Attachment[],
  document: DocumentFile,
  cli: Cli,
): Promise<readonly AssociatedFile[]> {
  if (names.length === 0) return []
  const own = names.find((name) => document.mediaType.endsWith(name))
  if (own !== undefined) throw misuse(`The document is ${own.toUpperCase()} and embedded as such already`)
  const { trust } = cli.settings
  const { anchors, crls } = await surroundings(readTrust(trust === undefined ? [] : [trust]))
  const { design, edge } = await cli.start()
  return attached(names, document, { design, edge, trust: { trust: anchors, crls, at: edge.now() } })
}
