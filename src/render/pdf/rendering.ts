/** What a PDF says of how its pages were made (H-14), read back from its metadata. */

import { inflated } from '../../pdf/deflate.ts'
import { dictOf, PdfStream, resolved } from '../../pdf/objects.ts'
import { readPdf } from '../../pdf/read.ts'

export interface StatedRendering {
  /** Such as `fhirdoc 0.1.0`. */
  readonly renderer: string
  readonly template: string
  /** SHA-256 of all templates, hexadecimal. */
  readonly templates: string
  /** BCP 47, of the page's own words. */
  readonly language: string
  /** SHA-256 of the `#document` octets, hexadecimal. */
  readonly digest: string
  /** IANA name of the zone in which times in UTC are shown a second time; undefined where they are not. */
  readonly zone: string | undefined
}

const MOST_BYTES = 1024 * 1024

/** Undefined where it does not say all of it. @throws FhirError where it is no PDF that can be read */
export function readRendering(pdf: Uint8Array): StatedRendering | undefined {
  const document = readPdf(pdf)
  const metadata = resolved(document, dictOf(document, document.trailer.get('Root'))?.get('Metadata'))
  if (!(metadata instanceof PdfStream)) return undefined
  const packet = Buffer.from(inflated(document, metadata, MOST_BYTES)).toString('utf8')
  const member = (name: string): string | undefined => {
    const found = new RegExp(`<fhirdoc:${name}>([^<]{1,500})</fhirdoc:${name}>`).exec(packet)?.[1]
    return found?.replace(/&(lt|gt|amp|quot);/g, (_, entity: string) => ENTITIES[entity] ?? '')
  }
  const [renderer, template, templates] = [member('renderer'), member('template'), member('templates')]
  const [language, digest] = [member('language'), member('digest')]
  if (renderer === undefined || template === undefined || templates === undefined) return undefined
  return language === undefined || digest === undefined
    ? undefined
    : { renderer, template, templates, language, digest, zone: member('zone') }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }
