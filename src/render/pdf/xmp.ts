/** What a PDF says of itself, as XMP. @see https://www.iso.org/standard/75163.html (ISO 16684-1) */

import { attributeText, characterText as escaped } from '../../fhir/xml-names.ts'

/** What the archive is told of a document. */
export interface DocumentFacts {
  readonly title: string
  readonly authors: readonly string[]
  /** BCP 47. */
  readonly language?: string
  /** An instant: creation and change of the file. Absent where the document names none: no clock is asked. */
  readonly date?: string
  /** Such as `fhirdoc 0.1.0`. */
  readonly producer: string
  /** The identifier of the Bundle. */
  readonly identifier?: string
  /** What was rendered with what (H-14), by the names of our schema. */
  readonly rendering: Readonly<Record<string, string>>
}

/** Which standards the file claims: the part and level of PDF/A. */
export interface Claim {
  readonly part: 2 | 3
  readonly conformance: 'A'
}

const RENDERING = 'urn:fhirdoc:rendering#'

/** The packet. */
export function xmpPacket(facts: DocumentFacts, claim: Claim): string {
  const { title, authors, language, date, producer, identifier, rendering } = facts
  const own = Object.entries(rendering).sort(([one], [other]) => (one < other ? -1 : 1))
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:fhirdoc="${RENDERING}">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${characterText(title)}</rdf:li></rdf:Alt></dc:title>
${authors.length === 0 ? '' : `<dc:creator><rdf:Seq>${items(authors)}</rdf:Seq></dc:creator>\n`}${language === undefined ? '' : `<dc:language><rdf:Bag>${items([language])}</rdf:Bag></dc:language>\n`}${identifier === undefined ? '' : `<dc:identifier>${characterText(identifier)}</dc:identifier>\n`}<xmp:CreatorTool>${characterText(producer)}</xmp:CreatorTool>
${date === undefined ? '' : `<xmp:CreateDate>${date}</xmp:CreateDate>\n<xmp:ModifyDate>${date}</xmp:ModifyDate>\n`}<pdf:Producer>${characterText(producer)}</pdf:Producer>
<pdfaid:part>${claim.part}</pdfaid:part>
<pdfaid:conformance>${claim.conformance}</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
${own.map(([name, value]) => `<fhirdoc:${name}>${characterText(value)}</fhirdoc:${name}>`).join('\n')}
</rdf:Description>
${extensions(own.map(([name]) => name))}
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`
}

/** Characters that XML has no way to write. */
const NO_XML = /[\ufffe\uffff]|(?![\t\n\r\u0080-\u009f])\p{Cc}/gu

function characterText(text: string): string {
  return escaped(text.toWellFormed().replaceAll(NO_XML, '\ufffd'))
}

function items(values: readonly string[]): string {
  return values.map((value) => `<rdf:li>${characterText(value)}</rdf:li>`).join('')
}

/** PDF/A wants each property that it does not know itself to be described. @see ISO 19005-3:2012, 6.6.2.3.3 */
function extensions(own: readonly string[]): string {
  const schemas = [
    schema('PDF/UA identification', 'http://www.aiim.org/pdfua/ns/id/', 'pdfuaid', [
      ['part', 'Integer', 'The part of ISO 14289'],
    ]),
    schema(
      'Rendering',
      RENDERING,
      'fhirdoc',
      own.map((name) => [name, 'Text', `${name} of the rendering`] as const),
    ),
  ]
  return `<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
${schemas.join('\n')}
</rdf:Bag></pdfaExtension:schemas></rdf:Description>`
}

type Property = readonly [name: string, type: string, description: string]

function schema(title: string, uri: string, prefix: string, properties: readonly Property[]): string {
  const rows = properties.map(
    ([name, type, description]) =>
      `<rdf:li rdf:parseType="Resource"><pdfaProperty:name>${name}</pdfaProperty:name><pdfaProperty:valueType>${type}</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>${attributeText(description)}</pdfaProperty:description></rdf:li>`,
  )
  return `<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>${title}</pdfaSchema:schema><pdfaSchema:namespaceURI>${uri}</pdfaSchema:namespaceURI><pdfaSchema:prefix>${prefix}</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>${rows.join('')}</rdf:Seq></pdfaSchema:property></rdf:li>`
}
