/**
 * From what a reference names to the octets that are digested. A name means one element of the whole text or none, so that
 * nothing can be signed in one place and read in another.
 * @see https://www.w3.org/TR/xmldsig-core1/#sec-ReferenceProcessingModel
 */

import { must } from '../must.ts'
import { digest, isSame } from '../schemes.ts'
import { c14nOf, C14N_10, canonicalDocument, canonicalElement, type C14n } from './c14n.ts'
import type { Reference, Transform } from './dsig.ts'
import { attributeOf, readTree, type XmlDocument, type XmlElement } from './tree.ts'

/** What is digested before its transforms: octets, or an element of the text that the signature stands in. */
export type Source =
  | { readonly kind: 'octets'; readonly octets: Uint8Array }
  | {
      readonly kind: 'element'
      readonly element: XmlElement
      /** The whole text, where it is all of it that is signed. */
      readonly document?: XmlDocument
      /** What the transform for enveloped signatures leaves out. */
      readonly signature?: XmlElement
    }

/** The one element that an id names, by its attribute `Id`. @throws FhirError `structure` where none, or more than one, has it */
export function elementNamed({ ids }: XmlDocument, id: string): XmlElement {
  const [only, another] = ids.get(id) ?? []
  must(another === undefined, `The signature is over ${id}, which is there more than once`, 'security')
  must(only !== undefined && attributeOf(only, 'Id') === id, `The signature is over ${id}, which is not there`)
  return only
}

/** The octets that a chain of transforms makes. @throws FhirError `not-supported` for a chain that has no meaning */
export function transformed(source: Source, transforms: readonly Transform[]): Uint8Array {
  let state = source
  let without: XmlElement | undefined
  for (const transform of transforms) {
    if (transform.kind === 'fhir') {
      must(state.kind === 'octets', 'A canonical form of FHIR is not one of an element', 'not-supported')
    } else if (transform.kind === 'enveloped') {
      must(state.kind === 'element' && state.signature !== undefined, 'The signature is not in what it signs')
      without = state.signature
    } else {
      state = { kind: 'octets', octets: canonical(state, transform.form, without) }
    }
  }
  return state.kind === 'octets' ? state.octets : canonical(state, DEFAULT, without)
}

const DEFAULT: C14n = c14nOf(C14N_10) ?? { isExclusive: false, hasComments: false }

/** Names of this kind leave comments out, whatever the form. */
function canonical(source: Source, form: C14n, without: XmlElement | undefined): Uint8Array {
  if (source.kind === 'octets') return canonicalDocument(readTree(source.octets), { form })
  const apex = { form: { ...form, hasComments: false }, without }
  return source.document === undefined
    ? canonicalElement(source.element, apex)
    : canonicalDocument(source.document, apex)
}

/** Whether the reference is to these octets. */
export function isDigestOf({ hash, digest: expected }: Reference, octets: Uint8Array): boolean {
  return isSame(digest(hash, octets), expected)
}
