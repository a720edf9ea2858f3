/** What a signature is asked for with, of a document or of a PDF. */

import { OPTIONS } from '../../options.ts'
import { oneOf, text } from '../../shape.ts'
import { SIDECAR } from './lasting.ts'

const { alg, format, lastingLevel, type, who, as, counter } = OPTIONS

/** What a signature is asked for with. */
export const signParameters = {
  alg, format, level: lastingLevel, type, who, as, counter,
  sidecar: SIDECAR,
  step: { shape: oneOf(['prepare', 'embed']), type: 'code', text: 'one of the two steps of a signature whose key is elsewhere: what it is to sign (prepare), and the document with its value (embed); without it the service seals' },
  certificate: { shape: text('certificates'), type: 'string', text: 'for prepare: the certificate of the signer and those of its issuers, as PEM or one as base64 of DER' },
  handle: { shape: text('handle'), type: 'string', text: 'for embed: what prepare gave' },
  value: { shape: text('base64'), type: 'string', text: 'for embed: the value of the signature' },
} as const // prettier-ignore
