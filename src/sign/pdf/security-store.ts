/**
 * The document security store of a PDF: the certificates and revocation data that its signatures will be judged by.
 * @see https://www.etsi.org/deliver/etsi_en/319100_319199/31914201/01.02.01_60/en_31914201v010201p.pdf
 */

import { fail, FhirError } from '../../fhir/error.ts'
import { deflated, inflated } from '../../pdf/deflate.ts'
import {
  added,
  dictOf,
  pdfDict,
  pdfName,
  PdfRef,
  PdfStream,
  resolved,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/objects.ts'
import type { Values } from '../gather.ts'
import { readOcsp } from '../ocsp.ts'
import type { Gathered } from '../reading.ts'
import { readCertificate, readCrl } from '../x509.ts'
import { catalogOf } from './field.ts'

const MEMBERS = { certificates: 'Certs', crls: 'CRLs', ocsps: 'OCSPs' } as const

const MOST_STREAMS = 1_000
const MOST_BYTES = 64 * 1024 * 1024

/** What is in the store of a document; nothing where it has none. @throws FhirError `too-costly` */
export function storedValues(document: PdfDocument): Values {
  const store = dictOf(document, catalogOf(document).dict.get('DSS'))
  let left = MOST_BYTES
  const ders = (name: string): readonly Uint8Array[] => {
    const list = resolved(document, store?.get(name))
    const streams = Array.isArray(list) ? list.map((one) => resolved(document, one)) : []
    if (streams.length > MOST_STREAMS)
      throw fail('too-costly', `The PDF has more than ${MOST_STREAMS} certificates or revocation data of a kind`)
    return streams.flatMap((stream) => {
      if (!(stream instanceof PdfStream)) return []
      const der = inflated(document, stream, left)
      left -= der.byteLength
      return [der]
    })
  }
  return { certificates: ders(MEMBERS.certificates), crls: ders(MEMBERS.crls), ocsps: ders(MEMBERS.ocsps) }
}

/** Whether there are any. */
export function hasValues({ certificates, crls, ocsps }: Values): boolean {
  return certificates.length + crls.length + ocsps.length > 0
}

/** The values as a signature is judged by them; what cannot be read is no evidence. */
export function gatheredOf({ certificates, crls, ocsps }: Values): Gathered {
  return {
    kind: 'gathered',
    certificates: certificates.flatMap((der) => readable(der, readCertificate)),
    crls: crls.flatMap((der) => readable(der, readCrl)),
    ocsps: ocsps.flatMap((der) => readable(der, readOcsp)),
  }
}

function readable<T>(der: Uint8Array, read: (der: Uint8Array) => T): readonly T[] {
  try {
    return [read(der)]
  } catch (error) {
    if (error instanceof FhirError) return []
    throw error
  }
}

/** Puts the values into the store, which is made where there is none, and gives the numbers of the objects. */
export function addValues(document: PdfDocument, values: Values): readonly number[] {
  const { reference: root, dict: catalog } = catalogOf(document)
  const held = catalog.get('DSS')
  const store = dictOf(document, held) ?? pdfDict({ Type: pdfName('DSS') })
  const changed: number[] = []
  for (const [kind, name] of Object.entries(MEMBERS)) {
    const made = values[kind as keyof Values].map((der) => added(document, deflated(der)))
    const present = resolved(document, store.get(name))
    const list: PdfValue[] = [...(Array.isArray(present) ? present : []), ...made]
    if (list.length > 0) store.set(name, list)
    changed.push(...made.map(({ number }) => number))
  }
  if (held instanceof PdfRef) return [...changed, held.number]
  const reference = added(document, store)
  catalog.set('DSS', reference)
  return [...changed, reference.number, root.number]
}
