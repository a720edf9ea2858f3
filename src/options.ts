/** Options of the pipeline as rows, the same in every face: `--full-url` on the command line, `fullUrl` over HTTP. */

import * as shape from './shape.ts'
import type { Shape } from './shape.ts'

/** An option: how it is written, the FHIR type it is declared with, and what it decides. */
export interface OptionRow<T> {
  readonly shape: Shape<T>
  readonly type: 'boolean' | 'code' | 'string' | 'uri'
  readonly text: string
}

/** Purposes of signatures. @see https://hl7.org/fhir/R4/valueset-signature-type.html */
const purpose: Shape<string> = {
  label: '1.2.840.10065.1.12.1.1 to 1.2.840.10065.1.12.1.18',
  read: (value) => (/^1\.2\.840\.10065\.1\.12\.1\.(?:[1-9]|1[0-8])$/.test(value) ? value : undefined),
}

export const OPTIONS = {
  secondary: {
    shape: shape.oneOf(['include', 'direct']),
    type: 'code',
    text: 'whether references of included resources are followed too (include, the default), or only those of the Composition',
  },
  fullUrl: {
    shape: shape.oneOf(['rest', 'uuid']),
    type: 'code',
    text: 'the form of fullUrl: below a base (the default where one is known), or urn:uuid',
  },
  alg: {
    shape: shape.oneOf(['RS256', 'PS256', 'ES256', 'ES384']),
    type: 'code',
    text: 'the signature algorithm, where the key allows several',
  },
  format: {
    shape: shape.oneOf(['jose', 'xml']),
    type: 'code',
    text: 'the syntax of the signature: a JWS over canonical JSON (jose, the default), or XAdES over canonical XML',
  },
  lastingLevel: {
    shape: shape.oneOf(['B', 'T', 'LT', 'LTA']),
    type: 'code',
    text: 'the baseline level of the signature: with a time-stamp (T), what it will be judged by (LT), and a time-stamp over all (LTA)',
  },
  type: { shape: purpose, type: 'code', text: 'the purpose of the signature, of ASTM E1762' },
  as: {
    shape: shape.oneOf(['bundle', 'provenance', 'beside']),
    type: 'code',
    text: 'where the signature stands: in Bundle.signature (the default), in a Provenance that becomes an entry, beside which others may sign the same octets, or in a Provenance beside the document',
  },
  counter: {
    shape: shape.text('Provenance/id'),
    type: 'string',
    text: 'a signature of the document that is signed too, as a verification names it',
  },
  who: { shape: shape.reference, type: 'string', text: 'who signs, where the certificate leaves it open' },
  lang: { shape: shape.language, type: 'code', text: 'the language of the page around the narrative' },
  template: { shape: shape.word, type: 'string', text: 'the template of the page' },
  profile: { shape: shape.canonical, type: 'uri', text: 'a profile to keep, beside those that resources name' },
  archive: {
    shape: shape.oneOf(['3a', '2a', 'none']),
    type: 'code',
    text: 'the archive form of a PDF: PDF/A-3a with the document embedded (3a, the default), PDF/A-2a with nothing embedded, or none; both are PDF/UA-1 too',
  },
} as const satisfies Record<string, OptionRow<unknown>>

const FHIR_VERSIONS = ['4.0.1', '4.3.0', '5.0.0'] as const

/** A version of FHIR, in its short or its full form. */
export const fhirVersion: Shape<(typeof FHIR_VERSIONS)[number]> = {
  label: '4.0 | 4.3 | 5.0',
  read: (value) => FHIR_VERSIONS.find((version) => version === value || version.startsWith(`${value}.`)),
}

/** The version of FHIR where documents are made; the others come later. */
export const composedVersion = shape.oneOf(['4.0', '4.0.1'], ['4.3', '4.3.0', '5.0', '5.0.0'])
