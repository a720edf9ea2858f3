/** XML signatures inside what they sign: the whole of a document but the signature itself. @see https://www.w3.org/TR/xmldsig-core1/#sec-EnvelopedSignature */

import { must } from '../must.ts'
import type { Certificate } from '../x509.ts'
import { canonicalElement } from './c14n.ts'
import { readSignature, type Reference, type XmlSignature } from './dsig.ts'
import { fitsMethod, isValue } from './methods.ts'
import { DS, SIGNED_PROPERTIES } from './names.ts'
import { certificatesOf, signedProperties } from './properties.ts'
import { elementNamed, isDigestOf, transformed } from './references.ts'
import { attributeOf, childrenOf, type XmlDocument } from './tree.ts'

/**
 * The certificates of the only signature below the root, the signer's first, where it holds over all of the document.
 * @throws FhirError `security` where it does not, `structure` or `not-supported` where there is none of this kind
 */
export function verifyEnveloped(document: XmlDocument): readonly [Certificate, ...Certificate[]] {
  const [element, another] = childrenOf(document.root, DS, 'Signature')
  must(element !== undefined && another === undefined, 'The document has not exactly one signature below its root')
  const signature = readSignature(element)
  const named = signedProperties(signature, document)?.named
  must(named !== undefined, 'The signature does not name its certificate')
  const [leaf, ...others] = certificatesOf(signature, named)
  must(leaf !== undefined, 'The signature bears no certificate of its signer')
  const { method, signedInfo, c14n, value, references } = signature
  must(fitsMethod(method, leaf), 'The key of the certificate does not go with the algorithm', 'security')
  const octets = canonicalElement(signedInfo, { form: c14n.form })
  must(isValue(method, leaf, { octets, value }), 'The signature of the document does not hold', 'security')
  must(
    references.filter((one) => isWhole(one, document)).length === 1,
    'The signature is not over the whole document',
    'security',
  )
  for (const reference of references) {
    const part = octetsOf(reference, { signature, document })
    must(isDigestOf(reference, part), 'The document was changed after signing', 'security')
  }
  return [leaf, ...others]
}

/** Whether a reference is to the document as a whole: by no name, or by that of its root. */
function isWhole({ uri, type }: Reference, { root }: XmlDocument): boolean {
  return (
    type !== SIGNED_PROPERTIES &&
    (uri === '' || (uri?.startsWith('#') === true && uri.slice(1) === attributeOf(root, 'Id')))
  )
}

interface Own {
  readonly signature: XmlSignature
  readonly document: XmlDocument
}

function octetsOf(reference: Reference, { signature, document }: Own): Uint8Array {
  const { uri = '', transforms } = reference
  if (uri === '') {
    return transformed({ kind: 'element', element: document.root, document, signature: signature.element }, transforms)
  }
  must(uri.startsWith('#'), 'The signature is over something elsewhere', 'not-supported')
  const element = elementNamed(document, uri.slice(1))
  return transformed({ kind: 'element', element, signature: signature.element }, transforms)
}
