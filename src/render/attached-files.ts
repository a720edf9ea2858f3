/** The PDFs that a document carries as attachments of its resources, to be files of an archive PDF of their own (H-17). */

import { fromBase64, sha256 } from '../fhir/digest.ts'
import type { Model } from '../fhir/model.ts'
import { isObject, type Bundle, type JsonObject } from '../fhir/types.ts'
import { walk } from '../fhir/walk.ts'
import type { AssociatedFile } from './pdf/archive.ts'
import { plainText } from './wording.ts'

/** Each PDF once, in the order of the entries. What the bytes are counts, not what they are said to be. */
export function attachedPdfs(bundle: Bundle, model: Model): readonly AssociatedFile[] {
  const found = new Map<string, AssociatedFile>()
  const take = (holder: JsonObject, title: string): void => {
    const bytes = pdfIn(holder)
    if (bytes === undefined) return
    const digest = Buffer.from(sha256(bytes)).toString('hex')
    if (!found.has(digest)) found.set(digest, fileOf(bytes, title, found.size + 1))
  }
  for (const { resource } of bundle.entry ?? []) {
    if (resource === undefined) continue
    if (resource.resourceType === 'Binary') take(resource, '')
    else
      walk(resource, model, ({ type, value, isShadow }) => {
        if (type === 'Attachment' && isObject(value) && !isShadow) take(value, plainText(value['title']))
      })
  }
  return [...found.values()]
}

/** `%PDF` in base64: most attachments need not be read to know that they are none. */
const BEGINNING = /^\s*JVBERi0/

function pdfIn({ data }: JsonObject): Uint8Array | undefined {
  if (typeof data !== 'string' || !BEGINNING.test(data)) return undefined
  return fromBase64(data.replaceAll(/\s/g, ''))
}

/** Readers list files by name: the document itself comes first. */
function fileOf(bytes: Uint8Array, title: string, number: number): AssociatedFile {
  return {
    name: `enclosure-${number}.pdf`,
    mediaType: 'application/pdf',
    description: title === '' ? `Attachment ${number} of the document` : title.slice(0, 200),
    relationship: 'Supplement',
    bytes,
  }
}
