/**
 * What narrative may contain, as tables: elements, attributes, classes, addresses; and where elements may stand.
 * @see https://hl7.org/fhir/R4/narrative.html
 */

export const XHTML = 'http://www.w3.org/1999/xhtml'

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}

/** HTML 4.0, chapters 7 to 11 but for 9.4, and 15, with anchors and images. @see https://www.w3.org/TR/html401/ */
export const ELEMENTS = words(
  `p br div h1 h2 h3 h4 h5 h6 a span b em i strong small big tt dfn q var abbr acronym cite blockquote hr address bdo
  kbd sub sup ul ol li dl dt dd pre table caption colgroup col thead tr tfoot tbody th td code samp img map area`,
)

/** Of any element. */
const ATTRIBUTES = words(
  `title style class id lang xml:lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope
  rowspan colspan`,
)

/** Of one element. */
const ELEMENT_ATTRIBUTES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['a', words('href name charset type hreflang rel rev shape coords')],
  ['area', words('shape coords href nohref alt')],
  ['blockquote', words('cite')],
  ['img', words('src border alt longdesc height width usemap ismap')],
  ['map', words('name')],
  ['pre', words('space')],
  ['q', words('cite')],
  ['table', words('summary width border frame rules cellspacing cellpadding')],
  ['td', words('nowrap')],
])

/** Whether narrative may have the attribute on the element; `xml:space` is passed over as HL7's validator does. */
export function isAllowedAttribute(element: string, attribute: string): boolean {
  if (ATTRIBUTES.has(attribute) || ELEMENT_ATTRIBUTES.get(element)?.has(attribute) === true) return true
  return attribute === 'xml:space' || attribute === 'xmlns' || attribute.startsWith('xmlns:')
}

/** The class names that every renderer supports, `nolist` of R6 among them. @see https://hl7.org/fhir/R4/narrative.html#css */
export const CLASSES = words(
  `bold italics underline strikethrough left right center justify border-left border-right border-top border-bottom arabic
  little-roman big-roman little-alpha big-alpha disc circle square unlist nolist`,
)

/** Elements that run, fetch or submit something, hide text, or change what is around the narrative. */
export const ACTIVE = words(
  `script style link meta base frame frameset iframe object embed applet param form input button select textarea template
  svg math audio video source track canvas noscript portal dialog marquee animate set use foreignobject xml`,
)

/** Where an element has to stand. @see https://www.w3.org/TR/html401/sgml/dtd.html */
export const PARENTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['li', words('ul ol')],
  ['dt', words('dl')],
  ['dd', words('dl')],
  ['caption', words('table')],
  ['colgroup', words('table')],
  ['col', words('table colgroup')],
  ['thead', words('table')],
  ['tbody', words('table')],
  ['tfoot', words('table')],
  ['tr', words('table thead tbody tfoot')],
  ['td', words('tr')],
  ['th', words('tr')],
])

/** What alone may stand in an element, text not being among it. */
export const CHILDREN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['ul', words('li')],
  ['ol', words('li')],
  ['dl', words('dt dd')],
  ['table', words('caption colgroup col thead tbody tfoot tr')],
  ['thead', words('tr')],
  ['tbody', words('tr')],
  ['tfoot', words('tr')],
  ['tr', words('th td')],
  ['colgroup', words('col')],
  ['map', words('area')],
])

/** Elements without content. */
export const VOID = words('br hr img col area')

/** Elements that begin on a new line. */
export const BLOCKS = words(
  `p div h1 h2 h3 h4 h5 h6 blockquote hr address ul ol li dl dt dd pre table caption colgroup col thead tbody tfoot tr td th`,
)

/** Elements that hold lines of text and no block. */
export const PARAGRAPHS = words('p h1 h2 h3 h4 h5 h6 pre address')

const CONTROL = /[\u0000-\u0020\u007F-\u00A0\u2028\u2029\uFEFF]/g // eslint-disable-line no-control-regex -- browsers pass over these in a scheme

/** The scheme of an address in lower case, read as a browser would; '' for a relative one. */
export function schemeOf(address: string): string {
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(address.replace(CONTROL, ''))?.[1]?.toLowerCase() ?? ''
}

/** Schemes that run what stands behind them. */
export const RUNNING = words('javascript vbscript livescript mocha jscript data blob filesystem about view-source')

/** Images that can be shown without fetching anything; SVG is not among them since it can hold scripts and links. */
export const IMAGE_DATA = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/
