/**
 * The XML reader: FHIR XML to the same resource that its JSON would be. Nothing is lost but comments, and nothing doubtful
 * is taken: no other namespace, beside what the scanner refuses.
 * @see https://hl7.org/fhir/R4/xml.html
 */

import type { Model } from './model.ts'
import type { Resource } from './types.ts'
import { fhirBuilder, type FhirBuilder } from './xml-element.ts'
import { FHIR, XHTML, XSI, type XmlElement } from './xml-names.ts'
import { scanXml, type XmlFault, type XmlLimits, type XmlTag } from './xml-scan.ts'

export { defaultXmlLimits, type XmlLimits } from './xml-scan.ts'

/**
 * The resource that a FHIR XML text holds, as its JSON would be: numbers with their own text, members in the order of the
 * definitions.
 * @throws FhirError `structure` with line and column, or `too-long` where a limit is passed
 */
export function parseXml(input: string | Uint8Array, model: Model, limits: XmlLimits = {}): Resource {
  let built: FhirBuilder | undefined
  scanXml(input, limits, (text, fault) => {
    const builder = fhirBuilder(model, text, fault)
    built = builder
    return {
      open: (tag, offset) => {
        builder.open(elementOf(tag, fault), offset)
      },
      close: builder.close,
      text: builder.text,
    }
  })
  if (built === undefined) throw new TypeError('The scanner asked for no handlers')
  return built.resource()
}

/** An element with its namespace resolved; places of schemas are no attributes of it. */
function elementOf({ local, uri, prefix, attributes }: XmlTag, fault: XmlFault): XmlElement {
  const own: Record<string, string> = {}
  for (const { name, uri: space, local: key, value } of attributes) {
    if (space === XSI) continue
    if (space !== '' && uri === FHIR) throw fault(`The attribute ${name} is of another namespace than FHIR has`)
    own[space === '' ? key : name] = value
  }
  if (uri !== FHIR && uri !== XHTML)
    throw fault(`The element ${local} is in no namespace that FHIR has, expected ${FHIR}`)
  return { name: local, isXhtml: uri === XHTML, isPrefixed: prefix !== '', attributes: own }
}
