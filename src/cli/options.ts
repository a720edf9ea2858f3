/** Options of the command line as rows; those of the pipeline are in the table that every face reads. */

import { fhirVersion, OPTIONS } from '../options.ts'
import * as shape from '../shape.ts'
import type { Flag, Option } from './arguments.ts'

/** Every command has them. */
export const common = {
  json: flag('an OperationOutcome instead of messages; for verify the report'),
  fhirVersion: option(fhirVersion, 'the version of FHIR'),
} as const

export const out = option(shape.text('file'), 'where the result goes; else to standard output')

/** The options of a signature. */
export const signing = {
  alg: OPTIONS.alg,
  format: OPTIONS.format,
  level: OPTIONS.level,
  type: OPTIONS.type,
  who: OPTIONS.who,
  key: option(
    shape.text('.p12 | .pem | .jwk'),
    'the private key, and the certificates where the file holds them, leaf first',
  ),
  cert: option(shape.text('file'), 'the certificates of the key, leaf first, as PEM'),
  passwordFile: option(shape.text('file'), 'the password of the key; else it is FHIRDOC_SIGNING_PASSWORD'),
  seal: flag('a seal of an organization or a device instead of a signature of a person'),
  signers: option(shape.text('file'), 'JSON object: SHA-256 fingerprint of a certificate to a reference'),
} as const

/** Options of signatures that have a meaning to come. */
export const laterSigning = ['--tsa', '--sidecar', '--revocation', '--prepare', '--embed'] as const

export function option<T>(ofShape: shape.Shape<T>, text: string): Option<T> {
  return { shape: ofShape, text }
}

export function several<T>(ofShape: shape.Shape<T>, text: string): Option<T> & { readonly many: true } {
  return { shape: ofShape, text, many: true }
}

export function flag(text: string): Flag {
  return { shape: 'flag', text }
}
