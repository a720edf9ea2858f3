/** Options of the command line as rows; those of the pipeline are in the table that every face reads. */

import { composedVersion, fhirVersion, OPTIONS } from '../options.ts'
import * as shape from '../shape.ts'
import type { Flag, Option } from './arguments.ts'

/** Every command has them. */
export const common = {
  json: flag('an OperationOutcome instead of messages; for verify the report'),
  fhirVersion: option(fhirVersion, 'the version of FHIR'),
} as const

/** The commands that make documents know one version. */
export const composed = { ...common, fhirVersion: option(composedVersion, 'the version of FHIR') } as const

export const out = option(shape.text('file'), 'where the result goes; else to standard output')

/** The options of a signature. */
export const signing = {
  alg: OPTIONS.alg,
  format: OPTIONS.format,
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

/** Where a signature stands, and the two steps of one whose key is elsewhere. */
export const placing = {
  as: OPTIONS.as,
  counter: several(OPTIONS.counter.shape, OPTIONS.counter.text),
  prepare: option(
    shape.text('file'),
    'what a key elsewhere is to sign goes there, with --cert in place of --key; with --embed it is read from there',
  ),
  embed: option(shape.text('base64 | file'), 'the value that the key elsewhere gave for what --prepare names'),
} as const

/** The options of what makes a signature last, and of what it is judged by. */
export const lasting = {
  level: OPTIONS.lastingLevel,
  sidecar: option(
    shape.text('file'),
    'the JWS in JSON that bears a level above B; one that is there already is carried on, LTA again renews it',
  ),
  tsa: option(shape.httpUrl, 'the time-stamping authority; else FHIRDOC_TSA'),
  revocation: several(
    shape.httpUrl,
    'an address below which OCSP responders and revocation lists may be asked; else FHIRDOC_REVOCATION',
  ),
  trust: several(
    shape.text('file | folder'),
    'certificates that a signature is trusted by, and CRLs; else FHIRDOC_TRUST',
  ),
  crl: several(shape.text('file | folder'), 'certificate revocation lists'),
  ocsp: several(shape.text('file'), 'OCSP responses, DER'),
} as const

export function option<T>(ofShape: shape.Shape<T>, text: string): Option<T> {
  return { shape: ofShape, text }
}

export function several<T>(ofShape: shape.Shape<T>, text: string): Option<T> & { readonly many: true } {
  return { shape: ofShape, text, many: true }
}

export function flag(text: string): Flag {
  return { shape: 'flag', text }
}
