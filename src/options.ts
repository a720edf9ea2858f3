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
  format: { shape: shape.oneOf(['jose'], ['xml']), type: 'code', text: 'the signature format' },
  level: { shape: shape.oneOf(['B'], ['T', 'LT', 'LTA']), type: 'code', text: 'the level of the signature' },
  type: { shape: purpose, type: 'code', text: 'the purpose of the signature, of ASTM E1762' },
  who: { shape: shape.reference, type: 'string', text: 'who signs, where the certificate leaves it open' },
  lang: { shape: shape.language, type: 'code', text: 'the language of the page around the narrative' },
  template: { shape: shape.word, type: 'string', text: 'the template of the page' },
  archive: { shape: shape.oneOf(['none'], ['3a', '2a']), type: 'code', text: 'the archive form of a PDF' },
} as const satisfies Record<string, OptionRow<unknown>>

/** The version of FHIR; the others come later. */
export const fhirVersion = shape.oneOf(['4.0', '4.0.1'], ['4.3', '4.3.0', '5.0', '5.0.0'])
