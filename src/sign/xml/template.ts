/**
 * HL7's own XML signature: a SignedInfo of one fixed layout, whose line feeds and blanks are signed, over the document named
 * `#` and over the properties in exclusive C14N. Its tool signs and verifies that layout, whatever was received.
 * @see https://hl7.org/fhir/6.0.0-ballot4/signatures.html
 */

import { toBase64 } from '../../fhir/digest.ts'
import { C14N_10 } from './c14n.ts'
import type { Reference, XmlSignature } from './dsig.ts'
import { DS, SIGNED_PROPERTIES } from './names.ts'
import { attributeOf, mustHave } from './tree.ts'

/** Whether a signature is of that kind: it is over a canonical form of FHIR, which it calls `#`. */
export function isTemplate({ references }: XmlSignature): boolean {
  return references.some(isDocument)
}

function isDocument({ uri, transforms }: Reference): boolean {
  return uri === '#' && transforms.length === 1 && transforms[0]?.kind === 'fhir'
}

/**
 * The SignedInfo in that layout, canonical, made of what the one received says; undefined where it says what the layout has
 * no place for.
 */
export function templateOctets({ references, c14n, method }: XmlSignature): Uint8Array | undefined {
  const [document, properties, another] = references
  const [transform] = document.transforms
  const isOfTemplate =
    isDocument(document) &&
    c14n.uri === C14N_10 &&
    another === undefined &&
    (properties === undefined || (properties.type === SIGNED_PROPERTIES && properties.transforms.length === 0))
  if (!isOfTemplate || transform?.kind !== 'fhir') return undefined
  const lines = [
    `<SignedInfo xmlns="${DS}">`,
    `    <CanonicalizationMethod Algorithm="${C14N_10}"></CanonicalizationMethod>`,
    `    <SignatureMethod Algorithm="${method.uri}"></SignatureMethod>`,
    '    <Reference URI="#">',
    '      <Transforms>',
    `        <Transform Algorithm="${transform.uri}"></Transform>`,
    '      </Transforms>',
    ...digestLines(document),
    '    </Reference>',
    ...(properties === undefined
      ? []
      : [
          `    <Reference Type="${SIGNED_PROPERTIES}" URI="${properties.uri ?? ''}">`,
          ...digestLines(properties),
          '    </Reference>',
        ]),
    '  </SignedInfo>',
  ]
  return Buffer.from(lines.join('\n'), 'utf8')
}

function digestLines({ element, digest }: Reference): readonly string[] {
  const algorithm = attributeOf(mustHave(element, DS, 'DigestMethod'), 'Algorithm') ?? ''
  return [
    `      <DigestMethod Algorithm="${algorithm}"></DigestMethod>`,
    `      <DigestValue>${toBase64(digest)}</DigestValue>`,
  ]
}
