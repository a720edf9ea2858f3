/** The two steps of a signature whose key is elsewhere: what it is to sign, and the document with its value. */

import { fromBase64, fromBase64url, toBase64 } from '../../fhir/digest.ts'
import { fail } from '../../fhir/error.ts'
import { certificatesIn } from '../../fhir/pem.ts'
import type { Bundle, Resource } from '../../fhir/types.ts'
import { embedValueIn, prepareDocument, type Absent, type Answered, type Signing } from '../../pipeline.ts'
import type { PdfToSign } from '../../signed-pdf.ts'
import type { Service } from '../route.ts'

type Preparing = { readonly [K in 'certificate' | 'type' | 'who' | 'counter']: string | undefined } & {
  readonly as: Signing['as'] | undefined
  readonly format: 'jose' | 'xml' | undefined
  readonly alg: Absent['alg']
}

/** What a key elsewhere is to sign, as Parameters. @throws FhirError `required`, `value` without a certificate that can be read */
export function toSign(bundle: Bundle, values: Preparing, { design, edge, signing }: Service): Resource {
  const { format, type, who, as, counter } = values
  const request = {
    ...signing,
    ...(type !== undefined && { type }),
    ...(who !== undefined && { who: { reference: who } }),
    ...(as !== undefined && { as }),
    ...(counter !== undefined && { counter: [counter] }),
    ...(format === 'xml' && { xml: design.collect.model }),
  }
  return parametersToSign(prepareDocument(bundle, { ...request, signer: signerIn(values) }, design, edge))
}

/** Who signs elsewhere. @throws FhirError `required`, `value` without a certificate that can be read */
export function signerIn({ certificate, alg }: Pick<Preparing, 'certificate' | 'alg'>): Absent {
  if (certificate === undefined)
    throw fail('required', 'The parameter certificate is missing, expected that of the signer')
  const certificates = certificatesIn(certificate)
  if (certificates.length === 0)
    throw fail('value', 'The parameter certificate holds no certificate, expected PEM or base64 of DER')
  return { certificates, alg }
}

/** What is to be signed, as Parameters. */
export function parametersToSign(made: PdfToSign & { readonly protected?: string }): Resource {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'alg', valueCode: made.alg },
      { name: 'digest', valueBase64Binary: toBase64(made.digest) },
      ...(made.protected === undefined ? [] : [{ name: 'protected', valueString: made.protected }]),
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
export function embedded(bundle: Bundle, values: Embedding, { design, edge, signing }: Service): Resource {
  const answered = { ...answeredIn(values), ...(signing !== undefined && { settings: signing }) }
  return embedValueIn(bundle, answered, design, edge)
}

/** What came back from where the key is. @throws FhirError `required`, `value` */
export function answeredIn({ handle, value }: Embedding): Omit<Answered, 'settings'> {
  if (handle === undefined) throw fail('required', 'The parameter handle is missing, expected what prepare gave')
  if (value === undefined) throw fail('required', 'The parameter value is missing, expected that of the signature')
  const octets = fromBase64(value) ?? fromBase64url(value)
  if (octets === undefined) throw fail('value', 'The parameter value is no base64, expected the value of the signature')
  return { handle, value: octets }
}
