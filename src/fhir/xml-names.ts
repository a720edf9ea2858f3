/** The namespaces of FHIR XML, and how its characters are escaped. @see https://hl7.org/fhir/R4/xml.html */

export const FHIR = 'http://hl7.org/fhir'
export const XHTML = 'http://www.w3.org/1999/xhtml'
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
export const XMLNS = 'http://www.w3.org/2000/xmlns/'

/** What an open tag says. */
export interface XmlElement {
  readonly name: string
  readonly isXhtml: boolean
  /** Whether its namespace is named by a prefix. */
  readonly isPrefixed: boolean
  readonly attributes: Readonly<Record<string, string>>
}

const IN_ATTRIBUTE: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
const IN_TEXT: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }

/** The value of an attribute as C14N writes it. @see https://www.w3.org/TR/2001/REC-xml-c14n-20010315#ProcessingModel */
export function attributeText(value: string): string {
  return /[&<"\t\n\r]/.test(value) ? value.replace(/[&<"\t\n\r]/g, (mark) => IN_ATTRIBUTE[mark] ?? mark) : value
}

/** Text as C14N writes it. */
export function characterText(value: string): string {
  return /[&<>\r]/.test(value) ? value.replace(/[&<>\r]/g, (mark) => IN_TEXT[mark] ?? mark) : value
}

// eslint-disable-next-line no-control-regex -- these are the characters that XML leaves out
const NOT_XML = /[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]|\p{Surrogate}/u

/** Whether XML can have all characters of a text. @see https://www.w3.org/TR/xml/#charsets */
export function isXmlText(text: string): boolean {
  return !NOT_XML.test(text)
}
