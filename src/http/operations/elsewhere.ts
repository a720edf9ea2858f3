/** The two steps of a signature whose key is elsewhere: what it is to sign, and the document with its value. */

import { fromBase64, fromBase64url, toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { certificatesIn } from '../../fhir/pem.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import { embedValueIn, prepareDocument, type Signing } from '../../pipeline.ts'
import type { Service } from '../route.ts'

type Preparing = { readonly [K in 'certificate' | 'type' | 'who' | 'counter']: string | undefined } & {
  readonly as: Signing['as'] | undefined
  readonly format: 'jose' | 'xml' | undefined
  readonly alg: 'RS256' | 'PS256' | 'ES256' | 'ES384' | undefined
}

/** What a key elsewhere is to sign, as Parameters. @throws FhirError `required`, `value` without a certificate that can be read */
export function toSign(bundle: Bundle, values: Preparing, { design, edge, signing }: Service): Resource {
  const { certificate, alg, format, type, who, as, counter } = values
  if (certificate === undefined)
    throw fail('required', 'The parameter certificate is missing, expected that of the signer')
  const certificates = certificatesIn(certificate)
  if (certificates.length === 0)
    throw fail('value', 'The parameter certificate holds no certificate, expected PEM or base64 of DER')
  const request = {
    ...signing,
    ...(type !== undefined && { type }),
    ...(who !== undefined && { who: { reference: who } }),
    ...(as !== undefined && { as }),
    ...(counter !== undefined && { counter: [counter] }),
    ...(format === 'xml' && { xml: design.collect.model }),
  }
  const made = prepareDocument(bundle, { ...request, signer: { certificates, alg } }, design, edge)
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'alg', valueCode: made.alg },
      { name: 'digest', valueBase64Binary: toBase64(made.digest) },
      { name: 'protected', valueString: made.protected },
      { name: 'hash', valueBase64Binary: toBase64(made.hash) },
      { name: 'input', valueBase64Binary: toBase64(made.input) },
      { name: 'handle', valueString: made.handle },
    ],
  }
}

interface Embedding {
  readonly handle: string | undefined
  readonly value: string | undefined
}

/** The document with the value, or the Provenance beside it. @throws FhirError `required`, `value`, and as the last step does */
export function embedded(bundle: Bundle, { handle, value }: Embedding, { design, edge, signing }: Service): Resource {
  if (handle === undefined) throw fail('required', 'The parameter handle is missing, expected what prepare gave')
  if (value === undefined) throw fail('required', 'The parameter value is missing, expected that of the signature')
  const octets = fromBase64(value) ?? fromBase64url(value)
  if (octets === undefined) throw fail('value', 'The parameter value is no base64, expected the value of the signature')
  return embedValueIn(
    bundle,
    { handle, value: octets, ...(signing !== undefined && { settings: signing }) },
    design,
    edge,
  )
}
